"""What an entity looked like at a time: of each component the latest value that is not cleared.

Of one component, the row with the greatest time at or before the one asked for; among those the one with
the greatest row id. Rows where the component is null do not count. Static data hide all temporal data of
their component. A `Clear` hides what is not later than it, of its entity, and where it is recursive of all
below; to be later, static data count as later than any time. Of a parent only the latest Clear counts: a
flat one makes an earlier recursive one void, as in Rerun.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from rrsdk.entity import format_path, parse_path
from rrsdk.identity import Tuid
from rrsdk.query.lane import TRIES, Lane, too_fast
from rrsdk.query.names import check_components, check_entity, check_timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from rrsdk.query.lane import Found
    from rrsdk.store.opened import Opened
    from rrsdk.store.reader import StoreReader
    from rrsdk.store.schema import StoreSchema

CLEAR: Final = "Clear:is_recursive"


class Hit:
    """The latest value of one component."""

    __slots__ = ("_found", "_opened", "component")

    def __init__(self, component: str, found: Found, opened: Opened) -> None:
        self.component = component
        self._found = found
        self._opened = opened

    @property
    def is_static(self) -> bool:
        """Whether it holds at all times."""
        return self._found.is_static

    @property
    def time(self) -> int | None:
        """When it was logged; None for static data."""
        return None if self._found.is_static else self._found.time

    @property
    def row_id(self) -> Tuid:
        """The id of its row."""
        return Tuid.from_bytes(self._found.row_id)

    @property
    def chunk_number(self) -> int:
        """The chunk that it is in, by the store's number."""
        return self._found.number

    @property
    def array(self) -> pa.Array:
        """The instances: a slice of the chunk's column. Nothing is copied."""
        return self._opened.instances(self.component, self._found.place)

    def to_pylist(self) -> list[Any]:
        """The instances as Python objects."""
        return self.array.to_pylist()  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        when = "static" if self.is_static else f"at {self.time}"
        return f"<Hit {self.component} {when}: {len(self.array)} instances>"


class LatestAt:
    """An entity at a time: its components by name, those that have a value."""

    __slots__ = ("entity", "hits", "time", "timeline")

    def __init__(self, entity: str, timeline: str, time: int, hits: dict[str, Hit]) -> None:
        self.entity = entity
        self.timeline = timeline
        self.time = time
        self.hits = hits

    def get(self, component: str) -> Hit | None:
        """One component; None where it has no value."""
        return self.hits.get(component)

    def __getitem__(self, component: str) -> Hit:
        return self.hits[component]

    def __contains__(self, component: object) -> bool:
        return component in self.hits

    def __iter__(self) -> Iterator[str]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __repr__(self) -> str:
        return f"<LatestAt {self.entity} {self.timeline}={self.time}: {', '.join(self.hits) or 'nothing'}>"


def latest_at(
    store: StoreReader, entity: str, timeline: str, time: int, components: Iterable[str] | None = None
) -> LatestAt:
    """An entity at a time; all its components, or those named.

    UsageError, with the nearest names, where the store has no such entity, timeline or component. An entity
    that is not on the timeline has its static data there.
    """
    memory = _memory_of(store)
    return memory.at(entity, timeline, time, None if components is None else tuple(components))


def latest_at_many(
    store: StoreReader,
    entities: Iterable[str],
    timeline: str,
    time: int,
    components: Iterable[str] | None = None,
) -> dict[str, LatestAt]:
    """Several entities at a time, as a frame needs them; of `components` each has those that it ever had."""
    memory = _memory_of(store)
    wanted = None if components is None else frozenset(components)
    return {entity: memory.at(entity, timeline, time, wanted) for entity in entities}


class _Entity:
    """One entity on one timeline, while the schema is what it was."""

    __slots__ = ("clears", "lanes", "schema")

    def __init__(self, store: StoreReader, schema: StoreSchema, entity: str, timeline: str) -> None:
        self.schema = schema
        self.lanes = {name: Lane(store, entity, timeline, name) for name in schema.components[entity]}
        self.clears: list[tuple[Lane, bool]] = []
        """Where Clears may come from, and whether that is the entity itself."""
        parts = parse_path(entity)
        for depth in range(len(parts), -1, -1):
            path = entity if depth == len(parts) else format_path(parts[:depth])
            if CLEAR in schema.components.get(path, ()):
                is_own = path == entity
                lane = self.lanes[CLEAR] if is_own else Lane(store, path, timeline, CLEAR)
                self.clears.append((lane, is_own))

    def cleared(self, time: int) -> tuple[bool, int, bytes] | None:
        """Up to where all is cleared, as (is static, time, row id)."""
        latest = None
        for lane, is_own in self.clears:
            found = lane.at(time)
            if found is None or (not is_own and not _is_recursive(lane, found)):
                continue
            if latest is None or found[:3] > latest:
                latest = found[:3]
        return latest


def _is_recursive(lane: Lane, found: Found) -> bool:
    return bool(lane.opened(found).instances(CLEAR, found.place).to_pylist() == [True])


class _Memory:
    """What was asked of one store before."""

    def __init__(self, store: StoreReader) -> None:
        self._store = weakref.ref(store)
        self._entities: dict[tuple[str, str], _Entity] = {}

    def at(
        self, entity: str, timeline: str, time: int, components: tuple[str, ...] | frozenset[str] | None
    ) -> LatestAt:
        """An entity at a time."""
        for _ in range(TRIES):
            try:
                return self._at(entity, timeline, time, components)
            except KeyError:  # what was found was compacted or evicted by another thread meanwhile
                continue
        raise too_fast(entity)

    def _at(
        self, entity: str, timeline: str, time: int, components: tuple[str, ...] | frozenset[str] | None
    ) -> LatestAt:
        store = self._store()
        assert store is not None  # the caller has it
        schema = store.schema()
        known = self._entities.get((entity, timeline))
        if known is None or known.schema is not schema:
            check_timeline(schema, timeline)
            check_entity(schema, entity)
            known = self._entities[entity, timeline] = _renewed(known, store, schema, entity, timeline)
        lanes = known.lanes
        wanted: Iterable[str] = lanes
        if isinstance(components, tuple):
            if not lanes.keys() >= set(components):
                check_components(schema, entity, components)
            wanted = components
        elif components is not None:
            wanted = [component for component in lanes if component in components]
        cleared = known.cleared(time) if known.clears else None
        hits = {}
        for component in wanted:
            lane = lanes[component]
            found = lane.at(time)
            if found is not None and (cleared is None or found[:3] > cleared or component == CLEAR):
                opened = found.opened()
                hits[component] = Hit(component, found, lane.opened(found) if opened is None else opened)
        return LatestAt(entity, timeline, time, hits)


def _renewed(
    known: _Entity | None, store: StoreReader, schema: StoreSchema, entity: str, timeline: str
) -> _Entity:
    """Some entity has something new: mostly another one."""
    renewed = _Entity(store, schema, entity, timeline)
    if known is not None:
        renewed.lanes |= {name: lane for name, lane in known.lanes.items() if name in renewed.lanes}
        renewed.clears = [
            (renewed.lanes[CLEAR] if is_own else lane, is_own) for lane, is_own in renewed.clears
        ]
    return renewed


_MEMORIES: weakref.WeakKeyDictionary[StoreReader, _Memory] = weakref.WeakKeyDictionary()


def _memory_of(store: StoreReader) -> _Memory:
    memory = _MEMORIES.get(store)
    if memory is None:
        memory = _MEMORIES.setdefault(store, _Memory(store))
    return memory
