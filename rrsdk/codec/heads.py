"""Heads of chunk messages that lie in an origin: what a chunk is, without reading all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.chunks import HEAD_GUESS, ChunkReader
from rrsdk.codec.window import Window
from rrsdk.codec.wire import COMPRESSION_NONE, Envelope, read_envelope_parts
from rrsdk.errors import RrError

if TYPE_CHECKING:
    from rrsdk.ipc.layout import LaidOut
    from rrsdk.message import Origin

LARGE = 256 * 1024
"""Messages up to this size are read whole."""

_HEAD = 32 * 1024
_TAIL = 64


class HeadReader:
    """Reads the heads of chunk messages of one origin, best in the order they lie there."""

    def __init__(self, origin: Origin, end: int, *, reader: ChunkReader | None = None) -> None:
        """`end` is where the origin's messages end: nothing behind it is read."""
        self.reader = reader or ChunkReader()
        self.window = Window(origin, end)
        self._origin = origin

    def head(self, at: int, size: int) -> tuple[Envelope, LaidOut]:
        """The message at `at`: its envelope, and its chunk as far as the manifest row needs it.

        Of a small message the whole chunk is there (`len(chunk.payload)` tells).
        """
        if size <= LARGE:
            message = self.window.at(at, size)
            envelope = self.reader.envelope(message)
            block = message[envelope.payload_start : envelope.payload_end]
            return envelope, self.reader.head(block, envelope.compression, envelope.uncompressed_size)
        return self._large(at, size)

    def whole(self, at: int, size: int) -> tuple[Envelope, LaidOut]:
        """The message at `at` and its whole chunk."""
        message = self.window.at(at, size)
        envelope = self.reader.envelope(message)
        return envelope, self.reader.open(message, envelope)

    def _large(self, at: int, size: int) -> tuple[Envelope, LaidOut]:
        head, tail = self._origin.read(at, _HEAD), self._origin.read(at + size - _TAIL, _TAIL)
        envelope = read_envelope_parts(head, tail, size)
        if envelope is not None and envelope.uncompressed_size <= 64 * size:
            block = head[envelope.payload_start :]
            try:
                if envelope.compression != COMPRESSION_NONE:
                    start = block[: 2 * HEAD_GUESS]
                    return envelope, self.reader.head(start, envelope.compression, envelope.uncompressed_size)
                chunk = self.reader.layout(block)
                if len(block) >= chunk.shape.head_size:
                    return envelope, chunk
            except RrError:
                pass  # the beginning was not enough: what is really broken shows again below
        message = self._origin.read(at, size)
        envelope = self.reader.envelope(message)
        block = message[envelope.payload_start : envelope.payload_end]
        return envelope, self.reader.head(block, envelope.compression, envelope.uncompressed_size)
