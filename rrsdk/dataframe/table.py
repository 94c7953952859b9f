"""Runs a query: windows of time to rows, rows to record batches of bounded size."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from rrsdk.dataframe.align import Carried, Placed, Sources, carried, exact, filled, fitting, own_times
from rrsdk.dataframe.arrow import empty_lists
from rrsdk.dataframe.batches import Batches
from rrsdk.dataframe.scan import Past, Track, Window, upwards, windows
from rrsdk.dataframe.schema import CLEAR, ComponentColumnDescriptor
from rrsdk.timeline import MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.dataframe.cells import Merged
    from rrsdk.dataframe.query import Query
    from rrsdk.dataframe.times import Times
    from rrsdk.store.opened import Best
    from rrsdk.store.reader import StoreReader


def arrow_schema(query: Query) -> pa.Schema:
    """The columns of a query's batches."""
    return pa.schema([one.field for one in query.output])


def batches(store: StoreReader, query: Query) -> Iterator[pa.RecordBatch]:
    """All rows of a query, in the order of their times."""
    statics = {one: value for one in query.contents if (value := _static(store, one)) is not None}
    batching = Batches(arrow_schema(query), query, statics)
    if query.index is None:
        if all(one in statics for one in query.not_null):
            yield from batching.static()
        return
    run = Run(store, query, statics)
    for window in windows(store, query, run.tracks):
        rows, placed = run.rows(window)
        if len(rows):
            yield from batching.of(rows, placed)
        del placed  # what it refers to would be there twice while the next window is made


class Run:
    """What a query remembers from window to window: the last values, and how far it has come."""

    def __init__(
        self, store: StoreReader, query: Query, statics: dict[ComponentColumnDescriptor, pa.Array]
    ) -> None:
        self._store, self._query = store, query
        self.tracks = [Track(one, one in statics) for one in _tracked(query, statics)]
        self._pov = [one for one in query.not_null if one not in statics]
        self._timelines = [one.name for one in query.other_indexes]
        self._carried: dict[Track, Carried | None] = {}
        self._begins = MIN_TIME

    def rows(self, window: Window) -> tuple[Times, dict[ComponentColumnDescriptor, Placed]]:
        """The times of a window's rows, and each column's values in them."""
        if self._query.fill and not self._carried:
            self._carried = {track: self._before(track) for track in self.tracks}
        sources: list[Sources] = []
        merged: dict[tuple[object, ...], tuple[Merged, Merged]] = {}
        for track, past in zip(self.tracks, window.past or [Past([], [])] * len(self.tracks)):
            one = Sources(past, self._carried.get(track))
            sources.append(one)
            if one.key not in merged:
                merged[one.key] = one.merged()
        window.past.clear()
        rows = self._times(window, sources, merged)
        positions = {
            key: self._positions(rows, every, data, carries=bool(key[-1]))
            for key, (every, data) in merged.items()
        }
        if self._query.fill:
            for track, one in zip(self.tracks, sources):
                self._keep(track, one, merged[one.key])
        self._begins = window.last + 1
        placed = {
            track.column: Placed(one, positions[one.key])
            for track, one in zip(self.tracks, sources)
            if not track.is_hidden
        }
        return self._where_there(rows, placed)

    def _times(
        self, window: Window, sources: list[Sources], merged: dict[tuple[object, ...], tuple[Merged, Merged]]
    ) -> Times:
        query = self._query
        if query.sampled is not None:
            start = np.searchsorted(query.sampled, self._begins)
            return query.sampled[start : np.searchsorted(query.sampled, window.last, "right")]
        deciding = self._pov[:1] if self._pov and not query.fill else None
        found = {
            id(times): times
            for track, one in zip(self.tracks, sources)
            if deciding is None or track.column in deciding
            if len(times := merged[one.key][0].times)
        }
        several = list(found.values())
        if len(several) > 1:
            several = [np.sort(np.concatenate(several), kind="stable")]  # a merge: they are runs
        rows = several[0] if several else np.empty(0, np.int64)
        if len(found) > 1:
            rows = rows[np.append(rows[1:] != rows[:-1], True)]
        if query.only is not None:
            rows = rows[np.isin(rows, query.only)]
        return rows

    def _positions(self, rows: Times, every: Merged, data: Merged, *, carries: bool) -> np.ndarray:
        if not self._query.fill:
            return exact(rows, every)
        if data is every or not self._query.fill_past_clears:
            return filled(rows, every, 0 if carries else -1)
        # As Rerun does it: a Clear empties its own row, and the rows behind it are filled from data alone.
        own = exact(rows, every)
        positions: np.ndarray = np.where(own >= 0, own, filled(rows, data, 0 if carries else -1))
        return positions

    def _where_there(
        self, rows: Times, placed: dict[ComponentColumnDescriptor, Placed]
    ) -> tuple[Times, dict[ComponentColumnDescriptor, Placed]]:
        if not self._pov:
            return rows, placed
        keep = np.ones(len(rows), bool)
        for column in self._pov:
            keep &= placed[column].positions >= 0
        if keep.all():
            return rows, placed
        cut: dict[int, np.ndarray] = {}
        for one in placed.values():
            cut.setdefault(id(one.positions), one.positions[keep])
        return rows[keep], {
            column: Placed(one.sources, cut[id(one.positions)]) for column, one in placed.items()
        }

    def _keep(self, track: Track, sources: Sources, merged: tuple[Merged, Merged]) -> None:
        cells = merged[1] if self._query.fill_past_clears else merged[0]
        if len(cells.positions) and not track.is_hidden:
            found = sources.carry(track.column, int(cells.positions[-1]), self._timelines)
            self._carried[track] = found

    def _before(self, track: Track) -> Carried | None:
        """What a column had just before the first time that is asked for."""
        query, column = self._query, track.column
        if query.first == MIN_TIME or track.is_hidden:
            return None
        assert query.index is not None
        timeline, time = query.index.name, query.first - 1

        def look(number: int) -> Best | None:
            return self._store.open(number).latest(timeline, column.component, time)

        best = self._store.spans(column.entity_path, timeline, column.component).latest(time, look)
        cleared = None if query.fill_past_clears else self._cleared(column.entity_path, timeline, time)
        if cleared is not None and (best is None or cleared[:2] > best[:2]):
            times = own_times(cleared[2].chunk, cleared[3], self._timelines)
            return Carried(empty_lists(column.datatype, 1), times)
        return None if best is None else carried(best[2].chunk, best[3], column, self._timelines)

    def _cleared(self, entity: str, timeline: str, time: int) -> Best | None:
        """The last Clear of an entity at or before a time."""
        found: list[Best] = []
        known = self._store.schema().components
        for place in upwards(entity):
            clear = known.get(place, {}).get(CLEAR)
            if clear is None or clear.is_static:
                continue
            look = partial(self._last_clear, timeline=timeline, time=time, is_own=place == entity)
            best = self._store.spans(place, timeline, CLEAR).latest(time, look)
            if best is not None:
                found.append(best)
        return max(found, key=lambda best: best[:2], default=None)

    def _last_clear(self, number: int, *, timeline: str, time: int, is_own: bool) -> Best | None:
        opened = self._store.open(number)
        rows = opened.rows(timeline, CLEAR)
        for at in range(int(np.searchsorted(np.asarray(rows.times), time, "right")) - 1, -1, -1):
            row = rows.place(at)
            if is_own or any(opened.column(CLEAR)[row].as_py() or ()):
                return int(rows.times[at]), opened.row_id(row), opened, row
        return None


def _tracked(
    query: Query, statics: dict[ComponentColumnDescriptor, pa.Array]
) -> list[ComponentColumnDescriptor]:
    """The columns that must be looked at: not those that neither make rows nor are shown."""
    rows_are_known = query.sampled is not None or (
        not query.fill and any(one not in statics for one in query.not_null)
    )
    if not rows_are_known or query.other_indexes:
        return list(query.contents)
    wanted = {one for one in query.output if isinstance(one, ComponentColumnDescriptor)}
    return [one for one in query.contents if one in wanted or one in query.not_null]


def _static(store: StoreReader, column: ComponentColumnDescriptor) -> pa.Array | None:
    """The static value of a column, one row: that with the greatest row id."""
    if not column.is_static:
        return None
    best: tuple[bytes, pa.Array] | None = None
    for number in store.static(column.entity_path, column.component):
        opened = store.open(number)
        place = opened.last_static(column.component)
        if place is not None and (best is None or opened.row_id(place) > best[0]):
            best = opened.row_id(place), opened.column(column.component)[place : place + 1]
    return None if best is None else fitting(best[1], column)
