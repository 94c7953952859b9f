"""What a proxy holds and what it receives, as a source: for `record`, `tail`, and whoever else reads live.

A proxy does not say where the past ends, and does not end itself. So a source is read until it is
closed, until the proxy is gone, or until nothing came for `quiet_s`. One that may be gone for a while
is asked again; it then sends all that it has, and what was read before is left out.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rrsdk.codec.logmsg import unwrap
from rrsdk.codec.receive import Receiver
from rrsdk.errors import FormatError, InputError
from rrsdk.message import ChunkMsg
from rrsdk.proxy import READ_MESSAGES, close_channel, load_grpc, open_channel, parse_proxy
from rrsdk.sources.missed import Missed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

CONNECT_TIMEOUT_S = 5.0
MAX_REMEMBERED = 1_000_000
"""Chunks whose repeats are told after a new connection; beyond, the oldest are forgotten (100 bytes each)."""
_AGAIN_S = 0.2


class GrpcSource:
    """Reads all that a proxy has and gets. `messages()` is read once; `close` may come from any thread."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        quiet_s: float | None = None,
        patience_s: float = 0.0,
        damage: Damage | None = None,
        warn: Callable[[str], None],
    ) -> None:
        """Connects: InputError where nobody answers in time. With `damage` broken messages are skipped.

        `patience_s` is how long a proxy may be away before the connection counts as broken.
        """
        endpoint = parse_proxy(url)
        self.name = endpoint.url
        self.size: int | None = None
        self.missed = Missed()  # a proxy does not tell
        self._damage, self._quiet_s, self._patience_s, self._warn = damage, quiet_s, patience_s, warn
        self._remembered: dict[bytes, None] = {}
        self._receiver = Receiver(self.name, warn=warn)
        self._received = 0
        self._heard = time.monotonic()
        self._is_over = threading.Event()
        self._call: Any = None
        grpc = load_grpc()
        self._channel = open_channel(endpoint)
        try:
            self._wait_for_channel(connect_timeout_s)
        except grpc.FutureTimeoutError:
            close_channel(self._channel)
            raise InputError(
                f"nobody answers within {connect_timeout_s:g} s", source=self.name, hint="is it running?"
            ) from None

    def _wait_for_channel(self, timeout_s: float) -> None:
        ready = load_grpc().channel_ready_future(self._channel)
        try:
            ready.result(timeout=timeout_s)
        finally:
            ready.cancel()  # else it would be told for as long as the channel lives

    def messages(self) -> Iterator[Message]:
        """What there is, then what comes, in the order of the proxy."""
        self._heard = time.monotonic()
        if self._quiet_s is not None:
            threading.Thread(target=self._end_when_quiet, args=(self._quiet_s,), daemon=True).start()
        broke = ""
        try:
            while not self._is_over.is_set():
                if broke and not self._is_back():
                    if self._is_over.is_set():
                        return
                    raise InputError(f"the connection broke: {broke}", source=self.name)
                is_again = bool(broke)
                broke = yield from self._connection(is_again=is_again)
                if not broke:
                    return
                if self._patience_s and not self._is_over.is_set():
                    self._warn(f"{self.name}: the connection broke: {broke}; waiting for it to come back")
        finally:
            self._is_over.set()

    def _connection(self, *, is_again: bool) -> Generator[Message, None, str]:
        """What comes over one connection; returns how it broke, or nothing where the proxy ended it."""
        grpc = load_grpc()
        self._call = self._channel.unary_stream(READ_MESSAGES)(b"")
        if self._is_over.is_set():  # closed meanwhile
            return ""
        try:
            for response in self._call:
                self._heard = time.monotonic()
                message = self._read(response)
                if message is not None and self._is_new(message, is_again=is_again):
                    yield message
                    self._heard = time.monotonic()  # what is done with a message is no silence
        except grpc.RpcError as error:
            return "" if self._is_over.is_set() else " ".join((error.details() or error.code().name).split())
        return ""

    def _is_back(self) -> bool:
        """Whether the proxy answers again, within the time it is given."""
        grpc = load_grpc()
        deadline = time.monotonic() + self._patience_s
        while not self._is_over.wait(_AGAIN_S) and time.monotonic() < deadline:
            try:
                self._wait_for_channel(_AGAIN_S)
            except grpc.FutureTimeoutError:
                self._heard = time.monotonic()  # being away is no silence either
                continue
            return True
        return False

    def _is_new(self, message: Message, *, is_again: bool) -> bool:
        if not self._patience_s or not isinstance(message, ChunkMsg):
            return True
        chunk_id = message.row.chunk_id
        if is_again and chunk_id in self._remembered:
            return False
        self._remembered[chunk_id] = None
        if len(self._remembered) > MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return True

    def _read(self, response: bytes) -> Message | None:
        start, self._received = self._received, self._received + len(response)
        try:
            return self._receiver.read(*unwrap(response))
        except FormatError as error:
            if self._damage is None:
                raise error.located(source=self.name) from error.__cause__
            self._damage.add(self.name, start, self._received, error)
            return None

    def _end_when_quiet(self, quiet_s: float) -> None:
        while not self._is_over.wait(max(self._heard + quiet_s - time.monotonic(), 0.01)):
            if time.monotonic() - self._heard >= quiet_s:
                self._end()

    def _end(self) -> None:
        self._is_over.set()
        if self._call is not None:
            self._call.cancel()

    def close(self) -> None:
        """End reading and disconnect."""
        self._end()
        close_channel(self._channel)
