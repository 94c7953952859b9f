"""Parquet files as chunks: a row of the table is a row at its time, columns go to entities and components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.errors import FormatError, InputError, TruncatedError
from rrsdk.ipc.keys import INDEX_NAME_KEY, KIND_KEY
from rrtool.conversion.columns import Component, Layout, layout_of, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rrsdk.importers import File

SUFFIXES: Final = frozenset({".parquet", ".pq"})
ROW_INDEX: Final = "row_index"
"""What rows are counted on where no column says when they were, as in Rerun."""
_MAGIC: Final = b"PAR1"
_MAX_ROWS: Final = 64 * 1024
_ENOUGH: Final = 16 * 1024 * 1024
"""Bytes of rows that are decoded at once, about."""


def read_parquet(file: File, indexes: Sequence[str]) -> Iterator[Chunk]:
    """What is in a Parquet file; `indexes` are columns that are timelines, besides those that say so."""
    from pyarrow.parquet import ParquetFile

    _check_ends(file)
    try:
        with ParquetFile(file.name) as parquet:
            layout = layout_of(parquet.schema_arrow, file.entity, indexes)
            constants: dict[int, pa.Array] = {}
            first = 0
            for batch in parquet.iter_batches(batch_size=_batch_size(parquet.metadata)):
                yield from _of_batch(batch, layout, first)
                _keep_constants(batch, layout, constants)
                first += batch.num_rows
            yield from _static(layout, constants)
    except (pa.ArrowException, OSError, ValueError) as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise FormatError(f"cannot be read as Parquet: {first_line}", source=file.name) from error


def _check_ends(file: File) -> None:
    size = file.check_regular()
    try:
        with open(file.name, "rb") as opened:
            begin = opened.read(4)
            opened.seek(max(size - 4, 0))
            end = opened.read(4)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=file.name) from None
    if begin != _MAGIC:
        raise FormatError("does not begin as Parquet does", source=file.name, offset=0)
    if end != _MAGIC or size < 12:
        raise TruncatedError("is cut off: its end is missing", source=file.name, offset=size)


def _batch_size(metadata: Any) -> int:
    """How many rows are decoded at once: fewer where the largest group of rows says that they are long."""
    longest = 1
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        longest = max(longest, group.total_byte_size // max(group.num_rows, 1))
    return int(min(max(_ENOUGH // longest, 1), _MAX_ROWS))


def _of_batch(batch: pa.RecordBatch, layout: Layout, first: int) -> Iterator[Chunk]:
    """A chunk for each entity, and for each set of timelines that its rows are on."""
    told = [(name, times(batch.column(number), name)) for number, name in layout.timelines]
    if not told:
        told = [(ROW_INDEX, pa.array(np.arange(first, first + batch.num_rows)))]
    on = np.zeros(batch.num_rows, np.uint64)
    for place, (_, array) in enumerate(told):
        on |= _is_valid(array).astype(np.uint64) << np.uint64(place)
    for entity, columns in layout.temporal.items():
        found = [(one, one.lists(batch.column(one.number))) for one in columns]
        rows = np.flatnonzero(np.logical_or.reduce([_is_valid(array) for _, array in found]))
        lost = rows[on[rows] == 0]
        if len(lost):
            names = ", ".join(name for name, _ in told)
            raise FormatError(f"row {first + int(lost[0])} has no time: null in {names}", entity=entity)
        for pattern in np.unique(on[rows]):
            some = rows[on[rows] == pattern]
            if len(some) < batch.num_rows:
                here = pa.array(some)
                parts = [(one, array.take(here)) for one, array in found]
                when = [(name, array.take(here)) for name, array in told]
            else:
                parts, when = found, told
            yield from _chunk(
                [one for place, one in enumerate(when) if int(pattern) >> place & 1],
                [(one, array) for one, array in parts if array.null_count < len(array)],
            )


def _keep_constants(batch: pa.RecordBatch, layout: Layout, found: dict[int, pa.Array]) -> None:
    """The first value of each column that is static, which stands in every row."""
    for one in layout.static:
        if one.number not in found:
            valid = np.flatnonzero(_is_valid(batch.column(one.number)))
            if len(valid):
                found[one.number] = one.lists(batch.column(one.number).slice(int(valid[0]), 1))


def _static(layout: Layout, found: dict[int, pa.Array]) -> Iterator[Chunk]:
    for entity in dict.fromkeys(one.entity for one in layout.static):
        here = [one for one in layout.static if one.entity == entity and one.number in found]
        if here:
            yield from _chunk([], [(one, found[one.number]) for one in here])


def _chunk(when: list[tuple[str, pa.Array]], what: list[tuple[Component, pa.Array]]) -> Iterator[Chunk]:
    fields = [
        pa.field(name, array.type, metadata={KIND_KEY: "index", INDEX_NAME_KEY: name}) for name, array in when
    ]
    fields += [pa.field(f"{one.entity}:{one.name}", array.type, metadata=one.metadata) for one, array in what]
    arrays = [array for _, array in (*when, *what)]
    batch = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
    yield from Chunk.from_dataframe(batch, index=[name for name, _ in when] or None)


def _is_valid(array: pa.Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found: np.ndarray[Any, np.dtype[np.bool_]] = array.is_valid().to_numpy(zero_copy_only=False)
    return found
