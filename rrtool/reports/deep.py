"""The dearer half of verification: full Arrow validation, order of rows, manifests made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_TYPE_KEY, SORTED_KEY
from rrsdk.ipc.manifest import ENTITY, FIXED, NUM_ROWS, OFFSET
from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.ipc.layout import LaidOut
    from rrsdk.ipc.manifest import Manifest


_ALL_TIMES = (MIN_TIME + 1, MAX_TIME)
"""Where a chunk has no rows, the SDK's footer says that it spans all times; ours says nothing."""


def chunk_problem(chunk: LaidOut) -> str | None:
    """The first thing wrong with a chunk that is sound as far as its buffers go."""
    layout, rows = chunk.shape.layout, chunk.shape.batch.num_rows
    try:
        batch = pa.ipc.open_stream(pa.py_buffer(chunk.payload)).read_next_batch()
        batch.validate(full=True)
    except (pa.ArrowException, StopIteration, OSError, ValueError) as broken:
        return f"the Arrow data are not valid: {' '.join(str(broken).split())}"
    for place, column in enumerate(layout.columns):
        array = batch.column(place)
        counted = _nulls(array)
        if counted != chunk.shape.batch.nodes[column.first_node][1]:
            return f"column {column.name}: {counted} values are null, another number is claimed"
    return _component_problem(chunk, batch) or _order_problem(chunk, rows)


def _nulls(array: pa.Array) -> int:
    """Nulls as the validity bitmap has them: the count in the metadata is only a claim."""
    bitmap = array.buffers()[0] if array.buffers() else None
    if bitmap is None or not len(array) or pa.types.is_null(array.type) or pa.types.is_union(array.type):
        return int(array.null_count)
    bits: int = int.from_bytes(bitmap, "little") >> array.offset & ((1 << len(array)) - 1)
    return len(array) - bits.bit_count()


def _component_problem(chunk: LaidOut, batch: pa.RecordBatch) -> str | None:
    from rrsdk.component.problems import column_problem

    for column in chunk.shape.layout.components:
        metadata = column.field.metadata
        values = batch.column(chunk.shape.layout.columns.index(column))
        if not len(values):
            continue  # there is nothing to look at, and an offset that points nowhere would end the process
        instances = values.flatten()
        found = column_problem(
            column.name, metadata.get(ARCHETYPE_KEY), metadata.get(COMPONENT_TYPE_KEY), instances
        )
        if found is not None:
            return f"column {column.name}: {found}"
    return None


def _order_problem(chunk: LaidOut, rows: int) -> str | None:
    """Row ids and times that claim to ascend and do not."""
    row_id = chunk.shape.layout.row_id
    raw = bytes(chunk.buffer(row_id.first_buffer + 1))[: 16 * rows]
    ids = [raw[at : at + 16] for at in range(0, len(raw), 16)]
    if row_id.field.metadata.get(SORTED_KEY) == "true" and ids != sorted(ids):
        return "the row ids claim to be sorted, but are not"
    if len(set(ids)) < rows:
        return "a row id is there twice"
    for column, (start, end, is_sorted) in zip(chunk.shape.layout.indexes, chunk.shape.times):
        times = chunk.payload[start:end].cast("q").tolist() if is_sorted else []
        if times != sorted(times):
            return f"the times of {column.name} claim to be sorted, but are not"
    return None


def manifest_differences(claimed: Manifest, actual: Manifest) -> Iterator[tuple[int | None, str | None, str]]:
    """Where a manifest differs from the one made of its chunks: offset and entity of the chunk, and what."""
    for key in sorted(claimed.table.columns.keys() ^ actual.table.columns.keys()):
        side = "has a column that no chunk explains" if key in claimed.table.columns else "lacks the column"
        yield None, None, f"the footer {side}: {readable_key(key)}"
    for name in sorted(claimed.fields.keys() ^ actual.fields.keys()):
        side = "has a field that no chunk explains" if name in claimed.fields else "lacks the field"
        yield None, None, f"the footer's schema {side}: {name}"
    offsets, entities = actual.table.u64(OFFSET), actual.table.raw(ENTITY)
    counts = actual.table.u64(NUM_ROWS)
    for key, column in claimed.table.columns.items():
        made = actual.table.columns.get(key)
        if made is None or key in FIXED:
            continue
        for row in range(len(actual)):
            says, does = column.get(row), made.get(row)
            if says != does and (counts[row] or does is not None or says not in _ALL_TIMES):
                entity = entities[row].decode("utf-8", "replace")
                yield (
                    offsets[row],
                    entity,
                    f"the footer says {readable_key(key)} {says!r}, the chunk {does!r}",
                )


def readable_key(key: str) -> str:
    """A column of a manifest as people name it: `frame:Points3D:positions:start`."""
    parts = key.split("\0")
    return ":".join((parts[0], parts[2], parts[4])) if len(parts) == 5 else key
