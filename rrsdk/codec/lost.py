"""What is still known of what was lost: the bytes it lay in, and of chunks their entity, rows and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec import lz4, wire
from rrsdk.codec.frames import MESSAGE_HEADER
from rrsdk.codec.payload import read_store_id
from rrsdk.errors import FormatError, RrError
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, NUM_ROWS
from rrsdk.ipc.rows import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.codec.arrivals import Arrivals
    from rrsdk.codec.heads import HeadReader
    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.ipc.schema import ArrowType
    from rrsdk.message import Buffer

_HEAD = 32 * 1024


class Span(NamedTuple):
    """The times of a chunk on one timeline, both ends included."""

    timeline: str
    type: ArrowType
    first: int
    last: int


class LostChunk(NamedTuple):
    """A chunk that is not there any more."""

    store: StoreId
    entity: str
    rows: int
    chunk_id: bytes
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` to `end` (exclusive) that could not be used."""

    start: int
    end: int
    reason: str
    chunk: LostChunk | None
    """What the head of the chunk there says, where it can be read."""


def lost_chunk(heads: HeadReader, arrivals: Arrivals, pos: int, end: int) -> LostChunk | None:
    """What the head of a broken or cut chunk message at `pos` says; None where there is nothing to read."""
    at = pos + MESSAGE_HEADER.size
    if at >= end:
        return None
    try:
        head = heads.window.at(at, min(_HEAD, end - at))
        store, compression, start = _fields_before_payload(head)
        block = head[start:]
        if compression == wire.COMPRESSION_LZ4:
            block = memoryview(lz4.decompress_what_is_there(block, _HEAD))
        chunk = heads.reader.layout(block)
        row = describe(chunk, chunk.chunk_id)
        spans = tuple(
            Span(column.name, column.field.type, *span)
            for column, span in zip(chunk.shape.layout.indexes, row.spans)
            if span is not None
        )
        rows = chunk.shape.batch.num_rows
        return LostChunk(arrivals.store(store), chunk.shape.layout.entity, rows, row.chunk_id, spans)
    except RrError:
        return None


def _fields_before_payload(head: Buffer) -> tuple[bytes, int, int]:
    """Store and compression of an ArrowMsg, and where its payload begins."""
    store, compression, pos = b"", wire.COMPRESSION_NONE, 0
    while pos < len(head):
        tag, pos = wire.read_varint(head, pos, len(head))
        number, wire_type = tag >> 3, tag & 7
        if wire_type not in (wire.VARINT, wire.BYTES) or number > 5:
            break
        value, pos = wire.read_varint(head, pos, len(head))
        if number == 5:
            return store, compression, pos
        if wire_type == wire.BYTES:
            store = bytes(head[pos : pos + value])  # the only other field of bytes that comes before
            pos += value
        elif number == 2:
            compression = value
    raise FormatError("no chunk begins here")


def lost_by_footer(manifests: Iterable[tuple[bytes, Manifest]], kept: set[bytes]) -> Iterator[LostChunk]:
    """The chunks that a footer names and that were not kept."""
    for raw, manifest in manifests:
        table = manifest.table
        ids, entities, rows = table.raw(CHUNK_ID), table.raw(ENTITY), table.u64(NUM_ROWS)
        missing = [place for place, chunk_id in enumerate(ids) if chunk_id not in kept]
        if not missing:
            continue
        store, columns = read_store_id(raw), table.columns
        timelines = [
            (name, columns[f"{name}:start"], columns[f"{name}:end"])
            for name in manifest.timelines()
            if f"{name}:end" in columns
        ]
        for place in missing:
            spans = []
            for name, starts, ends in timelines:
                first, last = starts.get(place), ends.get(place)
                if isinstance(first, int) and isinstance(last, int):
                    spans.append(Span(name, starts.field.type, first, last))
            entity = entities[place].decode("utf-8", "replace")
            yield LostChunk(store, entity, rows[place], ids[place], tuple(spans))
