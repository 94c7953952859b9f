"""Record batches to chunk messages: the payload as files and wires have it, compressed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from rrsdk.codec import lz4
from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.wire import COMPRESSION_LZ4, COMPRESSION_NONE, write_envelope
from rrsdk.components.storage import take
from rrsdk.identity import new_tuid
from rrsdk.ipc.layout import LaidOut, LayoutCache
from rrsdk.ipc.rows import describe
from rrsdk.ipc.stream import END_OF_STREAM
from rrsdk.message import ChunkMsg

if TYPE_CHECKING:
    import numpy.typing as npt

    from rrsdk.batcher.template import Template
    from rrsdk.identity import StoreId
    from rrsdk.message import Buffer

LARGE: Final = 64 * 1024
"""Batches from this size on are not copied together with schema and end."""

_MAX_SHAPES: Final = 8192
_SAMPLE: Final = 8 * 1024
_WORTH: Final = 0.1
_CODEC: Final = pa.Codec("lz4_raw")


class Sealer:
    """Makes the chunk messages of one store."""

    def __init__(self, store: StoreId, store_raw: bytes) -> None:
        self.store, self.store_raw = store, store_raw
        self._layouts = LayoutCache()
        self._shapes: set[int] = set()

    def seal(self, template: Template, batch: pa.RecordBatch) -> SealedChunk:
        """A chunk with a new id."""
        chunk_id = new_tuid().to_bytes()
        schema = template.message(chunk_id)
        gatherer = template.gatherer() if template.makes_large else None
        if gatherer is None:
            body = batch.serialize()  # asking a batch for its size would take nearly as long
            if body.size < LARGE:
                parts: list[Buffer] = [b"".join((schema, body, END_OF_STREAM))]
                return SealedChunk(self, parts, chunk_id, template.is_static, batch.num_rows)
            template.makes_large = True
            gatherer = template.gatherer()
            pieces: list[Buffer] = [memoryview(body).cast("B")]
        if gatherer is not None:
            pieces = gatherer.pieces(batch)
            template.makes_large = sum(map(len, pieces)) >= LARGE
        parts = [schema, *pieces, END_OF_STREAM]
        return SealedChunk(self, parts, chunk_id, template.is_static, batch.num_rows)

    def seal_payload(self, payload: bytes, *, is_static: bool, num_rows: int) -> SealedChunk:
        """A chunk that is an Arrow stream already."""
        chunk = self.lay_out(payload)
        return SealedChunk(self, [payload], chunk.chunk_id, is_static, num_rows)

    def lay_out(self, payload: Buffer) -> LaidOut:
        """Where in a payload (or the first bytes of one) what lies."""
        found = self._layouts.read(payload)
        self._shapes.add(id(found.shape))
        if len(self._shapes) > _MAX_SHAPES:  # the cache knows every size of batch that it met
            self._shapes, self._layouts = set(), LayoutCache()
        return found


class SealedChunk:
    """A chunk whose bytes are settled; as a message with or without compression, each made once."""

    __slots__ = ("_sealer", "_parts", "_chunk_id", "_is_static", "num_rows", "_plain", "_packed")

    def __init__(
        self, sealer: Sealer, parts: list[Buffer], chunk_id: bytes, is_static: bool, num_rows: int
    ) -> None:
        self._sealer, self._parts, self._chunk_id, self._is_static = sealer, parts, chunk_id, is_static
        self.num_rows = num_rows
        self._plain: ChunkMsg | None = None
        self._packed: ChunkMsg | None = None

    @property
    def nbytes(self) -> int:
        """Of the payload, before compression."""
        return sum(map(len, self._parts))

    def message(self, *, compress: bool) -> ChunkMsg:
        """The message to be sent or written."""
        if compress:
            if self._packed is None:
                self._packed = self._pack()
            return self._packed
        if self._plain is None:
            self._plain = self._leave()
        return self._plain

    def _pack(self) -> ChunkMsg:
        sealer, parts = self._sealer, self._parts
        if len(parts) == 1:
            payload = bytes(parts[0])
            chunk = sealer.lay_out(payload)
            return pack_chunk(sealer.store, sealer.store_raw, payload, chunk, self._chunk_id)
        plain = self.message(compress=False)
        if not _is_worth_it(parts):
            return plain
        block = _CODEC.compress(_joined(parts))  # twice as fast as the lz4 package on what is large
        before, after = write_envelope(
            sealer.store_raw,
            compression=COMPRESSION_LZ4,
            uncompressed_size=plain.size_uncompressed,
            payload_size=block.size,
            chunk_id=self._chunk_id,
            is_static=self._is_static,
        )
        packed = (before, memoryview(block).cast("B"), after)
        return ChunkMsg(sealer.store, sealer.store_raw, plain.row, packed, plain.size_uncompressed)

    def _leave(self) -> ChunkMsg:
        parts, sealer = self._parts, self._sealer
        size = sum(map(len, parts))
        before, after = write_envelope(
            sealer.store_raw,
            compression=COMPRESSION_NONE,
            uncompressed_size=size,
            payload_size=size,
            chunk_id=self._chunk_id,
            is_static=self._is_static,
        )
        head = parts[0] if len(parts) == 1 else _head(parts)
        chunk = sealer.lay_out(head)
        if len(head) < chunk.shape.head_size:
            head = _head(parts, chunk.shape.head_size)
        row = describe(LaidOut(chunk.shape, memoryview(head)), self._chunk_id)
        return ChunkMsg(sealer.store, sealer.store_raw, row, (before, *parts, after), size)


def _joined(parts: list[Buffer]) -> npt.NDArray[np.uint8]:
    """All of them, in memory that is used again; a copy by numpy lets other threads run meanwhile."""
    out = take(sum(map(len, parts)))
    at = 0
    for part in parts:
        out[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += len(part)
    return out


def _head(parts: list[Buffer], size: int = 0) -> bytes:
    """The schema, the batch's metadata, and as much of what follows as makes `size` bytes."""
    head, left = [*parts[:2]], size - len(parts[0]) - len(parts[1])
    for part in parts[2:]:
        if left <= 0:
            break
        head.append(memoryview(part)[:left])
        left -= len(part)
    return b"".join(head)


def _is_worth_it(parts: list[Buffer]) -> bool:
    """Whether LZ4 would shrink the data: samples tell. Images and noise it would only copy."""
    total = sum(map(len, parts))
    saved = 0.0
    for part in parts:
        size = len(part)
        if size < LARGE:
            continue
        view = memoryview(part)
        places = (0, (size - _SAMPLE) // 2, size - _SAMPLE)
        packed = sum(len(lz4.compress(view[place : place + _SAMPLE])) for place in places)
        saved += size * max(0.0, 1 - packed / (3 * _SAMPLE))
    return saved > total * _WORTH
