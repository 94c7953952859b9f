"""Recordings that arrive in order and once: standard input, FIFOs, devices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Frame, FrameDecoder, Kind, StreamStart
from rrsdk.errors import FormatError
from rrsdk.message import ChunkMsg, Message
from rrsdk.sources.arrivals import Arrivals
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.sources.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.sources.damage import Damage

BLOCK = 1024 * 1024


class PipeSource:
    """A descriptor that is read to its end; what was read is not kept."""

    def __init__(
        self,
        name: str,
        fileno: int,
        *,
        damage: Damage | None,
        warn: Callable[[str], None],
        owned: bool = True,
    ) -> None:
        self.name = name
        self.size: int | None = None
        self._fileno, self._owned = fileno, owned
        self._damage, self._warn = damage, warn
        self._reader = ChunkReader()
        self._arrivals = Arrivals(name, self._reader, warn)

    def close(self) -> None:
        """Close the descriptor, unless it was lent."""
        if self._owned:
            os.close(self._fileno)

    def messages(self) -> Iterator[Message]:
        """Everything in the order it arrives."""
        if self._damage is not None:
            yield from self._patiently()
            return
        decoder = FrameDecoder()
        try:
            while data := os.read(self._fileno, BLOCK):
                decoder.feed(data)
                for event in decoder:
                    yield from self._handle(event)
            decoder.finish()
            for event in decoder:
                yield from self._handle(event)
            if decoder.offset == 0:
                raise FormatError("the input is empty", offset=0)
        except FormatError as error:
            raise error.located(source=self.name, offset=decoder.offset) from error.__cause__

    def _patiently(self) -> Iterator[Message]:
        """Skipping damage needs to look ahead and back: take all of the input first."""
        assert self._damage is not None
        blocks = []
        while data := os.read(self._fileno, BLOCK):
            blocks.append(data)
        origin = MemoryOrigin(self.name, b"".join(blocks))
        if not origin.size:
            raise FormatError("the input is empty", source=self.name, offset=0)
        yield from Scan(origin, 0, origin.size, damage=self._damage, warn=self._warn).messages()

    def _handle(self, event: StreamStart | Frame) -> Iterator[Message]:
        if isinstance(event, StreamStart):
            self._arrivals.begin(event.version)
            return
        try:
            if event.kind is Kind.CHUNK:
                yield self._chunk(event)
            elif event.kind is Kind.STORE_INFO:
                yield self._arrivals.info(bytes(event.payload))
            elif event.kind is Kind.BLUEPRINT_ACTIVATION:
                yield self._arrivals.activation(bytes(event.payload))
        except FormatError as error:
            raise error.located(offset=event.offset) from error.__cause__

    def _chunk(self, frame: Frame) -> ChunkMsg:
        if self._arrivals.is_current:
            envelope = self._reader.envelope(frame.payload)
            row = self._reader.row(frame.payload, envelope)
            if row.shape.layout.is_current:
                uncompressed = envelope.uncompressed_size or envelope.payload_end - envelope.payload_start
                store = self._arrivals.store(envelope.store)
                return ChunkMsg(store, envelope.store, row, (frame.payload,), uncompressed)
        return self._arrivals.old_chunk(frame.payload)
