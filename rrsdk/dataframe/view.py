"""A table of a recording: narrowed step by step, and read as a stream of Arrow record batches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rrsdk.dataframe.schema import ComponentColumnDescriptor, IndexColumnDescriptor
from rrsdk.dataframe.table import arrow_schema, batches
from rrsdk.dataframe.times import as_time, as_times, seconds_as_time
from rrsdk.errors import UsageError
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.dataframe.query import Query
    from rrsdk.dataframe.schema import Column, Schema
    from rrsdk.store.reader import StoreReader


@dataclass(frozen=True, slots=True)
class View:
    """Rows of a recording on one timeline. Nothing is read before rows are asked for.

    Exports the Arrow PyCapsule stream, so pandas, polars, DuckDB and DataFusion take it as it is.
    Each method returns another view; each reading begins anew.
    """

    _store: StoreReader
    _schema: Schema
    _query: Query
    _strict: bool = field(default=False, repr=False)

    # --- narrowed ---

    def filter_range(self, start: Any = None, end: Any = None) -> View:
        """Rows from `start` to `end`, both included; None leaves a side open.

        Times as the timeline has them: whole numbers; timedeltas or datetimes (of Python or numpy),
        nanoseconds, or texts like `1.5s` and `2024-02-29T12:00:00Z`.
        """
        return self._ranged(lambda value, index: as_time(value, index.kind, index.name), start, end)

    def filter_range_sequence(self, start: int, end: int) -> View:
        """`filter_range` on a timeline of sequence numbers."""
        self._must_count("filter_range_sequence", TimeType.SEQUENCE)
        return self.filter_range(start, end)

    def filter_range_secs(self, start: float, end: float) -> View:
        """`filter_range` in seconds: of a duration, or since 1970."""
        return self._ranged(lambda value, index: seconds_as_time(value, index.kind, index.name), start, end)

    def filter_range_nanos(self, start: int, end: int) -> View:
        """`filter_range` in nanoseconds: of a duration, or since 1970."""
        self._must_count("filter_range_nanos", TimeType.DURATION, TimeType.TIMESTAMP)
        return self.filter_range(start, end)

    def filter_range_timestamp(self, start: Any, end: Any) -> View:
        """`filter_range` on a timeline of timestamps."""
        self._must_count("filter_range_timestamp", TimeType.TIMESTAMP)
        return self.filter_range(start, end)

    def filter_range_duration(self, start: Any, end: Any) -> View:
        """`filter_range` on a timeline of durations."""
        self._must_count("filter_range_duration", TimeType.DURATION)
        return self.filter_range(start, end)

    def filter_index_values(self, values: Any) -> View:
        """Of the rows there are, only those at these times."""
        index = self._index("filter_index_values")
        times = np.unique(as_times(values, index.kind, index.name))
        if self._query.only is not None:
            times = np.intersect1d(times, self._query.only)
        return self._with(only=times)

    def using_index_values(self, values: Any) -> View:
        """Rows at exactly these times, whether or not anything was logged; best with `fill_latest_at`."""
        index = self._index("using_index_values")
        times = np.sort(as_times(values, index.kind, index.name))
        if len(times) > 1 and bool((times[1:] == times[:-1]).any()):
            raise UsageError("using_index_values names a time twice", hint="each may be there once")
        return self._with(sampled=times)

    def filter_is_not_null(self, column: Any) -> View:
        """Only rows in which a column has a value: a logged one, or with `fill_latest_at` an earlier one."""
        found = self._component(column, "filter_is_not_null")
        return self._with(not_null=(*self._query.not_null, found))

    def fill_latest_at(self, *, fill_past_clears: bool = True) -> View:
        """Where nothing was logged in a row, show what was last.

        As in Rerun, a Clear shows as an empty list in its own row only: the rows behind it are filled
        with what was there before. With `fill_past_clears=False` what was cleared stays empty.
        """
        return self._with(fill=True, fill_past_clears=fill_past_clears)

    def select(self, *columns: Any) -> View:
        """Only these columns, in this order; by name (`/entity:component`), selector or descriptor.

        Which rows there are does not change.
        """
        found = tuple(self._selected(column) for column in columns)
        names = [one.name for one in found]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise UsageError(f"column {twice} is selected twice")
        return self._with(output=found)

    # --- read ---

    def schema(self) -> pa.Schema:
        """The columns as an Arrow schema."""
        return arrow_schema(self._query)

    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return [one.name for one in self._query.output]

    def to_arrow_reader(self) -> pa.RecordBatchReader:
        """The rows, as they are read: batches of at most 32,768 rows, and 32 MiB where no row is larger."""
        return pa.RecordBatchReader.from_batches(self.schema(), batches(self._store, self._bounded()))

    def to_arrow_table(self) -> pa.Table:
        """All rows at once."""
        return self.to_arrow_reader().read_all()

    def to_pandas(self) -> Any:
        """All rows as a pandas DataFrame."""
        return self.to_arrow_table().to_pandas()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_arrow_reader().__arrow_c_stream__(requested_schema)

    # --- details ---

    def _bounded(self) -> Query:
        """The query with a range that follows from the times it names."""
        query = self._query
        named = query.sampled if query.sampled is not None else query.only
        if named is None:
            return query
        named = named[(named >= query.first) & (named <= query.last)]
        first, last = (int(named[0]), int(named[-1])) if len(named) else (1, 0)
        changed = replace(query, first=max(first, query.first), last=min(last, query.last))
        return replace(changed, sampled=named) if query.sampled is not None else changed

    def _with(self, **changes: Any) -> View:
        return replace(self, _query=replace(self._query, **changes))

    def _ranged(self, parse: Callable[[Any, IndexColumnDescriptor], int], start: Any, end: Any) -> View:
        index, query = self._index("filter_range"), self._query
        first = query.first if start is None else max(query.first, parse(start, index))
        last = query.last if end is None else min(query.last, parse(end, index))
        return self._with(first=first, last=last)

    def _index(self, what: str) -> IndexColumnDescriptor:
        if self._query.index is None:
            raise UsageError(f"{what} needs a timeline; this view has static data only", hint="give index=")
        return self._query.index

    def _must_count(self, what: str, *kinds: TimeType) -> None:
        index = self._index(what)
        if index.kind not in kinds:
            wanted = " or ".join(f"{kind.value}s" for kind in kinds)
            raise UsageError(f"timeline {index.name} counts {index.kind.value}s; {what} is for {wanted}")

    def _selected(self, column: Any) -> Column:
        found = self._schema.find(column)
        if isinstance(found, ComponentColumnDescriptor):
            return self._component(found, "select")
        return found

    def _component(self, column: Any, what: str) -> ComponentColumnDescriptor:
        found = self._schema.find(column)
        if not isinstance(found, ComponentColumnDescriptor):
            raise UsageError(f"{what} wants a component's column; {found.name} is a timeline")
        if found not in self._query.contents:
            raise UsageError(
                f"column {found.name} is not in the contents of this view", hint="widen contents="
            )
        return found
