"""Arrow schemas read and written without pyarrow, held against pyarrow."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.errors import FormatError
from rrsdk.ipc.schema import ArrowType, Field, Kind, Schema, read_schema, write_schema
from rrsdk.ipc.stream import frame
from tests.sdk.strategies import METADATA, SCHEMAS, TYPES


def message_of(schema: pa.Schema) -> bytes:
    """The flatbuffer in what pyarrow writes: behind a marker and a size."""
    return bytes(schema.serialize())[8:]


def back(message: bytes) -> pa.Schema:
    framed = b"\xff\xff\xff\xff" + len(message).to_bytes(4, "little") + message
    return pa.ipc.read_schema(pa.py_buffer(framed))


def names_and_metadata(fields: tuple[Field, ...]) -> list[object]:
    return [(one.name, one.nullable, dict(one.metadata), names_and_metadata(one.children)) for one in fields]


def theirs(fields: list[pa.Field]) -> list[object]:
    return [
        (
            one.name,
            one.nullable,
            {key.decode(): value.decode() for key, value in (one.metadata or {}).items()},
            theirs([one.type.field(number) for number in range(one.type.num_fields)]),
        )
        for one in fields
    ]


@given(SCHEMAS)
def test_what_pyarrow_writes_is_read(schema: pa.Schema) -> None:
    found = read_schema(message_of(schema))
    assert names_and_metadata(found.fields) == theirs(list(schema))
    assert found.metadata == {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


@given(SCHEMAS)
def test_what_we_write_pyarrow_reads(schema: pa.Schema) -> None:
    ours = read_schema(message_of(schema))
    raw = write_schema(ours)
    assert len(raw) % 8 == 0
    assert back(raw).equals(schema, check_metadata=True)
    assert read_schema(raw) == ours
    assert write_schema(read_schema(raw)) == raw, "writing is deterministic"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (pa.int64(), ArrowType(Kind.INT, (64, 1))),
        (pa.uint8(), ArrowType(Kind.INT, (8, 0))),
        (pa.float16(), ArrowType(Kind.FLOAT, (0,))),
        (pa.float32(), ArrowType(Kind.FLOAT, (1,))),
        (pa.timestamp("ns"), ArrowType(Kind.TIMESTAMP, (3,))),
        (pa.timestamp("us", "UTC"), ArrowType(Kind.TIMESTAMP, (2,), "UTC")),
        (pa.duration("ns"), ArrowType(Kind.DURATION, (3,))),
        (pa.binary(16), ArrowType(Kind.FIXED_SIZE_BINARY, (16,))),
        (pa.list_(pa.int8(), 3), ArrowType(Kind.FIXED_SIZE_LIST, (3,))),
        (pa.decimal256(40, 2), ArrowType(Kind.DECIMAL, (40, 2, 256))),
        (pa.date64(), ArrowType(Kind.DATE, (1,))),
        (pa.date32(), ArrowType(Kind.DATE, (0,))),
        (pa.time64("ns"), ArrowType(Kind.TIME, (3, 64))),
        (pa.dense_union([pa.field("a", pa.int8())], [5]), ArrowType(Kind.UNION, (1,), "", (5,))),
        (pa.run_end_encoded(pa.int32(), pa.int8()), ArrowType(Kind.RUN_END_ENCODED)),
        (pa.string_view(), ArrowType(Kind.UTF8_VIEW)),
        (pa.list_view(pa.int8()), ArrowType(Kind.LIST_VIEW)),
    ],
    ids=str,
)
def test_types(theirs: pa.DataType, ours: ArrowType) -> None:
    (field,) = read_schema(message_of(pa.schema([pa.field("f", theirs)]))).fields
    assert field.type == ours


@given(TYPES, METADATA)
def test_a_dictionary_is_written_as_it_was_read(kind: pa.DataType, metadata: dict[str, str]) -> None:
    schema = pa.schema([pa.field("plain", kind, metadata=metadata or None)])
    schema = schema.append(pa.field("coded", pa.dictionary(pa.int8(), pa.string())))
    plain, coded = read_schema(message_of(schema)).fields
    assert plain.dictionary is None
    assert coded.dictionary == (0, 8, 1, 0)
    written = write_schema(Schema((plain, coded)))
    assert read_schema(written).fields == (plain, coded)
    assert pa.ipc.read_schema(pa.py_buffer(frame(written))).equals(schema, check_metadata=True)


@given(SCHEMAS, st.data())
def test_any_damage_is_a_format_error_or_a_schema(schema: pa.Schema, data: st.DataObject) -> None:
    raw = bytearray(message_of(schema))
    for _ in range(data.draw(st.integers(1, 3))):
        bit = data.draw(st.integers(0, 8 * len(raw) - 1))
        raw[bit // 8] ^= 1 << bit % 8
    raw = raw[: data.draw(st.integers(0, len(raw)) | st.just(len(raw)))]
    try:
        read_schema(bytes(raw))
        read_schema(memoryview(raw))
    except FormatError:
        pass


@given(st.binary(max_size=200))
def test_rubbish_is_a_format_error(raw: bytes) -> None:
    try:
        read_schema(raw)
    except FormatError:
        pass


def test_fields_that_contain_each_other_are_found_out() -> None:
    """A flatbuffer may refer to one table many times over: a small file can claim 10^20 fields."""
    from rrsdk.ipc.flatbuf import Builder
    from rrsdk.ipc.schema import HEADER_SCHEMA, METADATA_V5

    builder = Builder()
    name = builder.string("f")
    children = builder.offsets([])
    for _ in range(40):
        detail = builder.table([])
        field = builder.table(
            [(0, "@", name), (3, "@", detail), (5, "@", children), (2, "B", int(Kind.STRUCT)), (1, "B", 1)]
        )
        children = builder.offsets([field] * 10)
    header = builder.table([(1, "@", children)])
    raw = builder.finish(builder.table([(2, "@", header), (0, "h", METADATA_V5), (1, "B", HEADER_SCHEMA)]))
    assert len(raw) < 10_000
    with pytest.raises(FormatError, match="too deeply or has too many"):
        read_schema(raw)
