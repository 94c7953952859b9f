"""Chunks against plain Python models of the same rows; ids."""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import os
import threading
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.chunk import Chunk
from rrsdk.errors import FormatError
from rrsdk.identity import Tuid, format_chunk_id, new_tuid, reserve_tuids
from rrsdk.timeline import TimeType
from tests.sdk import strategies as given_by

ID = Tuid(1, 2)
Row = tuple[bytes, dict[str, int], dict[str, Any]]

_BATCHES = given_by.chunks()
CHUNKS = _BATCHES.map(Chunk.from_record_batch)


@st.composite
def shuffled(draw: st.DrawFn) -> Chunk:
    """A chunk whose rows are in any order, some of them twice."""
    chunk = draw(CHUNKS)
    places = draw(st.lists(st.integers(0, chunk.num_rows - 1), max_size=15)) if chunk.num_rows else []
    batch = chunk.to_record_batch().take(pa.array(places, pa.int64()))
    fields = [field.with_metadata(unmarked(field)) for field in batch.schema]
    schema = pa.schema(fields, batch.schema.metadata)
    return Chunk.from_record_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))


def unmarked(field: pa.Field) -> dict[bytes, bytes]:
    return {key: value for key, value in field.metadata.items() if key != b"rerun:is_sorted"}


def rows(chunk: Chunk) -> list[Row]:
    """The model: a chunk is a list of (row id, times, instances)."""
    ids = chunk.row_ids.to_pylist()
    times = {name: chunk.times(name).cast(pa.int64()).to_pylist() for name in chunk.timelines}
    values = {name: chunk.component(name).to_pylist() for name in chunk.components}
    return [
        (
            ids[at],
            {name: column[at] for name, column in times.items()},
            {name: column[at] for name, column in values.items()},
        )
        for at in range(chunk.num_rows)
    ]


def check_honest(chunk: Chunk, *, new: bool = True) -> None:
    """Valid to the last value; of a new chunk every sorted column says so, and no other does."""
    batch = chunk.to_record_batch()
    batch.validate(full=True)
    assert Chunk.from_record_batch(batch) == chunk
    marks = {field.name: field.metadata.get(b"rerun:is_sorted") == b"true" for field in batch.schema}
    ids = chunk.row_ids.to_pylist()
    really = {batch.schema.names[0]: ids == sorted(ids)}
    for name in chunk.timelines:
        times = chunk.times(name).cast(pa.int64()).to_pylist()
        really[name] = times == sorted(times)
        assert chunk.is_sorted_by(name) == really[name]
    assert chunk.is_sorted == really[batch.schema.names[0]]
    if new:
        assert marks == really | dict.fromkeys(chunk.components, False)


@given(_BATCHES)
def test_round_trip(batch: pa.RecordBatch) -> None:
    chunk = Chunk.from_record_batch(batch)
    assert chunk.to_record_batch() is batch
    payload = chunk.to_ipc()
    assert Chunk.from_ipc(payload) == chunk == Chunk.from_ipc(pa.py_buffer(payload))
    assert payload == given_by.stream_of(batch)
    assert format_chunk_id(chunk.id.to_bytes()) == batch.schema.metadata[b"rerun:id"].decode()
    assert chunk.entity_path == batch.schema.metadata[b"rerun:entity_path"].decode()
    assert chunk.num_rows == len(chunk) == batch.num_rows
    assert chunk.is_static == (not chunk.timelines)
    assert [*chunk.timelines, *chunk.components] == batch.schema.names[1:]
    assert hash(chunk) == hash(Chunk.from_ipc(payload))
    check_honest(chunk, new=False)


@given(shuffled())
def test_sorted_by_row_id(chunk: Chunk) -> None:
    found = chunk.sorted_by_row_id()
    assert rows(found) == sorted(rows(chunk), key=lambda row: row[0])
    assert (found is chunk) == chunk.is_sorted
    assert found is chunk or found.id != chunk.id
    check_honest(found, new=found is not chunk)
    assert found.sorted_by_row_id() is found


@given(shuffled())
def test_sorted_by_a_timeline(chunk: Chunk) -> None:
    for name in chunk.timelines:
        found = chunk.sorted_by(name)
        assert rows(found) == sorted(rows(chunk), key=lambda row: (row[1][name], row[0]))
        assert found.is_sorted_by(name)
        assert found.sorted_by(name) is found
        check_honest(found, new=found is not chunk)


@given(shuffled(), st.integers(-20, 20), st.none() | st.integers(-20, 20))
def test_slice(chunk: Chunk, start: int, stop: int | None) -> None:
    found = chunk.slice(start, stop)
    assert rows(found) == rows(chunk)[start:stop]
    check_honest(found, new=found is not chunk)
    assert Chunk.from_ipc(found.to_ipc()) == found


@settings(max_examples=50)
@given(shuffled(), st.lists(st.integers(0, 15), max_size=4), st.booleans())
def test_concat(chunk: Chunk, cuts: list[int], lacking: bool) -> None:
    ends = [0, *sorted(min(cut, chunk.num_rows) for cut in cuts), chunk.num_rows]
    parts = [chunk.slice(start, stop) for start, stop in itertools.pairwise(ends)]
    missing = chunk.components[:1] if lacking and len(parts) > 1 else ()
    parts[-1] = parts[-1].without_components(*missing)
    found = Chunk.concat(parts)
    wanted = rows(chunk)
    for _, _, instances in wanted[ends[-2] :]:
        instances.update(dict.fromkeys(missing))
    assert rows(found) == wanted
    assert found.timelines == chunk.timelines
    assert set(found.components) == set(chunk.components)
    check_honest(found, new=found is not chunk)


@given(CHUNKS, st.data())
def test_without(chunk: Chunk, data: st.DataObject) -> None:
    timelines = (
        data.draw(st.lists(st.sampled_from(list(chunk.timelines)), unique=True)) if chunk.timelines else []
    )
    components = (
        data.draw(st.lists(st.sampled_from(chunk.components), unique=True)) if chunk.components else []
    )
    found = chunk.without_timelines(*timelines).without_components(*components)
    for was, row in zip(rows(chunk), rows(found), strict=True):
        assert row[0] == was[0]
        assert row[1] == {name: time for name, time in was[1].items() if name not in timelines}
        assert row[2] == {name: value for name, value in was[2].items() if name not in components}
    for name in found.components:
        assert found.component_field(name).equals(chunk.component_field(name), check_metadata=True)
    check_honest(found)
    with pytest.raises(FormatError, match="no such column"):
        chunk.without_timelines("never")
    with pytest.raises(FormatError, match="field never"):
        chunk.without_components("never")


@given(CHUNKS)
def test_with_columns(chunk: Chunk) -> None:
    count = chunk.num_rows
    flags = [[True] if at % 2 else None for at in range(count)]
    found = chunk.with_columns(
        indexes={"frame": range(count, 0, -1), "more": np.arange(count)},
        components={"flags": flags, "new": flags},
    )
    for at, (was, row) in enumerate(zip(rows(chunk), rows(found), strict=True)):
        assert row == (
            was[0],
            {**was[1], "frame": count - at, "more": at},
            {**was[2], "flags": flags[at], "new": flags[at]},
        )
    assert set(found.timelines) == {*chunk.timelines, "frame", "more"}
    assert list(found.timelines)[: len(chunk.timelines)] == list(chunk.timelines)
    check_honest(found)


@given(CHUNKS)
def test_with_entity_path(chunk: Chunk) -> None:
    found = chunk.with_entity_path("somewhere/else entirely", chunk_id=ID)
    assert (found.entity_path, found.id, rows(found)) == ("/somewhere/else\\ entirely", ID, rows(chunk))
    check_honest(found)


def test_ids_can_be_given() -> None:
    chunk = Chunk.from_columns("/a", components={"x": [["one"], None, []]}, chunk_id=ID.to_bytes())
    assert chunk.id == ID
    made = [
        chunk.sorted_by_row_id(chunk_id=Tuid(3, 4)),
        chunk.slice(0, chunk_id=Tuid(3, 4)),
        Chunk.concat([chunk], chunk_id=Tuid(3, 4)),
        chunk.without_components("x", chunk_id=Tuid(3, 4)),
        chunk.with_columns(chunk_id=Tuid(3, 4)),
        chunk.without_timelines(chunk_id=Tuid(3, 4)),
    ]
    assert {one.id for one in made} == {Tuid(3, 4)}


# --- from columns ---


def test_from_columns() -> None:
    times = np.array(["2024-02-29T12:00:00", "2024-02-29T12:00:01"], "datetime64[s]")
    chunk = Chunk.from_columns(
        "world/points",
        indexes={"frame": [4, 2], "seen": times, "took": np.array([5, 1500], "timedelta64[ms]")},
        components={
            "Points3D:positions": [[[1, 2, 3], [4, 5, 6]], []],
            "Points3D:colors": [None, [0xFF0000FF]],
            "mine": pa.array([["a"], None]),
        },
    )
    assert chunk.entity_path == "/world/points"
    assert chunk.timelines == {
        "frame": TimeType.SEQUENCE,
        "seen": TimeType.TIMESTAMP,
        "took": TimeType.DURATION,
    }
    assert chunk.times("took").cast(pa.int64()).to_pylist() == [5_000_000, 1_500_000_000]
    assert chunk.component("Points3D:positions").to_pylist() == [[[1, 2, 3], [4, 5, 6]], []]
    about = chunk.component_field("Points3D:positions").metadata
    assert about[b"rerun:archetype"] == b"rerun.archetypes.Points3D"
    assert about[b"rerun:component_type"] == b"rerun.components.Position3D"
    assert chunk.component("Points3D:colors").type.value_type == pa.uint32()
    assert b"rerun:archetype" not in chunk.component_field("mine").metadata
    assert (chunk.is_sorted, chunk.is_sorted_by("frame"), chunk.is_sorted_by("seen")) == (True, False, True)
    assert repr(chunk) == (
        "<Chunk /world/points: 2 rows, frame, seen, took: Points3D:positions, Points3D:colors, mine>"
    )
    check_honest(chunk)


def test_times_as_python_has_them() -> None:
    moment = dt.datetime(2024, 2, 29, 12, tzinfo=dt.timezone.utc)
    spans = [dt.timedelta(milliseconds=5), dt.timedelta(days=-1)]
    chunk = Chunk.from_columns("/a", indexes={"seen": [moment, moment], "took": spans}, components={})
    assert chunk.times("seen").cast(pa.int64()).to_pylist() == [1_709_208_000_000_000_000] * 2
    assert chunk.times("took").cast(pa.int64()).to_pylist() == [5_000_000, -86_400_000_000_000]


def test_row_ids_can_be_given() -> None:
    ids = [Tuid(2, 1), Tuid(1, 2).to_bytes()]
    chunk = Chunk.from_columns("/a", components={"x": [[1], [2]]}, row_ids=ids)
    assert chunk.row_ids.to_pylist() == [Tuid(2, 1).to_bytes(), Tuid(1, 2).to_bytes()]
    assert not chunk.is_sorted
    again = Chunk.from_columns("/a", components={"x": [[1], [2]]}, row_ids=chunk.row_ids)
    assert again.row_ids.equals(chunk.row_ids)


def test_nothing_at_all() -> None:
    chunk = Chunk.from_columns("/", components={})
    assert (chunk.num_rows, chunk.components, chunk.is_static) == (0, (), True)
    assert Chunk.from_ipc(chunk.to_ipc()) == chunk


@pytest.mark.parametrize(
    ("given_columns", "field", "what"),
    [
        ({"components": {"x": [1, 2]}}, "x", "list of instances"),
        ({"components": {"x": pa.array(["a"])}}, "x", "list of instances"),
        ({"components": {"x": [[1], ["a"]]}}, "x", "no Arrow array"),
        ({"components": {"x": [[1]], "y": [[1], [2]]}}, "y", "2 rows where there are 1"),
        ({"components": {"Scalars:scalars": [["a"]]}}, "Scalars:scalars", "no Arrow array"),
        ({"indexes": {"t": [1.5]}, "components": {}}, "t", "an index holds int64"),
        ({"indexes": {"t": np.array([1.5])}, "components": {}}, "t", "an index holds int64"),
        ({"indexes": {"t": [None]}, "components": {}}, "t", "are null"),
        (
            {"indexes": {"t": pa.array([1], pa.timestamp("us"))}, "components": {}},
            "t",
            "an index holds int64",
        ),
        ({"indexes": {"t": np.array([2**63], np.uint64)}, "components": {}}, "t", "9223372036854775808"),
        ({"components": {"x": [[1]]}, "row_ids": [b"short"]}, "rerun.controls.RowId", "no Arrow array"),
        ({"components": {"x": [[1]]}, "row_ids": pa.array([1])}, "rerun.controls.RowId", "fixed_size_binary"),
        ({"components": {"x": [[1]]}, "row_ids": []}, "x", "1 rows where there are 0"),
        ({"components": {"x": [[1]]}, "row_ids": [None]}, "rerun.controls.RowId", "null"),
        ({"components": {"x": [[1]]}, "chunk_id": b"short"}, None, "16 bytes"),
    ],
)
def test_columns_that_make_no_chunk(given_columns: dict[str, Any], field: str | None, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        Chunk.from_columns("/a", **given_columns)
    assert caught.value.field == field
    assert field is None or caught.value.entity == "/a"
    assert "\n" not in str(caught.value)


# --- new ids ---


def test_new_ids_ascend() -> None:
    ids = [new_tuid() for _ in range(1000)]
    assert ids == sorted(set(ids))
    first, after = reserve_tuids(500), new_tuid()
    assert ids[-1] < first < after
    assert after.inc == first.inc + 500


def test_new_ids_of_many_threads_differ() -> None:
    found: list[Tuid] = []
    threads = [
        threading.Thread(target=lambda: found.extend([new_tuid() for _ in range(2000)])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8 * 2000


def _child(number: int) -> list[Tuid]:
    return [new_tuid() for _ in range(100)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # pyarrow's threads are there when it forks
def test_new_ids_of_forked_children_differ() -> None:
    with multiprocessing.get_context("fork").Pool(3) as pool:
        found = [*itertools.chain.from_iterable(pool.map(_child, range(6), chunksize=1)), *_child(0)]
    assert len({one.inc for one in found}) == 700
