"""What a broker holds and gets, over ZeroMQ. A thread keeps the subscription; readers take their time."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

import zmq

from rrsdk.codec.envelope import MAGIC, STAMP_SIZE, Kind, pack_word, unpack_word
from rrsdk.codec.receive import Receiver
from rrsdk.dialing import WATCHED, Dialing
from rrsdk.endpoint import Transport, parse_endpoint
from rrsdk.errors import FormatError, InputError, UsageError
from rrsdk.sources.missed import Missed
from rrsdk.sources.subscription import (
    Arrived,
    Broken,
    Event,
    IsOver,
    Open,
    PastIsOver,
    Say,
    State,
    Subscription,
)

if TYPE_CHECKING:
    import socket as sockets
    from collections.abc import Callable, Iterator, Sequence

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

    Socket: TypeAlias = zmq.Socket[bytes]

CREDIT_BYTES = 64 * 1024 * 1024
CONNECT_TIMEOUT_S = 5.0
GIVE_UP_S = 30.0
"""A broker that is away for so long is not waited for any more."""
_AT_ONCE = 256
_OPTIONS: dict[int, int | bytes] = {
    zmq.LINGER: 100,
    zmq.RCVHWM: 0,  # the credit bounds what is under way, in bytes
}


class ZmqSource:
    """A subscription as messages. With `live` it goes on until it is closed or the broker stays away.

    `missed` counts what the broker could not deliver any more; `warn` hears of it.
    """

    def __init__(
        self,
        url: str,
        *,
        live: bool = False,
        newest_first: bool | None = None,
        idle_s: float | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        give_up_s: float = GIVE_UP_S,
        credit_bytes: int = CREDIT_BYTES,
        damage: Damage | None = None,
        warn: Callable[[str], None],
    ) -> None:
        """Subscribes: InputError where nobody answers in time. `idle_s`: end when nothing came so long."""
        endpoint = parse_endpoint(url)
        if endpoint.transport is not Transport.ZMQ:
            raise UsageError("is a gRPC address", source=url)
        self.name = endpoint.url
        self.size: int | None = None
        self.missed = Missed()
        self.is_past = True
        """Whether what was read last was there before the subscription began."""
        self._dialing, self._idle_s, self._give_up_s = Dialing(endpoint), idle_s, give_up_s
        self._damage, self._warn = damage, warn
        self._receiver = Receiver(self.name, warn=warn)
        self._subscription = Subscription(credit_bytes=credit_bytes, live=live, newest_first=newest_first)
        self._changed = threading.Condition()
        self._events: deque[Event] = deque()
        self._consumed: deque[Arrived] = deque()
        self._is_closed = self._is_over = False
        import socket

        self._wake_up, self._woken = socket.socketpair()
        self._wake_up.setblocking(False)
        self._woken.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="rrsdk-subscription", daemon=True)
        self._thread.start()
        self._await_welcome(connect_timeout_s)

    def _await_welcome(self, timeout_s: float) -> None:
        deadline = monotonic() + timeout_s
        with self._changed:
            while (
                not self._subscription.was_welcome
                and not self._is_over
                and (left := deadline - monotonic()) > 0
            ):
                self._changed.wait(left)
            welcome, why = self._subscription.was_welcome, self._subscription.last_error
        if not welcome:
            self.close()
            reason = f" ({why})" if why and why != "the broker does not answer" else ""
            raise InputError(
                f"nobody answers within {timeout_s:g} s{reason}",
                source=self.name,
                hint="is `rrtool serve` running?",
            )

    # --- reading --------------------------------------------------------------------------------

    def messages(self) -> Iterator[Message]:
        """What there is, then (with `live`) what comes. Taking the next says that one was dealt with."""
        place = tables = 0
        while (event := self._next()) is not None:
            if isinstance(event, Arrived):
                try:
                    if event.kind == Kind.TABLE:
                        tables += 1
                    else:
                        message = self._read(event, place)
                        if message is not None:
                            yield message
                finally:
                    self._is_done(event)
                place += event.size
            elif isinstance(event, Missed):
                self.missed = Missed(*(a + b for a, b in zip(self.missed, event)))
                lost = f"{event.messages} messages ({event.rows} rows, {event.size} bytes)"
                self._warn(
                    f"{self.name}: missed {lost}: the broker forgot them before they could be delivered"
                )
            elif isinstance(event, PastIsOver):
                self.is_past = False
            elif isinstance(event, Broken):
                self._warn(f"{self.name}: {event.reason}")
        if tables:
            self._warn(f"{self.name}: {tables} tables were left out: a recording does not hold any")

    def _next(self) -> Event | None:
        """The next event; None at the end."""
        since = monotonic()
        with self._changed:
            while not self._events:
                if self._is_over or self._is_closed:
                    return None
                left = 60.0
                if self._idle_s is not None:
                    left = since + self._idle_s - monotonic()
                    if left <= 0:
                        return None
                self._changed.wait(left)
            event = self._events.popleft()
        return None if isinstance(event, IsOver) else event

    def _read(self, arrived: Arrived, place: int) -> Message | None:
        frames = arrived.frames
        payload = frames[0].buffer if len(frames) == 1 else b"".join(frame.buffer for frame in frames)
        try:
            return self._receiver.read(arrived.kind, payload)
        except FormatError as error:
            if self._damage is None:
                raise error.located(source=self.name) from error.__cause__
            self._damage.add(self.name, place, place + arrived.size, error)
            return None

    def _is_done(self, arrived: Arrived) -> None:
        with self._changed:
            is_first = not self._consumed
            self._consumed.append(arrived)
        if is_first:
            self._wake()

    def close(self) -> None:
        """End the subscription; may come from any thread, or a signal handler's."""
        self._is_closed = True
        self._wake()
        self._thread.join(2.0)
        self._wake_up.close()

    # --- the thread -----------------------------------------------------------------------------

    def _wake(self) -> None:
        try:
            self._wake_up.send(b"\0")
        except OSError:  # full: it will wake; closed: nobody is there
            pass

    def _run(self) -> None:
        context: zmq.Context[Socket] = zmq.Context(1)
        line = _Line(context, self._dialing, self._woken)
        try:
            self._drive(line)
        finally:
            line.close()
            context.destroy(100)
            self._woken.close()
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _drive(self, line: _Line) -> None:
        subscription = self._subscription
        arrived: list[Sequence[Any]] = []
        broken = ""
        away_since = monotonic()
        while True:
            now = monotonic()
            with self._changed:
                instructions = [
                    each for done in self._take_consumed() for each in subscription.consumed(done)
                ]
                opened = subscription.number
                for frames in arrived:
                    instructions += self._hear(frames, now)
                    if subscription.number != opened or subscription.state is State.REST:
                        break
                else:
                    if broken:
                        instructions += subscription.broken(broken, now)
                instructions += subscription.tick(now)
                if self._is_closed:
                    instructions += subscription.bye()
                if subscription.state is State.UP:
                    away_since = now
                elif subscription.was_welcome and now >= away_since + self._give_up_s:
                    reason = subscription.last_error or "it does not answer"
                    subscription.events.append(
                        Broken(f"{reason}; it was not back within {self._give_up_s:g} s, so reading ends")
                    )
                    self._is_closed = True
                if subscription.events:
                    self._events.extend(subscription.events)
                    subscription.events.clear()
                self._changed.notify_all()
            for instruction in instructions:
                if isinstance(instruction, Say):
                    line.say(instruction.word)
                else:
                    assert isinstance(instruction, Open)
                    why = line.open()
                    if why:
                        subscription.last_error = why
            if self._is_closed or subscription.state is State.OVER:
                return
            arrived, broken = line.poll(max(subscription.due() - monotonic(), 0.0))

    def _take_consumed(self) -> list[Arrived]:
        consumed = list(self._consumed)
        self._consumed.clear()
        return consumed

    def _hear(self, frames: Sequence[Any], now: float) -> list[Any]:
        first = frames[0].bytes
        if len(frames) >= 3 and len(first) == STAMP_SIZE and first[:4] == MAGIC:
            payload = frames[2:]
            size = sum(len(frame) for frame in payload)
            return self._subscription.delivery(first, frames[1].bytes, payload, size, now)
        try:
            word = unpack_word(first)
        except FormatError as error:
            return self._subscription.broken(f"the broker said what makes no sense: {error}", now)
        return self._subscription.word(word, now)


class _Line:
    """The sockets of one subscriber, used by its thread only."""

    def __init__(self, context: zmq.Context[Socket], dialing: Dialing, woken: sockets.socket) -> None:
        self._context, self._dialing, self._woken = context, dialing, woken
        self._poller = zmq.Poller()
        self._poller.register(woken.fileno(), zmq.POLLIN)
        self._dealer: Socket | None = None
        self._monitor: Socket | None = None
        self._opened = 0

    def open(self) -> str:
        """A new DEALER; returns what prevents it, if anything does."""
        self.close()
        self._opened += 1
        dealer, monitor = self._context.socket(zmq.DEALER), self._context.socket(zmq.PAIR)
        control = self._dialing.endpoint.control
        try:
            dealer.monitor(f"inproc://watch-{self._opened}", WATCHED)
            monitor.connect(f"inproc://watch-{self._opened}")
            options = {**_OPTIONS, zmq.ROUTING_ID: b"S" + secrets.token_bytes(16)}
            self._dialing.connect(dealer, control, options)
        except zmq.ZMQError as error:
            dealer.close(0)
            monitor.close(0)
            return f"{control} cannot be connected to: {error.strerror}"
        self._dealer, self._monitor = dealer, monitor
        self._poller.register(dealer, zmq.POLLIN)
        self._poller.register(monitor, zmq.POLLIN)
        return ""

    def close(self) -> None:
        """Give the sockets back."""
        for held in (self._dealer, self._monitor):
            if held is not None:
                self._poller.unregister(held)
        if self._dealer is not None and self._monitor is not None:
            self._dealer.disable_monitor()
            self._dealer.close(100)  # so that a bye still leaves
            self._monitor.close(0)
        self._dealer = self._monitor = None

    def say(self, word: Any) -> None:
        """Send a word, if it can be sent: all that matter are repeated."""
        if self._dealer is not None:
            try:
                self._dealer.send(pack_word(word), zmq.NOBLOCK)
            except zmq.ZMQError:
                pass

    def poll(self, timeout_s: float) -> tuple[list[Sequence[Any]], str]:
        """What came, a bounded lot of it, and why the connection ended if it did."""
        arrived: list[Sequence[Any]] = []
        broken = ""
        for which, _ in self._poller.poll(ceil(min(timeout_s, 60.0) * 1000)):
            if which is self._monitor:
                why = self._dialing.failed(self._monitor.recv_multipart())
                broken = why or broken or "the connection broke"
            elif which is not self._dealer:
                self._woken.recv(4096)
        while self._dealer is not None and (
            broken or len(arrived) < _AT_ONCE
        ):  # then all that came before it
            try:
                arrived.append(self._dealer.recv_multipart(zmq.NOBLOCK, copy=False))
            except zmq.Again:
                break
        return arrived, broken
