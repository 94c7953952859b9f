"""Record batches to chunk messages: the payload as files and wires have it, compressed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.wire import COMPRESSION_NONE, write_envelope
from rrsdk.identity import new_tuid
from rrsdk.ipc.layout import LaidOut, LayoutCache
from rrsdk.ipc.rows import describe
from rrsdk.ipc.stream import END_OF_STREAM
from rrsdk.message import ChunkMsg

if TYPE_CHECKING:
    from rrsdk.batcher.template import Template
    from rrsdk.identity import StoreId
    from rrsdk.message import Buffer

LARGE: Final = 64 * 1024
"""Batches from this size on are not copied together, but handed on in the pieces they lie in."""

_MAX_SHAPES: Final = 4096


class Sealer:
    """Makes the chunk messages of one store."""

    def __init__(self, store: StoreId, store_raw: bytes) -> None:
        self.store, self.store_raw = store, store_raw
        self._layouts = LayoutCache()
        self._reads = 0

    def seal(self, template: Template, batch: pa.RecordBatch) -> SealedChunk:
        """A chunk with a new id."""
        chunk_id = new_tuid().to_bytes()
        schema = template.message(chunk_id)
        size = batch.get_total_buffer_size()
        if size < LARGE:
            parts: list[Buffer] = [b"".join((schema, batch.serialize(), END_OF_STREAM))]
        else:
            parts = [schema, *_gathered(batch), END_OF_STREAM]
        return SealedChunk(self, parts, chunk_id, template.is_static, batch.num_rows)

    def seal_payload(self, payload: bytes, *, is_static: bool, num_rows: int) -> SealedChunk:
        """A chunk that is an Arrow stream already."""
        chunk = self.lay_out(payload)
        return SealedChunk(self, [payload], chunk.chunk_id, is_static, num_rows)

    def lay_out(self, payload: Buffer) -> LaidOut:
        """Where in a payload (or the first bytes of one) what lies."""
        self._reads += 1
        if (
            self._reads > _MAX_SHAPES
        ):  # the cache knows every size of batch that was met: it must not grow for ever
            self._reads, self._layouts = 0, LayoutCache()
        return self._layouts.read(payload)


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
        payload = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        sealer = self._sealer
        chunk = sealer.lay_out(payload)
        return pack_chunk(sealer.store, sealer.store_raw, bytes(payload), chunk, self._chunk_id)

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
        head = parts[0] if len(parts) == 1 else b"".join(parts[:2])
        chunk = sealer.lay_out(head)
        for part in parts[2:]:
            if len(head) >= chunk.shape.head_size:
                break
            head = b"".join((head, part))
        row = describe(LaidOut(chunk.shape, memoryview(head)), self._chunk_id)
        return ChunkMsg(sealer.store, sealer.store_raw, row, (before, *parts, after), size)


class _Collector:
    """A file for Arrow to write to that keeps the pieces as they are."""

    closed = False

    def __init__(self) -> None:
        self.pieces: list[memoryview] = []

    def write(self, data: bytes | pa.Buffer) -> int:
        piece = memoryview(data)
        self.pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _gathered(batch: pa.RecordBatch) -> list[Buffer]:
    """The batch's message in pieces: metadata and small buffers joined, large ones as they lie."""
    collector = _Collector()
    plain = batch.schema.remove_metadata()
    skip = len(plain.serialize())
    with pa.ipc.new_stream(pa.PythonFile(collector, "w"), plain) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=plain))
    parts: list[Buffer] = []
    small: list[memoryview] = []
    for piece in collector.pieces:
        if skip:  # the schema: ours has the chunk's metadata
            cut = min(skip, len(piece))
            skip, piece = skip - cut, piece[cut:]
        if len(piece) < LARGE:
            small.append(piece)
            continue
        parts.append(b"".join(small))
        parts.append(piece)
        small = []
    tail = b"".join(small)
    parts.append(tail.removesuffix(END_OF_STREAM))
    return [part for part in parts if len(part)]
