"""Record batches from rows whose values were found: takes, slices and nulls, none of them too large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rrsdk.dataframe.arrow import Taker, integers, offsets_of
from rrsdk.dataframe.cells import MISSING
from rrsdk.dataframe.schema import IndexColumnDescriptor
from rrsdk.dataframe.times import arrow_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.dataframe.align import Placed
    from rrsdk.dataframe.query import Query
    from rrsdk.dataframe.schema import ComponentColumnDescriptor
    from rrsdk.dataframe.times import Times

MAX_ROWS = 1 << 15
MAX_BYTES = 32 << 20

Found = dict["ComponentColumnDescriptor", "Placed"]


class Batches:
    """Makes the batches of one query."""

    def __init__(
        self, schema: pa.Schema, query: Query, statics: dict[ComponentColumnDescriptor, pa.Array]
    ) -> None:
        self._schema, self._query, self._statics = schema, query, statics

    def static(self) -> Iterator[pa.RecordBatch]:
        """The one row that there is without a timeline."""
        columns = [
            pa.nulls(1, arrow_type(one.kind))
            if isinstance(one, IndexColumnDescriptor)
            else self._statics.get(one, pa.nulls(1, one.datatype))
            for one in self._query.output
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def of(self, rows: Times, placed: Found) -> Iterator[pa.RecordBatch]:
        """The batches of some rows."""
        others = {one.name: _latest(one.name, placed, len(rows)) for one in self._query.other_indexes}
        arrays: dict[ComponentColumnDescriptor, pa.Array] = {}
        for column in self._query.output:
            if not isinstance(column, IndexColumnDescriptor):
                arrays[column] = self._statics.get(column)
                if arrays[column] is None and column in placed:
                    arrays[column] = placed[column].sources.array(column)
        takers = {one: None if array is None else Taker(array) for one, array in arrays.items()}
        start = 0
        for stop in self._cuts(len(rows), arrays, placed):
            taken: dict[int, Any] = {}
            columns = []
            for column in self._query.output:
                if not isinstance(column, IndexColumnDescriptor):
                    columns.append(self._column(column, takers[column], placed, start, stop, taken))
                elif column == self._query.index:
                    columns.append(integers(rows[start:stop], arrow_type(column.kind)))
                else:
                    times = others[column.name][start:stop]
                    columns.append(integers(times, arrow_type(column.kind), times == MISSING))
            yield pa.RecordBatch.from_arrays(columns, schema=self._schema)
            start = stop

    def _column(
        self,
        column: ComponentColumnDescriptor,
        taker: Taker | None,
        placed: Found,
        start: int,
        stop: int,
        taken: dict[int, Any],
    ) -> pa.Array:
        if taker is None:
            return pa.nulls(stop - start, column.datatype)
        if column in self._statics:
            return taker.take(np.zeros(stop - start, np.intp), None)
        positions = placed[column].positions
        if id(positions) not in taken:
            taken[id(positions)] = _how(positions[start:stop])
        how = taken[id(positions)]
        if isinstance(how, slice):
            return taker.lists[how]
        return pa.nulls(stop - start, column.datatype) if how is None else taker.take(*how)

    def _cuts(
        self, count: int, arrays: dict[ComponentColumnDescriptor, pa.Array], placed: Found
    ) -> list[int]:
        """Where batches end, so that none is larger than it should be."""
        heavy: list[tuple[Any, Any]] = []
        budget = MAX_BYTES // MAX_ROWS
        constant = 8.0 * len(self._query.output)
        for column, array in arrays.items():
            if array is None or not len(array):
                continue
            widths = _widths(array)
            widest = float(widths.max())
            if column in self._statics or widest <= budget / max(1, len(arrays)):
                constant += widest
            else:
                heavy.append((np.append(widths, 0.0), placed[column].positions))
        if not heavy:
            step = int(max(1, min(MAX_ROWS, MAX_BYTES / constant)))
            return [*range(step, count, step), count]
        sizes = np.full(count, constant)
        for widths, positions in heavy:
            sizes += widths[positions]  # -1, where there is nothing, is the zero at the end
        ends = np.cumsum(sizes)
        cuts: list[int] = []
        start, before = 0, 0.0
        while start < count:
            stop = int(np.searchsorted(ends, before + MAX_BYTES, "right"))
            start = min(max(stop, start + 1), start + MAX_ROWS, count)
            before = float(ends[start - 1])
            cuts.append(start)
        return cuts


def _how(positions: np.ndarray) -> Any:
    """How to take values: a slice where they are neighbours, places and gaps, None where there are none."""
    first, last = int(positions[0]), int(positions[-1])
    if first >= 0 and last - first == len(positions) - 1 and bool((np.diff(positions) == 1).all()):
        return slice(first, last + 1)
    missing = positions < 0
    if not missing.any():
        return positions, None
    return None if missing.all() else (positions, missing)


def _widths(array: pa.ListArray) -> np.ndarray:
    """About how many bytes each list of an array takes."""
    lengths = np.diff(offsets_of(array))
    values = array.values
    widths: np.ndarray = lengths * (values.nbytes / max(1, len(values)))
    return widths


def _latest(timeline: str, placed: Found, count: int) -> Times:
    """For each row the greatest time on another timeline among its values, as Rerun has it."""
    found = np.full(count, MISSING)
    done: set[object] = set()
    for one in placed.values():
        before = one.sources.carried
        key = one.sources.key, None if before is None else before.times.get(timeline)
        if key in done:
            continue
        done.add(key)
        times = one.sources.times_on(timeline)
        if times is None:
            continue
        there = np.append(times, MISSING)  # -1, where there is no value, is the one at the end
        np.maximum(found, there[one.positions], out=found)
    return found
