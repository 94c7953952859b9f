"""Joining and weighing rows as bytes, against pyarrow's slices of the same columns."""

from __future__ import annotations

import itertools
import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.ipc import stream
from rrsdk.ipc.gather import Part, Piece, gather
from rrsdk.ipc.layout import ChunkLayout, LaidOut, LayoutCache
from rrsdk.ipc.weigh import column_bits, row_bits
from tests.sdk import strategies as given_by
from tests.sdk.arrays import array_of

CHUNK_ID = bytes(range(16))
ROW_ID = pa.field("rerun.controls.RowId", pa.binary(16), nullable=False, metadata={"rerun:kind": "control"})
METADATA = {
    "rerun:entity_path": "/a",
    "rerun:id": given_by.format_chunk_id(CHUNK_ID),
    "sorbet:version": "0.1.4",
}
FIELDS = st.lists(given_by.FIELDS, min_size=1, max_size=3)


def batch_of(fields: list[pa.Field], rows: int, chance: random.Random) -> pa.RecordBatch:
    """A chunk of random columns; sometimes a slice of a longer one, so that offsets do not begin at zero."""
    before = chance.randrange(3)
    columns = [pa.array([chance.randbytes(16) for _ in range(before + rows)], pa.binary(16))]
    columns += [array_of(one.type, before + rows, chance, nullable=one.nullable) for one in fields]
    whole = pa.RecordBatch.from_arrays(columns, schema=pa.schema([ROW_ID, *fields], METADATA))
    return whole.slice(before)


def part_of(batch: pa.RecordBatch, cache: LayoutCache) -> tuple[ChunkLayout, Part]:
    chunk = cache.read(given_by.stream_of(batch))
    return chunk.shape.layout, Part(chunk.shape.batch, chunk.payload[chunk.shape.body_start :])


def joined(layout: ChunkLayout, pieces: list[Piece]) -> tuple[pa.RecordBatch, LaidOut]:
    nodes, buffers = gather(layout.columns, pieces)
    rows = sum(piece.stop - piece.start for piece in pieces)
    payload = b"".join(stream.write_stream(layout.schema_bytes(CHUNK_ID), rows, nodes, buffers))
    return given_by.read_stream(payload), LayoutCache().read(payload)


@st.composite
def cuts(draw: st.DrawFn, sizes: list[int]) -> list[tuple[int, int, int]]:
    """Ranges of rows of some of the parts, in any order, the same ones more than once."""
    found = []
    for number in draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=6)):
        start, stop = sorted(draw(st.tuples(*[st.integers(0, sizes[number])] * 2)))
        found.append((number, start, stop))
    return found


@settings(max_examples=300)
@given(FIELDS, st.lists(st.integers(0, 9), min_size=1, max_size=3), st.integers(0, 2**32), st.data())
def test_any_rows_of_any_types(
    fields: list[pa.Field], sizes: list[int], seed: int, data: st.DataObject
) -> None:
    chance, cache = random.Random(seed), LayoutCache()
    batches = [batch_of(fields, size, chance) for size in sizes]
    parts = [part_of(batch, cache) for batch in batches]
    taken = data.draw(cuts(sizes))
    found, _ = joined(parts[0][0], [Piece(parts[number][1], start, stop) for number, start, stop in taken])
    for column in range(len(fields) + 1):
        slices = [batches[number].column(column).slice(start, stop - start) for number, start, stop in taken]
        assert found.column(column).equals(pa.concat_arrays(slices)), found.schema.field(column)
    assert found.schema.equals(batches[0].schema, check_metadata=True)


@settings(max_examples=100)
@given(FIELDS, st.integers(1, 4), st.integers(1, 8), st.integers(0, 2**32))
def test_many_bodies_of_one_shape(fields: list[pa.Field], rows: int, count: int, seed: int) -> None:
    """The way of thousands of equal chunks: equal where it can be, and where lists differ after all."""
    chance, cache = random.Random(seed), LayoutCache()
    first = batch_of(fields, rows, random.Random(seed))
    batches = [first if chance.random() < 0.6 else batch_of(fields, rows, chance) for _ in range(count)]
    parts = [part_of(batch, cache) for batch in batches]
    shared = parts[0][1].batch
    alike = [number for number, (_, part) in enumerate(parts) if part.batch is shared]
    found, _ = joined(parts[0][0], [Piece(parts[number][1], 0, rows) for number in alike])
    for column in range(len(fields) + 1):
        wanted = pa.concat_arrays([batches[number].column(column) for number in alike])
        assert found.column(column).equals(wanted), found.schema.field(column)


@settings(max_examples=200)
@given(FIELDS, st.integers(0, 9), st.integers(0, 2**32), st.data())
def test_weights_add_up(fields: list[pa.Field], rows: int, seed: int, data: st.DataObject) -> None:
    """However a chunk is cut, its slices weigh, joined or alone, what they weighed in it."""
    layout, part = part_of(batch_of(fields, rows, random.Random(seed)), LayoutCache())
    weights = row_bits(layout.columns, part, rows)
    assert weights[0] == 0
    assert all(one <= two for one, two in itertools.pairwise(weights))
    assert weights[-1] == sum(column_bits(column, part.batch) for column in layout.columns)
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, rows)] * 2)))
    _, again = joined(layout, [Piece(part, start, stop)])
    alone = sum(column_bits(column, again.shape.batch) for column in again.shape.layout.columns)
    assert alone == weights[stop] - weights[start]
