"""What makes a record batch a chunk of the current object model; every error names the column."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from rrsdk.chunk.order import is_marked, is_sorted, sort_keys
from rrsdk.entity import parse_path
from rrsdk.errors import FormatError, UsageError
from rrsdk.identity import Tuid, parse_chunk_id
from rrsdk.ipc.keys import (
    COMPONENT_KEY,
    ENTITY_KEY,
    ID_KEY,
    INDEX_NAME_KEY,
    KIND_KEY,
    SORBET_VERSION,
    VERSION_KEY,
)
from rrsdk.timeline import TimeType

ROW_ID_TYPE = pa.binary(16)


class Parts(NamedTuple):
    """Where things are in a record batch that was found to be a chunk."""

    chunk_id: Tuid
    entity: str
    indexes: dict[str, int]
    """Timeline to number of its column."""
    components: dict[str, int]
    """Component to number of its column."""


def check(batch: pa.RecordBatch) -> Parts:
    """Take a chunk's record batch apart; raises FormatError naming the entity and the column."""
    metadata = {
        key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for key, value in _metadata(batch.schema)
    }
    entity = metadata.get(ENTITY_KEY)
    if entity is None:
        raise FormatError("the chunk does not say which entity it belongs to", field=ENTITY_KEY)
    try:
        chunk_id = Tuid.from_bytes(parse_chunk_id(_required(metadata, ID_KEY, entity)))
        parse_path(entity)
        batch.validate()
        batch.schema.names  # noqa: B018  # raises where one cannot be read
    except (FormatError, UsageError) as error:
        raise FormatError(error.what, entity=entity, field=error.field or ID_KEY) from None
    except pa.ArrowException as error:
        raise FormatError(f"the chunk's Arrow data are broken: {error}", entity=entity) from error
    except UnicodeDecodeError as error:
        raise FormatError("a column's name is not UTF-8", entity=entity) from error
    _check_version(_required(metadata, VERSION_KEY, entity), entity)
    return _columns(batch, chunk_id, entity)


def _metadata(holder: pa.Schema | pa.Field) -> list[tuple[bytes, bytes]]:
    return list((holder.metadata or {}).items())


def _required(metadata: dict[str, str], key: str, entity: str) -> str:
    try:
        return metadata[key]
    except KeyError:
        raise FormatError("the chunk does not say it", entity=entity, field=key) from None


def _check_version(version: str, entity: str) -> None:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.partition("-")[0].split(".") if part.isdigit()]

    if numbers(version) < numbers(SORBET_VERSION):
        raise FormatError(
            f"the chunk is of object model {version[:20]!r}, not {SORBET_VERSION}",
            entity=entity,
            field=VERSION_KEY,
            hint="migrate it first",
        )


def _columns(batch: pa.RecordBatch, chunk_id: Tuid, entity: str) -> Parts:
    parts = Parts(chunk_id, entity, {}, {})
    for number, (field, column) in enumerate(zip(batch.schema, batch.columns)):
        kind = (field.metadata or {}).get(KIND_KEY.encode(), b"data")
        if (kind == b"control") != (number == 0):
            what = "a second column of row ids" if number else "the first column must be the row ids"
            raise FormatError(what, entity=entity, field=field.name)
        if kind == b"control":
            _check_row_ids(field, column, entity)
        elif kind == b"index":
            if parts.components:
                raise FormatError("indexes stand before components", entity=entity, field=field.name)
            _add(parts.indexes, _name(field, INDEX_NAME_KEY), number, entity)
            _check_index(field, column, entity)
        elif kind == b"data":
            _add(parts.components, _name(field, COMPONENT_KEY), number, entity)
            if not pa.types.is_list(field.type):
                raise FormatError(
                    f"a component is a list of instances a row, not {field.type}",
                    entity=entity,
                    field=field.name,
                )
        else:
            raise FormatError(f"column kind {kind[:40]!r} is not known", entity=entity, field=field.name)
    if not batch.num_columns:
        raise FormatError("the chunk has no row ids", entity=entity)
    return parts


def _name(field: pa.Field, key: str) -> str:
    found: bytes = (field.metadata or {}).get(key.encode()) or field.name.encode()
    return found.decode("utf-8", "replace")


def _add(into: dict[str, int], name: str, number: int, entity: str) -> None:
    if name in into:
        raise FormatError("two columns have this name", entity=entity, field=name)
    into[name] = number


def _check_row_ids(field: pa.Field, column: pa.Array, entity: str) -> None:
    if field.type != ROW_ID_TYPE:
        raise FormatError(f"row ids must be {ROW_ID_TYPE}, not {field.type}", entity=entity, field=field.name)
    _check_dense(field, column, entity)


def _check_index(field: pa.Field, column: pa.Array, entity: str) -> None:
    try:
        time_type(field.type)
    except FormatError as error:
        raise FormatError(error.what, entity=entity, field=field.name) from None
    _check_dense(field, column, entity)


def _check_dense(field: pa.Field, column: pa.Array, entity: str) -> None:
    if column.null_count:
        raise FormatError(f"{column.null_count} of its values are null", entity=entity, field=field.name)
    if is_marked(field) and not is_sorted(sort_keys(column)):
        raise FormatError("its values are marked as sorted, but are not", entity=entity, field=field.name)


def time_type(kind: pa.DataType) -> TimeType:
    """What a timeline with this Arrow type counts; FormatError where none has it."""
    if kind == pa.int64():
        return TimeType.SEQUENCE
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return TimeType.TIMESTAMP
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return TimeType.DURATION
    raise FormatError(f"an index holds int64, timestamp[ns] or duration[ns], not {kind}")
