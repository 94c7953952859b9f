"""The same chunks, in memory and in a file that is read lazily: the same answers, whatever they hold."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rrsdk.chunk import Chunk
from rrsdk.query import latest_at, latest_at_many
from rrsdk.query import range as range_of
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.lazy import LazyChunkStore
from rrsdk.store.reader import StoreReader
from rrsdk.timeline import MAX_TIME, MIN_TIME
from tests.contracts.store_contract import answered
from tests.faults import damage
from tests.sdk.chunk_files import in_memory, recording
from tests.sdk.strategies import chunks as batches


def described(store: StoreReader) -> Any:
    """The schema, without what one of the stores may not know."""
    schema = store.schema()
    components = {
        entity: {name: column._replace(is_empty=None) for name, column in named.items()}
        for entity, named in schema.components.items()
    }
    return schema.timelines, components, schema.timelines_of


def ranged(store: StoreReader, entity: str, timeline: str, first: int, last: int) -> Any:
    result = range_of(store, entity, timeline, first, last)
    rows = [
        (row.time, row.row_id, {name: one.to_pylist() for name, one in row.values.items()}) for row in result
    ]
    return rows, {name: (hit.row_id, hit.to_pylist()) for name, hit in result.static.items()}


@settings(max_examples=40)
@given(st.data())
def test_the_same_answers(data: st.DataObject) -> None:
    drawn: list[Chunk] = []
    # Without rows a chunk is on no timeline, as a manifest tells it; its own columns say otherwise.
    for chunk in data.draw(
        st.lists(batches(max_rows=5).map(Chunk.from_record_batch), min_size=1, max_size=6)
    ):
        if len(chunk) and not any(chunk.id == other.id or ids(chunk) & ids(other) for other in drawn):
            drawn.append(chunk)
    assume(drawn)
    whole = recording(drawn)
    parts = [whole, damage.without_footer(whole)]
    budget = data.draw(st.sampled_from([0, 3_000, 1 << 20]))
    lazy = LazyChunkStore(in_memory(data.draw(st.sampled_from(parts))).loaders, budget_bytes=budget)
    memory = ChunkStore()
    memory.insert_many(drawn)
    assert described(lazy) == described(memory)
    schema = memory.schema()
    times = {time for chunk in drawn for name in chunk.timelines for time in ints(chunk, name)}
    asked = data.draw(
        st.lists(st.sampled_from(sorted({MIN_TIME, 0, MAX_TIME, *times})), min_size=2, max_size=4)
    )
    for timeline in schema.timelines:
        for time in asked:
            frame = latest_at_many(lazy, schema.entities, timeline, time)
            for entity in schema.entities:
                expected = answered(latest_at(memory, entity, timeline, time))
                assert answered(frame[entity]) == expected
                assert answered(latest_at(lazy, entity, timeline, time)) == expected
        for entity in schema.entities:
            bounds = entity, timeline, min(asked), max(asked)
            assert ranged(lazy, *bounds) == ranged(memory, *bounds)


def ints(chunk: Chunk, timeline: str) -> list[int]:
    found: list[int] = chunk.times(timeline).view(pa.int64()).to_pylist()
    return found


def ids(chunk: Chunk) -> set[bytes]:
    return set(chunk.row_ids.to_pylist())
