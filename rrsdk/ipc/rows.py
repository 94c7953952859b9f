"""The manifest row of a chunk: what the footer says of it, read from its head alone.

Times stand before the components in a chunk, and null counts and lengths in the record batch's
metadata, so a row costs no decoding of values (and, for a large chunk, no decompression of them).
"""

from __future__ import annotations

import struct
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rrsdk.errors import FormatError
from rrsdk.ipc.table import unpack_bits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rrsdk.ipc.layout import LaidOut, Shape

Range: TypeAlias = tuple[int, int] | None
"""First and last time, both inclusive; None where there is none."""

_I64 = struct.Struct("<q")


class Row(NamedTuple):
    """One chunk as the manifest describes it, but for where it lies in the file."""

    shape: Shape
    chunk_id: bytes
    spans: tuple[Range, ...]
    """The times covered, one span a timeline in the layout's order."""
    partial: Mapping[tuple[int, int], Range] | None
    """Where a component is null in some rows: its own span, by (timeline, component)."""

    def component_span(self, timeline: int, component: int) -> Range:
        """The times at which a component is there, on one timeline."""
        missing, rows = self.shape.nulls[component], self.shape.batch.num_rows
        if not missing:
            return self.spans[timeline]
        if missing == rows or self.partial is None:
            return None
        return self.partial[timeline, component]


def describe(chunk: LaidOut, chunk_id: bytes) -> Row:
    """The manifest row of a chunk whose payload reaches at least to its shape's `head_size`."""
    shape, payload = chunk.shape, chunk.payload
    if len(payload) < shape.head_size:
        raise FormatError("the chunk is cut off", entity=shape.layout.entity)
    rows = shape.batch.num_rows
    if rows == 1:  # by far the most common chunk that there are many of
        spans: tuple[Range, ...] = tuple(
            [(time, time) for start, _, _ in shape.times for time in _I64.unpack_from(payload, start)]
        )
        return Row(shape, chunk_id, spans, None)
    spans = tuple([_span(payload[start:end].cast("q"), is_sorted) for start, end, is_sorted in shape.times])
    if not any(shape.nulls):
        return Row(shape, chunk_id, spans, None)
    partial: dict[tuple[int, int], Range] = {}
    for component, missing in enumerate(shape.nulls):
        if 0 < missing < rows:
            there = _presence(chunk, component)
            for timeline, (start, end, _) in enumerate(shape.times):
                present = list(compress(payload[start:end].cast("q"), there))
                partial[timeline, component] = (min(present), max(present)) if present else None
    return Row(shape, chunk_id, spans, partial)


def _span(times: Sequence[int], is_sorted: bool) -> Range:
    if not len(times):
        return None
    return (times[0], times[-1]) if is_sorted else (min(times), max(times))


def _presence(chunk: LaidOut, component: int) -> bytearray:
    column = chunk.shape.layout.components[component]
    rows = chunk.shape.batch.num_rows
    there = unpack_bits(chunk.buffer(column.first_buffer), rows)
    if len(there) != rows:
        raise FormatError(
            "a component's validity is cut off", entity=chunk.shape.layout.entity, field=column.name
        )
    return there
