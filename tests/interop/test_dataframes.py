"""Tables of Arrow: the chunks that the real SDK makes of them, and what it refuses."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import rrsdk
from rrsdk.chunk import Chunk

rr: Any = pytest.importorskip("rerun")
theirs = pytest.importorskip("rerun.chunk").Chunk

FRAME = pa.field("frame", pa.int64(), metadata={"rerun:kind": "index", "rerun:index_name": "frame"})
OWN = pa.list_(pa.int64())
TIME = pa.field("when", pa.timestamp("ns"))
POINTS = pa.field(
    "/points:Points3D:positions",
    pa.list_(pa.list_(pa.field("item", pa.float32(), nullable=False), 3)),
    metadata={
        "rerun:entity_path": "/points",
        "rerun:archetype": "rerun.archetypes.Points3D",
        "rerun:component": "Points3D:positions",
        "rerun:component_type": "rerun.components.Position3D",
        "rerun:kind": "data",
    },
)
VALUES: dict[str, list[Any]] = {
    "frame": [0, 1],
    "when": [5, 7],
    POINTS.name: [[[1.0, 2.0, 3.0]], []],
    "speed": [1.5, 2.5],
    "/car:own:speed": [[1], [2, 3]],
    "words": ["a", None],
}
TABLES = {
    "told": [FRAME, POINTS],
    "named": [FRAME, pa.field("/car:own:speed", OWN)],
    "plain": [FRAME, pa.field("speed", pa.float64()), pa.field("words", pa.string())],
    "several": [FRAME, POINTS, pa.field("speed", pa.float32()), pa.field("/car:own:speed", OWN)],
    "static": [pa.field("speed", pa.float64())],
    "when": [TIME, pa.field("speed", pa.float64())],
    "nothing": [FRAME],
}  # fmt: skip
WAYS: list[dict[str, Any]] = [
    {},
    {"index": None},
    {"index": "when"},
    {"index": ["frame"]},
    {"index": "nowhere"},
    {"entity_path": "/else/where"},
    {"index": "when", "entity_path": "x"},
]


def batch(name: str) -> pa.RecordBatch:
    fields = TABLES[name]
    return pa.RecordBatch.from_arrays(
        [pa.array(VALUES[field.name], field.type) for field in fields], schema=pa.schema(fields)
    )


def told(chunk: Any) -> dict[str, Any]:
    found = chunk.to_record_batch()
    columns: dict[str, Any] = {"": found.schema.metadata[b"rerun:entity_path"]}
    for field, array in zip(found.schema, found.columns):
        about = {key: value for key, value in field.metadata.items() if key != b"rerun:is_sorted"}
        if about[b"rerun:kind"] != b"control":
            columns[field.name] = (str(field.type), about, str(array))
    return columns


@pytest.mark.parametrize("way", range(len(WAYS)))
@pytest.mark.parametrize("name", TABLES)
def test_chunks_of_tables(name: str, way: int) -> None:
    table = batch(name)
    try:
        other = list(theirs.from_dataframe(table, **WAYS[way]))
    except (ValueError, TypeError):
        with pytest.raises((ValueError, rrsdk.RrError)):
            list(Chunk.from_dataframe(table, **WAYS[way]))
        return
    assert [told(chunk) for chunk in Chunk.from_dataframe(table, **WAYS[way])] == list(map(told, other))


def test_what_exports_arrow_is_a_table() -> None:
    table = pa.Table.from_batches([batch("told"), batch("told")])

    class Foreign:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return table.__arrow_c_stream__(requested_schema)

    for one in (table, table.to_reader(), Foreign()):
        assert [chunk.num_rows for chunk in Chunk.from_dataframe(one)] == [2, 2]
    with pytest.raises(TypeError, match="not list"):
        list(Chunk.from_dataframe([1]))


def test_a_chunk_stays_what_it_is() -> None:
    (chunk,) = Chunk.from_dataframe(batch("told"))
    assert list(Chunk.from_dataframe(chunk.to_record_batch())) == [chunk]
    (moved,) = Chunk.from_dataframe(chunk.to_record_batch(), entity_path="/b")
    assert moved.id != chunk.id


def test_columns_of_archetypes_make_a_chunk() -> None:
    def made(sdk: Any, kind: Any) -> Any:
        return kind.from_columns(
            "/points",
            indexes=[sdk.TimeColumn("frame", sequence=[0, 1])],
            columns=sdk.Points3D.columns(positions=[[1, 0, 0], [0, 1, 0]], radii=[0.5, 0.25]),
        )

    assert told(made(rrsdk, Chunk)) == told(made(rr, theirs))
