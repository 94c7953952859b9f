"""How an entity changed: all rows in a range of times, in the order of (time, row id).

Rows count where one of the components asked for is there. Static data hide temporal data of their
component and are given apart. Clears hide nothing here.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from rrsdk.chunk.order import is_sorted, sort_keys
from rrsdk.errors import FormatError
from rrsdk.identity import Tuid
from rrsdk.query.lane import TRIES, Lane, too_fast
from rrsdk.query.latest_at import Hit
from rrsdk.query.names import check_components, check_entity, check_timeline
from rrsdk.store.buffers import presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from rrsdk.store.opened import Opened
    from rrsdk.store.reader import StoreReader


class Row(NamedTuple):
    """One row of a range."""

    time: int
    row_id: Tuid
    values: dict[str, pa.Array]
    """The components that are there, as slices."""


class RangeResult:
    """Rows as columns. `len` says how many."""

    def __init__(
        self,
        entity: str,
        timeline: str,
        components: Sequence[str],
        static: dict[str, Hit],
        sources: Sequence[tuple[Opened, npt.NDArray[np.int64], npt.NDArray[np.intp]]],
    ) -> None:
        """`sources`: chunks, with times and places of the rows taken from each."""
        self.entity = entity
        self.timeline = timeline
        self.components = tuple(components)
        """Those that are temporal here."""
        self.static = static
        """Those that are static: they have one value, at all times."""
        self._sources = [opened for opened, _, _ in sources]
        empty = np.empty(0, np.int64)
        self.times: npt.NDArray[np.int64] = np.concatenate([empty, *(times for _, times, _ in sources)])
        self._places = np.concatenate([empty, *(places for _, _, places in sources)])
        self._which = np.repeat(np.arange(len(sources)), [len(times) for _, times, _ in sources])
        if len(sources) > 1:
            keys = [self.times, *self._row_id_halves()]
            if not is_sorted(keys):
                order = np.lexsort(keys[::-1])
                self.times, self._places = self.times[order], self._places[order]
                self._which = self._which[order]

    def _row_id_halves(self) -> list[npt.NDArray[Any]]:
        halves = [sort_keys(opened.chunk.row_ids) for opened in self._sources]
        bounds = np.searchsorted(self._which, np.arange(len(halves) + 1))
        return [
            np.concatenate(
                [one[half][self._places[bounds[n] : bounds[n + 1]]] for n, one in enumerate(halves)]
            ).astype(np.uint64)
            for half in (0, 1)
        ]

    def __len__(self) -> int:
        return len(self.times)

    def row_id(self, number: int) -> Tuid:
        """The id of one row."""
        return Tuid.from_bytes(self._sources[self._which[number]].row_id(int(self._places[number])))

    def column(self, component: str) -> pa.ChunkedArray:
        """One component of all rows, a list each, null where it was not logged: slices of chunks.

        Chunks that lie in order are not copied; of those that are interleaved, rows are.
        """
        found: list[pa.Array] = []
        kind: pa.DataType | None = None
        for opened, places in self._runs():
            if component in opened.chunk.component_numbers:
                found.append(_taken(opened.column(component), places))
                if kind is None:
                    kind = found[-1].type
                elif kind != found[-1].type:
                    what = f"it is {kind} in one chunk and {found[-1].type} in another"
                    raise FormatError(what, entity=self.entity, field=component)
            else:
                found.append(len(places))
        kind = kind if kind is not None else pa.list_(pa.null())
        arrays = [pa.nulls(one, kind) if isinstance(one, int) else one for one in found]
        return pa.chunked_array(arrays, kind)

    def _runs(self) -> Iterator[tuple[Opened, npt.NDArray[np.intp]]]:
        """Chunks with the places of rows that follow each other."""
        if not len(self):
            return
        edges = [0, *(np.flatnonzero(np.diff(self._which)) + 1).tolist(), len(self)]
        for start, stop in itertools.pairwise(edges):
            yield self._sources[self._which[start]], self._places[start:stop]

    def __iter__(self) -> Iterator[Row]:
        for number, time in enumerate(self.times.tolist()):
            opened, place = self._sources[self._which[number]], int(self._places[number])
            values = {}
            for component in self.components:
                if component in opened.chunk.component_numbers:
                    instances = opened.instances(component, place)
                    if instances is not None:
                        values[component] = instances
            yield Row(time, Tuid.from_bytes(opened.row_id(place)), values)

    def __repr__(self) -> str:
        return f"<RangeResult {self.entity} {self.timeline}: {len(self)} rows, {len(self.static)} static>"


def _taken(column: pa.Array, places: npt.NDArray[np.intp]) -> pa.Array:
    first, last = int(places[0]), int(places[-1])
    if last - first == len(places) - 1 and (len(places) == 1 or bool((np.diff(places) == 1).all())):
        return column.slice(first, len(places))
    return column.take(pa.array(places))


def range(  # noqa: A001  # what it is called everywhere
    store: StoreReader,
    entity: str,
    timeline: str,
    first: int,
    last: int,
    components: Iterable[str] | None = None,
) -> RangeResult:
    """The rows of an entity from one time to another, both included; all components, or those named.

    UsageError, with the nearest names, where the store has no such entity, timeline or component.
    """
    schema = store.schema()
    check_timeline(schema, timeline)
    check_entity(schema, entity)
    wanted = list(schema.components[entity] if components is None else dict.fromkeys(components))
    check_components(schema, entity, wanted)
    for _ in itertools.repeat(None, TRIES):
        try:
            return _range(store, entity, timeline, first, last, wanted)
        except KeyError:  # a chunk was compacted or evicted by another thread meanwhile
            continue
    raise too_fast(entity)


def _range(
    store: StoreReader, entity: str, timeline: str, first: int, last: int, wanted: Sequence[str]
) -> RangeResult:
    static: dict[str, Hit] = {}
    temporal: list[str] = []
    numbers: dict[int, None] = {}
    for component in wanted:
        if store.static(entity, component):
            lane = Lane(store, entity, timeline, component)
            found = lane.at(first)
            if found is not None and found.is_static:
                static[component] = Hit(component, found, lane.opened(found))
                continue
        temporal.append(component)
        numbers.update(
            dict.fromkeys(store.spans(entity, timeline, component).overlapping(first, last).tolist())
        )
    chosen = list(numbers)
    store.prefetch(chosen)
    sources = []
    for number in chosen:
        opened = store.open(number)
        there = [component for component in temporal if component in opened.chunk.component_numbers]
        times, places = _rows(opened, timeline, there, first, last)
        if len(times):
            sources.append((opened, times, places))
    sources.sort(key=lambda source: int(source[1][0]))  # so that what does not overlap is in order already
    return RangeResult(entity, timeline, temporal, static, sources)


def _rows(
    opened: Opened, timeline: str, components: Sequence[str], first: int, last: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """The rows of a chunk in the range where any of the components is there."""
    rows, start, stop = opened.between(timeline, None, first, last)
    times = np.asarray(rows.times[start:stop], np.int64)
    places = np.arange(start, stop) if rows.places is None else rows.places[start:stop]
    columns = [opened.column(component) for component in components]
    if all(column.null_count for column in columns):
        there = np.zeros(len(opened.chunk), np.bool_)
        for column in columns:
            there |= presence(column)
        keep = there[places]
        times, places = times[keep], places[keep]
    return times, places
