"""What a proxy holds and what it receives, as a source: for `record`, `tail`, and whoever else reads live.

A proxy does not say where the past ends, and does not end itself. So a source is read until it is
closed, until the proxy is gone, or until nothing came for `quiet_s`.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rrsdk.codec.logmsg import unwrap
from rrsdk.codec.receive import Receiver
from rrsdk.errors import FormatError, InputError
from rrsdk.proxy import READ_MESSAGES, load_grpc, open_channel, parse_proxy
from rrsdk.sources.missed import Missed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

CONNECT_TIMEOUT_S = 5.0


class GrpcSource:
    """Reads all that a proxy has and gets. `messages()` is read once; `close` may come from any thread."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        quiet_s: float | None = None,
        damage: Damage | None = None,
        warn: Callable[[str], None],
    ) -> None:
        """Connects: InputError where nobody answers in time. With `damage` broken messages are skipped."""
        endpoint = parse_proxy(url)
        self.name = endpoint.url
        self.size: int | None = None
        self.missed = Missed()  # a proxy does not tell
        self._damage, self._quiet_s = damage, quiet_s
        self._receiver = Receiver(self.name, warn=warn)
        self._received = 0
        self._heard = time.monotonic()
        self._is_over = threading.Event()
        self._call: Any = None
        grpc = load_grpc()
        self._channel = open_channel(endpoint)
        try:
            grpc.channel_ready_future(self._channel).result(timeout=connect_timeout_s)
        except grpc.FutureTimeoutError:
            self._channel.close()
            raise InputError(
                f"nobody answers within {connect_timeout_s:g} s", source=self.name, hint="is it running?"
            ) from None

    def messages(self) -> Iterator[Message]:
        """What there is, then what comes, in the order of the proxy."""
        grpc = load_grpc()
        self._call = self._channel.unary_stream(READ_MESSAGES)(b"")
        self._heard = time.monotonic()
        if self._quiet_s is not None:
            threading.Thread(target=self._end_when_quiet, args=(self._quiet_s,), daemon=True).start()
        try:
            for response in self._call:
                self._heard = time.monotonic()
                message = self._read(response)
                if message is not None:
                    yield message
                    self._heard = time.monotonic()  # what is done with a message is no silence
        except grpc.RpcError as error:
            if not self._is_over.is_set():
                details = error.details() or error.code().name
                raise InputError(f"the connection broke: {details}", source=self.name) from None
        finally:
            self._is_over.set()

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
        self._channel.close()
