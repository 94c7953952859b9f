"""A ChunkStore through any life: inserts, Clears, static data, compaction, eviction; and all questions.

Beside it stands plain Python, which has the rows in a list and looks at all of them.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rrsdk.chunk import Chunk
from rrsdk.identity import Tuid
from rrsdk.query import latest_at, latest_at_many
from rrsdk.query.latest_at import CLEAR
from rrsdk.store import packing
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.events import Added, Compacted, Dropped, Event
from rrsdk.store.packing import Packing
from tests.contracts.store_contract import answered, check_model
from tests.contracts.store_model import Model, ModelRow, rows_of

ENTITIES = ["/a", "/a/b/c"]
TIMES = st.integers(-4, 12)
VALUES = st.none() | st.lists(st.floats(0, 9).map(round).map(float), max_size=2)
TIMELINES = ["frame", "tick"]
SPREAD = range(-5, 14, 3)


class Life(RuleBasedStateMachine):
    """What happens to a store; the events that it tells must be what happened."""

    def __init__(self) -> None:
        super().__init__()
        self.next_id = 0
        self.chunks: dict[int, list[ModelRow]] = {}
        """By number, the rows of each, as the events have it."""
        self.static_numbers: set[int] = set()
        self.merged: set[int] = set()
        self.protected: tuple[str, int] | None = None

    @initialize(
        packs=st.sampled_from([None, Packing(), Packing(max_rows=6, max_rows_if_unsorted=3), Packing(400)]),
        fan=st.integers(2, 4),
    )
    def begin(self, packs: Packing | None, fan: int) -> None:
        self.fan, packing.FAN = packing.FAN, fan
        self.store = ChunkStore(packing=packs)
        self.coming: list[list[ModelRow]] = []
        self.store.subscribe(self.hear)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            packing.FAN = self.fan
            self.ask_everything()

    def hear(self, event: Event) -> None:
        if isinstance(event, Added):
            for number in event.numbers:
                self.chunks[number] = self.coming.pop(0)
                if self.is_static:
                    self.static_numbers.add(number)
        elif isinstance(event, Dropped):
            for number in event.numbers:
                del self.chunks[number]
        else:
            assert isinstance(event, Compacted)
            self.merged.add(event.target)
            self.chunks[event.target] = [row for number in event.sources for row in self.chunks.pop(number)]

    def ids(self, count: int, order: Any) -> list[Tuid]:
        """Row ids that nobody has, in any order, also among those of other chunks."""
        self.next_id += count
        return [Tuid(order.randrange(4), self.next_id - number) for number in range(count)]

    def put(self, chunk: Chunk, *, encoded: bool) -> None:
        self.coming.append(rows_of(chunk))
        self.is_static = chunk.is_static
        assert self.store.insert(chunk.to_ipc() if encoded else chunk) is not None
        assert not self.coming
        assert self.store.insert(chunk) is None

    @rule(
        entity=st.sampled_from(ENTITIES),
        timelines=st.sampled_from([TIMELINES[:1], TIMELINES, TIMELINES]),
        rows=st.lists(st.tuples(TIMES, TIMES, VALUES, VALUES), max_size=4),
        components=st.sampled_from([["x"], ["x", "y"]]),
        order=st.randoms(use_true_random=False),
        encoded=st.booleans(),
    )
    def insert(
        self, entity: str, timelines: Any, rows: Any, components: Any, order: Any, encoded: bool
    ) -> None:
        indexes = {name: [row[number] for row in rows] for number, name in enumerate(timelines)}
        values = {
            name: pa.array([row[2 + number] for row in rows], pa.list_(pa.float64()))
            for number, name in enumerate(components)
        }
        arrays = {name: pa.array(times, pa.int64()) for name, times in indexes.items()}
        ids = self.ids(len(rows), order)
        self.put(Chunk.from_columns(entity, arrays, components=values, row_ids=ids), encoded=encoded)

    @rule(
        entity=st.sampled_from([*ENTITIES, "/", "/a/b"]),
        beside=st.booleans(),
        time=st.none() | TIMES,
        recursive=st.booleans(),
        order=st.randoms(use_true_random=False),
    )
    def clear(self, entity: str, beside: bool, time: int | None, recursive: bool, order: Any) -> None:
        indexes = {} if time is None else {"frame": [time], "tick": [-time]}
        values: dict[str, Any] = {CLEAR: [[recursive]]}
        if beside:  # in the same row
            values["x"] = [[0.5]]
        chunk = Chunk.from_columns(entity, indexes, components=values, row_ids=self.ids(1, order))
        self.put(chunk, encoded=False)

    @rule(entity=st.sampled_from(ENTITIES), values=VALUES, order=st.randoms(use_true_random=False))
    def static(self, entity: str, values: Any, order: Any) -> None:
        column = pa.array([values], pa.list_(pa.float64()))
        ids = self.ids(1, order)
        self.put(Chunk.from_columns(entity, components={"y": column}, row_ids=ids), encoded=True)

    @rule(which=st.lists(st.integers(0, 40), max_size=3))
    def drop(self, which: list[int]) -> None:
        self.store.drop(which)
        assert not self.chunks.keys() & set(which)

    @rule(timeline=st.sampled_from(TIMELINES), time=TIMES)
    def protect(self, timeline: str, time: int) -> None:
        self.store.protect(timeline, time)
        self.protected = timeline, time

    @rule(part=st.floats(0, 1))
    def evict(self, part: float) -> None:
        protected = self.protected
        known = protected is not None and protected[0] in self.store.schema().timelines
        before = {}
        if known and protected is not None:
            before = latest_at_many(self.store, self.store.schema().entities, *protected)
        static = self.chunks.keys() & self.static_numbers
        target = int(self.store.nbytes * part)
        gone = self.store.evict(target)
        assert static == self.chunks.keys() & self.static_numbers
        if protected is None:
            assert self.store.nbytes <= target or self.chunks.keys() == static
            plain = [number for number in gone if number not in self.merged]
            left = self.chunks.keys() - static - self.merged
            assert not plain or all(number > max(plain) for number in left)
        for entity, was in before.items():
            assert protected is not None
            assert answered(latest_at(self.store, entity, *protected)) == answered(was)

    @rule()
    def ask_everything(self) -> None:
        check_model(self.store, self.model(), SPREAD)

    @invariant()
    def events_tell_what_is_there(self) -> None:
        if hasattr(self, "store"):
            assert len(self.store) == len(self.chunks)

    def model(self) -> Model:
        model = Model()
        model.rows = [row for rows in self.chunks.values() for row in rows]
        return model


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
