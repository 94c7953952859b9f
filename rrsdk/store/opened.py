"""A decoded chunk, ready to be asked: its rows in the order of times, made when first asked for and kept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from rrsdk.chunk.order import is_sorted, sort_keys, sorted_places
from rrsdk.store.buffers import bytes_of, presence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from rrsdk.chunk import Chunk

    Places = npt.NDArray[np.intp]

Best: TypeAlias = tuple[int, bytes, "Opened", int]
"""A time, a row id, and where: what is latest is greatest. No two rows have the same id."""


COLUMN_COST = 2_000
"""Bytes of the objects around a column, Arrow's and ours, measured: more than small chunks have of data."""


class Rows(NamedTuple):
    """Some rows of a chunk, in the order of (time, row id)."""

    times: Sequence[int]
    places: Places | None
    """Each row's place in the chunk; None: they are all rows, and stand in that order."""

    def place(self, number: int) -> int:
        """Where in the chunk the row with this number in the order is."""
        return number if self.places is None else int(self.places[number])


class Opened:
    """One chunk of a store. What it finds out it keeps; threads that find out the same agree."""

    __slots__ = (
        "__weakref__",
        "_columns",
        "_is_counted",
        "_own_bytes",
        "_row_ids",
        "_rows",
        "_static",
        "chunk",
        "number",
    )

    def __init__(self, number: int, chunk: Chunk, *, is_counted: bool = False) -> None:
        """`is_counted`: the store counts the chunk's memory already."""
        self.number = number
        self.chunk = chunk
        self._rows: dict[tuple[str, str | None], Rows] = {}
        self._static: dict[str, int] = {}
        self._columns: dict[str, pa.Array] = {}
        self._row_ids: memoryview | None = None
        self._own_bytes = 0
        self._is_counted = is_counted

    @property
    def nbytes(self) -> int:
        """What it takes: Arrow buffers, each once and whole, and what was made here."""
        return self._own_bytes if self._is_counted else bytes_of(self.chunk) + self._own_bytes

    @property
    def cost(self) -> int:
        """What it costs to keep: also the objects around its data."""
        return self.nbytes + COLUMN_COST * self.chunk.num_columns

    def row_id(self, place: int) -> bytes:
        """The 16 bytes of a row's id."""
        ids = self._row_ids
        if ids is None:
            column = self.chunk.row_ids
            data = column.buffers()[1]
            start = 16 * column.offset
            ids = self._row_ids = memoryview(data or b"").cast("B")[start : start + 16 * len(column)]
        return bytes(ids[16 * place : 16 * place + 16])

    def rows(self, timeline: str, component: str | None) -> Rows:
        """The rows where a component is there (None: all), in the order of (time, row id)."""
        found = self._rows.get((timeline, component))
        if found is None:
            found = self._rows[timeline, component] = self._ordered(timeline, component)
        return found

    def _ordered(self, timeline: str, component: str | None) -> Rows:
        chunk = self.chunk
        if component is not None:
            column = self.column(component)
            if not column.null_count:
                return self.rows(timeline, None)
            rows = self.rows(timeline, None)
            there = presence(column)
            if rows.places is None:
                places: Places = np.flatnonzero(there)
                return self._kept(np.asarray(rows.times)[places], places)
            chosen = there[rows.places]
            return self._kept(np.asarray(rows.times)[chosen], rows.places[chosen])
        times = chunk.times(timeline)
        (values,) = sort_keys(times)
        if len(values) == 1:
            return Rows((int(values[0]),), None)
        if is_sorted([values, *sort_keys(chunk.row_ids)]):
            return Rows(values.data, None)
        places = sorted_places([times, chunk.row_ids])
        return self._kept(values[places], places)

    def _kept(self, times: npt.NDArray[np.int64], places: Places) -> Rows:
        self._own_bytes += times.nbytes + places.nbytes
        return Rows(np.ascontiguousarray(times).data, places)

    def latest(self, timeline: str, component: str, time: int) -> Best | None:
        """The last row with the component at or before a time."""
        rows = self._rows.get((timeline, component)) or self.rows(timeline, component)
        number = bisect_right(rows[0], time) - 1
        if number < 0:
            return None
        place = number if rows[1] is None else int(rows[1][number])
        return rows[0][number], self.row_id(place), self, place

    def between(self, timeline: str, component: str | None, first: int, last: int) -> tuple[Rows, int, int]:
        """The rows in a range of times, as their numbers (from, to) in the order of rows."""
        rows = self.rows(timeline, component)
        start = bisect_left(rows[0], first)
        return rows, start, bisect_right(rows[0], last, start)

    def last_static(self, component: str) -> int | None:
        """The row with the component that has the greatest id; None where it is null in all."""
        if component not in self._static:
            there = np.flatnonzero(presence(self.column(component))).tolist()
            self._static[component] = max(there, key=self.row_id, default=-1)
        place = self._static[component]
        return None if place < 0 else place

    def column(self, component: str) -> Any:
        """A component's lists."""
        column = self._columns.get(component)
        if column is None:
            column = self._columns[component] = self.chunk.component(component)
        return column

    def instances(self, component: str, place: int) -> pa.Array:
        """What was logged in one row: a slice, nothing is copied."""
        return self.column(component)[place].values

    def __lt__(self, other: Opened) -> bool:
        return self.number < other.number
