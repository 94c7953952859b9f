"""What Hypothesis draws for several tests: Arrow types, arrays of them, chunks."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from rrsdk.identity import format_chunk_id

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
TUIDS = st.binary(min_size=16, max_size=16)
I64 = st.integers(-(2**63), 2**63 - 1)
U64 = st.integers(0, 2**64 - 1)

_FLAT = st.sampled_from(
    [
        pa.null(),
        pa.bool_(),
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
        *(pa.float16(), pa.float32(), pa.float64()),
        *(pa.string(), pa.binary(), pa.large_string(), pa.large_binary()),
        *(pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
        *(
            pa.timestamp("s"),
            pa.timestamp("ns"),
            pa.timestamp("us", "UTC"),
            pa.timestamp("ns", "Europe/Berlin"),
        ),
        *(pa.duration("ms"), pa.duration("ns")),
        *(pa.decimal128(10, 2), pa.decimal256(40, -3)),
        *(pa.month_day_nano_interval(), pa.binary(3), pa.binary(16)),
    ]
)


def _nested(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    fields = st.lists(_fields(inner), max_size=3, unique_by=lambda field: field.name)
    return st.one_of(
        _fields(inner).map(pa.list_),
        _fields(inner).map(pa.large_list),
        st.tuples(_fields(inner), st.integers(1, 4)).map(lambda pair: pa.list_(*pair)),
        fields.map(pa.struct),
        st.tuples(fields.filter(len), st.sampled_from(["sparse", "dense"])).map(lambda pair: pa.union(*pair)),
        st.tuples(st.sampled_from([pa.string(), pa.int32()]), inner).map(lambda pair: pa.map_(*pair)),
    )


METADATA = st.dictionaries(NAMES, st.text(max_size=12), max_size=3)


def _fields(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.Field]:
    return st.builds(
        lambda name, kind, nullable, metadata: pa.field(
            name, kind, nullable or kind == pa.null(), metadata or None
        ),
        NAMES,
        inner,
        st.booleans(),
        METADATA,
    )


TYPES = st.recursive(_FLAT, _nested, max_leaves=6)
FIELDS = _fields(TYPES)
SCHEMAS = st.builds(
    lambda fields, metadata: pa.schema(fields, metadata or None),
    st.lists(FIELDS, max_size=5, unique_by=lambda field: field.name),
    METADATA,
)

# ---- chunks: what a pyarrow writer makes of data as Rerun has them ----

POINT = pa.list_(pa.field("item", pa.float32(), nullable=False), 3)
COMPONENTS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "Scalars:scalars": (pa.float64(), st.floats(width=64, allow_nan=False)),
    "TextLog:text": (pa.string(), st.text(max_size=6)),
    "Points3D:positions": (POINT, st.tuples(*[st.floats(width=32, allow_nan=False)] * 3).map(list)),
    "blob": (pa.list_(pa.uint8()), st.lists(st.integers(0, 255), max_size=5)),
    "flags": (pa.bool_(), st.booleans()),
    "wide": (
        pa.struct([("x", pa.int16()), ("y", pa.list_(pa.string()))]),
        st.fixed_dictionaries({"x": st.integers(-9, 9), "y": st.lists(st.text(max_size=3), max_size=2)}),
    ),
}
TIMELINES = {"frame": pa.int64(), "log_time": pa.timestamp("ns"), "elapsed": pa.duration("ns")}


def times(count: int, *, is_sorted: bool) -> st.SearchStrategy[list[int]]:
    drawn = st.lists(I64, min_size=count, max_size=count)
    return drawn.map(sorted) if is_sorted else drawn


@st.composite
def chunks(draw: st.DrawFn, *, max_rows: int = 12) -> pa.RecordBatch:
    """A chunk as the real SDK would write it: row ids, timelines, components with nulls and empty lists."""
    rows = draw(st.integers(0, max_rows))
    row_ids = sorted(draw(st.sets(TUIDS, min_size=rows, max_size=rows)))
    fields = [
        pa.field(
            "rerun.controls.RowId",
            pa.binary(16),
            nullable=False,
            metadata={
                "rerun:kind": "control",
                "ARROW:extension:name": "rerun.datatypes.TUID",
                "ARROW:extension:metadata": '{"namespace":"row"}',
                "rerun:is_sorted": "true",
            },
        )
    ]
    columns = [pa.array(row_ids, pa.binary(16))]
    for name in draw(st.lists(st.sampled_from(sorted(TIMELINES)), unique=True)):
        is_sorted = draw(st.booleans())
        metadata = {"rerun:kind": "index", "rerun:index_name": name}
        if is_sorted:
            metadata["rerun:is_sorted"] = "true"
        fields.append(pa.field(name, TIMELINES[name], nullable=False, metadata=metadata))
        values = pa.array(draw(times(rows, is_sorted=is_sorted)), pa.int64())
        columns.append(values.view(TIMELINES[name]))
    for name in draw(st.lists(st.sampled_from(sorted(COMPONENTS)), unique=True)):
        kind, values = COMPONENTS[name]
        cells = st.none() | st.lists(st.none() | values, max_size=3)
        metadata = {"rerun:kind": "data", "rerun:component": name}
        if ":" in name:
            metadata["rerun:archetype"] = f"rerun.archetypes.{name.split(':')[0]}"
        fields.append(pa.field(name, pa.list_(kind), metadata=metadata))
        columns.append(pa.array(draw(st.lists(cells, min_size=rows, max_size=rows)), pa.list_(kind)))
    about = {
        "rerun:entity_path": draw(st.sampled_from(["/", "/a", "/a/b", "/__properties", "/straße\\ 7"])),
        "rerun:id": format_chunk_id(draw(TUIDS)),
        "sorbet:version": "0.1.4",
    }
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields, about))


def stream_of(batch: pa.RecordBatch) -> bytes:
    """The Arrow IPC stream that pyarrow makes of a batch."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def read_stream(payload: bytes) -> pa.RecordBatch:
    """Back again, fully validated."""
    with pa.ipc.open_stream(payload) as reader:
        batch = reader.read_next_batch()
        with_more = next(iter(reader), None)
    assert with_more is None
    batch.validate(full=True)
    return batch
