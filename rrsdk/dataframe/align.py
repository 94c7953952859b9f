"""Puts the cells of a window into rows: for each column which of its values stands in which row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from rrsdk.chunk.order import sort_keys
from rrsdk.dataframe.arrow import empty_lists, integers
from rrsdk.dataframe.cells import MISSING, Merged, merge
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from rrsdk.chunk import Chunk
    from rrsdk.dataframe.cells import Places
    from rrsdk.dataframe.scan import Past
    from rrsdk.dataframe.schema import ComponentColumnDescriptor
    from rrsdk.dataframe.times import Times


class Carried(NamedTuple):
    """The last value of a column before a window, with the times it was logged at."""

    value: pa.Array
    """One row; nothing else is held on to."""
    times: dict[str, int]


class Placed(NamedTuple):
    """A column in a window: for each row where in the sources its value stands, -1 where it has none."""

    sources: Sources
    positions: Places


class Sources:
    """The rows of chunks that a column of a window is made of, laid end to end: carried, data, clears."""

    def __init__(self, past: Past, carried: Carried | None) -> None:
        self.parts = [*past.data, *past.clears]
        self.data = len(past.data)
        self.carried = carried
        self.starts: list[int] = []
        self.cuts: list[tuple[int, int]] = []
        end = 0 if carried is None else 1
        for cells in self.parts:
            low, high = int(cells.places.min()), int(cells.places.max()) + 1
            self.starts.append(end - low)
            self.cuts.append((low, high))
            end += high - low

    @property
    def key(self) -> tuple[object, ...]:
        """Equal where positions are the same."""
        return (*(id(part) for part in self.parts), self.data, self.carried is not None)

    def merged(self) -> tuple[Merged, Merged]:
        """The cells that stand in their own rows, and those that values are filled from."""
        every = merge(self.parts, self.starts)
        if self.data == len(self.parts):
            return every, every
        return every, merge(self.parts[: self.data], self.starts[: self.data])

    def array(self, column: ComponentColumnDescriptor) -> pa.Array:
        """The values of a component, in the order of positions."""
        found = [] if self.carried is None else [self.carried.value]
        for number, (cells, (low, high)) in enumerate(zip(self.parts, self.cuts)):
            if number >= self.data:
                found.append(empty_lists(column.datatype, high - low))
            else:
                found.append(fitting(cells.chunk.component(column.component)[low:high], column))
        if len(found) == 1:
            return found[0]
        return pa.concat_arrays(found) if found else pa.nulls(0, column.datatype)

    def times_on(self, timeline: str) -> Times | None:
        """The times on another timeline, in the order of positions; None where there are none at all."""
        found = [] if self.carried is None else [np.array([self.carried.times.get(timeline, MISSING)])]
        for cells, (low, high) in zip(self.parts, self.cuts):
            if timeline in cells.chunk.timelines:
                found.append(sort_keys(cells.chunk.times(timeline))[0][low:high])
            else:
                found.append(np.full(high - low, MISSING))
        times = np.concatenate(found) if found else np.empty(0, np.int64)
        return times if (times != MISSING).any() else None

    def carry(self, column: ComponentColumnDescriptor, position: int, timelines: list[str]) -> Carried:
        """One value by itself, for the windows to come."""
        if position == 0 and self.carried is not None:
            return self.carried
        number = next(
            at
            for at, (start, (low, high)) in enumerate(zip(self.starts, self.cuts))
            if start + low <= position < start + high
        )
        cells, place = self.parts[number], position - self.starts[number]
        if number >= self.data:
            return Carried(empty_lists(column.datatype, 1), own_times(cells.chunk, place, timelines))
        return carried(cells.chunk, place, column, timelines)


def carried(chunk: Chunk, place: int, column: ComponentColumnDescriptor, timelines: list[str]) -> Carried:
    """The value in one row of a chunk, copied, so that the chunk can go."""
    lists = chunk.component(column.component)
    value = fitting(lists.take(integers(np.array([place]), pa.int64())), column)
    return Carried(value, own_times(chunk, place, timelines))


def own_times(chunk: Chunk, place: int, timelines: list[str]) -> dict[str, int]:
    """When a row was logged, on those of the timelines that it is on."""
    there = chunk.timelines
    return {name: int(sort_keys(chunk.times(name))[0][place]) for name in timelines if name in there}


def fitting(array: pa.Array, column: ComponentColumnDescriptor) -> pa.Array:
    """A chunk's array in the column's datatype: the chunks of a recording may differ in what may be null."""
    if array.type == column.datatype:
        return array
    try:
        return array.cast(column.datatype)
    except (pa.ArrowException, NotImplementedError) as error:
        raise FormatError(
            f"it is {array.type} in some chunks and {column.datatype} in others",
            entity=column.entity_path,
            field=column.component,
        ) from error


def exact(rows: Times, cells: Merged) -> Places:
    """For each row the position of the cell at its time, or -1."""
    positions = np.full(len(rows), -1, np.intp)
    if len(rows) == len(cells.times) and np.array_equal(rows, cells.times):
        positions[:] = cells.positions
        return positions
    at = np.searchsorted(rows, cells.times)
    inside = at < len(rows)
    at, times, found = at[inside], cells.times[inside], cells.positions[inside]
    hit = rows[at] == times
    positions[at[hit]] = found[hit]
    return positions


def filled(rows: Times, cells: Merged, before: int) -> Places:
    """For each row the position of the last cell at or before its time; `before` where there is none."""
    at = np.searchsorted(rows, cells.times)
    counts = np.bincount(at, minlength=len(rows) + 1)[: len(rows)]
    latest = np.cumsum(counts)
    positions: Places = np.concatenate([[before], cells.positions])[latest]
    return positions
