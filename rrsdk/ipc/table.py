"""Small Arrow tables held as plain buffers: enough to read, filter, join and write chunk manifests.

A manifest has a row a chunk and a dozen columns of integers, times, flags and paths. The standard
library's `array`, `memoryview` and `itertools.compress` work on these at C speed, and start in
no time: a verb that answers from the manifest needs neither numpy nor pyarrow.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress

from rrsdk.ipc import stream
from rrsdk.ipc.flatbuf import BROKEN
from rrsdk.ipc.schema import Field, Kind, Schema, read_schema, write_schema
from rrsdk.errors import FormatError

_INTEGERS = (Kind.INT, Kind.TIMESTAMP, Kind.DURATION)
_EXPAND = [bytes(byte >> bit & 1 for bit in range(8)) for byte in range(256)]
_DIGITS = bytes([ord("0")]) + bytes([ord("1")]) * 255


def unpack_bits(bitmap: bytes | memoryview, count: int) -> bytearray:
    """One byte (0 or 1) for each of the first `count` bits."""
    return bytearray().join(map(_EXPAND.__getitem__, bitmap[: (count + 7) // 8]))[:count]


def pack_bits(flags: bytes | bytearray) -> bytes:
    """The bitmap for bytes that are zero or not."""
    if not flags:
        return b""
    return int(flags.translate(_DIGITS)[::-1], 2).to_bytes((len(flags) + 7) // 8, "little")


@dataclass(slots=True)
class Column:
    """One column: 64-bit integers (times too) in an `array`, ids and texts as a list of bytes,
    flags as a bytearray; `valid` has a byte a row, or is None where nothing is null."""

    field: Field
    values: array[int] | list[bytes] | bytearray
    valid: bytearray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, keep: Sequence[int]) -> Column:
        """The rows where `keep` is not zero."""
        valid = None if self.valid is None else bytearray(compress(self.valid, keep))
        kept = compress(self.values, keep)
        if isinstance(self.values, array):
            return Column(self.field, array(self.values.typecode, kept), valid)
        if isinstance(self.values, bytearray):
            return Column(self.field, bytearray(kept), valid)
        return Column(self.field, list(compress(self.values, keep)), valid)

    def get(self, row: int) -> int | bytes | None:
        """The value of one row, None where it is null."""
        return None if self.valid is not None and not self.valid[row] else self.values[row]

    def present(self) -> bytearray:
        """A byte a row: 1 where there is a value; of flags, where the flag is set."""
        if isinstance(self.values, bytearray):
            return self.values
        return bytearray(b"\1") * len(self.values) if self.valid is None else self.valid


def empty_column(field: Field, rows: int) -> Column:
    """A column of nulls; of false or 0 where the field allows no nulls or counts rows."""
    if field.type.kind is Kind.BOOL:
        return Column(field, bytearray(rows))
    if field.type.kind in _INTEGERS:
        code = _typecode(field)
        counts = code == "Q"
        return Column(field, array(code, bytes(8 * rows)), None if counts else bytearray(rows))
    return Column(field, [b""] * rows, bytearray(rows))


@dataclass(slots=True)
class Table:
    """Columns of equal length, by name, in order."""

    columns: dict[str, Column]
    num_rows: int

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


def concat(tables: Sequence[Table]) -> Table:
    """The rows of all tables; a column that a table lacks is null (or false, or 0) there."""
    if len(tables) == 1:
        return tables[0]
    fields: dict[str, Field] = {}
    for table in tables:
        for name, column in table.columns.items():
            known = fields.setdefault(name, column.field)
            if known.type != column.field.type:
                raise FormatError(f"column {name} has one type in one manifest and another in the next")
    columns = {}
    for name, field in fields.items():
        parts = [table.columns.get(name) or empty_column(field, table.num_rows) for table in tables]
        columns[name] = _concat_columns(field, parts)
    return Table(columns, sum(table.num_rows for table in tables))


def _concat_columns(field: Field, parts: list[Column]) -> Column:
    first = parts[0].values
    values: array[int] | list[bytes] | bytearray
    if isinstance(first, array):
        values = array(first.typecode, b"".join(bytes(memoryview(part.values)) for part in parts))  # type: ignore[arg-type]
    elif isinstance(first, bytearray):
        values = bytearray(b"".join(part.values for part in parts))  # type: ignore[misc]
    else:
        values = list(chain.from_iterable(part.values for part in parts))  # type: ignore[arg-type]
    if all(part.valid is None for part in parts):
        return Column(field, values)
    return Column(field, values, bytearray(b"".join(map(_validity, parts))))


def _validity(column: Column) -> bytearray:
    return bytearray(b"\1") * len(column) if column.valid is None else column.valid


def _typecode(field: Field) -> str:
    unsigned = field.type.kind is Kind.INT and not field.type.params[1]
    return "Q" if unsigned else "q"


def read_table(payload: bytes | memoryview) -> Table:
    """A table from an Arrow IPC stream of one record batch; unknown column types are an error."""
    try:
        parts = stream.split(payload)
        schema = read_schema(parts.schema)
        batch = stream.read_batch(parts.batch)
        return _read_columns(schema, batch, parts.body)
    except BROKEN as broken:
        raise FormatError("the chunk manifest's Arrow data is broken") from broken


def _read_columns(schema: Schema, batch: stream.Batch, body: memoryview) -> Table:
    columns: dict[str, Column] = {}
    buffers = iter(batch.buffers)
    rows = batch.num_rows
    if rows * max(len(schema.fields), 1) > 64 * (len(body) + 64):
        raise FormatError("the chunk manifest claims more rows than its bytes can hold")

    def next_buffer(size: int) -> memoryview:
        start, length = next(buffers)
        if size > length:
            raise FormatError("a column of the chunk manifest is cut off")
        return body[start : start + size]

    for index, field in enumerate(schema.fields):
        length, nulls = batch.nodes[index]
        if length != rows or field.children or field.dictionary:
            raise FormatError(f"column {field.name} of the chunk manifest is not flat")
        start, size = next(buffers)
        valid = unpack_bits(body[start : start + size], rows) if nulls else None
        if valid is not None and len(valid) != rows:
            raise FormatError("a column of the chunk manifest is cut off")
        kind = field.type.kind
        values: array[int] | list[bytes] | bytearray
        if kind in _INTEGERS and (kind is not Kind.INT or field.type.params[0] == 64):
            values = array(_typecode(field), bytes(next_buffer(8 * rows)))
        elif kind is Kind.BOOL:
            values = unpack_bits(next_buffer((rows + 7) // 8), rows)
        elif kind is Kind.FIXED_SIZE_BINARY and field.type.params[0] > 0:
            width = field.type.params[0]
            values = [item[0] for item in struct.iter_unpack(f"{width}s", next_buffer(width * rows))]
        elif kind is Kind.UTF8 or kind is Kind.BINARY:
            ends = array("i", bytes(next_buffer(4 * (rows + 1) if rows else 0)))
            begin, size = next(buffers)
            data = bytes(body[begin : begin + size])
            if rows and (min(ends) < 0 or max(ends) > len(data)):
                raise FormatError("a column of the chunk manifest is cut off")
            values = [data[a:b] for a, b in zip(ends, ends[1:])]
        else:
            raise FormatError(f"column {field.name} of the chunk manifest has a type that is not known")
        columns[field.name] = Column(field, values, valid)
    return Table(columns, rows)


def write_table(table: Table) -> bytes:
    """The Arrow IPC stream of one record batch."""
    nodes: list[tuple[int, int]] = []
    buffers: list[bytes] = []
    for column in table.columns.values():
        nulls = 0 if column.valid is None else column.valid.count(0)
        nodes.append((table.num_rows, nulls))
        buffers.append(pack_bits(column.valid) if nulls and column.valid is not None else b"")
        buffers.extend(_buffers(column))
    schema = write_schema(Schema(tuple(column.field for column in table.columns.values())))
    return b"".join(stream.write_stream(schema, table.num_rows, nodes, buffers))


def _buffers(column: Column) -> Iterable[bytes]:
    values = column.values
    if isinstance(values, array):
        return (values.tobytes(),)
    if isinstance(values, bytearray):
        return (pack_bits(values),)
    if column.field.type.kind is Kind.FIXED_SIZE_BINARY:
        return (b"".join(values),)
    ends = array("i", [0])
    total = 0
    for item in values:
        total += len(item)
        ends.append(total)
    return (ends.tobytes(), b"".join(values))
