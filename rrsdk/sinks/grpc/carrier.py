"""One connection to a proxy, in legs: a leg is one WriteMessages call, whose answer means that it arrived.

The protocol has no other acknowledgement. So a leg is ended now and then, and its answer awaited.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from rrsdk.proxy import WRITE_MESSAGES, close_channel, load_grpc, open_channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.endpoint import Endpoint

AHEAD_BYTES = 1024 * 1024
_LOOK_UP_S = 0.25


_INHERITED: list[object] = []


class BrokenError(Exception):
    """The connection is gone, or never came to be; the text is for people."""


class Carrier(Protocol):
    """Used by one thread, but for `give_up`."""

    def connect(self, timeout_s: float) -> bool:
        """Reach the proxy, if it is not; BrokenError if not in time. Whether the connection is a new one."""

    def begin(self) -> None:
        """Begin a leg."""

    def send(self, message: bytes) -> None:
        """Hand over one WriteMessagesRequest; blocks while the proxy takes none. BrokenError ends the leg."""

    def finish(self, patience: Callable[[], bool]) -> None:
        """End the leg, await its answer as long as `patience()`; BrokenError where it is not a good one."""

    def unsent(self) -> int:
        """How many of the last messages of a broken leg never left; they make up AHEAD_BYTES at most."""

    def close(self) -> None:
        """Give everything back."""

    def give_up(self) -> None:
        """From any thread: whatever blocks here is to end with BrokenError, now and from now on."""

    def abandon(self) -> None:
        """In a forked child: the connection is the parent's."""


class DirectCarrier:
    """Over grpcio in this process."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._grpc = load_grpc()
        self._channel: Any = None
        self._call: Any = None
        self._changed = Condition()
        self._ahead: deque[bytes] = deque()
        self._ahead_bytes = 0
        self._is_ended = False
        self._given_up = self._is_ready = False
        self._is_new = True

    def connect(self, timeout_s: float) -> bool:
        """Wait for the channel to be ready: gRPC connects in the background."""
        deadline = time.monotonic() + timeout_s
        if self._channel is None:
            self._channel = open_channel(self._endpoint)
            self._channel.subscribe(self._hear, try_to_connect=True)
        with self._changed:
            while not self._is_ready:
                left = deadline - time.monotonic()
                if left <= 0 or self._given_up:
                    raise BrokenError(f"nobody answers at {self._endpoint.url}")
                self._changed.wait(min(left, _LOOK_UP_S))
            is_new, self._is_new = self._is_new, False
            return is_new

    def _hear(self, state: object) -> None:
        with self._changed:
            self._is_ready = state is self._grpc.ChannelConnectivity.READY
            self._is_new = self._is_new or not self._is_ready
            self._changed.notify_all()

    def begin(self) -> None:
        """A call of its own."""
        with self._changed:
            self._ahead, self._ahead_bytes, self._is_ended = deque(), 0, False
            self._call = None
            stub = self._channel.stream_unary(WRITE_MESSAGES)
        self._call = stub.future(self._requests(self._ahead))
        self._call.add_done_callback(self._notify)

    def _notify(self, _call: object = None) -> None:
        with self._changed:
            self._changed.notify_all()

    def _requests(self, ahead: deque[bytes]) -> Iterator[bytes]:
        """What gRPC's thread sends: it asks for the next message when the last one has left."""
        while True:
            with self._changed:
                while not ahead:
                    if self._is_ended or ahead is not self._ahead or self._given_up:
                        return
                    self._changed.wait(_LOOK_UP_S)
                    if self._is_over():
                        return
                if self._is_over():
                    return
                message = ahead.popleft()
                self._ahead_bytes -= len(message)
                self._changed.notify_all()
            yield message

    def _is_over(self) -> bool:
        return self._call is not None and bool(self._call.done())

    def send(self, message: bytes) -> None:
        """Little is taken ahead: most of what waits for a slow proxy should wait where it can be counted."""
        with self._changed:
            while self._ahead and self._ahead_bytes + len(message) > AHEAD_BYTES:
                self._check()
                self._changed.wait(_LOOK_UP_S)
            self._check()
            self._ahead.append(message)
            self._ahead_bytes += len(message)
            self._changed.notify_all()

    def _check(self) -> None:
        if self._given_up:
            raise BrokenError("given up")
        if self._call.done():
            raise BrokenError(self._reason() or "the server ended the stream")

    def _reason(self) -> str:
        code = self._call.code()
        if code is self._grpc.StatusCode.OK:
            return ""
        details = " ".join((self._call.details() or "").split())
        return f"{code.name}: {details}"[:300]

    def finish(self, patience: Callable[[], bool]) -> None:
        """Half-close, and wait for the answer."""
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()
            while not self._call.done():
                if self._given_up or not patience():
                    break
                self._changed.wait(_LOOK_UP_S)
            left = len(self._ahead)
        if not self._call.done():
            self._call.cancel()
            raise BrokenError("no answer in time")
        reason = self._reason()
        if reason or left:
            raise BrokenError(reason or "the server ended the stream")

    def unsent(self) -> int:
        """What gRPC did not ask for any more."""
        with self._changed:
            return len(self._ahead)

    def close(self) -> None:
        """Close the channel."""
        self.give_up()
        if self._channel is not None:
            close_channel(self._channel, waited_for=self._hear)

    def give_up(self) -> None:
        """Cancel what is under way."""
        self._given_up = True
        call = self._call
        if call is not None:
            call.cancel()
        self._notify()

    def abandon(self) -> None:
        """Keep what was inherited for ever: taking it down would be to use it."""
        _INHERITED.append(self)

    def finish_open(self, timeout_s: float) -> None:
        """End a leg that nobody will end any more, if there is one."""
        if self._call is not None and not self._is_ended:
            try:
                self.finish(patience_until(time.monotonic() + timeout_s))
            except BrokenError:
                pass


def patience_until(deadline: float) -> Callable[[], bool]:
    """As long as the monotonic clock is before `deadline`."""
    return lambda: time.monotonic() < deadline
