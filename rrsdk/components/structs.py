"""Structs of blueprints: with unions in them, or made from less than all their parts."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components import nested
from rrsdk.components.arrays import shown
from rrsdk.components.kind import instance_type
from rrsdk.components.nested import Nested
from rrsdk.components.numbers import Numbers
from rrsdk.components.records import Record
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa


class Structs(Nested):
    """Values of a class: what is none is given to the class."""

    def __init__(self, datatype: str, made: Callable[[Any], Any] | None = None) -> None:
        super().__init__(datatype)
        self.made = made

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """A value, or a sequence of values."""
        others = super().coercer(field)

        def coerce(value: Any) -> Any:
            if hasattr(value, "as_arrow_array") and not isinstance(value, Record):
                return others(value)
            kind = instance_type(self.datatype)
            try:
                instances = [_plain(one, kind) for one in self.instances(value, kind)]
                return _array(instances, kind) if instances else ()
            except (TypeError, ValueError, OverflowError, AttributeError, LogError) as error:  # Arrow's too
                what = error.what if isinstance(error, LogError) else error
                raise LogError(f"{kind} expected, not {shown(value)}: {what}", field=field) from None

        return coerce

    def instances(self, value: Any, kind: pa.DataType) -> list[Any]:
        if isinstance(value, (Record, dict, str)) or not hasattr(value, "__iter__"):
            value = [value]
        return [self._made(one) for one in value]

    def _made(self, value: Any) -> Any:
        if self.made is None or isinstance(value, (Record, dict)):
            return value
        return self.made(value)


class Whole(Structs):
    """Where a sequence is one value: the columns of one selection, the entities of one order."""

    def instances(self, value: Any, kind: pa.DataType) -> list[Any]:
        is_sequence = isinstance(value, (list, tuple)) and value and isinstance(value[0], Record)
        if is_sequence and hasattr(value[0], self._first(kind)):
            return list(value)
        return [self._made(value)]

    def _first(self, kind: pa.DataType) -> str:
        return "entity_paths" if str(kind).startswith("list") else str(kind.field(0).name)


class Uuids(Numbers):
    """Sixteen bytes each: bytes, UUIDs, or numbers."""

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """All of them, one behind the other."""
        numbers = super().coercer(field)

        def coerce(value: Any) -> Any:
            value = getattr(value, "bytes", value)
            if isinstance(value, (list, tuple)) and value:
                value = [getattr(one, "bytes", one) for one in value]
                if all(isinstance(one, bytes) for one in value):
                    if any(len(one) != 16 for one in value):
                        raise LogError("sixteen bytes each are expected", field=field)
                    value = b"".join(value)
            if isinstance(value, bytes):
                value = np.frombuffer(value, np.uint8)
            return numbers(value)

        return coerce


def _plain(value: Any, kind: pa.DataType) -> Any:
    name = str(kind)
    if name.startswith("dense_union"):
        return value.as_member()
    if name.startswith("struct"):
        if isinstance(value, dict):
            parts = value
        else:
            parts = {field.name: getattr(value, field.name) for field in kind}
        return {field.name: _part(parts.get(field.name), field) for field in kind}
    if isinstance(value, Enum):
        return value.value
    if name.startswith("list<"):
        items = getattr(value, "entity_paths", value)
        if isinstance(items, str):
            raise TypeError(f"a sequence is wanted, not {shown(items)}")
        return [_plain(item, kind.value_type) for item in items]
    if name.startswith("fixed_size_list"):
        if isinstance(value, slice):
            value = [value.start, value.stop]
        return np.asarray(value, np.float64).tolist()
    if name == "bool":
        return bool(value)
    return nested.plain(value, kind)


def _part(value: Any, field: pa.Field) -> Any:
    if value is None:
        if not field.nullable or str(field.type).startswith("dense_union"):
            raise ValueError(f"{field.name} is missing")
        return None
    return _plain(value, field.type)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """As Arrow has it; of unions it cannot make arrays itself."""
    import pyarrow as pa

    if "dense_union" not in str(kind):
        return pa.array(values, kind)
    if str(kind).startswith("struct"):
        children = [_array([value[field.name] for value in values], field.type) for field in kind]
        return pa.StructArray.from_arrays(children, fields=list(kind))
    members = [field.name for field in kind]
    types = [members.index(value.member) for value in values]
    held: list[list[Any]] = [[] for _ in members]
    offsets = []
    for number, value in zip(types, values):
        offsets.append(len(held[number]))
        held[number].append(value.time)
    buffers = [
        None,
        pa.py_buffer(np.array(types, np.int8)),
        pa.py_buffer(np.array(offsets, np.int32)),
    ]
    children = [pa.array(one, field.type) for one, field in zip(held, kind)]
    return pa.Array.from_buffers(kind, len(values), buffers, children=children)
