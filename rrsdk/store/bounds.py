"""Which times chunks cover, and which of their components are there: of one, or of thousands at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from rrsdk.chunk.order import sort_keys
from rrsdk.store.buffers import presence
from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from rrsdk.chunk import Chunk
    from rrsdk.ipc.rows import Row

Range: TypeAlias = tuple[int, int]
_WORTH_JOINING: Final = 8


class Bounds(NamedTuple):
    """Of one chunk; timelines and components by their numbers in its form."""

    num_rows: int
    times: tuple[Range | None, ...]
    """First and last time on each timeline; None where there are no rows."""
    nulls: tuple[int, ...]
    """In how many rows each component is null."""
    partial: Mapping[tuple[int, int], Range | None] | None = None
    """Where that are some rows and not all: the times of the others, by timeline and component."""

    def of(self, timeline: int, component: int | None) -> Range | None:
        """The times at which a component is there (None: any); None where it never is."""
        missing = self.nulls[component] if component is not None else 0
        if not missing or component is None:
            return self.times[timeline]
        if missing == self.num_rows or self.partial is None:
            return None
        return self.partial[timeline, component]


def bounds_of_row(row: Row) -> Bounds:
    """From what a manifest says."""
    return Bounds(row.shape.batch.num_rows, row.spans, row.shape.nulls, row.partial)


def bounds_of(chunks: Sequence[Chunk]) -> list[Bounds]:
    """Of chunks with equal columns, at least a row each."""
    if len(chunks) < _WORTH_JOINING:
        return [bounds for chunk in chunks for bounds in _joined([chunk])]
    return _joined(chunks)


def _joined(chunks: Sequence[Chunk]) -> list[Bounds]:
    """All times in one array, of which each chunk has a part."""
    count = len(chunks)
    batches = [chunk.to_record_batch() for chunk in chunks]
    sizes = np.fromiter((batch.num_rows for batch in batches), np.int64, count)
    begins = np.zeros(count, np.int64)
    np.cumsum(sizes[:-1], out=begins[1:])
    table = (
        pa.Table.from_batches(batches) if count == 1 else pa.Table.from_batches(batches, batches[0].schema)
    )
    first = len(chunks[0].timeline_names) + 1
    times = [_times(table.column(number)) for number in range(1, first)]
    spans = [_spans(values, begins) for values in times]
    nulls: list[list[int]] = []
    partial: list[dict[tuple[int, int], Range | None]] | None = None
    for component in range(table.num_columns - first):
        column = table.column(first + component)
        if not column.null_count:
            nulls.append([0] * count)
            continue
        gone = ~np.concatenate([presence(one) for one in column.chunks])
        missing = np.add.reduceat(gone.astype(np.int64), begins)
        nulls.append(missing.tolist())
        if ((missing > 0) & (missing < sizes)).any():
            partial = [{} for _ in chunks] if partial is None else partial
            for timeline, values in enumerate(times):
                for into, span in zip(partial, _spans_where(values, ~gone, begins)):
                    into[timeline, component] = span
    missing_of = list(zip(*nulls)) if nulls else [()] * count
    times_of = list(zip(*spans)) if spans else [()] * count
    return [
        Bounds(size, when, missing, partial[number] if partial is not None else None)
        for number, (size, when, missing) in enumerate(zip(sizes.tolist(), times_of, missing_of))
    ]


def _times(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    array = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    (values,) = sort_keys(array)
    return values


def _spans(values: npt.NDArray[np.int64], begins: npt.NDArray[np.int64]) -> list[Range]:
    if len(values) == len(begins):
        one = values.tolist()
        return list(zip(one, one))
    first, last = np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)
    return list(zip(first.tolist(), last.tolist()))


def _spans_where(
    values: npt.NDArray[np.int64], there: npt.NDArray[np.bool_], begins: npt.NDArray[np.int64]
) -> list[Range | None]:
    first = np.minimum.reduceat(np.where(there, values, MAX_TIME), begins)
    last = np.maximum.reduceat(np.where(there, values, MIN_TIME), begins)
    any_there = np.logical_or.reduceat(there, begins)
    return [
        span if one else None for span, one in zip(zip(first.tolist(), last.tolist()), any_there.tolist())
    ]
