"""Small tables in plain buffers, against pyarrow's."""

from __future__ import annotations

import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.errors import FormatError
from rrsdk.ipc.table import Table, concat, pack_bits, read_table, unpack_bits, write_table
from tests.sdk.strategies import I64, NAMES, TUIDS, U64, read_stream, stream_of

VALUES = {
    pa.int64(): I64,
    pa.uint64(): U64,
    pa.timestamp("ns"): I64,
    pa.duration("ns"): I64,
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=8),
    pa.binary(): st.binary(max_size=8),
    pa.binary(16): TUIDS,
}


@st.composite
def tables(draw: st.DrawFn, *, names: st.SearchStrategy[str] = NAMES) -> pa.RecordBatch:
    rows = draw(st.integers(0, 20))
    fields, columns = [], []
    for name in draw(st.lists(names, max_size=5, unique=True)):
        kind = draw(st.sampled_from(list(VALUES)))
        # A manifest's flags and counts are never null.
        nullable = draw(st.booleans()) and kind not in (pa.bool_(), pa.uint64())
        cells = st.none() | VALUES[kind] if nullable else VALUES[kind]
        fields.append(pa.field(name, kind, nullable))
        base = pa.int64() if pa.types.is_temporal(kind) else kind
        column = pa.array(draw(st.lists(cells, min_size=rows, max_size=rows)), base)
        columns.append(column.view(kind) if base != kind else column)
    schema = pa.schema(fields)
    return (
        pa.RecordBatch.from_arrays(columns, schema=schema) if fields else pa.record_batch({}, schema=schema)
    )


def ours(batch: pa.RecordBatch) -> Table:
    return read_table(stream_of(batch), key=lambda field: field.name)


def cells(table: Table) -> dict[str, list[object]]:
    return {name: [column.get(row) for row in range(len(column))] for name, column in table.columns.items()}


def plain(batch: pa.RecordBatch) -> dict[str, list[object]]:
    """Values as our columns have them: times as integers, texts as bytes."""
    found = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        values = (column.view(pa.int64()) if pa.types.is_temporal(column.type) else column).to_pylist()
        found[name] = [value.encode() if isinstance(value, str) else value for value in values]
    return found


@given(tables())
def test_reading(batch: pa.RecordBatch) -> None:
    table = ours(batch)
    assert table.num_rows == batch.num_rows
    assert list(table.columns) == batch.schema.names
    assert cells(table) == plain(batch)


@given(tables(), st.booleans())
def test_writing(batch: pa.RecordBatch, read_first: bool) -> None:
    """Whether the columns were taken apart in between or passed on unread."""
    table = ours(batch)
    if read_first:
        cells(table)
    assert read_stream(write_table(table)).equals(batch)
    assert cells(read_table(write_table(table), key=lambda field: field.name)) == cells(table)


@given(tables(), st.data())
def test_taking_rows(batch: pa.RecordBatch, data: st.DataObject) -> None:
    keep = data.draw(st.lists(st.integers(0, 1), min_size=batch.num_rows, max_size=batch.num_rows))
    taken = ours(batch).take(bytes(keep))
    assert taken.num_rows == sum(keep)
    expected = batch.filter(pa.array(map(bool, keep), pa.bool_()))
    assert cells(taken) == plain(expected)
    assert read_stream(write_table(taken)).equals(expected)


@given(st.lists(tables(names=st.sampled_from("ab")), min_size=1, max_size=3))
def test_joining(batches: list[pa.RecordBatch]) -> None:
    types: dict[str, set[pa.DataType]] = {}
    for batch in batches:
        for field in batch.schema:
            types.setdefault(field.name, set()).add(field.type)
    parts = [ours(batch) for batch in batches]
    alike = {pa.int64(), pa.timestamp("ns"), pa.duration("ns")}  # times, of which the first type holds
    if any(len(kinds) > 1 and not kinds <= alike for kinds in types.values()):
        with pytest.raises(FormatError, match="one type in one manifest"):
            concat(parts)
        return
    joined = cells(concat(parts))
    for name, kinds in types.items():
        missing = {pa.bool_(): 0, pa.uint64(): 0}.get(next(iter(kinds)))
        expected = [
            value
            for batch in batches
            for value in (plain(batch)[name] if name in batch.schema.names else [missing] * batch.num_rows)
        ]
        if len(kinds) == 1:
            assert joined[name] == expected
        assert len(joined[name]) == len(expected)


@given(st.binary(max_size=60), st.integers(0, 500))
def test_bits(bitmap: bytes, count: int) -> None:
    count = min(count, 8 * len(bitmap))
    flags = unpack_bits(bitmap, count)
    assert list(flags) == [bitmap[bit // 8] >> bit % 8 & 1 for bit in range(count)]
    assert unpack_bits(pack_bits(flags), count) == flags
    assert len(pack_bits(flags)) == (count + 7) // 8


@given(tables(), st.data())
def test_damage_is_a_format_error_or_a_table(batch: pa.RecordBatch, data: st.DataObject) -> None:
    raw = bytearray(stream_of(batch))
    for _ in range(data.draw(st.integers(1, 3))):
        bit = data.draw(st.integers(0, 8 * len(raw) - 1))
        raw[bit // 8] ^= 1 << bit % 8
    raw = raw[: data.draw(st.integers(0, len(raw)) | st.just(len(raw)))]
    try:
        table = read_table(bytes(raw), key=lambda field: field.name)
        cells(table)
        write_table(table)
    except FormatError:
        pass


@pytest.mark.parametrize("rows", [2**20, 2**31, 2**40, 2**62])
def test_a_table_that_claims_rows_costs_nothing(rows: int) -> None:
    """Rows stand twice in the metadata of a batch: of the batch, and of each column."""
    raw = stream_of(pa.record_batch({"a": pa.array([7, 7], pa.int64())}))
    lie = raw.replace((2).to_bytes(8, "little"), rows.to_bytes(8, "little"))
    assert lie != raw
    tracemalloc.start()
    try:
        with pytest.raises(FormatError):
            cells(read_table(lie, key=lambda field: field.name))
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


def test_columns_of_unknown_types_are_refused() -> None:
    for array in (pa.array([1], pa.int32()), pa.array([[1]]), pa.array(["a"]).dictionary_encode()):
        with pytest.raises(FormatError):
            read_table(stream_of(pa.record_batch({"a": array})), key=lambda field: field.name)
