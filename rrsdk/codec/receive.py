"""Payloads that come one by one, each said to be of some kind, to messages: what networks deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Kind
from rrsdk.errors import FormatError
from rrsdk.message import ChunkMsg

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Activation, Buffer, StoreInfo


class Receiver:
    """Like a Decoder, where there is no stream and so no header; old chunks come in the current model."""

    def __init__(self, name: str, *, warn: Callable[[str], None]) -> None:
        """`name` is where they come from, for errors; `warn` hears of what is odd but loses nothing."""
        self._name = name
        self._reader = ChunkReader()
        self._arrivals = Arrivals(name, self._reader, warn)

    def read(self, kind: int, payload: Buffer) -> StoreInfo | Activation | ChunkMsg:
        """One message; FormatError where it is broken, after which the next can be read."""
        try:
            if kind == Kind.CHUNK:
                return self._chunk(memoryview(payload))
            if kind == Kind.STORE_INFO:
                return self._arrivals.info(bytes(payload))
            if kind == Kind.BLUEPRINT_ACTIVATION:
                return self._arrivals.activation(bytes(payload))
        except FormatError as error:
            raise error.located(source=self._name) from error.__cause__
        raise FormatError(f"a message of unknown kind {kind}", source=self._name)

    def _chunk(self, message: memoryview) -> ChunkMsg:
        if self._arrivals.is_current:
            envelope = self._reader.envelope(message)
            row = self._reader.row(message, envelope)
            if row.shape.layout.is_current:
                uncompressed = envelope.uncompressed_size or envelope.payload_end - envelope.payload_start
                store = self._arrivals.store(envelope.store)
                return ChunkMsg(store, envelope.store, row, (message,), uncompressed)
        return self._arrivals.old_chunk(message)
