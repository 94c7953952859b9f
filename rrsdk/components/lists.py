"""Instances that are lists themselves: bytes of images and files, points of line strips."""

from __future__ import annotations

import struct
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.component.datatypes import parse
from rrsdk.components.arrays import as_arrow, numbers_of, shown
from rrsdk.components.kind import instance_type, one_each
from rrsdk.components.numbers import Numbers
from rrsdk.components.storage import LIMIT, joined, packed
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array, Buffer

_ENDS = struct.Struct("<2i")
_UINT8 = np.dtype(np.uint8)


class Lists:
    """`list<…>` of numbers or vectors; one instance is held as a buffer, others as a tuple of buffers."""

    raw: type | None = None
    empty: Any = ()

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype
        self.items = Numbers(str(parse(datatype).children[0].type))

    def coercer(self, field: str) -> Callable[[Any], Any]:
        raise NotImplementedError

    def of_arrow(self, array: pa.ListArray) -> tuple[Buffer, ...]:
        """What is held of an array of this type: a buffer an instance."""
        dtype = self.items.dtype
        return tuple(_leaf(one.values).to_numpy().astype(dtype).tobytes() for one in array)

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        if len(values) == 1 and values[0].__class__ is not tuple:  # a large one comes alone
            return self._one(values[0]), None
        counts = None
        if tuple in set(map(type, values)):
            batches = [value if value.__class__ is tuple else (value,) for value in values]
            counts = np.fromiter(map(len, batches), np.int64, len(batches))
            values = [buffer for batch in batches for buffer in batch]
        offsets = np.zeros(len(values) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=offsets[1:])
        data = joined(values)
        items = self.items.array(data, len(data) // self.items.step)
        offsets = (offsets // self.items.step).astype(np.int32)
        kind = instance_type(self.datatype)
        child = pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(offsets)], children=[items])
        return child, counts

    def _one(self, data: Buffer) -> pa.Array:
        import pyarrow as pa

        count = len(data) // self.items.step
        ends = pa.py_buffer(_ENDS.pack(0, count))
        kind = instance_type(self.datatype)
        return pa.Array.from_buffers(kind, 1, [None, ends], children=[self.items.array(data, count)])

    def nbytes(self, value: Any) -> int:
        return sum(map(len, value)) if value.__class__ is tuple else len(value)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)


def _leaf(array: pa.Array) -> pa.Array:
    while hasattr(array, "flatten") and hasattr(array.type, "value_type"):
        array = array.flatten()
    return array


class Blobs(Lists):
    """`list<uint8>`: bytes or a flat array are one instance, a sequence of them several."""

    def __init__(self) -> None:
        super().__init__("list<uint8>")

    def coercer(self, field: str) -> Callable[[Any], Buffer | tuple[Buffer, ...]]:
        """`bytes` are held as they are; what can change is copied."""

        def coerce(value: Any) -> Buffer | tuple[Buffer, ...]:
            if value.__class__ is bytes and len(value) <= LIMIT:
                return value
            if isinstance(value, (list, tuple)):
                if value and all(isinstance(item, (int, np.integer)) for item in value):
                    return one(value)
                return tuple(map(one, value))
            if isinstance(value, np.ndarray) and (value.ndim > 1 or not value.size):
                return tuple(map(one, value))
            array = None if isinstance(value, np.ndarray) else as_arrow(value)
            if array is not None and str(array.type).startswith("list<"):
                return self.of_arrow(array)
            return one(value)

        def one(value: Any) -> Buffer:
            if isinstance(value, (bytes, bytearray)):
                if len(value) > LIMIT:
                    raise LogError(
                        f"{len(value)} bytes are more than one value can have (2 GiB)", field=field
                    )
                return bytes(value)
            if hasattr(value, "read"):
                value = value.read()
                if not isinstance(value, (bytes, bytearray, memoryview)):
                    raise LogError(f"bytes expected, but read() gave {shown(value)}", field=field)
                return bytes(value)
            if isinstance(value, memoryview):
                return value.tobytes()
            array = numbers_of(value, _UINT8, field, "bytes or an array of uint8")
            if array.dtype != np.uint8 and array.size and (array.min() < 0 or array.max() > 255):
                raise LogError("bytes or an array of uint8 expected, not larger numbers", field=field)
            return packed(array, _UINT8, field)

        return coerce


class Strips(Lists):
    """`list<fixed_size_list<…>[n]>`: a sequence of strips, or one strip that is an array of points."""

    def coercer(self, field: str) -> Callable[[Any], tuple[Buffer, ...]]:
        """An array of three dimensions is a strip a row, one of two dimensions a single strip."""
        points = self.items.coercer(field)

        def coerce(value: Any) -> tuple[Any, ...]:
            array = as_arrow(value)
            if array is not None and str(array.type).startswith("list<"):
                return self.of_arrow(array)
            if hasattr(value, "shape") and len(value.shape) == 2:
                return (points(value),)
            if not hasattr(value, "__len__") or isinstance(value, (str, bytes, dict)):
                raise LogError(f"strips of {self.items.wanted} expected, not {shown(value)}", field=field)
            if len(value) and _is_point(value[0], self.items.width):
                return (points(value),)
            return tuple(map(points, value))

        return coerce


def _is_point(value: Any, width: int) -> bool:
    """Whether the first item is a point itself, not a strip."""
    if isinstance(value, np.ndarray):
        return bool(value.shape == (width,))
    return isinstance(value, (list, tuple)) and len(value) > 0 and isinstance(value[0], Number)
