"""Rows of many chunks into one: the buffers of a new record batch, cut and joined as bytes.

Concatenating, slicing and reordering are one operation: take these ranges of rows, in this order.
It works on any nested type that `layout` can lay out, and looks at no value but offsets, validity
and the types of unions.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from rrsdk.errors import FormatError, UnsupportedError
from rrsdk.ipc.layout import ColumnLayout, own_buffers
from rrsdk.ipc.schema import Field, Kind
from rrsdk.ipc.table import pack_bits, unpack_bits

if TYPE_CHECKING:
    from rrsdk.ipc.stream import Batch

Bytes: TypeAlias = bytes | bytearray | memoryview

_WIDTHS = {Kind.TIMESTAMP: 8, Kind.DURATION: 8}
_LARGE = 64 * 1024
_FLOAT_WIDTHS = (2, 4, 8)
_INTERVAL_WIDTHS = (4, 8, 16)


class Body(Protocol):
    """The body of a record batch: bytes, or anything that is sliced like them."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: slice, /) -> Bytes: ...


class Part(NamedTuple):
    """A record batch that rows are taken from: its shape and its body."""

    batch: Batch
    body: Body


class Piece(NamedTuple):
    """Rows `start:stop` of a part; of a child array, the items that belong to such rows."""

    part: Part
    start: int
    stop: int


class Same(NamedTuple):
    """The same rows `start:stop` of many bodies with one record batch: pieces that differ in bytes only."""

    batch: Batch
    bodies: Sequence[Body]
    start: int
    stop: int

    def pieces(self) -> list[Piece]:
        return [Piece(Part(self.batch, body), self.start, self.stop) for body in self.bodies]


Pieces: TypeAlias = Sequence[Piece] | Same


class Gathered(NamedTuple):
    """Nodes and buffers of a new record batch, in the order of the columns asked for."""

    nodes: list[tuple[int, int]]
    buffers: list[Bytes | list[Bytes]]
    """Large buffers come as their pieces, not copied together."""


def gather(columns: Sequence[ColumnLayout], pieces: Pieces) -> Gathered:
    """Join the pieces, in order; every part must have the columns at the same nodes and buffers."""
    out = Gathered([], [])
    chosen = pieces if isinstance(pieces, Same) else _same(pieces)
    for column in columns:
        if column.is_opaque:
            raise UnsupportedError("values kept apart from their rows cannot be joined", field=column.name)
        _gather(column.field, column.first_node, column.first_buffer, chosen, out)
    return out


def _same(pieces: Sequence[Piece]) -> Pieces:
    """Thousands of chunks of one row have one shape: no need to look at each."""
    (batch, _), start, stop = pieces[0]
    if all(piece[0][0] is batch and piece[1] == start and piece[2] == stop for piece in pieces):
        return Same(batch, [piece[0][1] for piece in pieces], start, stop)
    return pieces


def fixed_width(field: Field) -> int | None:
    """Bytes a value, for types whose values lie side by side; None for the others."""
    kind, params = field.type.kind, field.type.params
    if kind is Kind.INT:
        return params[0] // 8
    if kind is Kind.FLOAT:
        return _FLOAT_WIDTHS[params[0]]
    if kind is Kind.FIXED_SIZE_BINARY:
        return params[0]
    if kind is Kind.DECIMAL:
        return params[2] // 8
    if kind is Kind.DATE:
        return 8 if params[0] else 4
    if kind is Kind.TIME:
        return params[1] // 8
    if kind is Kind.INTERVAL:
        return _INTERVAL_WIDTHS[params[0]]
    return _WIDTHS.get(kind)


def offsets_of(part: Part, buffer: int, start: int, stop: int, *, wide: bool) -> array[int]:
    """The offsets of items `start` to `stop`, both included, checked to ascend."""
    code, width = ("q", 8) if wide else ("i", 4)
    begin, size = part.batch.buffers[buffer]
    if (stop + 1) * width > size:
        if start == stop:  # an array without items may leave its only offset out
            return array(code, [0])
        raise FormatError("an offsets buffer is cut off")
    raw = part.body[begin + start * width : begin + (stop + 1) * width]
    offsets = array(code, bytes(raw))
    if offsets[0] < 0 or any(map(int.__gt__, offsets, offsets[1:])):
        raise FormatError("the offsets of a list do not ascend")
    return offsets


def _gather(field: Field, node: int, buffer: int, pieces: Pieces, out: Gathered) -> None:
    length = _length(pieces)
    kind = field.type.kind
    if kind is Kind.NULL:
        out.nodes.append((length, length))
        return
    if kind is Kind.UNION:
        out.nodes.append((length, 0))
        _gather_union(field, node, buffer, pieces.pieces() if isinstance(pieces, Same) else pieces, out)
        return
    validity, nulls = _gather_validity(node, buffer, pieces)
    out.nodes.append((length, nulls))
    out.buffers.append(validity)
    width = fixed_width(field)
    if width is not None:
        out.buffers.append(_slices(pieces, buffer + 1, width))
    elif kind is Kind.BOOL:
        out.buffers.append(pack_bits(_bits(pieces, buffer + 1)))
    elif kind in (Kind.LIST, Kind.MAP, Kind.LARGE_LIST):
        inner = _gather_offsets(buffer + 1, pieces, out, wide=kind is Kind.LARGE_LIST)
        _gather(field.children[0], node + 1, buffer + 2, inner, out)
    elif kind is Kind.FIXED_SIZE_LIST:
        count = field.type.params[0]
        inner = _scaled(pieces, count)
        _gather(field.children[0], node + 1, buffer + 1, inner, out)
    elif kind is Kind.STRUCT:
        _gather_children(field, node + 1, buffer + 1, [pieces] * len(field.children), out)
    elif kind in (Kind.UTF8, Kind.BINARY, Kind.LARGE_UTF8, Kind.LARGE_BINARY):
        wide = kind in (Kind.LARGE_UTF8, Kind.LARGE_BINARY)
        inner = _gather_offsets(buffer + 1, pieces, out, wide=wide)
        out.buffers.append(_slices(inner, buffer + 2, 1))
    else:
        raise FormatError(f"Arrow type {kind.name} cannot be joined", field=field.name)


def _gather_children(field: Field, node: int, buffer: int, inner: Sequence[Pieces], out: Gathered) -> None:
    for child, pieces in zip(field.children, inner):
        _gather(child, node, buffer, pieces, out)
        nodes, buffers = footprint(child)
        node, buffer = node + nodes, buffer + buffers


def footprint(field: Field) -> tuple[int, int]:
    """How many nodes and buffers a field takes with all its children."""
    nodes, buffers = 1, own_buffers(field)
    for child in field.children:
        more_nodes, more_buffers = footprint(child)
        nodes, buffers = nodes + more_nodes, buffers + more_buffers
    return nodes, buffers


def _length(pieces: Pieces) -> int:
    if isinstance(pieces, Same):
        return (pieces.stop - pieces.start) * len(pieces.bodies)
    return sum([stop - start for _, start, stop in pieces])


def _scaled(pieces: Pieces, count: int) -> Pieces:
    if isinstance(pieces, Same):
        return pieces._replace(start=pieces.start * count, stop=pieces.stop * count)
    return [Piece(part, start * count, stop * count) for part, start, stop in pieces]


def _slices(pieces: Pieces, buffer: int, width: int) -> Bytes | list[Bytes]:
    if isinstance(pieces, Same):
        begin, size = pieces.batch.buffers[buffer]
        first, last = begin + pieces.start * width, begin + pieces.stop * width
        if last > begin + size:
            raise FormatError("a buffer of values is cut off")
        return _together([body[first:last] for body in pieces.bodies], width * _length(pieces))
    parts: list[Bytes] = []
    for (batch, body), start, stop in pieces:
        begin, size = batch.buffers[buffer]
        if stop * width > size:
            raise FormatError("a buffer of values is cut off")
        parts.append(body[begin + start * width : begin + stop * width])
    return _together(parts, width * _length(pieces))


def _together(parts: list[Bytes], size: int) -> Bytes | list[Bytes]:
    return parts if size >= _LARGE * len(parts) else b"".join(parts)


def _bits(pieces: Pieces, buffer: int) -> bytearray:
    bits = bytearray()
    for (batch, body), start, stop in pieces.pieces() if isinstance(pieces, Same) else pieces:
        begin, size = batch.buffers[buffer]
        if stop > 8 * size:
            raise FormatError("a bitmap is cut off")
        first = start // 8
        window = unpack_bits(body[begin + first : begin + (stop + 7) // 8], stop - 8 * first)
        bits += window[start - 8 * first :]
    return bits


def _gather_validity(node: int, buffer: int, pieces: Pieces) -> tuple[bytes, int]:
    if isinstance(pieces, Same):
        if not pieces.batch.nodes[node][1]:
            return b"", 0
        pieces = pieces.pieces()
    if not any(part.batch.nodes[node][1] for part, _, _ in pieces):
        return b"", 0
    bits = bytearray()
    for piece in pieces:
        if piece.part.batch.nodes[node][1]:
            bits += _bits([piece], buffer)
        else:
            bits += b"\1" * (piece.stop - piece.start)
    nulls = bits.count(0)
    return (pack_bits(bits), nulls) if nulls else (b"", 0)


def _gather_offsets(buffer: int, pieces: Pieces, out: Gathered, *, wide: bool) -> Pieces:
    """Append rebased offsets; what comes back are the pieces of the child (or of the bytes)."""
    if isinstance(pieces, Same):
        inner = _same_offsets(buffer, pieces, out, wide=wide)
        if inner is not None:
            return inner
        pieces = pieces.pieces()
    lengths = array("q")
    found: list[Piece] = []
    for part, start, stop in pieces:
        if start == stop:
            found.append(Piece(part, 0, 0))
            continue
        offsets = offsets_of(part, buffer, start, stop, wide=wide)
        if stop - start == 1:
            lengths.append(offsets[1] - offsets[0])
        else:
            lengths.extend(map(int.__sub__, offsets[1:], offsets))
        found.append(Piece(part, offsets[0], offsets[-1]))
    _put_offsets(accumulate(lengths, initial=0), out, wide=wide)
    return found


def _same_offsets(buffer: int, pieces: Same, out: Gathered, *, wide: bool) -> Same | None:
    """The same where every body has one list, and all of them at the same place; else None."""
    batch, bodies, start, stop = pieces
    if stop - start != 1:
        return None
    low, high = offsets_of(Part(batch, bodies[0]), buffer, start, stop, wide=wide)
    width = 8 if wide else 4
    begin, _ = batch.buffers[buffer]
    first, last = begin + start * width, begin + (stop + 1) * width
    one = bytes(bodies[0][first:last])
    if b"".join([body[first:last] for body in bodies]) != one * len(bodies):
        return None
    step = high - low
    ends = range(0, step * len(bodies) + 1, step) if step else repeat(0, len(bodies) + 1)
    _put_offsets(ends, out, wide=wide)
    return Same(batch, bodies, low, high)


def _put_offsets(ends: Iterable[int], out: Gathered, *, wide: bool) -> None:
    try:
        out.buffers.append(array("q" if wide else "i", ends).tobytes())
    except OverflowError:
        raise FormatError("the chunks are too large to be joined") from None


def _gather_union(field: Field, node: int, buffer: int, pieces: Sequence[Piece], out: Gathered) -> None:
    out.buffers.append(_slices(pieces, buffer, 1))
    if not field.type.params[0]:  # sparse: every child is as long as the union
        _gather_children(field, node + 1, buffer + 1, [pieces] * len(field.children), out)
        return
    codes = field.type.type_ids or tuple(range(len(field.children)))
    inner: list[list[Piece]] = [[] for _ in codes]
    filled = [0] * len(codes)
    placed = array("i")
    for part, start, stop in pieces:
        begin, size = part.batch.buffers[buffer + 1]
        if stop * 4 > size:
            raise FormatError("the offsets of a union are cut off")
        offsets = array("i", bytes(part.body[begin + start * 4 : begin + stop * 4]))
        kinds_at = part.batch.buffers[buffer][0]
        own = bytes(part.body[kinds_at + start : kinds_at + stop])
        bases: dict[int, int] = {}
        for number, code in enumerate(codes):
            used = [offset for kind, offset in zip(own, offsets) if kind == code & 0xFF]
            if not used:
                continue
            low, high = min(used), max(used) + 1
            if low < 0:
                raise FormatError("the offsets of a union are negative")
            inner[number].append(Piece(part, low, high))
            bases[code & 0xFF] = filled[number] - low
            filled[number] += high - low
        try:
            placed.extend([offset + bases[kind] for kind, offset in zip(own, offsets)])
        except (KeyError, OverflowError):
            raise FormatError("a union holds a type that it does not declare") from None
    out.buffers.append(placed.tobytes())
    _gather_children(field, node + 1, buffer + 2, inner, out)
