"""Rows of one chunk: which of them lie in a span of time, and a chunk made of some of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from rrsdk.codec.chunks import ChunkReader, make_chunk, pack_chunk
from rrsdk.errors import FormatError
from rrsdk.ipc.gather import Part, Piece, gather
from rrsdk.ipc.table import unpack_bits
from rrtool.transforms.filter_plan import derived_id, seed_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import ChunkLayout, ColumnLayout, LaidOut
    from rrsdk.message import ChunkMsg

Ranges = list[tuple[int, int]]
"""Rows from … to (exclusive), in order."""


def timeline_at(layout: ChunkLayout, timeline: str) -> int | None:
    """Which of the chunk's indexes a timeline is."""
    for number, index in enumerate(layout.indexes):
        if index.name == timeline:
            return number
    return None


def times_of(chunk: LaidOut, number: int) -> memoryview:
    """The times of one index."""
    start, end, _ = chunk.shape.times[number]
    times = chunk.payload[start:end]
    if len(times) != end - start:
        raise FormatError("an index is cut off", entity=chunk.shape.layout.entity)
    return times.cast("q")


def rows_between(chunk: LaidOut, number: int, start: int, end: int) -> Ranges:
    """The rows whose time is between start and end, both included."""
    times = times_of(chunk, number)
    if chunk.shape.times[number][2]:
        first, last = bisect_left(times, start), bisect_right(times, end)
        return [(first, last)] if first < last else []
    return ranges_of(row for row, time in enumerate(times) if start <= time <= end)


def ranges_of(rows: Iterable[int]) -> Ranges:
    """Ascending rows as ranges."""
    ranges: Ranges = []
    for row in rows:
        if ranges and ranges[-1][1] == row:
            ranges[-1] = ranges[-1][0], row + 1
        else:
            ranges.append((row, row + 1))
    return ranges


def row_ids(chunk: LaidOut) -> memoryview:
    """The row ids, 16 bytes each; big-endian, so they compare as they are ordered."""
    return chunk.buffer(chunk.shape.layout.row_id.first_buffer + 1)


def present(chunk: LaidOut, component: int) -> Sequence[int] | None:
    """A byte a row: whether the component was logged there; None where it was in all rows."""
    missing, rows = chunk.shape.nulls[component], chunk.shape.batch.num_rows
    if not missing:
        return None
    if missing == rows:
        return bytes(rows)
    there = unpack_bits(chunk.buffer(chunk.shape.layout.components[component].first_buffer), rows)
    if len(there) != rows:
        raise FormatError("a component's validity is cut off", entity=chunk.shape.layout.entity)
    return there


def first_flag(chunk: LaidOut, column: ColumnLayout, row: int) -> bool:
    """The first value in a row of a column of lists of booleans."""
    offsets = chunk.buffer(column.first_buffer + 1)[4 * row : 4 * row + 8].cast("i")
    bits = chunk.buffer(column.first_buffer + 3)
    begin, end = offsets
    if begin >= end or not 0 <= begin < 8 * len(bits):
        return False
    return bool(bits[begin // 8] >> begin % 8 & 1)


def with_rows(
    store: StoreId,
    store_raw: bytes,
    chunk: LaidOut,
    chunk_id: bytes,
    ranges: Ranges,
    *,
    why: str,
    reader: ChunkReader,
) -> ChunkMsg:
    """A chunk of these rows of another; sorted stays sorted. Its id follows from theirs."""
    shape = chunk.shape
    new_id = derived_id(chunk_id, seed_of(why, *(f"{start}:{stop}" for start, stop in ranges)))
    if shape.layout.is_opaque:
        from rrsdk.codec.opaque import rewritten

        payload = rewritten(chunk.payload, new_id, ranges=ranges)
        return pack_chunk(store, store_raw, payload, reader.layout(payload), new_id)
    part = Part(shape.batch, chunk.payload[shape.body_start :])
    if len(part.body) < shape.batch.body_size:
        raise FormatError("the chunk is cut off", entity=shape.layout.entity)
    rows = sum(stop - start for start, stop in ranges)
    gathered = gather(shape.layout.columns, [Piece(part, start, stop) for start, stop in ranges])
    return make_chunk(
        store,
        store_raw,
        shape.layout,
        new_id,
        num_rows=rows,
        nodes=gathered.nodes,
        buffers=gathered.buffers,
        layouts=reader.layouts,
    )
