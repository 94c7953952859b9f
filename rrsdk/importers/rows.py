"""A logged value as a chunk of one row, static or at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.batcher.template import TIME_TYPES, index_field
from rrsdk.chunk import Chunk
from rrsdk.chunk.build import assemble
from rrsdk.chunk.columns import ROW_ID_FIELD, new_row_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.component.column import Loggable
    from rrsdk.timeline import TimeType


def static(entity: str, value: Loggable) -> Chunk:
    """The value, valid at all times."""
    return _chunk(entity, [value], [])


def timed(entity: str, timeline: str, kind: TimeType, rows: Sequence[tuple[int, Loggable]]) -> Chunk:
    """A row for each value, at its time; all values are of one type and have the same fields."""
    times = pa.array([time for time, _ in rows], pa.int64()).cast(TIME_TYPES[kind])
    index = index_field(timeline, kind, is_sorted=False)  # whether it is, is found out
    return _chunk(entity, [value for _, value in rows], [(index, times)])


def _chunk(entity: str, values: list[Loggable], times: list[tuple[pa.Field, pa.Array]]) -> Chunk:
    found = sorted(type(values[0]).encode(values), key=lambda column: column.field.name)
    components = [(column.field, column.array) for column in found]
    columns = [(ROW_ID_FIELD, new_row_ids(len(values))), *times, *components]
    return Chunk.from_record_batch(assemble(columns, entity, None))
