"""Small Arrow tables held as plain buffers: enough to read, filter, join and write chunk manifests.

A manifest has a row a chunk and a dozen columns of integers, times, flags and paths. The standard
library's `array`, `memoryview` and `itertools.compress` work on these at C speed, and start in
no time: a verb that answers from the manifest needs neither numpy nor pyarrow.
"""

from __future__ import annotations

import struct
from array import array
from itertools import accumulate, chain, compress, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from rrsdk.errors import FormatError
from rrsdk.ipc import stream
from rrsdk.ipc.flatbuf import BROKEN
from rrsdk.ipc.schema import (
    DURATION_NS,
    INT64,
    TIMESTAMP_NS,
    Field,
    Kind,
    Schema,
    read_schema_of_table,
    write_schema,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTEGERS = (Kind.INT, Kind.TIMESTAMP, Kind.DURATION)
_EXPAND = [f"{byte:08b}"[::-1].encode().translate(bytes(48) + b"\0\1" + bytes(206)) for byte in range(256)]
_DIGITS = bytes([ord("0")]) + bytes([ord("1")]) * 255


def unpack_bits(bitmap: bytes | bytearray | memoryview, count: int) -> bytearray:
    """One byte (0 or 1) for each of the first `count` bits."""
    return bytearray().join(map(_EXPAND.__getitem__, bitmap[: (count + 7) // 8]))[:count]


def pack_bits(flags: bytes | bytearray) -> bytes:
    """The bitmap for bytes that are zero or not."""
    if not flags:
        return b""
    return int(flags.translate(_DIGITS)[::-1], 2).to_bytes((len(flags) + 7) // 8, "little")


Values: TypeAlias = "array[int] | list[bytes] | bytearray"


class Column:
    """One column: 64-bit integers (times too) in an `array`, ids and texts as a list of bytes,
    flags as a bytearray; `valid` has a byte a row, or is None where nothing is null.

    A column that was read keeps its buffers, and is taken apart when its values are first asked
    for: most verbs look at few columns, and pass the others on.
    """

    __slots__ = ("_buffers", "_rows", "_valid", "_values", "field")

    def __init__(self, field: Field, values: Values, valid: bytearray | None = None) -> None:
        self.field = field
        self._rows = len(values)
        self._values: Values | None = values
        self._valid = valid
        self._buffers: tuple[memoryview, ...] | None = None

    @classmethod
    def unread(cls, field: Field, rows: int, buffers: tuple[memoryview, ...]) -> Column:
        """A column that still lies in its buffers, validity first; their sizes were checked."""
        column = cls(field, bytearray())
        column._rows, column._values, column._buffers = rows, None, buffers
        return column

    def __len__(self) -> int:
        return self._rows

    @property
    def values(self) -> Values:
        """The values of all rows."""
        if self._values is None:
            self._read()
            assert self._values is not None
        return self._values

    @property
    def valid(self) -> bytearray | None:
        """A byte a row, or None where nothing is null."""
        if self._values is None:
            self._read()
        return self._valid

    def _read(self) -> None:
        assert self._buffers is not None
        bitmap, *data = self._buffers
        self._valid = unpack_bits(bitmap, self._rows) if len(bitmap) else None
        self._values = _read_values(self.field, self._rows, data)

    def buffers(self) -> tuple[int, tuple[bytes | memoryview, ...]]:
        """How many rows are null, and the buffers as they stand in a record batch."""
        if self._values is None and self._buffers is not None:
            bitmap = self._buffers[0]
            nulls = self._rows - sum(unpack_bits(bitmap, self._rows)) if len(bitmap) else 0
            return nulls, self._buffers
        nulls = 0 if self._valid is None else self._valid.count(0)
        bits = pack_bits(self._valid) if nulls and self._valid is not None else b""
        return nulls, (bits, *_write_values(self))

    def take(self, keep: Sequence[int]) -> Column:
        """The rows where `keep` is not zero."""
        values = self.values
        valid = None if self._valid is None else bytearray(compress(self._valid, keep))
        if isinstance(values, array):
            return Column(self.field, array(values.typecode, compress(values, keep)), valid)
        if isinstance(values, bytearray):
            return Column(self.field, bytearray(compress(values, keep)), valid)
        return Column(self.field, list(compress(values, keep)), valid)

    def get(self, row: int) -> int | bytes | None:
        """The value of one row, None where it is null."""
        values = self.values
        return None if self._valid is not None and not self._valid[row] else values[row]

    def present(self) -> bytearray:
        """A byte a row: 1 where there is a value; of flags, where the flag is set."""
        values = self.values
        if isinstance(values, bytearray):
            return values
        return bytearray(b"\1") * self._rows if self._valid is None else self._valid


def empty_column(field: Field, rows: int) -> Column:
    """A column of nulls; of false or 0 where the field allows no nulls or counts rows."""
    if field.type.kind is Kind.BOOL:
        return Column(field, bytearray(rows))
    if field.type.kind in _INTEGERS:
        code = _typecode(field)
        counts = code == "Q"
        return Column(field, array(code, bytes(8 * rows)), None if counts else bytearray(rows))
    return Column(field, [b""] * rows, bytearray(rows))


class Table:
    """Columns of equal length, by name, in order."""

    __slots__ = ("columns", "num_rows")

    def __init__(self, columns: dict[str, Column], num_rows: int) -> None:
        self.columns = columns
        self.num_rows = num_rows

    def take(self, keep: Sequence[int]) -> Table:
        """The rows where `keep` is not zero."""
        columns = {name: column.take(keep) for name, column in self.columns.items()}
        return Table(columns, sum(1 for flag in keep if flag))

    def u64(self, name: str) -> array[int]:
        """The values of a column of integers."""
        column = self._column(name)
        if not isinstance(column.values, array):
            raise FormatError(f"column {name} of the chunk manifest does not hold integers")
        return column.values

    def raw(self, name: str) -> list[bytes]:
        """The values of a column of ids or texts."""
        column = self._column(name)
        if not isinstance(column.values, list):
            raise FormatError(f"column {name} of the chunk manifest does not hold bytes")
        return column.values

    def flags(self, name: str) -> bytearray:
        """The values of a column of flags."""
        column = self._column(name)
        if not isinstance(column.values, bytearray):
            raise FormatError(f"column {name} of the chunk manifest does not hold flags")
        return column.values

    def _column(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise FormatError(f"the chunk manifest has no column {name}") from None


_INTEGERS_ALIKE = {INT64, TIMESTAMP_NS, DURATION_NS}  # times: the first type holds


def concat(tables: Sequence[Table]) -> Table:
    """The rows of all tables; a column that a table lacks is null (or false, or 0) there."""
    if len(tables) == 1:
        return tables[0]
    fields: dict[str, Field] = {}
    for table in tables:
        for name, column in table.columns.items():
            known = fields.setdefault(name, column.field)
            if known.type != column.field.type and not {known.type, column.field.type} <= _INTEGERS_ALIKE:
                raise FormatError(f"column {name} has one type in one manifest and another in the next")
    columns = {}
    for name, field in fields.items():
        parts = [table.columns.get(name) or empty_column(field, table.num_rows) for table in tables]
        columns[name] = _concat_columns(field, parts)
    return Table(columns, sum(table.num_rows for table in tables))


def _concat_columns(field: Field, parts: list[Column]) -> Column:
    joined: Any = chain.from_iterable(part.values for part in parts)
    first = parts[0].values
    values: Values
    if isinstance(first, array):
        values = array(first.typecode, joined)
    else:
        values = bytearray(joined) if isinstance(first, bytearray) else list(joined)
    if all(part.valid is None for part in parts):
        return Column(field, values)
    return Column(field, values, bytearray(b"".join(map(_validity, parts))))


def _validity(column: Column) -> bytearray:
    return bytearray(b"\1") * len(column) if column.valid is None else column.valid


def _typecode(field: Field) -> str:
    unsigned = field.type.kind is Kind.INT and not field.type.params[1]
    return "Q" if unsigned else "q"


def read_table(payload: bytes | bytearray | memoryview, *, key: Callable[[Field], str]) -> Table:
    """A table from an Arrow IPC stream of one record batch; unknown column types are an error.

    `key` gives the name under which a column is found in the table: its own may not be unique.
    """
    try:
        parts = stream.split(payload)
        if parts.has_dictionaries:
            raise FormatError("the chunk manifest has dictionary-encoded columns")
        schema = read_schema_of_table(parts.schema)
        batch = stream.read_batch(parts.batch)
        return _read_columns(schema, batch, parts.body, key)
    except BROKEN as broken:
        raise FormatError("the chunk manifest's Arrow data is broken") from broken


def _read_columns(
    schema: Schema, batch: stream.Batch, body: memoryview, key: Callable[[Field], str]
) -> Table:
    rows = batch.num_rows
    if rows * max(len(schema.fields), 1) > 64 * (len(body) + 64):
        raise FormatError("the chunk manifest claims more rows than its bytes can hold")
    buffers = [body[start : start + size] for start, size in batch.buffers]
    columns: dict[str, Column] = {}
    at = 0
    for field, (length, nulls) in zip(schema.fields, batch.nodes):
        sizes = _sizes(field, rows)
        own = buffers[at : at + 1 + len(sizes)]
        at += 1 + len(sizes)
        if length != rows:
            raise FormatError(f"column {field.name} of the chunk manifest is not flat")
        if len(own) <= len(sizes) or any(len(one) < size for one, size in zip(own[1:], sizes)):
            raise FormatError(f"column {field.name} of the chunk manifest is cut off")
        if nulls and 8 * len(own[0]) < rows:
            raise FormatError(f"column {field.name} of the chunk manifest is cut off")
        valid = own[0] if nulls else memoryview(b"")
        columns[key(field)] = Column.unread(field, rows, (valid, *own[1:]))
    if len(columns) != len(schema.fields):
        raise FormatError("the chunk manifest has two columns of one name, or lacks one")
    return Table(columns, rows)


def _sizes(field: Field, rows: int) -> tuple[int, ...]:
    """The least size of each buffer behind the validity; raises where the type is not known here."""
    kind, params = field.type.kind, field.type.params
    if not field.children and not field.dictionary:
        if kind in (Kind.TIMESTAMP, Kind.DURATION) or (kind is Kind.INT and params[0] == 64):
            return (8 * rows,)
        if kind is Kind.BOOL:
            return ((rows + 7) // 8,)
        if kind is Kind.FIXED_SIZE_BINARY and params[0] > 0:
            return (params[0] * rows,)
        if kind is Kind.UTF8 or kind is Kind.BINARY:
            return (4 * (rows + 1) if rows else 0, 0)
    raise FormatError(f"column {field.name} of the chunk manifest has a type that is not known")


def _read_values(field: Field, rows: int, data: Sequence[memoryview]) -> Values:
    kind = field.type.kind
    if kind is Kind.BOOL:
        return unpack_bits(data[0], rows)
    if kind is Kind.FIXED_SIZE_BINARY:
        width = field.type.params[0]
        return [item[0] for item in struct.iter_unpack(f"{width}s", data[0][: width * rows])]
    if kind in _INTEGERS:
        return array(_typecode(field), bytes(data[0][: 8 * rows]))
    ends = array("i", bytes(data[0][: 4 * (rows + 1)]) if rows else b"")
    texts = bytes(data[1])
    if rows and (min(ends) < 0 or max(ends) > len(texts)):
        raise FormatError(f"column {field.name} of the chunk manifest is cut off")
    return [texts[a:b] for a, b in pairwise(ends)]


def write_table(table: Table) -> bytes:
    """The Arrow IPC stream of one record batch."""
    nodes: list[tuple[int, int]] = []
    buffers: list[bytes | memoryview] = []
    for column in table.columns.values():
        nulls, own = column.buffers()
        nodes.append((table.num_rows, nulls))
        buffers.extend(own)
    schema = write_schema(Schema(tuple(column.field for column in table.columns.values())))
    return b"".join(stream.write_stream(schema, table.num_rows, nodes, buffers))


def _write_values(column: Column) -> tuple[bytes, ...]:
    values = column.values
    if isinstance(values, array):
        return (values.tobytes(),)
    if isinstance(values, bytearray):
        return (pack_bits(values),)
    if column.field.type.kind is Kind.FIXED_SIZE_BINARY:
        return (b"".join(values),)
    ends = array("i", accumulate(map(len, values), initial=0))
    return (ends.tobytes(), b"".join(values))
