"""Rows to chunks: every row comes out once, in order, with the times and values that went in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.batcher.convert import Converter, EntityRows
from rrsdk.batcher.seal import LARGE
from rrsdk.batcher.times import STATIC, layout_of, time_layout
from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import ChunkReader
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import ChunkMsg
from rrsdk.sources.chunks import decode
from rrsdk.timeline import TimeType
from tests.sdk.loggables import Unwilling, Value

STORE = StoreId(StoreKind.RECORDING, "app", "rec")
LAYOUTS = [
    time_layout((), True),
    time_layout((("frame", TimeType.SEQUENCE),), True),
    time_layout((("frame", TimeType.SEQUENCE), ("span", TimeType.DURATION)), False),
    time_layout((("at", TimeType.TIMESTAMP), ("log_time", TimeType.TIMESTAMP)), True),
]

times = st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1)
parts = st.fixed_dictionaries(
    {},
    optional={
        "a": st.lists(st.integers(-9, 9), max_size=3),
        "b": st.lists(st.floats(allow_nan=False), max_size=3),
        "c": st.lists(st.text(max_size=3), max_size=3),
    },
).filter(bool)
values = st.builds(lambda parts, size: Value(size, **parts), parts, st.sampled_from([50, 50, 50, LARGE]))


@st.composite
def snapshots(draw: st.DrawFn) -> tuple[Any, ...]:
    if draw(st.booleans()):
        return STATIC
    layout = draw(st.sampled_from(LAYOUTS))
    return (layout.key, *(draw(times) for _ in layout.timelines))


rows = st.lists(st.tuples(snapshots(), st.integers(0, 2**62), values), min_size=1, max_size=40)


def converted(converter: Converter, entity: EntityRows, flat: list[Any], *, compress: bool) -> list[Chunk]:
    reader = ChunkReader()
    chunks = []
    for sealed in converter.convert(entity, flat):
        message = sealed.message(compress=compress)
        assert isinstance(message, ChunkMsg)
        chunk = decode(reader, b"".join(message.parts))  # checks what is marked as sorted, too
        assert message.row.shape.batch.num_rows == chunk.num_rows == sealed.num_rows
        assert message.row.chunk_id == chunk.id.to_bytes()
        chunks.append(chunk)
    return chunks


def written(snapshot: tuple[Any, ...], ns: int, value: Value) -> tuple[Any, ...]:
    layout = layout_of(snapshot[0])
    named = {name: time for (name, _), time in zip(layout.timelines, snapshot[1:])}
    if layout.log_time:
        named["log_time"] = ns
    return named, value.parts


def read(chunk: Chunk) -> list[tuple[Any, ...]]:
    found = []
    for row in range(chunk.num_rows):
        when = {name: int(chunk.times(name).view("int64")[row].as_py()) for name in chunk.timelines}
        found.append((when, {name: chunk.component(name)[row].as_py() for name in chunk.components}))
    return found


@given(rows, st.booleans(), st.integers(1, 50))
def test_rows_in_are_rows_out(logged: list[Any], compress: bool, limit: int) -> None:
    converter, entity = Converter(STORE, max_rows_if_unsorted=limit), EntityRows("/e")
    flat = [part for row in logged for part in row]
    chunks = converted(converter, entity, flat, compress=compress)
    by_id: dict[bytes, Any] = {}
    for chunk in chunks:
        assert chunk.entity_path == "/e"
        by_id.update(zip(chunk.row_ids.to_pylist(), read(chunk), strict=True))
        if not all(chunk.is_sorted_by(name) for name in chunk.timelines):
            assert chunk.num_rows <= limit
    assert len(by_id) == len(logged) == sum(chunk.num_rows for chunk in chunks)
    assert [by_id[one] for one in sorted(by_id)] == [written(*row) for row in logged], (
        "in the order of the log"
    )


@given(rows)
def test_rows_that_have_as_much_in_common_share_a_chunk(logged: list[Any]) -> None:
    small = [(snapshot, ns, Value(**value.parts)) for snapshot, ns, value in logged]
    flat = [part for row in small for part in row]
    chunks = converted(Converter(STORE), EntityRows("/e"), flat, compress=False)
    expected: dict[Any, int] = defaultdict(int)
    for snapshot, _, value in small:
        expected[snapshot[0], value.layout] += 1
    assert sorted(chunk.num_rows for chunk in chunks) == sorted(expected.values())


@given(st.lists(rows, min_size=1, max_size=4))
def test_ids_ascend_from_batch_to_batch(batches: list[Any]) -> None:
    converter, entity = Converter(STORE), EntityRows("/e")
    last = b""
    for logged in batches:
        chunks = converted(converter, entity, [part for row in logged for part in row], compress=False)
        ids = sorted(one for chunk in chunks for one in chunk.row_ids.to_pylist())
        assert last < ids[0]
        last = ids[-1]


def test_several_values_at_once_are_one_row() -> None:
    flat = [(LAYOUTS[1], 7), 5, (Value(a=[1]), Value(b=[2.0], a=[9]))]
    (chunk,) = converted(Converter(STORE), EntityRows("/e"), flat, compress=True)
    assert read(chunk) == [({"frame": 7, "log_time": 5}, {"a": [1], "b": [2.0]})]


def test_what_cannot_be_encoded_takes_nothing_along() -> None:
    heard: list[tuple[str, int, Exception]] = []
    converter = Converter(STORE, refused=lambda *what: heard.append(what))
    flat = [part for number in (1, -1, 2) for part in (STATIC, 5, Unwilling(a=[number]))]
    chunks = converted(converter, EntityRows("/e"), flat, compress=False)
    assert [row[1] for chunk in chunks for row in read(chunk)] == [{"a": [1]}, {"a": [2]}]
    assert [(entity, count) for entity, count, _ in heard] == [("/e", 1)]


def test_one_layout_with_two_datatypes_makes_two_chunks() -> None:
    class Shifty(Value):
        @classmethod
        def encode(cls, rows: Any) -> Any:
            columns = Value.encode(rows)
            if rows[0].parts["a"] == [1]:
                return columns
            array = columns[0].array.cast(pa.list_(pa.int32()))
            return [columns[0]._replace(field=columns[0].field.with_type(array.type), array=array)]

    converter, entity = Converter(STORE), EntityRows("/e")
    for number, kind in ((1, "int64"), (2, "int32"), (1, "int64")):
        (chunk,) = converted(converter, entity, [STATIC, 5, Shifty(a=[number])], compress=False)
        assert str(chunk.component("a").type.value_type) == kind


def test_large_chunks_are_compressed_where_it_pays() -> None:
    noise = np.random.default_rng(3).integers(0, 2**62, 50_000).tolist()
    for numbers, pays in ((noise, False), ([7] * 50_000, True)):
        (sealed,) = Converter(STORE).convert(EntityRows("/e"), [STATIC, 5, Value(400_000, a=numbers)])
        message = sealed.message(compress=True)
        assert (message.size < message.size_uncompressed // 2) is pays
        assert decode(ChunkReader(), b"".join(message.parts)).component("a")[0].as_py() == numbers
