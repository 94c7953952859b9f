"""What one chunk has of one component, as cells: times in order, each once, and the rows they are in."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from rrsdk.chunk.order import sort_keys
from rrsdk.dataframe.schema import CLEAR
from rrsdk.timeline import MIN_TIME

if TYPE_CHECKING:
    from rrsdk.chunk import Chunk
    from rrsdk.dataframe.times import Times
    from rrsdk.store.opened import Opened

Places = npt.NDArray[np.intp]


class Cells(NamedTuple):
    """Cells of a chunk in the order of their times. Of several rows at one time the last one counts."""

    times: Times
    places: Places
    """The row of the chunk that each is in."""
    chunk: Chunk

    def between(self, first: int, last: int) -> Cells:
        """Those in a range of times, both ends included."""
        start, stop = np.searchsorted(self.times, first), np.searchsorted(self.times, last, "right")
        return self if stop - start == len(self.times) else self.part(int(start), int(stop))

    def part(self, start: int, stop: int) -> Cells:
        """Some of them, by number."""
        return Cells(self.times[start:stop], self.places[start:stop], self.chunk)

    def times_on(self, timeline: str) -> Times | None:
        """Their times on another timeline, in the order of the cells; None where the chunk is not on it."""
        if timeline not in self.chunk.timelines:
            return None
        found: Times = sort_keys(self.chunk.times(timeline))[0][self.places]
        return found


class Cutter:
    """The cells of one open chunk; columns without gaps get the same object, so that work on it is shared."""

    def __init__(self, opened: Opened, timeline: str, first: int, last: int) -> None:
        self._opened, self._timeline, self._bounds = opened, timeline, (first, last)
        self._found: dict[str | None, Cells] = {}

    def cells(self, component: str) -> Cells:
        """Where a component is there, within the bounds."""
        key = component if self._opened.column(component).null_count else None
        if key not in self._found:
            self._found[key] = self._cut(key)
        return self._found[key]

    def clears(self) -> Cells:
        """Where the entity was cleared."""
        return self.cells(CLEAR)

    def recursive_clears(self) -> Cells:
        """Where a Clear covers what lies below, too."""
        cells = self.cells(CLEAR)
        column = self._opened.column(CLEAR)
        is_recursive = [any(column[int(place)].as_py() or ()) for place in cells.places]
        keep = np.array(is_recursive, bool)
        return Cells(cells.times[keep], cells.places[keep], cells.chunk)

    def _cut(self, component: str | None) -> Cells:
        rows = self._opened.rows(self._timeline, component)
        times = np.asarray(rows.times, np.int64)
        places = np.arange(len(times)) if rows.places is None else rows.places
        if len(times) > 1:
            is_last = np.append(times[1:] != times[:-1], True)
            if not is_last.all():
                times, places = times[is_last], places[is_last]
        return Cells(times, places, self._opened.chunk).between(*self._bounds)


class Merged(NamedTuple):
    """The cells of a column from several chunks, each time once."""

    times: Times
    positions: Places
    """Where each is in the chunks' rows, laid end to end."""


def merge(parts: list[Cells], starts: list[int]) -> Merged:
    """One order of cells; where two are of one time, the one with the greater row id stays.

    `starts`: where each chunk's rows begin, less the first row used.
    """
    parts, starts = _without_empty(parts, starts)
    if not parts:
        return Merged(np.empty(0, np.int64), np.empty(0, np.intp))
    if len(parts) == 1:
        return Merged(parts[0].times, parts[0].places + starts[0])
    order = sorted(range(len(parts)), key=lambda number: int(parts[number].times[0]))
    parts, starts = [parts[number] for number in order], [starts[number] for number in order]
    times = np.concatenate([part.times for part in parts])
    positions = np.concatenate([part.places + start for part, start in zip(parts, starts)])
    if all(one.times[-1] < other.times[0] for one, other in pairwise(parts)):
        return Merged(times, positions)
    halves = [[half[part.places] for half in sort_keys(part.chunk.row_ids)] for part in parts]
    high, low = (np.concatenate(both) for both in zip(*halves))
    by_row = np.lexsort((low, high, times))
    times, positions = times[by_row], positions[by_row]
    is_last = np.append(times[1:] != times[:-1], True)
    return Merged(times[is_last], positions[is_last])


def _without_empty(parts: list[Cells], starts: list[int]) -> tuple[list[Cells], list[int]]:
    keep = [number for number, part in enumerate(parts) if len(part.times)]
    return [parts[number] for number in keep], [starts[number] for number in keep]


MISSING = MIN_TIME
"""Stands for no time on another timeline."""
