"""The latest-at state at a point in time: for each component the row that holds then.

Of all rows of a component at or before that time the one with the greatest time counts, of several
the one with the greatest row id; rows where it is null do not. A component with static data is not
carried, as these hide all else. Whole rows are carried, with their own times: a query at or after
the start finds what it would have found, and one for a range does not take them for part of it.

A `Clear` is a row like any other, and being carried with its own time hides what it hid before.
But a flat clear may be later than a recursive one that still hides what lies below, so the latest
recursive clear is carried too.

Chunks whose manifest is at hand are opened from the latest back, and only as far as necessary.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from rrsdk.errors import RrError
from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_KEY, COMPONENT_TYPE_KEY, INDEX_KEY, STATIC_INDEX
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, NUM_ROWS
from rrsdk.message import ChunkMsg, Chunks, Message
from rrtool.transforms.filter_read import message_at, whole_message
from rrtool.transforms.filter_rows import (
    first_flag,
    present,
    ranges_of,
    row_ids,
    timeline_at,
    times_of,
    with_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.codec.chunks import ChunkReader
    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import LaidOut
    from rrsdk.ipc.table import Column

CLEAR: Final = "Clear:is_recursive"
RECURSIVE: Final = "Clear:is_recursive=true"
"""Stands for a component of its own, that is there where a clear is recursive."""

Key = tuple[str, str]
"""Entity and component."""


class Held(NamedTuple):
    """A chunk that came by itself; its bytes are its own."""

    message: ChunkMsg


class Listed(NamedTuple):
    """A chunk of those whose manifest is at hand."""

    chunks: Chunks
    place: int


Place: TypeAlias = "Held | Listed"


def held(message: ChunkMsg) -> Held:
    """A message to keep: its parts may be slices of a larger buffer, which must not be kept alive."""
    parts = tuple(bytes(part) for part in message.parts)
    return Held(ChunkMsg(message.store, message.store_raw, message.row, parts, message.size_uncompressed))


class Best(NamedTuple):
    """The row that holds; compared by time, then row id."""

    time: int
    row_id: bytes
    row: int
    place: Place


@dataclass(slots=True)
class Seen:
    """What has been seen of one store."""

    store_raw: bytes
    hidden: set[Key] = field(default_factory=set)
    best: dict[Key, Best] = field(default_factory=dict)
    listed: list[Chunks] = field(default_factory=list)


class State:
    """Collects what comes before `start`, then says which rows hold at it."""

    def __init__(
        self,
        timeline: str,
        *,
        wants: Callable[[str, str], bool],
        broken: Callable[[RrError], None],
        reader: ChunkReader,
    ) -> None:
        self.timeline, self._wants = timeline, wants
        self._broken, self._reader = broken, reader
        self._stores: dict[StoreId, Seen] = {}
        self.start = 0
        """The time in question; static data may be hidden before it is known."""

    def hide(self, chunks: Chunks | ChunkMsg) -> None:
        """Static data: their components are not to be carried."""
        hidden = self._store(chunks).hidden
        if isinstance(chunks, ChunkMsg):
            layout = chunks.row.shape.layout
            hidden.update((layout.entity, one.name) for one in layout.components)
            return
        entities = chunks.manifest.table.raw(ENTITY)
        for column in chunks.manifest.table.columns.values():
            metadata = column.field.metadata
            if metadata.get(INDEX_KEY) == STATIC_INDEX and COMPONENT_KEY in metadata:
                component = metadata[COMPONENT_KEY]
                for entity, there in zip(entities, column.present()):
                    if there:
                        hidden.add((entity.decode(), component))

    def add_listed(self, chunks: Chunks) -> None:
        """Chunks that begin at or before the start."""
        self._store(chunks).listed.append(chunks)

    def add(self, message: ChunkMsg, chunk: LaidOut) -> None:
        """One chunk that begins at or before the start; it is kept only if a row of it may hold."""
        store = self._store(message)
        own: Place | None = None
        for key, (time, row_id, row) in self._latest(chunk):
            known = store.best.get(key)
            if known is None or (time, row_id) > (known.time, known.row_id):
                if own is None:
                    own = held(message)
                store.best[key] = Best(time, row_id, row, own)

    def _store(self, message: Chunks | ChunkMsg) -> Seen:
        return self._stores.setdefault(message.store, Seen(message.store_raw))

    def _latest(self, chunk: LaidOut) -> Iterator[tuple[Key, tuple[int, bytes, int]]]:
        """For each component of a chunk its latest row at or before the start."""
        layout = chunk.shape.layout
        number = timeline_at(layout, self.timeline)
        if number is None:
            return
        times, ids = times_of(chunk, number), row_ids(chunk)
        if chunk.shape.times[number][2]:
            rows: list[int] = list(range(bisect_right(times, self.start)))
        else:
            rows = sorted(
                (row for row, time in enumerate(times) if time <= self.start), key=times.__getitem__
            )
        rows.reverse()
        for place, column in enumerate(layout.components):
            if not self._wants(layout.entity, column.name):
                continue
            there = present(chunk, place)
            logged = rows if there is None else [row for row in rows if there[row]]
            found = _greatest(logged, times, ids)
            if found is not None:
                yield (layout.entity, column.name), found
            if column.name == CLEAR:
                found = _greatest([row for row in logged if first_flag(chunk, column, row)], times, ids)
                if found is not None:
                    yield (layout.entity, RECURSIVE), found

    def carried(self) -> Iterator[Message]:
        """The chunks of the rows that hold, and are not at the start itself (those are there anyway)."""
        for store_id, store in self._stores.items():
            for chunks in store.listed:
                self._search(chunks, store)
            wanted: dict[tuple[object, int], tuple[Place, set[int]]] = {}

            def want(place: Place, rows: Iterable[int], wanted: dict[Any, Any] = wanted) -> None:
                same = (
                    (place.message.row.chunk_id, 0)
                    if isinstance(place, Held)
                    else (id(place.chunks), place.place)
                )
                wanted.setdefault(same, (place, set()))[1].update(rows)

            for key, best in store.best.items():
                hidden = (key[0], CLEAR if key[1] == RECURSIVE else key[1]) in store.hidden
                if best.time < self.start and not hidden:
                    want(best.place, [best.row])
            for place, rows in self.more(store_id, store):
                want(place, rows)
            yield from self._emit(
                store_id, store.store_raw, [(place, rows) for place, rows in wanted.values()]
            )

    def more(self, store_id: StoreId, store: Seen) -> Iterator[tuple[Place, list[int]]]:
        """Further rows from before the start that a kind of state wants: none."""
        yield from ()

    def _emit(self, store: StoreId, raw: bytes, wanted: list[tuple[Place, set[int]]]) -> Iterator[Message]:
        whole: dict[int, tuple[Chunks, bytearray]] = {}
        for place, rows in wanted:
            if isinstance(place, Held):
                if place.message.row.shape.batch.num_rows == len(rows):
                    yield place.message
                else:
                    chunk = self._reader.open(whole_message(place.message))
                    yield self._rows(store, raw, chunk, place.message.row.chunk_id, rows)
                continue
            chunks, number = place
            table = chunks.manifest.table
            if table.u64(NUM_ROWS)[number] == len(rows):
                whole.setdefault(id(chunks), (chunks, bytearray(len(chunks))))[1][number] = 1
            else:
                yield self._rows(store, raw, self.opened(place), table.raw(CHUNK_ID)[number], rows)
        for chunks, keep in whole.values():
            yield chunks.take(keep)

    def _rows(
        self, store: StoreId, raw: bytes, chunk: LaidOut, chunk_id: bytes, rows: Iterable[int]
    ) -> ChunkMsg:
        ranges = ranges_of(sorted(rows))
        return with_rows(store, raw, chunk, chunk_id, ranges, why="carried", reader=self._reader)

    def opened(self, place: Listed) -> LaidOut:
        return self._reader.open(message_at(place.chunks, place.place))

    def _search(self, chunks: Chunks, store: Seen) -> None:
        """Find the best rows of chunks by opening the latest of them first."""
        opened: set[int] = set()
        for component, candidates in self.candidates(chunks, self._wants).items():
            for entity, places in candidates.items():
                key, pending = (entity, component), sorted(places, reverse=True)
                keys = [key, (entity, RECURSIVE)] if component == CLEAR else [key]
                for upper, place in pending:
                    bests = [store.best.get(one) for one in keys]
                    if all(best is not None and best.time > upper for best in bests):
                        break
                    if place not in opened:
                        opened.add(place)
                        self._look(Listed(chunks, place), store)

    def _look(self, place: Listed, store: Seen) -> None:
        """Open a chunk and note its rows that are later than what is known."""
        chunks, number = place
        try:
            latest = list(self._latest(self.opened(place)))
        except RrError as error:
            entity = chunks.manifest.table.raw(ENTITY)[number].decode("utf-8", "replace")
            start, end = chunks.extent(number)
            self._broken(error.located(source=chunks.origin.name, offset=start, end=end, entity=entity))
            return
        for key, (time, row_id, row) in latest:
            known = store.best.get(key)
            if known is None or (time, row_id) > (known.time, known.row_id):
                store.best[key] = Best(time, row_id, row, place)

    def candidates(
        self, chunks: Chunks, wants: Callable[[str, str], bool]
    ) -> dict[str, dict[str, list[tuple[int, int]]]]:
        """By component and entity: the chunks that may hold it, with the latest time they may do so."""
        table = chunks.manifest.table
        entities = [raw.decode() for raw in table.raw(ENTITY)]
        found: dict[str, dict[str, list[tuple[int, int]]]] = {}
        spans: dict[tuple[str | None, ...], dict[str, Column]] = {}  # one component may be of two types
        for column in table.columns.values():
            metadata = column.field.metadata
            if metadata.get(INDEX_KEY) == self.timeline and COMPONENT_KEY in metadata:
                which = tuple(map(metadata.get, (COMPONENT_KEY, ARCHETYPE_KEY, COMPONENT_TYPE_KEY)))
                spans.setdefault(which, {})[column.field.name.rpartition(":")[2]] = column
        for (component, *_), columns in spans.items():
            assert component is not None
            by_entity = found.setdefault(component, {})
            starts, ends = columns["start"], columns["end"]
            for place, (there, begin, end) in enumerate(zip(starts.present(), starts.values, ends.values)):
                assert isinstance(begin, int)
                assert isinstance(end, int)
                entity = entities[place]
                if there and begin <= self.start and wants(entity, component):
                    by_entity.setdefault(entity, []).append((min(end, self.start), place))
        return found


def _greatest(rows: list[int], times: memoryview, ids: memoryview) -> tuple[int, bytes, int] | None:
    """The row with the greatest time, then row id; the rows come with their times descending."""
    if not rows:
        return None
    latest = times[rows[0]]
    best = (b"", -1)
    for row in rows:
        if times[row] != latest:
            break
        best = max(best, (bytes(ids[16 * row : 16 * row + 16]), row))
    return latest, best[0], best[1]
