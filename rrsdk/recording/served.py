"""A recording whose broker runs in the same process: its chunks go in without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.codec.frames import Kind
from rrsdk.errors import RrError
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sinks.live import Amount, Flushed, SinkStatus
from rrsdk.sinks.zmq.start import program_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.broker.service import Broker
    from rrsdk.message import Message

_PATIENCE_S = 10.0


class ServedSink:
    """Hands messages to a broker; a LiveSink that owns it."""

    compress = False

    def __init__(
        self, broker: Broker, *, start: str = "", before_stop: Callable[[], None] | None = None
    ) -> None:
        """`before_stop` ends what else listens for the broker; `start` is this process's."""
        self.name = broker.url
        self.broker = broker
        self._before_stop = before_stop
        self._producer: Any = broker.producer(name=program_name(), start=start)
        self._sent = self._lost = Amount()
        self._last_error = ""
        self._is_closed = False

    def put(self, message: Message) -> None:
        """Hand over one message."""
        amount = Amount.of(message)
        self._sent += amount
        if isinstance(message, ChunkMsg):
            kind, payload = Kind.CHUNK, b"".join(message.parts)
        else:
            assert isinstance(message, (StoreInfo, Activation)), "what is logged lies in memory"
            payload = message.payload
            kind = Kind.STORE_INFO if isinstance(message, StoreInfo) else Kind.BLUEPRINT_ACTIVATION
        try:
            self._producer.submit(int(kind), payload, timeout_s=_PATIENCE_S)
        except RrError as error:
            self._lost += amount
            self._last_error = str(error)

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until the broker has everything."""
        if self._is_closed or self._producer.flush(timeout_s=timeout_s):
            lost = self._lost
            return Flushed(not lost, lost.messages, lost.rows, lost.bytes, self._last_error)
        return Flushed(False, 0, 0, 0, f"{self.name}: the broker has not taken everything yet")

    def close(self, timeout_s: float) -> Flushed:
        """Stop the broker."""
        ended = self.flush(timeout_s)
        if not self._is_closed:
            self._is_closed = True
            self._producer.close()
            if self._before_stop is not None:
                self._before_stop()
            self.broker.stop(timeout_s)
        return ended

    def abandon(self) -> None:
        """In a forked child: the broker is the parent's."""
        self._is_closed = True

    def status(self) -> SinkStatus:
        """How it stands."""
        counts = self._producer.counts
        held = Amount(counts.messages, counts.rows, counts.bytes)
        return SinkStatus(
            self.name,
            "closed" if self._is_closed else "open",
            sent=self._sent,
            held=held,
            lost=self._lost,
            refused=Amount(counts.refused),
            last_error=self._last_error,
        )
