"""Tables of Arrow as chunks: which column is a timeline, and which entity's component, as metadata say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rrsdk.chunk.check import ROW_ID_TYPE
from rrsdk.chunk.columns import ROW_ID_FIELD, component_column, index_column, new_row_ids
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, UsageError
from rrsdk.ipc.keys import COMPONENT_KEY, ENTITY_KEY, ID_KEY, INDEX_NAME_KEY, KIND_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk.build import Columns


class AutoIndex:
    """What `AUTO_INDEX` is of: timelines are the columns whose metadata say so."""

    def __repr__(self) -> str:
        return "AUTO_INDEX"


AUTO_INDEX = AutoIndex()


def columns_of_dataframe(
    table: Any, *, index: str | list[str] | AutoIndex | None, entity_path: str | None
) -> Iterator[tuple[str, Columns | pa.RecordBatch]]:
    """Entities with the columns of a chunk, or with a batch that is one already."""
    if isinstance(table, pa.RecordBatch):
        batches: Any = [table]
    elif isinstance(table, pa.Table):
        batches = table.to_batches()
    elif isinstance(table, pa.RecordBatchReader):
        batches = table
    elif hasattr(table, "__arrow_c_stream__"):
        batches = pa.RecordBatchReader.from_stream(table)
    else:
        raise TypeError(f"a table or record batch of Arrow is wanted, not {type(table).__name__}")
    for batch in batches:
        yield from _of_batch(batch, index, entity_path)


def _of_batch(
    batch: pa.RecordBatch, index: str | list[str] | AutoIndex | None, entity_path: str | None
) -> list[tuple[str, Columns | pa.RecordBatch]]:
    """Each entity of which there are columns, in their order."""
    about = _texts(batch.schema.metadata)
    has_ids = any(field.type == ROW_ID_TYPE and _is(field, "control") for field in batch.schema)
    if has_ids and ID_KEY in about and index is AUTO_INDEX and entity_path is None:
        return [(about.get(ENTITY_KEY, ""), batch)]
    names = _timelines(batch, index)
    times = [index_column(_name(batch.schema.field(name)), batch.column(name), "/") for name in names]
    found: dict[str, Columns] = {}
    for field, array in zip(batch.schema, batch.columns):
        if field.name in names or field.type == ROW_ID_TYPE:
            continue
        entity, component = _place(field, about, entity_path)
        found.setdefault(entity, []).append(_component(field, component, array, entity))
    if not found:
        raise ValueError("there are no components in the record batch")
    ids = (ROW_ID_FIELD, new_row_ids(batch.num_rows))
    return [(entity, [ids, *times, *columns]) for entity, columns in found.items()]


def _timelines(batch: pa.RecordBatch, index: Any) -> list[str]:
    told = [field.name for field in batch.schema if _is(field, "index")]
    if index is None:
        if told:
            raise ValueError(f"index=None means static data, but {told[0]!r} is said to be a timeline")
        return []
    names = told if isinstance(index, AutoIndex) else [index] if isinstance(index, str) else list(index)
    missing = [name for name in names if name not in batch.schema.names]
    if missing:
        raise ValueError(f"there is no column {missing[0]!r} to be a timeline")
    if not names:
        raise ValueError("no column is said to be a timeline: name one as `index`, or None for static data")
    for name in names:
        if batch.column(name).null_count:
            raise ValueError(f"timeline {name!r} has nulls")
    return names


def _place(field: pa.Field, about: dict[str, str], entity_path: str | None) -> tuple[str, str]:
    """Entity and component of a column."""
    told = _texts(field.metadata)
    entity, component = told.get(ENTITY_KEY, about.get(ENTITY_KEY)), told.get(COMPONENT_KEY)
    if entity is None and component is None and field.name.startswith("/") and ":" in field.name:
        entity, _, component = field.name.partition(":")
    try:
        path = format_path(parse_path(entity or entity_path or "/"))
        return path, component or str(field.name)
    except UsageError as error:
        raise FormatError(error.what, entity=entity, hint=error.hint) from None


def _component(field: pa.Field, name: str, array: pa.Array, entity: str) -> tuple[pa.Field, pa.Array]:
    """A list a row; what else is told of the column is kept."""
    if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
        array = _one_each(array)
    elif pa.types.is_large_list(array.type):
        array = array.cast(pa.list_(array.type.value_type))
    made, array = component_column(name, array, entity)
    told = {key: value for key, value in _texts(field.metadata).items() if key not in (ENTITY_KEY, KIND_KEY)}
    return made.with_metadata({**_texts(made.metadata), **told}), array


def _one_each(array: pa.Array) -> pa.ListArray:
    """Lists of one instance; what is null was not logged."""
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(valid)]).astype(np.int32)
    mask = pa.array(~valid) if array.null_count else None
    return pa.ListArray.from_arrays(pa.array(offsets), array.drop_null(), mask=mask)


def _is(field: pa.Field, kind: str) -> bool:
    return _texts(field.metadata).get(KIND_KEY) == kind


def _name(field: pa.Field) -> str:
    return _texts(field.metadata).get(INDEX_NAME_KEY, str(field.name))


def _texts(metadata: dict[bytes, bytes] | None) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}
