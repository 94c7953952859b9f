"""What is no chunk is refused, by the name of the column that is wrong; what cannot be joined, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.errors import FormatError

# --- record batches that are no chunks ---


def good() -> pa.RecordBatch:
    return Chunk.from_columns(
        "/a/b", indexes={"frame": [1, 2]}, components={"x": [[1], [2]], "y": [["a"], None]}
    ).to_record_batch()


def replaced(number: int, array: pa.Array | None = None, **metadata: str | None) -> pa.RecordBatch:
    """The good batch with one column changed: its values, or its field's metadata."""
    batch = good()
    field = batch.schema.field(number)
    about = {key.decode(): value.decode() for key, value in field.metadata.items()}
    for key, value in metadata.items():
        about.pop("rerun:" + key, None)
        if value is not None:
            about["rerun:" + key] = value
    array = batch.column(number) if array is None else array
    return batch.set_column(number, pa.field(field.name, array.type, metadata=about), array)


def about(**metadata: str | None) -> pa.RecordBatch:
    """The good batch with other metadata of its own."""
    batch = good()
    known = {key.decode(): value.decode() for key, value in batch.schema.metadata.items()}
    for key, value in metadata.items():
        name = "sorbet:version" if key == "version" else "rerun:" + key
        known.pop(name)
        if value is not None:
            known[name] = value
    return batch.replace_schema_metadata(known)


def reordered(*numbers: int) -> pa.RecordBatch:
    batch = good()
    fields = [batch.schema.field(number) for number in numbers]
    return pa.RecordBatch.from_arrays(
        [batch.column(number) for number in numbers], schema=pa.schema(fields, batch.schema.metadata)
    )


@pytest.mark.parametrize(
    ("make", "field", "what"),
    [
        (lambda: replaced(0, pa.array([b"1", b"2"])), "rerun.controls.RowId", "must be fixed_size_binary"),
        (lambda: replaced(0, pa.array([b"1" * 16, None], pa.binary(16))), "rerun.controls.RowId", "are null"),
        (
            lambda: replaced(0, pa.array([b"2" * 16, b"1" * 16], pa.binary(16))),
            "rerun.controls.RowId",
            "sorted",
        ),
        (lambda: replaced(1, pa.array([1, None])), "frame", "1 of its values are null"),
        (lambda: replaced(1, pa.array([2, 1])), "frame", "marked as sorted, but are not"),
        (lambda: replaced(1, pa.array([1, 2], pa.int32())), "frame", "an index holds int64"),
        (lambda: replaced(1, pa.array([1, 2], pa.duration("s"))), "frame", "an index holds int64"),
        (lambda: replaced(2, pa.array([1, 2])), "x", "a list of instances"),
        (lambda: replaced(2, pa.array([[1], [2]], pa.large_list(pa.int8()))), "x", "a list of instances"),
        (lambda: replaced(2, kind="what"), "x", "column kind b'what'"),
        (lambda: replaced(2, kind="control"), "x", "second column of row ids"),
        (lambda: replaced(3, component="x"), "x", "two columns have this name"),
        (lambda: reordered(1, 2, 3), "frame", "first column must be the row ids"),
        (lambda: reordered(0, 2, 1), "frame", "indexes stand before components"),
        (lambda: reordered(0, 1, 1), "frame", "two columns have this name"),
        (reordered, None, "no row ids"),
        (lambda: about(id=None), "rerun:id", "does not say"),
        (lambda: about(id="chunk_123"), "rerun:id", "not a chunk id"),
        (lambda: about(entity_path=None), "rerun:entity_path", "which entity"),
        (lambda: about(version=None), "sorbet:version", "does not say"),
        (lambda: about(version="0.1.3"), "sorbet:version", "object model '0.1.3'.*migrate"),
    ],
)
def test_batches_that_are_no_chunks(make: Callable[[], pa.RecordBatch], field: str | None, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        Chunk.from_record_batch(make())
    assert caught.value.field == field
    assert caught.value.entity == (None if field == "rerun:entity_path" else "/a/b")


def test_newer_object_models_are_taken_as_they_are() -> None:
    assert Chunk.from_record_batch(about(version="0.2.0")).num_rows == 2


@pytest.mark.parametrize("payload", [b"", b"rubbish", b"\xff" * 64])
def test_streams_that_are_broken(payload: bytes) -> None:
    with pytest.raises(FormatError):
        Chunk.from_ipc(payload)


def test_streams_of_none_or_two_batches() -> None:
    batch = good()
    for count in (0, 2):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            for _ in range(count):
                writer.write_batch(batch)
        with pytest.raises(FormatError, match=f"{count} record batches"):
            Chunk.from_ipc(sink.getvalue())


def test_what_cannot_be_joined() -> None:
    one = Chunk.from_columns("/a", indexes={"t": [1]}, components={"x": [[1]]})
    for other, what in (
        (one.with_entity_path("/b"), "entity /b: cannot be joined with /a"),
        (one.without_timelines("t"), r"timelines \[t\] and \[\] cannot be joined"),
        (one.with_columns(indexes={"t": np.array([1], "timedelta64[s]")}), "cannot be joined"),
        (one.with_columns(components={"x": [["a"]]}), "field x: chunks in which it is list<item: int64>"),
    ):
        with pytest.raises(FormatError, match=what):
            Chunk.concat([one, other])
    with pytest.raises(FormatError, match="no chunks"):
        Chunk.concat([])
    with pytest.raises(FormatError, match="no such timeline, only t"):
        one.times("other")


@pytest.mark.parametrize("name", ["odd name", "rerun:component"])
def test_names_that_are_no_text(name: str) -> None:
    payload = Chunk.from_columns("/a", {"step": [1]}, components={"odd name": [[1]]}).to_ipc()
    broken = payload.replace(name.encode(), b"\xff" * len(name))
    if name == "odd name":
        with pytest.raises(FormatError, match="entity /a: a column's name is not UTF-8"):
            Chunk.from_ipc(broken)
    else:  # metadata of which nobody knows what they mean
        assert Chunk.from_ipc(broken).components == ("odd name",)
