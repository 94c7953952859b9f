"""Record batches of new chunks: columns put together, marked as sorted where they are, joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.chunk.columns import ROW_ID_FIELD
from rrsdk.chunk.order import marked
from rrsdk.errors import FormatError
from rrsdk.identity import Tuid, format_chunk_id, new_tuid
from rrsdk.ipc.keys import ENTITY_KEY, ID_KEY, KIND_KEY, SORBET_VERSION, VERSION_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Columns = list[tuple[pa.Field, pa.Array]]

_KIND = KIND_KEY.encode()


def assemble(columns: Columns, entity: str, chunk_id: Tuid | bytes | None) -> pa.RecordBatch:
    """The record batch of a chunk from its columns, row ids first; its id is new where none is given."""
    count = len(columns[0][1])
    fields, arrays = [], []
    for number, (field, array) in enumerate(columns):
        if len(array) != count:
            what = f"has {len(array)} rows where there are {count} row ids"
            raise FormatError(what, entity=entity, field=field.name)
        is_ordered = array.type == ROW_ID_FIELD.type if number == 0 else field.metadata.get(_KIND) == b"index"
        if is_ordered and not array.null_count:
            field = marked(field, array)
        fields.append(field.with_type(array.type))
        arrays.append(array)
    if chunk_id is None:
        chunk_id = new_tuid()
    raw = chunk_id if isinstance(chunk_id, bytes) else chunk_id.to_bytes()
    about = {
        ENTITY_KEY: entity,
        ID_KEY: format_chunk_id(Tuid.from_bytes(raw).to_bytes()),
        VERSION_KEY: SORBET_VERSION,
    }
    try:
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, about))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise FormatError(f"the columns do not make a chunk: {error}", entity=entity) from error


def joined(field: pa.Field, arrays: Sequence[pa.Array], entity: str) -> tuple[pa.Field, pa.Array]:
    """One column from those of several chunks."""
    try:
        return field, pa.concat_arrays(arrays)
    except pa.ArrowException as error:
        raise FormatError(f"its parts cannot be joined: {error}", entity=entity, field=field.name) from error


def common_fields(found: Iterable[tuple[str, pa.Field]], entity: str) -> dict[str, pa.Field]:
    """One field for each name, the first; FormatError where another has a different type."""
    fields: dict[str, pa.Field] = {}
    for name, field in found:
        known = fields.setdefault(name, field)
        if known.type != field.type:
            raise FormatError(
                f"chunks in which it is {known.type} and {field.type} cannot be joined",
                entity=entity,
                field=name,
            )
    return fields
