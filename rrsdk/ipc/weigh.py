"""How much data a chunk holds: the same however it is cut and joined.

Weights are in bits, so that flags add up too. Padding, validity and the schema do not count: two
chunks joined weigh what they weighed apart, which is what makes compaction settle.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.ipc.gather import Part, fixed_width, footprint, offsets_of
from rrsdk.ipc.schema import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.ipc.layout import ColumnLayout
    from rrsdk.ipc.stream import Batch

_OFFSET_BITS = {Kind.LIST: 32, Kind.MAP: 32, Kind.UTF8: 32, Kind.BINARY: 32}
_WIDE_BITS = {Kind.LARGE_LIST: 64, Kind.LARGE_UTF8: 64, Kind.LARGE_BINARY: 64}
_TEXTS = (Kind.UTF8, Kind.BINARY, Kind.LARGE_UTF8, Kind.LARGE_BINARY)


def own_bits(field: Field) -> int:
    """Bits an item takes in the field's own buffers."""
    width = fixed_width(field)
    if width is not None:
        return 8 * width
    kind = field.type.kind
    if kind is Kind.BOOL:
        return 1
    if kind is Kind.UNION:
        return 40 if field.type.params[0] else 8
    return _OFFSET_BITS.get(kind) or _WIDE_BITS.get(kind) or 0


def column_bits(column: ColumnLayout, batch: Batch) -> int:
    """The weight of one column of a record batch."""
    return _bits(column.field, column.first_node, column.first_buffer, batch)


def _bits(field: Field, node: int, buffer: int, batch: Batch) -> int:
    items = batch.nodes[node][0]
    if not items:  # whatever may be left in the children of a slice without rows
        return 0
    bits = items * own_bits(field)
    nodes, buffers = 1, footprint(field)[1] - sum(footprint(child)[1] for child in field.children)
    if field.type.kind in _TEXTS:
        bits += 8 * batch.buffers[buffer + 2][1]
    node, buffer = node + nodes, buffer + buffers
    for child in field.children:
        bits += _bits(child, node, buffer, batch)
        nodes, buffers = footprint(child)
        node, buffer = node + nodes, buffer + buffers
    return bits


def row_bits(columns: Sequence[ColumnLayout], part: Part, rows: int) -> list[int]:
    """The weight of the first 0, 1, 2 … `rows` rows of a chunk."""
    totals = [0] * (rows + 1)
    for column in columns:
        _add(totals, column.field, column.first_node, column.first_buffer, part, list(range(rows + 1)))
    return totals


def _add(totals: list[int], field: Field, node: int, buffer: int, part: Part, bounds: list[int]) -> None:
    """Add a field's share: `bounds` are where the rows end among its items."""
    each = own_bits(field)
    kind = field.type.kind
    if each:
        totals[:] = [total + each * bound for total, bound in zip(totals, bounds)]
    if kind in _OFFSET_BITS or kind in _WIDE_BITS:
        offsets = offsets_of(part, buffer + 1, 0, bounds[-1], wide=kind in _WIDE_BITS)
        inner = [offsets[bound] for bound in bounds]
        if kind in _TEXTS:
            totals[:] = [total + 8 * bound for total, bound in zip(totals, inner)]
        else:
            _add(totals, field.children[0], node + 1, buffer + 2, part, inner)
    elif kind is Kind.FIXED_SIZE_LIST:
        inner = [bound * field.type.params[0] for bound in bounds]
        _add(totals, field.children[0], node + 1, buffer + 1, part, inner)
    elif kind is Kind.STRUCT:
        node, buffer = node + 1, buffer + 1
        for child in field.children:
            _add(totals, child, node, buffer, part, bounds)
            nodes, buffers = footprint(child)
            node, buffer = node + nodes, buffer + buffers
    elif kind is Kind.UNION:
        spread = _spread(field, buffer, part, bounds)
        node, buffer = node + 1, buffer + (2 if field.type.params[0] else 1)
        for child, inner in zip(field.children, spread):
            _add(totals, child, node, buffer, part, inner)
            nodes, buffers = footprint(child)
            node, buffer = node + nodes, buffer + buffers


def _spread(field: Field, buffer: int, part: Part, bounds: list[int]) -> list[list[int]]:
    """Where the rows end among the items of each of a union's children."""
    if not field.type.params[0]:  # sparse: every child is as long as the union
        return [bounds] * len(field.children)
    kinds, offsets = (part.batch.buffers[buffer + number] for number in range(2))
    if bounds[-1] > kinds[1] or 4 * bounds[-1] > offsets[1]:
        raise FormatError("a union is cut off", field=field.name)
    own = array("b", bytes(part.body[kinds[0] : kinds[0] + bounds[-1]]))
    placed = array("i", bytes(part.body[offsets[0] : offsets[0] + 4 * bounds[-1]]))
    codes = field.type.type_ids or tuple(range(len(field.children)))
    ends = dict.fromkeys(codes, 0)
    found: list[list[int]] = [[] for _ in codes]
    at = 0
    for bound in bounds:
        for item in range(at, bound):
            ends[own[item]] = placed[item] + 1
        at = max(at, bound)
        for child, code in zip(found, codes):
            child.append(ends[code])
    return found
