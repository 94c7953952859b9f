"""Chunk messages: from an ArrowMsg's bytes to a laid-out chunk, and from columns to an ArrowMsg."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rrsdk.codec import lz4
from rrsdk.codec.wire import COMPRESSION_LZ4, COMPRESSION_NONE, Envelope, EnvelopeReader, write_envelope
from rrsdk.errors import FormatError
from rrsdk.ipc import stream
from rrsdk.ipc.layout import ChunkLayout, LaidOut, LayoutCache, Shape
from rrsdk.ipc.rows import Row, describe
from rrsdk.message import Buffer, ChunkMsg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.identity import StoreId

HEAD_GUESS = 4 * 1024
"""How much of a large payload is decompressed first: schema, batch metadata and a few times."""


_MAX_HEADS = 1024


class _Head:
    """The bytes of a chunk's head around its id, what they mean, and the head that came next."""

    __slots__ = ("after", "after_at", "before", "next", "shape")

    def __init__(self, payload: bytes, shape: Shape) -> None:
        id_at = 8 + shape.layout.id_at
        self.after_at = id_at + 32
        self.before, self.after = payload[:id_at], payload[self.after_at : shape.body_start]
        self.shape = shape
        self.next: _Head | None = None


class ChunkReader:
    """Opens chunk messages one after the other; keeps what they have in common."""

    def __init__(self) -> None:
        self._envelopes = EnvelopeReader()
        self._layouts = LayoutCache()
        self._heads: dict[Shape, _Head] = {}
        self._last: _Head | None = None

    @property
    def layouts(self) -> LayoutCache:
        """The layouts met so far."""
        return self._layouts

    def envelope(self, message: Buffer) -> Envelope:
        """What the ArrowMsg says of its payload."""
        return self._envelopes.read(message, 0, len(message))

    def open(self, message: Buffer, envelope: Envelope | None = None) -> LaidOut:
        """The whole chunk, decompressed."""
        about = envelope or self.envelope(message)
        block = memoryview(message)[about.payload_start : about.payload_end]
        return self._layouts.read(lz4.decompress(block, about.compression, about.uncompressed_size))

    def layout(self, payload: Buffer) -> LaidOut:
        """A chunk from its uncompressed Arrow payload.

        Many entities are logged in turn: so the head is looked for first where it came last time, which
        takes a comparison of its two kilobytes, and no hash of them.
        """
        last = self._last
        guess = last.next if last is not None else None
        if (
            guess is not None
            and isinstance(payload, bytes)
            and payload.startswith(guess.before)
            and payload.startswith(guess.after, guess.after_at)
        ):
            self._last = guess
            return LaidOut(guess.shape, memoryview(payload))
        chunk = self._layouts.read(payload)
        if isinstance(payload, bytes):
            self._follow(last, payload, chunk.shape)
        return chunk

    def _follow(self, last: _Head | None, payload: bytes, shape: Shape) -> None:
        """Remember what came after the last head."""
        head = self._heads.get(shape)
        if head is None and len(self._heads) < _MAX_HEADS and shape.body_start <= HEAD_GUESS:
            head = self._heads[shape] = _Head(payload, shape)
        self._last = head
        if last is not None:
            last.next = head

    def head(
        self,
        block: Buffer,
        compression: int,
        uncompressed_size: int,
        *,
        is_cut: bool = False,
        most_bytes: int | None = None,
    ) -> LaidOut:
        """As much of a chunk as its manifest row needs.

        `is_cut`: the block goes on behind what is given, and its claim of a size was looked at already.
        `most_bytes`: FormatError where more than that would have to be decompressed for it.
        """
        size = uncompressed_size
        prefix = partial(
            lz4.decompress_prefix, block, compression, size, is_cut=is_cut, most_bytes=most_bytes
        )
        payload = prefix(HEAD_GUESS)
        try:
            chunk = self._layouts.read(payload)
        except FormatError:  # a long schema, or dictionaries before the record batch
            if len(payload) >= size:
                raise
            return self._layouts.read(lz4.decompress(block, compression, size, most_bytes=most_bytes))
        needed = chunk.shape.head_size
        if len(payload) < needed:
            chunk = self._layouts.read(prefix(needed))
        return chunk

    def row(self, message: Buffer, envelope: Envelope) -> Row:
        """The manifest row of a chunk."""
        block = memoryview(message)[envelope.payload_start : envelope.payload_end]
        chunk = self.head(block, envelope.compression, envelope.uncompressed_size)
        return describe(chunk, envelope.chunk_id or chunk.chunk_id)


def make_chunk(
    store: StoreId,
    store_raw: bytes,
    layout: ChunkLayout,
    chunk_id: bytes,
    *,
    num_rows: int,
    nodes: Sequence[tuple[int, int]],
    buffers: Sequence[Buffer | list[Buffer]],
    layouts: LayoutCache,
    compress: bool = True,
) -> ChunkMsg:
    """A chunk message from the buffers of its columns.

    Without `compress` the buffers are passed on as they are: for data that LZ4 could not shrink.
    """
    parts = stream.write_stream(layout.schema_bytes(chunk_id), num_rows, nodes, buffers)
    if compress:
        payload = b"".join(parts)
        return pack_chunk(store, store_raw, payload, layouts.read(payload), chunk_id)
    size = sum(map(len, parts))
    before, after = write_envelope(
        store_raw,
        compression=COMPRESSION_NONE,
        uncompressed_size=size,
        payload_size=size,
        chunk_id=chunk_id,
        is_static=layout.is_static,
    )
    head = b"".join(parts[:2])
    chunk = layouts.read(head)
    for part in parts[2:]:
        if len(head) >= chunk.shape.head_size:
            break
        head += part
    row = describe(LaidOut(chunk.shape, memoryview(head)), chunk_id)
    return ChunkMsg(store, store_raw, row, (before, *parts, after), size)


def pack_chunk(store: StoreId, store_raw: bytes, payload: bytes, chunk: LaidOut, chunk_id: bytes) -> ChunkMsg:
    """A chunk message around an Arrow payload that was laid out already, LZ4-compressed."""
    block = lz4.compress(payload)
    before, after = write_envelope(
        store_raw,
        compression=COMPRESSION_LZ4,
        uncompressed_size=len(payload),
        payload_size=len(block),
        chunk_id=chunk_id,
        is_static=chunk.shape.layout.is_static,
    )
    return ChunkMsg(store, store_raw, describe(chunk, chunk_id), (before, block, after), len(payload))
