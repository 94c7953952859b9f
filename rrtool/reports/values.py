"""The values of a chunk as short texts, read straight from its buffers.

A cell shows at most 100 characters, so of a million points only the first few are ever looked at:
every formatter is told how much room is left and stops when it is used up. Formatters are made
once for every distinct shape of a chunk and then read payloads at fixed places. The texts are
those of the real program.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.ipc.layout import ColumnLayout, LaidOut, Role, Shape, own_buffers
from rrsdk.ipc.schema import Field, Kind
from rrtool.reports.listing import hex_ids
from rrtool.reports.numbers import float32, float64, float64s
from rrtool.reports.text import lines
from rrtool.reports.times import date, duration, format_times, timestamps

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CELL = 100

Payload = bytes | memoryview
Cell = Callable[[Payload, int, int], str]
"""The text of one value: payload, which one, and how many characters there is room for."""
Columns = Callable[[LaidOut], list[list[str]]]

_BOTH32, _BOTH64 = struct.Struct("<ii"), struct.Struct("<qq")
_INT_CODES = dict(zip(((width, signed) for signed in (1, 0) for width in (8, 16, 32, 64)), "bhiqBHIQ"))


def cut(text: str) -> str:
    """A cell's text, safe to show and not too long."""
    if len(text) > MAX_CELL:
        text = text[: MAX_CELL - 1] + "…"
    return lines(text)


class Formatters:
    """Makes the cells of chunks; one for a run, so that shapes are compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[Shape, list[Callable[[LaidOut], list[str]]]] = {}

    def cells(self, chunk: LaidOut) -> list[list[str]]:
        """For each column the texts of its rows."""
        shape = chunk.shape
        compiled = self._compiled.get(shape)
        if compiled is None:
            if len(self._compiled) > 10_000:
                self._compiled.clear()
            compiled = self._compiled[shape] = [_column(shape, column) for column in shape.layout.columns]
        try:
            return [column(chunk) for column in compiled]
        except (struct.error, IndexError, ValueError) as broken:
            what = "the chunk's values lie outside its buffers"
            raise FormatError(what, entity=shape.layout.entity) from broken


def _column(shape: Shape, column: ColumnLayout) -> Callable[[LaidOut], list[str]]:
    rows = shape.batch.num_rows
    if column.role is not Role.COMPONENT:
        start = shape.span(column.first_buffer + 1)[0]
        if column.role is Role.ROW_ID:
            return lambda chunk: _row_ids(chunk.payload[start : start + 16 * rows])
        kind = column.field.type
        return lambda chunk: format_times(chunk.payload[start : start + 8 * rows].cast("q").tolist(), kind)
    if column.is_opaque:
        return partial(_opaque, place=shape.layout.columns.index(column))
    many = _scalars(shape, column)
    cell = _cell(shape, column.field, column.first_node, column.first_buffer)[0]

    def texts(chunk: LaidOut) -> list[str]:
        found = many(chunk) if many is not None else None
        if found is None:
            found = [cut(cell(chunk.payload, row, MAX_CELL)) for row in range(rows)]
        return found

    return texts


def _opaque(chunk: LaidOut, *, place: int) -> list[str]:
    from rrsdk.codec.opaque import read

    return foreign_texts(read(chunk.payload).column(place))


def foreign_texts(column: pa.Array) -> list[str]:
    """A column's texts by way of pyarrow."""
    from rrtool.reports.foreign import text

    return [cut(text(value, MAX_CELL)) for value in column]


def _row_ids(raw: memoryview) -> list[str]:
    lower = raw.hex()
    if len(lower) == 32:
        return [f"row_{lower[:16].upper()}{lower[16:]}"]
    return [f"row_{text}" for text in hex_ids([bytes(raw)])]


def _scalars(shape: Shape, column: ColumnLayout) -> Callable[[LaidOut], list[str] | None] | None:
    """A quick way for columns with one number a row, which is what there are many rows of."""
    field, rows = column.field, shape.batch.num_rows
    if field.type.kind is not Kind.LIST or rows < 8:
        return None
    child = field.children[0]
    if shape.batch.nodes[column.first_node : column.first_node + 2] != ((rows, 0), (rows, 0)):
        return None
    if child.type.kind is Kind.INT:
        code = _INT_CODES[child.type.params[0], child.type.params[1]]
    elif child.type.kind is Kind.FLOAT and child.type.params == (2,):
        code = "d"
    else:
        return None
    offsets = shape.span(column.first_buffer + 1)[0]
    start = shape.span(column.first_buffer + 3)[0]
    width = struct.calcsize(code)
    one_each = list(range(rows + 1))

    def texts(chunk: LaidOut) -> list[str] | None:
        payload = chunk.payload
        if payload[offsets : offsets + 4 * rows + 4].cast("i").tolist() != one_each:
            return None
        numbers = payload[start : start + width * rows].cast(code).tolist()  # type: ignore[call-overload]
        return [f"[{text}]" for text in (float64s(numbers) if code == "d" else map(str, numbers))]

    return texts


def _cell(shape: Shape, field: Field, node: int, buffer: int) -> tuple[Cell, int, int]:
    """The formatter of a field, and where the nodes and buffers of the next one begin."""
    kind = field.type.kind
    nulls = shape.batch.nodes[node][1]
    first_child = node + 1, buffer + own_buffers(field)
    if kind is Kind.NULL:
        return _always_null, *first_child
    if kind is Kind.UNION:
        return _union(shape, field, buffer, *first_child)
    if kind in (Kind.LIST, Kind.LARGE_LIST, Kind.FIXED_SIZE_LIST):
        item, *after = _cell(shape, field.children[0], *first_child)
        cell = _list(field, item, shape.span(buffer + 1)[0] if kind is not Kind.FIXED_SIZE_LIST else 0)
    elif kind is Kind.STRUCT:
        cell, *after = _struct(shape, field, *first_child)
    elif kind is Kind.MAP:
        cell, *after = _map(shape, field, buffer, *first_child)
    else:
        cell, after = _leaf(shape, field, buffer), [*first_child]
    if nulls:
        cell = _nullable(cell, shape.span(buffer)[0])
    return cell, after[0], after[1]


def _always_null(_payload: Payload, _index: int, _room: int) -> str:
    return "null"


def _nullable(cell: Cell, validity: int) -> Cell:
    def text(payload: Payload, index: int, room: int) -> str:
        if payload[validity + (index >> 3)] >> (index & 7) & 1:
            return cell(payload, index, room)
        return "null"

    return text


_MOST_ITEMS = 2**48
"""No chunk has so many: lists of fixed size within each other can claim any number."""


def _items(item: Cell, payload: Payload, start: int, end: int, room: int) -> str:
    if end > _MOST_ITEMS:
        raise FormatError(f"a list claims to reach to item {end}")
    parts: list[str] = []
    for index in range(start, end):
        part = item(payload, index, room)
        parts.append(part)
        room -= len(part) + 2
        if room < 0:
            break
    return f"[{', '.join(parts)}]"


def _list(field: Field, item: Cell, offsets: int) -> Cell:
    kind = field.type.kind
    if kind is Kind.FIXED_SIZE_LIST:
        size = field.type.params[0]
        return lambda payload, index, room: _items(item, payload, index * size, index * size + size, room)
    both = _BOTH64 if kind is Kind.LARGE_LIST else _BOTH32
    width = both.size // 2

    def text(payload: Payload, index: int, room: int) -> str:
        start, end = both.unpack_from(payload, offsets + width * index)
        return _items(item, payload, start, end, room)

    return text


def _struct(shape: Shape, field: Field, node: int, buffer: int) -> tuple[Cell, int, int]:
    members: list[tuple[str, Cell]] = []
    for child in field.children:
        cell, node, buffer = _cell(shape, child, node, buffer)
        members.append((child.name, cell))

    def text(payload: Payload, index: int, room: int) -> str:
        parts: list[str] = []
        for name, cell in members:
            part = f"{name}: {cell(payload, index, room - len(name))}"
            parts.append(part)
            room -= len(part) + 2
            if room < 0:
                break
        return f"{{{', '.join(parts)}}}"

    return text, node, buffer


def _map(shape: Shape, field: Field, buffer: int, node: int, child_buffer: int) -> tuple[Cell, int, int]:
    entries = field.children[0]
    key, node, child_buffer = _cell(shape, entries.children[0], node + 1, child_buffer + own_buffers(entries))
    value, node, child_buffer = _cell(shape, entries.children[1], node, child_buffer)
    offsets = shape.span(buffer + 1)[0]

    def entry(payload: Payload, index: int, room: int) -> str:
        name = key(payload, index, room)
        return f"{name}: {value(payload, index, room - len(name))}"

    def text(payload: Payload, index: int, room: int) -> str:
        start, end = _BOTH32.unpack_from(payload, offsets + 4 * index)
        return f"{{{_items(entry, payload, start, end, room)[1:-1]}}}"

    return text, node, child_buffer


def _union(shape: Shape, field: Field, buffer: int, node: int, child_buffer: int) -> tuple[Cell, int, int]:
    types = shape.span(buffer)[0]
    dense = bool(field.type.params[0])
    offsets = shape.span(buffer + 1)[0] if dense else 0
    ids = field.type.type_ids or tuple(range(len(field.children)))
    members: dict[int, tuple[str, Cell]] = {}
    for type_id, child in zip(ids, field.children):
        cell, node, child_buffer = _cell(shape, child, node, child_buffer)
        members[type_id] = child.name, cell

    def text(payload: Payload, index: int, room: int) -> str:
        chosen = members.get(payload[types + index])
        if chosen is None:
            raise FormatError("a union holds a type that it has not", field=field.name)
        name, cell = chosen
        at = struct.unpack_from("<i", payload, offsets + 4 * index)[0] if dense else index
        return f"{{{name}={cell(payload, at, room - len(name))}}}"

    return text, node, child_buffer


def _leaf(shape: Shape, field: Field, buffer: int) -> Cell:
    kind, params = field.type.kind, field.type.params
    start, end = shape.span(buffer + 1)
    if kind is Kind.INT:
        return _number(_INT_CODES[params[0], params[1]], start, str)
    if kind is Kind.FLOAT:
        code, text = (("e", float32), ("f", float32), ("d", float64))[params[0]]
        return _number(code, start, text)
    if kind is Kind.BOOL:
        return lambda payload, index, room: (
            "true" if payload[start + (index >> 3)] >> (index & 7) & 1 else "false"
        )
    if kind in (Kind.UTF8, Kind.BINARY, Kind.LARGE_UTF8, Kind.LARGE_BINARY):
        wide = kind in (Kind.LARGE_UTF8, Kind.LARGE_BINARY)
        data = shape.span(buffer + 2)
        return _bytes(data, start, wide=wide, text=kind in (Kind.UTF8, Kind.LARGE_UTF8))
    if kind is Kind.FIXED_SIZE_BINARY:
        size = params[0]
        return lambda payload, index, room: bytes(
            payload[start + size * index : start + size * index + min(size, room)]
        ).hex()
    if kind is Kind.TIMESTAMP:
        unit, zone = params[0], "Z" if field.type.timezone else ""
        return _number("q", start, lambda value: timestamps([value], unit=unit, zone=zone)[0])
    if kind is Kind.DURATION:
        return _number("q", start, lambda value: duration(value, unit=params[0]))
    if kind is Kind.DATE and not params[0]:
        return _number("i", start, date)
    # The others stand in no recording that is known: show what is there.
    width = max(1, (end - start) // max(1, shape.batch.num_rows))
    return lambda payload, index, room: bytes(
        payload[start + width * index : start + width * (index + 1)]
    ).hex()


def _number(code: str, start: int, text: Callable[..., str]) -> Cell:
    unpack, width = struct.Struct("<" + code).unpack_from, struct.calcsize(code)
    return lambda payload, index, room: text(unpack(payload, start + width * index)[0])


def _bytes(data: tuple[int, int], offsets: int, *, wide: bool, text: bool) -> Cell:
    both = _BOTH64 if wide else _BOTH32
    width = both.size // 2
    base, limit = data

    def cell(payload: Payload, index: int, room: int) -> str:
        start, end = both.unpack_from(payload, offsets + width * index)
        end = min(base + end, limit, base + start + 4 * max(room, 0) + 8)  # a character takes 4 bytes at most
        raw = bytes(payload[base + start : end])
        return raw.decode("utf-8", "replace") if text else raw.hex()

    return cell
