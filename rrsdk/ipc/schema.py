"""Arrow schemas as plain values, read from and written to IPC metadata without pyarrow.

What a chunk is (entity, timelines, components) stands in its schema. Reading thousands of them
must not wait for pyarrow, whose import alone costs more than most verbs take.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.ipc.flatbuf import BROKEN, Builder, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_FIELDS = 100_000
_MAX_DEPTH = 64
_SMALL = 64 * 1024

METADATA_V5 = 4
HEADER_SCHEMA, HEADER_DICTIONARY, HEADER_RECORD_BATCH = 1, 2, 3


class Kind(IntEnum):
    """Arrow's type ids in IPC metadata (Schema.fbs, `union Type`)."""

    NULL = 1
    INT = 2
    FLOAT = 3
    BINARY = 4
    UTF8 = 5
    BOOL = 6
    DECIMAL = 7
    DATE = 8
    TIME = 9
    TIMESTAMP = 10
    INTERVAL = 11
    LIST = 12
    STRUCT = 13
    UNION = 14
    FIXED_SIZE_BINARY = 15
    FIXED_SIZE_LIST = 16
    MAP = 17
    DURATION = 18
    LARGE_BINARY = 19
    LARGE_UTF8 = 20
    LARGE_LIST = 21
    RUN_END_ENCODED = 22
    BINARY_VIEW = 23
    UTF8_VIEW = 24
    LIST_VIEW = 25
    LARGE_LIST_VIEW = 26


# The scalar members of each type's table: (slot, struct code, default). Strings and vectors apart.
_PARAMS: dict[Kind, tuple[tuple[int, str, int], ...]] = {
    Kind.INT: ((0, "i", 0), (1, "B", 0)),  # bit width, signed
    Kind.FLOAT: ((0, "h", 0),),  # precision: 0 half, 1 single, 2 double
    Kind.DECIMAL: ((0, "i", 0), (1, "i", 0), (2, "i", 128)),  # precision, scale, bit width
    Kind.DATE: ((0, "h", 1),),  # unit: 0 day, 1 millisecond
    Kind.TIME: ((0, "h", 1), (1, "i", 32)),  # unit, bit width
    Kind.TIMESTAMP: ((0, "h", 0),),  # unit: 3 nanosecond
    Kind.INTERVAL: ((0, "h", 0),),
    Kind.UNION: ((0, "h", 0),),  # mode: 0 sparse, 1 dense
    Kind.FIXED_SIZE_BINARY: ((0, "i", 0),),
    Kind.FIXED_SIZE_LIST: ((0, "i", 0),),
    Kind.MAP: ((0, "B", 0),),
    Kind.DURATION: ((0, "h", 1),),  # unit: 3 nanosecond
}
_READERS = {"i": Table.i32, "h": Table.i16, "B": Table.u8}


@dataclass(frozen=True, slots=True)
class ArrowType:
    """A type without its children: its kind and the numbers that belong to it.

    `params` follow `_PARAMS`; `timezone` is a timestamp's, `type_ids` a union's.
    """

    kind: Kind
    params: tuple[int, ...] = ()
    timezone: str = ""
    type_ids: tuple[int, ...] = ()


INT64 = ArrowType(Kind.INT, (64, 1))
UINT64 = ArrowType(Kind.INT, (64, 0))
BOOL = ArrowType(Kind.BOOL)
UTF8 = ArrowType(Kind.UTF8)
TIMESTAMP_NS = ArrowType(Kind.TIMESTAMP, (3,))
DURATION_NS = ArrowType(Kind.DURATION, (3,))
TUID = ArrowType(Kind.FIXED_SIZE_BINARY, (16,))


@dataclass(frozen=True, slots=True)
class Field:
    """A column or a member of a nested type."""

    name: str
    type: ArrowType
    nullable: bool = True
    children: tuple[Field, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    dictionary: tuple[int, int, int, int] | None = None
    """Dictionary-encoded, its values in messages of their own: id, bits and sign of the indices, order."""

    def with_metadata(self, metadata: Mapping[str, str]) -> Field:
        return replace(self, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns and the metadata of the whole."""

    fields: tuple[Field, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)


def read_schema(message: bytes | memoryview) -> Schema:
    """The schema in an IPC message's metadata (the flatbuffer alone, framing removed)."""
    try:
        root = Table.root(message)
        header = root.table(2)
        if root.u8(1) != HEADER_SCHEMA or header is None:
            raise FormatError("the Arrow stream does not begin with a schema")
        if header.i16(0) != 0:
            raise FormatError("big-endian Arrow data cannot be read")
        budget = [_MAX_FIELDS]
        fields = tuple(_read_field(table, 0, budget) for table in header.tables(1))
        return Schema(fields, _read_metadata(header, 2))
    except BROKEN as broken:
        raise FormatError("the Arrow schema is broken") from broken


def read_schema_of_table(message: bytes | memoryview) -> Schema:
    """The same; tables of manifests and the schemas of stores are often those of the recording before."""
    return _again(bytes(message)) if len(message) <= _SMALL else read_schema(message)


@lru_cache(maxsize=16)
def _again(message: bytes) -> Schema:
    return read_schema(message)


def _read_metadata(table: Table, slot: int) -> dict[str, str]:
    return {pair.string(0): pair.string(1) for pair in table.tables(slot)}


def _read_field(table: Table, depth: int, budget: list[int]) -> Field:
    budget[0] -= 1
    if depth > _MAX_DEPTH or budget[0] < 0:
        raise FormatError("the Arrow schema is nested too deeply or has too many fields")
    number = table.u8(2)
    if number not in Kind._value2member_map_:
        raise FormatError(f"Arrow type number {number} is not known", field=table.string(0))
    kind = Kind(number)
    detail = table.table(3)
    params = tuple(default for _, _, default in _PARAMS.get(kind, ()))
    timezone, type_ids = "", ()
    if detail is not None:
        params = tuple(_READERS[code](detail, slot, default) for slot, code, default in _PARAMS.get(kind, ()))
        if kind is Kind.TIMESTAMP:
            timezone = detail.string(1)
        elif kind is Kind.UNION:
            start, count = detail.vector(1, 4)
            type_ids = struct.unpack_from(f"<{count}i", detail.buf, start)
    children = tuple(_read_field(child, depth + 1, budget) for child in table.tables(5))
    if not _is_sound(kind, params, children):
        raise FormatError(f"a field of Arrow type {kind.name} is declared wrongly", field=table.string(0))
    return Field(
        table.string(0),
        ArrowType(kind, params, timezone, type_ids),
        bool(table.u8(1)),
        children,
        _read_metadata(table, 6),
        _read_dictionary(table.table(4)),
    )


def _read_dictionary(table: Table | None) -> tuple[int, int, int, int] | None:
    if table is None:
        return None
    index = table.table(1)
    bits, signed = (index.i32(0), index.u8(1)) if index is not None else (32, 1)
    return table.i64(0), bits, signed, table.u8(2)


_ALLOWED: dict[Kind, tuple[range | tuple[int, ...], ...]] = {
    Kind.INT: ((8, 16, 32, 64), (0, 1)),
    Kind.FLOAT: (range(3),),
    Kind.DECIMAL: (range(1, 77), range(-128, 128), (32, 64, 128, 256)),
    Kind.DATE: (range(2),),
    Kind.TIME: (range(4), (32, 64)),
    Kind.TIMESTAMP: (range(4),),
    Kind.INTERVAL: (range(3),),
    Kind.UNION: (range(2),),
    Kind.FIXED_SIZE_BINARY: (range(2**31),),
    Kind.FIXED_SIZE_LIST: (range(2**31),),
    Kind.DURATION: (range(4),),
}
"""What the numbers of `_PARAMS` may be."""
_LISTS = (Kind.LIST, Kind.LARGE_LIST, Kind.FIXED_SIZE_LIST, Kind.MAP, Kind.LIST_VIEW, Kind.LARGE_LIST_VIEW)
_NESTED = (*_LISTS, Kind.STRUCT, Kind.UNION, Kind.RUN_END_ENCODED)


def _is_sound(kind: Kind, params: tuple[int, ...], children: tuple[Field, ...]) -> bool:
    if any(value not in allowed for value, allowed in zip(params, _ALLOWED.get(kind, ()))):
        return False
    if kind is Kind.MAP:
        return len(children) == 1 and children[0].type.kind is Kind.STRUCT and len(children[0].children) == 2
    if kind in _LISTS:
        return len(children) == 1
    return kind in _NESTED or not children


def write_schema(schema: Schema) -> bytes:
    """The IPC message metadata for a schema (the flatbuffer alone, framing left to the caller)."""
    builder = Builder()
    metadata = _write_metadata(builder, schema.metadata)
    targets = [_write_field(builder, one) for one in schema.fields]
    fields = builder.offsets(targets)
    parts = [(1, "@", fields)]
    if metadata is not None:
        parts.append((2, "@", metadata))
    header = builder.table(parts)
    return builder.finish(builder.table([(2, "@", header), (0, "h", METADATA_V5), (1, "B", HEADER_SCHEMA)]))


def _write_metadata(builder: Builder, metadata: Mapping[str, str]) -> int | None:
    if not metadata:
        return None
    pairs = []
    for key in sorted(metadata):
        name, value = builder.string(key), builder.string(metadata[key])
        pairs.append(builder.table([(1, "@", value), (0, "@", name)]))
    return builder.offsets(pairs)


def _write_field(builder: Builder, one: Field) -> int:
    metadata = _write_metadata(builder, one.metadata)
    children = builder.offsets([_write_field(builder, child) for child in one.children])
    name = builder.string(one.name)
    kind = one.type.kind
    inline = []
    if kind is Kind.TIMESTAMP and one.type.timezone:
        inline.append((1, "@", builder.string(one.type.timezone)))
    if kind is Kind.UNION and one.type.type_ids:
        ids = struct.pack(f"<{len(one.type.type_ids)}i", *one.type.type_ids)
        inline.append((1, "@", builder.structs(ids, len(one.type.type_ids), 4)))
    inline += [(slot, code, value) for (slot, code, _), value in zip(_PARAMS.get(kind, ()), one.type.params)]
    detail = builder.table(inline)
    parts = [(0, "@", name), (3, "@", detail), (5, "@", children)]
    if metadata is not None:
        parts.append((6, "@", metadata))
    if one.dictionary is not None:
        number, bits, signed, ordered = one.dictionary
        index = builder.table([(0, "i", bits), (1, "B", signed)])
        parts.append((4, "@", builder.table([(0, "q", number), (1, "@", index), (2, "B", ordered)])))
    parts += [(2, "B", int(kind)), (1, "B", int(one.nullable))]
    return builder.table(parts)
