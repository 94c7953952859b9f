"""Whether the buffers of a chunk are what Arrow says they must be, checked without pyarrow.

Almost all of it depends on a chunk's shape alone and is checked once for every distinct one: nodes
long enough for their parents, buffers long enough for their nodes, types that Rerun knows. What is
left for each chunk are offsets, texts, types of unions and values of enums. Chunks with dictionaries,
views or run ends are the exception: pyarrow validates each of them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import compress
from typing import TYPE_CHECKING

from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_TYPE_KEY
from rrsdk.ipc.layout import ColumnLayout, LaidOut, Role, Shape, own_buffers
from rrsdk.ipc.schema import Field, Kind
from rrsdk.ipc.table import unpack_bits

if TYPE_CHECKING:
    from rrsdk.component.datatypes import Datatype

Check = Callable[[memoryview], "str | None"]
"""What is wrong with the values in a payload, if anything is."""

_BITS = {Kind.DURATION: 64, Kind.TIMESTAMP: 64}
_BOTH32 = struct.Struct("<ii")
_NAMES = {
    Kind.BOOL: "bool",
    Kind.UTF8: "utf8",
    Kind.BINARY: "binary",
    Kind.NULL: "null",
    Kind.LIST: "list",
    Kind.STRUCT: "struct",
}


class Soundness:
    """Checks chunks; one for a run."""

    def __init__(self) -> None:
        self._plans: dict[Shape, _Plan] = {}

    def problem(self, chunk: LaidOut) -> str | None:
        """The first thing that is wrong with a whole chunk, in words."""
        shape, payload = chunk.shape, chunk.payload
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) > 10_000:
                self._plans.clear()
            plan = self._plans[shape] = _Plan(shape)
        if plan.problem is not None:
            return plan.problem
        if len(payload) < plan.size:
            return f"the Arrow data end {plan.size - len(payload)} bytes early"
        for check in plan.checks:
            found = check(payload)
            if found is not None:
                return found
        if plan.doubtful or shape.layout.is_opaque:
            return component_problem(chunk, plan.doubtful)
        return None


class _Plan:
    """What there is to check of chunks of one shape, and what is wrong with all of them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.checks: list[Check] = []
        self.problem: str | None = None
        self.size = shape.body_start + shape.batch.body_size
        self.doubtful: list[ColumnLayout] = []
        """Columns whose types or nulls need a closer look at each chunk."""
        for column in shape.layout.columns:
            self._where = column.name
            if not column.is_opaque:
                self._node(column.field, column.first_node, column.first_buffer)
            if column.role is Role.COMPONENT:
                self._component(column)

    def _fail(self, what: str) -> None:
        self.problem = self.problem or f"column {self._where}: {what}"

    def _holds(self, buffer: int, size: int) -> tuple[int, int]:
        start, end = self._shape.span(buffer)
        if end - start < size:
            self._fail(f"a buffer has {end - start} bytes where its values need {size}")
        return start, end

    def _node(self, field: Field, node: int, buffer: int) -> tuple[int, int]:
        """Check a field and what is below it; where the next one's nodes and buffers begin."""
        kind, params = field.type.kind, field.type.params
        length, nulls = self._shape.batch.nodes[node]
        own = own_buffers(field)
        if nulls and own and kind is not Kind.UNION:
            self._holds(buffer, (length + 7) // 8)
        if kind in (Kind.LIST, Kind.MAP, Kind.LARGE_LIST):
            self._offsets(buffer, length, self._shape.batch.nodes[node + 1][0], kind is Kind.LARGE_LIST)
        elif kind in (Kind.UTF8, Kind.BINARY, Kind.LARGE_UTF8, Kind.LARGE_BINARY):
            start, end = self._shape.span(buffer + 2)
            self._offsets(buffer, length, end - start, kind in (Kind.LARGE_UTF8, Kind.LARGE_BINARY))
            if kind in (Kind.UTF8, Kind.LARGE_UTF8) and length and end > start:
                self._texts(start, end, self._shape.span(buffer + 1), length, kind is Kind.LARGE_UTF8)
        elif kind is Kind.UNION:
            self._union(field, node, buffer, length)
        elif kind is Kind.FIXED_SIZE_LIST:
            if self._shape.batch.nodes[node + 1][0] < length * params[0]:
                self._fail(f"a fixed-size list has fewer than {length * params[0]} items")
        elif own == 2:
            self._holds(buffer + 1, (length * _width(field) + 7) // 8)
        node, buffer = node + 1, buffer + own
        for child in field.children:
            if kind is Kind.STRUCT and self._shape.batch.nodes[node][0] < length:
                self._fail("a struct's field is shorter than the struct")
            node, buffer = self._node(child, node, buffer)
        return node, buffer

    def _offsets(self, buffer: int, length: int, limit: int, wide: bool) -> None:
        if not length:
            return
        width, code = (8, "q") if wide else (4, "i")
        start, _ = self._holds(buffer + 1, (length + 1) * width)
        stop, where = start + (length + 1) * width, self._where
        complaint = f"column {where}: the offsets of a list or text do not ascend within its {limit} items"

        def check_one(payload: memoryview) -> str | None:
            first, last = _BOTH32.unpack_from(payload, start)
            return None if 0 <= first <= last <= limit else complaint

        def check(payload: memoryview) -> str | None:
            offsets = payload[start:stop].cast(code).tolist()  # type: ignore[call-overload]
            if offsets[0] < 0 or offsets[-1] > limit or offsets != sorted(offsets):
                return complaint
            return None

        self.checks.append(check_one if length == 1 and not wide else check)

    def _texts(self, start: int, end: int, offsets: tuple[int, int], length: int, wide: bool) -> None:
        code, width, complaint = "q" if wide else "i", 8 if wide else 4, f"column {self._where}: not UTF-8"

        def check(payload: memoryview) -> str | None:
            ends = payload[offsets[0] : offsets[0] + (length + 1) * width].cast(code)  # type: ignore[call-overload]
            data = bytes(payload[start:end])[ends[0] : ends[-1]]
            if data.isascii():
                return None
            try:
                data.decode()
            except UnicodeDecodeError as error:
                return f"{complaint} at byte {error.start} of its texts"
            inside = [at - ends[0] for at in ends if ends[0] < at < ends[-1]]
            return complaint if any(data[at] & 0xC0 == 0x80 for at in inside) else None

        self.checks.append(check)

    def _union(self, field: Field, node: int, buffer: int, length: int) -> None:
        ids = field.type.type_ids or tuple(range(len(field.children)))
        dense = bool(field.type.params[0])
        start, _ = self._holds(buffer, length)
        offsets = self._holds(buffer + 1, 4 * length)[0] if dense else 0
        lengths: dict[int, int] = {}
        child = node + 1
        for type_id, member in zip(ids, field.children):
            lengths[type_id] = self._shape.batch.nodes[child][0]
            child += _nodes(member)
        complaint = f"column {self._where}: a union refers to a value that is not there"

        def check(payload: memoryview) -> str | None:
            types = payload[start : start + length]
            places = payload[offsets : offsets + 4 * length].cast("i") if dense else range(length)
            for type_id, place in zip(types, places):
                if not 0 <= place < lengths.get(type_id, 0):
                    return complaint
            return None

        self.checks.append(check)

    def _component(self, column: ColumnLayout) -> None:
        """Types and nulls; what cannot be told from the shape alone is left for a closer look."""
        if column.field.type.kind is not Kind.LIST or column.field.dictionary:
            self._fail("a component must be a list")
            return
        kind = column.field.metadata.get(COMPONENT_TYPE_KEY, "")
        if not kind.startswith("rerun."):
            return
        from rrsdk.component import COMPONENT_TYPES
        from rrsdk.component.datatypes import parse
        from rrsdk.component.problems import descriptor_problem

        found = descriptor_problem(column.name, column.field.metadata.get(ARCHETYPE_KEY), kind)
        if kind not in COMPONENT_TYPES:
            self._fail(f"unknown component type {kind}")
        elif found is not None:
            self._fail(found)
        elif column.is_opaque:
            self.doubtful.append(column)
        else:
            instances = _places(column.field, column.first_node, column.first_buffer)
            (place,) = instances.values()
            if not self._fits(*place, wanted=parse(COMPONENT_TYPES[kind]), nullable=False):
                self.doubtful.append(column)

    def _fits(self, field: Field, node: int, buffer: int, *, wanted: Datatype, nullable: bool) -> bool:
        """Whether a field is certainly what it should be."""
        length, nulls = self._shape.batch.nodes[node]
        if (nulls and not nullable) or _name(field) != (wanted.name, wanted.size):
            return False
        children = _places(field, node, buffer)
        if wanted.name in ("list", "fixed_size_list"):
            inner = wanted.children[0].type
            return self._fits(*children[field.children[0].name], wanted=inner, nullable=not inner.enum)
        if wanted.name == "struct":
            return all(
                child.name in children
                and self._fits(*children[child.name], wanted=child.type, nullable=child.nullable)
                for child in wanted.children
            )
        if wanted.enum:
            start, validity = self._shape.span(buffer + 1)[0], self._shape.span(buffer)
            allowed = bytes(wanted.enum)
            complaint = f"column {self._where}: a value that the enum does not have"

            def check(payload: memoryview) -> str | None:
                values = bytes(payload[start : start + length])
                if nulls:
                    there = unpack_bits(payload[validity[0] : validity[1]], length)
                    values = bytes(compress(values, there))
                return complaint if values.translate(None, allowed) else None

            self.checks.append(check)
        return True


def component_problem(chunk: LaidOut, columns: list[ColumnLayout]) -> str | None:
    """The closer look, by pyarrow, at columns whose shape alone leaves a doubt."""
    import pyarrow as pa

    from rrsdk.component.problems import column_problem

    try:
        batch = pa.ipc.open_stream(pa.py_buffer(chunk.payload)).read_next_batch()
        batch.validate(full=chunk.shape.layout.is_opaque)
    except (pa.ArrowException, StopIteration, OSError, ValueError) as broken:
        return f"the Arrow data are broken: {' '.join(str(broken).split())}"
    for column in columns:
        place = chunk.shape.layout.columns.index(column)
        metadata = column.field.metadata
        found = column_problem(
            column.name,
            metadata.get(ARCHETYPE_KEY),
            metadata.get(COMPONENT_TYPE_KEY),
            batch.column(place).flatten(),
        )
        if found is not None:
            return f"column {column.name}: {found}"
    return None


def _places(field: Field, node: int, buffer: int) -> dict[str, tuple[Field, int, int]]:
    """The children of a field by name, with where their nodes and buffers begin."""
    found: dict[str, tuple[Field, int, int]] = {}
    node, buffer = node + 1, buffer + own_buffers(field)
    for child in field.children:
        found[child.name] = child, node, buffer
        node, buffer = node + _nodes(child), buffer + _buffers(child)
    return found


def _nodes(field: Field) -> int:
    return 1 + sum(map(_nodes, field.children))


def _buffers(field: Field) -> int:
    return own_buffers(field) + sum(map(_buffers, field.children))


def _width(field: Field) -> int:
    """Bits a value."""
    kind, params = field.type.kind, field.type.params
    if kind in (Kind.INT, Kind.FLOAT):
        return params[0] if kind is Kind.INT else 16 << params[0]
    if kind is Kind.FIXED_SIZE_BINARY:
        return 8 * params[0]
    if kind is Kind.DECIMAL:
        return params[2]
    if kind is Kind.DATE:
        return 64 if params[0] else 32
    if kind is Kind.TIME:
        return params[1]
    if kind is Kind.INTERVAL:
        return (32, 64, 128)[params[0]]
    return _BITS.get(kind, 1)


def _name(field: Field) -> tuple[str, int]:
    """A field's type in the grammar of `rrsdk.component`, one level deep."""
    kind, params = field.type.kind, field.type.params
    if kind is Kind.INT:
        return f"{'' if params[1] else 'u'}int{params[0]}", 0
    if kind is Kind.FLOAT:
        return f"float{16 << params[0]}", 0
    if kind is Kind.FIXED_SIZE_LIST:
        return "fixed_size_list", params[0]
    if kind is Kind.UNION:
        return "dense_union" if params[0] else "sparse_union", 0
    return _NAMES.get(kind, kind.name.lower()), 0
