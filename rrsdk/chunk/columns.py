"""Columns of a chunk made from what callers have: pyarrow and numpy arrays, lists, ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rrsdk.chunk.check import ROW_ID_TYPE, time_type
from rrsdk.component import ARCHETYPE_FIELDS, COMPONENT_TYPES
from rrsdk.component.datatypes import arrow_type, parse
from rrsdk.errors import FormatError
from rrsdk.identity import Tuid, reserve_tuids
from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_KEY, COMPONENT_TYPE_KEY, INDEX_NAME_KEY, KIND_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW_ID_FIELD = pa.field(
    "rerun.controls.RowId",
    ROW_ID_TYPE,
    nullable=False,
    metadata={
        KIND_KEY: "control",
        "ARROW:extension:name": "rerun.datatypes.TUID",
        "ARROW:extension:metadata": '{"namespace":"row"}',
    },
)
_BUILT_IN = ("rerun.archetypes.", "rerun.blueprint.archetypes.")


def new_row_ids(count: int) -> pa.Array:
    """Ids that nobody has used, ascending."""
    first = reserve_tuids(count)
    halves = np.empty((count, 2), ">u8")
    halves[:, 0] = first.time_ns
    halves[:, 1] = np.arange(count, dtype=np.uint64) + np.uint64(first.inc)
    return pa.Array.from_buffers(ROW_ID_TYPE, count, [None, pa.py_buffer(halves.tobytes())])


def row_id_array(row_ids: pa.Array | Iterable[Tuid | bytes], entity: str) -> pa.Array:
    """Row ids given as an Arrow array, or one by one."""
    if isinstance(row_ids, pa.Array):
        return row_ids
    raw = [one.to_bytes() if isinstance(one, Tuid) else one for one in row_ids]
    return _array(raw, ROW_ID_TYPE, entity, ROW_ID_FIELD.name)


def index_column(name: str, values: Any, entity: str) -> tuple[pa.Field, pa.Array]:
    """A timeline: integers are sequence numbers; other dates and spans than Arrow's go to nanoseconds."""
    array = values if isinstance(values, pa.Array) else _array(values, None, entity, name)
    kind = array.type
    wanted = kind
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        wanted = pa.int64()
    elif array is not values and pa.types.is_timestamp(kind):
        wanted = pa.timestamp("ns")
    elif array is not values and pa.types.is_duration(kind):
        wanted = pa.duration("ns")
    if wanted != kind:
        try:
            array = array.cast(wanted)
        except pa.ArrowException as error:
            raise FormatError(str(error), entity=entity, field=name) from None
    try:
        time_type(array.type)
    except FormatError as error:
        raise FormatError(error.what, entity=entity, field=name) from None
    return pa.field(name, array.type, metadata={KIND_KEY: "index", INDEX_NAME_KEY: name}), array


def component_column(name: str, values: Any, entity: str) -> tuple[pa.Field, pa.Array]:
    """A component: Arrow lists as they are; Python lists become the type that the component has.

    `Archetype:field` of an archetype that Rerun knows brings its descriptor along.
    """
    metadata = {KIND_KEY: "data", COMPONENT_KEY: name}
    kind = None
    short, colon, member = name.partition(":")
    for prefix in _BUILT_IN if colon else ():
        component_type = ARCHETYPE_FIELDS.get(prefix + short, {}).get(member)
        if component_type is not None:
            metadata |= {ARCHETYPE_KEY: prefix + short, COMPONENT_TYPE_KEY: component_type}
            kind = pa.list_(arrow_type(parse(COMPONENT_TYPES[component_type])))
            break
    array = values if isinstance(values, pa.Array) else _array(values, kind, entity, name)
    if array is not values and pa.types.is_null(array.type):  # no rows, or nothing logged in any
        array = pa.array(array.to_pylist(), pa.list_(pa.null()))
    if not pa.types.is_list(array.type):
        raise FormatError(
            f"a component is a list of instances a row, not {array.type}",
            entity=entity,
            field=name,
            hint="put each row's instances into a list",
        )
    return pa.field(name, array.type, metadata=metadata), array


def described_column(column: Any, entity: str) -> tuple[pa.Field, pa.Array]:
    """A component as archetypes' `columns` gives it: lists, and how they are named."""
    told = column.component_descriptor()
    field, array = component_column(told.component, column.as_arrow_array(), entity)
    metadata = {KIND_KEY: "data", COMPONENT_KEY: told.component}
    if told.archetype is not None:
        metadata[ARCHETYPE_KEY] = told.archetype
    if told.component_type is not None:
        metadata[COMPONENT_TYPE_KEY] = told.component_type
    return field.with_metadata(metadata), array


def _array(values: Any, kind: pa.DataType | None, entity: str, name: str) -> pa.Array:
    try:
        found = pa.array(values, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"its values make no Arrow array: {error}", entity=entity, field=name) from error
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
