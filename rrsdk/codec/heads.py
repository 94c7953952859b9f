"""Heads of chunk messages that lie in an origin: what a chunk is, without reading all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.chunks import HEAD_GUESS, ChunkReader
from rrsdk.codec.frames import MESSAGE_HEADER, Kind
from rrsdk.codec.lz4 import decompress
from rrsdk.codec.window import Window
from rrsdk.codec.wire import COMPRESSION_NONE, Envelope, read_envelope_parts
from rrsdk.errors import RrError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            _, compression, uncompressed, start, stop, _, _ = envelope
            block = message[start:stop]
            if uncompressed <= LARGE:  # decompressed whole: no call that can be spared, as in `run`
                return envelope, self.reader.layout(decompress(block, compression, uncompressed))
            return envelope, self.reader.head(block, compression, uncompressed)
        return self._large(at, size)

    def run(self, pos: int) -> Iterator[tuple[int, int, Envelope, LaidOut]]:
        """Small chunks that lie end to end from the message header at `pos` on: place and size of each
        message, its envelope and its whole chunk.

        Stops before everything else, and before what is cut off. Of tens of thousands of chunks nearly all
        pass here, so there is one loop, and no call that can be spared.
        """
        window, envelope_of, layout_of = self.window, self.reader.envelope, self.reader.layout
        unpack, before, kind, end = (
            MESSAGE_HEADER.unpack_from,
            MESSAGE_HEADER.size,
            int(Kind.CHUNK),
            window.end,
        )
        block, base = memoryview(b""), pos
        while pos + before <= end:
            if pos + before > base + len(block):
                block, base = window.block(pos, before)
            number, size = unpack(block, pos - base)
            at = pos + before
            pos = at + size
            if number != kind or size > LARGE or pos > end:
                return
            if pos > base + len(block):
                block, base = window.block(at, size)
            message = block[at - base : pos - base]
            envelope = envelope_of(message)
            _, compression, uncompressed, start, stop, _, _ = envelope
            if uncompressed > LARGE:
                return
            yield at, size, envelope, layout_of(decompress(message[start:stop], compression, uncompressed))

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
                    start, claim = block[: 2 * HEAD_GUESS], envelope.uncompressed_size
                    return envelope, self.reader.head(start, envelope.compression, claim, is_cut=True)
                chunk = self.reader.layout(block)
                if len(block) >= chunk.shape.head_size:
                    return envelope, chunk
            except RrError:
                pass  # the beginning was not enough: what is really broken shows again below
        message = self._origin.read(at, size)
        envelope = self.reader.envelope(message)
        block = message[envelope.payload_start : envelope.payload_end]
        return envelope, self.reader.head(block, envelope.compression, envelope.uncompressed_size)
