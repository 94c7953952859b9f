"""One chunk's Arrow stream taken apart and put together again, against what pyarrow wrote."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rrsdk.errors import FormatError
from rrsdk.identity import parse_chunk_id
from rrsdk.ipc import stream
from rrsdk.ipc.layout import LayoutCache, Role, layout_of, new_layout
from rrsdk.ipc.rows import describe
from rrsdk.ipc.schema import read_schema
from tests.sdk.strategies import TUIDS, chunks, read_stream, stream_of


def bounds(values: list[int]) -> tuple[int, int] | None:
    return (min(values), max(values)) if values else None


@given(chunks())
def test_the_parts_of_a_stream(batch: pa.RecordBatch) -> None:
    payload = stream_of(batch)
    parts = stream.split(payload)
    assert len(read_schema(parts.schema).fields) == batch.num_columns
    shape = stream.read_batch(parts.batch)
    assert shape.num_rows == batch.num_rows
    assert payload[parts.body_start :] == parts.body
    assert shape.nodes[0][0] == batch.num_rows
    assert all(start + size <= shape.body_size for start, size in shape.buffers)


@given(chunks())
def test_a_layout_says_what_a_chunk_is(batch: pa.RecordBatch) -> None:
    chunk = LayoutCache().read(stream_of(batch))
    layout = chunk.shape.layout
    about = {key.decode(): value.decode() for key, value in batch.schema.metadata.items()}
    assert layout.entity == about["rerun:entity_path"]
    assert layout.version == "0.1.4"
    assert layout.is_current
    assert chunk.chunk_id == parse_chunk_id(about["rerun:id"])
    roles = {Role.ROW_ID: b"control", Role.INDEX: b"index", Role.COMPONENT: b"data"}
    assert [roles[column.role] for column in layout.columns] == [
        field.metadata[b"rerun:kind"] for field in batch.schema
    ]
    assert [column.name for column in layout.columns[1:]] == batch.schema.names[1:]
    assert layout.is_static == (b"index" not in [field.metadata[b"rerun:kind"] for field in batch.schema])
    components = [batch.column(column.name) for column in layout.components]
    assert list(chunk.shape.nulls) == [column.null_count for column in components]
    assert list(chunk.shape.empty) == [len(column.flatten()) == 0 for column in components]


@given(chunks())
def test_buffers_are_found_where_pyarrow_put_them(batch: pa.RecordBatch) -> None:
    chunk = LayoutCache().read(stream_of(batch))
    for column, array in zip(chunk.shape.layout.columns, batch.columns, strict=True):
        assert column.num_buffers == len(array.buffers())
        if column.role is not Role.COMPONENT:
            raw = bytes(chunk.buffer(column.first_buffer + 1))
            width = 16 if column.role is Role.ROW_ID else 8
            assert raw[: width * batch.num_rows] == (array.buffers()[1] or b"")[: width * batch.num_rows]


@given(chunks())
def test_the_row_of_a_manifest(batch: pa.RecordBatch) -> None:
    """Spans and counts, computed the slow way."""
    chunk = LayoutCache().read(stream_of(batch))
    row = describe(chunk, chunk.chunk_id)
    layout = chunk.shape.layout
    for number, index in enumerate(layout.indexes):
        values = batch.column(index.name).view(pa.int64()).to_pylist()
        assert row.spans[number] == bounds(values)
        for part, component in enumerate(layout.components):
            there = batch.column(component.name).is_valid().to_pylist()
            present = [value for value, valid in zip(values, there, strict=True) if valid]
            assert row.component_span(number, part) == bounds(present)


@given(chunks())
def test_the_head_suffices_for_the_row(batch: pa.RecordBatch) -> None:
    payload = stream_of(batch)
    whole = LayoutCache().read(payload)
    head = LayoutCache().read(payload[: whole.shape.head_size])
    one, other = describe(head, head.chunk_id), describe(whole, whole.chunk_id)
    assert (one.chunk_id, one.spans, one.partial) == (other.chunk_id, other.spans, other.partial)
    assume(whole.shape.head_size > whole.shape.body_start)
    short = LayoutCache().read(payload[: whole.shape.head_size - 1])
    with pytest.raises(FormatError, match="cut off"):
        describe(short, short.chunk_id)


@given(chunks(), TUIDS)
def test_written_anew_pyarrow_reads_the_same(batch: pa.RecordBatch, new_id: bytes) -> None:
    chunk = LayoutCache().read(stream_of(batch))
    layout, shape = chunk.shape.layout, chunk.shape
    buffers = [chunk.buffer(number) for number in range(len(shape.batch.buffers))]
    payload = b"".join(
        stream.write_stream(layout.schema_bytes(chunk.chunk_id), batch.num_rows, shape.batch.nodes, buffers)
    )
    assert read_stream(payload).equals(batch, check_metadata=True)
    other = b"".join(
        stream.write_stream(layout.schema_bytes(new_id), batch.num_rows, shape.batch.nodes, buffers)
    )
    again = LayoutCache().read(other)
    assert again.chunk_id == new_id
    assert read_stream(other).equals(batch)
    made = new_layout(layout.schema.fields, {"rerun:entity_path": layout.entity})
    payload = b"".join(
        stream.write_stream(made.schema_bytes(new_id), batch.num_rows, shape.batch.nodes, buffers)
    )
    assert read_stream(payload).schema.metadata == read_stream(other).schema.metadata


@given(st.lists(chunks(), min_size=1, max_size=4), TUIDS, st.lists(st.integers(0, 3), max_size=8))
def test_a_cache_changes_nothing(batches: list[pa.RecordBatch], new_id: bytes, order: list[int]) -> None:
    cache = LayoutCache()
    seen = {}
    for number in order:
        payload = stream_of(batches[number % len(batches)])
        found, alone = cache.read(payload), LayoutCache().read(payload)
        assert found.chunk_id == alone.chunk_id
        assert found.shape.batch == alone.shape.batch
        assert found.shape.layout.schema.fields == alone.shape.layout.schema.fields
        assert found.shape.times == alone.shape.times
        assert seen.setdefault(payload, found.shape) is found.shape


@given(chunks(), TUIDS)
def test_chunks_that_differ_in_their_id_share_a_layout(batch: pa.RecordBatch, new_id: bytes) -> None:
    cache = LayoutCache()
    chunk = cache.read(stream_of(batch))
    buffers = [chunk.buffer(number) for number in range(len(chunk.shape.batch.buffers))]
    twin = b"".join(
        stream.write_stream(
            chunk.shape.layout.schema_bytes(new_id), batch.num_rows, chunk.shape.batch.nodes, buffers
        )
    )
    assert cache.read(twin).shape.layout is chunk.shape.layout
    assert cache.read(twin).chunk_id == new_id


@given(chunks(), st.data())
def test_damage_is_a_format_error_or_a_chunk(batch: pa.RecordBatch, data: st.DataObject) -> None:
    raw = bytearray(stream_of(batch))
    for _ in range(data.draw(st.integers(1, 3))):
        bit = data.draw(st.integers(0, 8 * len(raw) - 1))
        raw[bit // 8] ^= 1 << bit % 8
    raw = raw[: data.draw(st.integers(0, len(raw)) | st.just(len(raw)))]
    try:
        chunk = LayoutCache().read(bytes(raw))
        row = describe(chunk, chunk.chunk_id)
    except FormatError:
        return
    for number in range(len(row.spans)):
        for part in range(len(chunk.shape.nulls)):
            row.component_span(number, part)


# ---- what cannot be laid out says why ----


def with_field(field: pa.Field, values: list[object]) -> bytes:
    row_id = pa.field(
        "rerun.controls.RowId", pa.binary(16), nullable=False, metadata={"rerun:kind": "control"}
    )
    about = {"rerun:entity_path": "/a", "rerun:id": "chunk_" + "0" * 32, "sorbet:version": "0.1.4"}
    schema = pa.schema([row_id, field], about)
    return stream_of(
        pa.RecordBatch.from_arrays([pa.array([b"x" * 16]), pa.array(values, field.type)], schema=schema)
    )


INDEX = {"rerun:kind": "index", "rerun:index_name": "frame"}


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        (pa.field("frame", pa.int32(), metadata=INDEX), [1], "int64 or nanoseconds"),
        (pa.field("frame", pa.uint64(), metadata=INDEX), [1], "int64 or nanoseconds"),
        (pa.field("frame", pa.timestamp("us"), metadata=INDEX), [1], "int64 or nanoseconds"),
        (pa.field("frame", pa.int64(), metadata=INDEX), [None], "no nulls"),
        (pa.field("odd", pa.int64(), metadata={"rerun:kind": "odd"}), [1], "'odd' is not known"),
        (
            pa.field("frame", pa.dictionary(pa.int8(), pa.int64()), metadata=INDEX),
            [1],
            "int64 or nanoseconds",
        ),
        (
            pa.field("id", pa.dictionary(pa.int8(), pa.binary(16)), metadata={"rerun:kind": "control"}),
            [b"x" * 16],
            r"binary\[16\]",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_what_cannot_be_laid_out_says_why(field: pa.Field, values: list[object], said: str) -> None:
    payload = with_field(field, values)
    with pytest.raises(FormatError, match=said):
        LayoutCache().read(payload)


def test_a_chunk_needs_an_entity_and_an_id_and_row_ids() -> None:
    field = pa.field("n", pa.list_(pa.int8()))
    row_id = pa.field("id", pa.binary(16), nullable=False, metadata={"rerun:kind": "control"})
    about = {"rerun:entity_path": "/a", "rerun:id": "chunk_" + "0" * 32}
    for fields, metadata, said in (
        ([row_id, field], {"rerun:id": about["rerun:id"]}, "which entity"),
        ([row_id, field], {"rerun:entity_path": "/a"}, "no id"),
        ([field], about, "row ids"),
        ([pa.field("id", pa.binary(8), metadata={"rerun:kind": "control"})], about, r"binary\[16\]"),
    ):
        with pytest.raises(FormatError, match=said):
            layout_of(read_schema(bytes(pa.schema(fields, metadata).serialize())[8:]))


def test_compressed_buffers_are_refused() -> None:
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_pydict({"a": np.arange(1000)})
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_batch(batch)
    with pytest.raises(FormatError, match="compressed one by one"):
        stream.read_batch(stream.split(bytes(sink.getvalue())).batch)


@pytest.mark.parametrize(
    "claim", [struct.pack("<4si", b"\xff" * 4, size) for size in (-1, 0, 2**31 - 1)] + [b"\0\0\0\0", b""]
)
def test_framing_that_lies(claim: bytes) -> None:
    with pytest.raises(FormatError, match=r"framing|cut off"):
        stream.split(claim + b"x" * 20 if claim else b"")
