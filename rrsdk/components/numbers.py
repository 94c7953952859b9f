"""Numbers and vectors of numbers: held as packed bytes in the order that Arrow has them."""

from __future__ import annotations

import struct
from array import array as typed
from math import prod
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from rrsdk.component.datatypes import Datatype, parse
from rrsdk.components.arrays import converted, numbers_of, shown
from rrsdk.components.kind import instance_type, lengths, rows_by_shape
from rrsdk.components.storage import LARGE, joined, packed
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array, Buffer

_ndarray = np.ndarray
_DOUBLE = np.dtype(np.float64)
_EXACT = (float, int)
_CODES = {
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
}
"""Of the struct module."""


class Numbers:
    """`float32`, or `fixed_size_list<float32>[3]`, of any type of numbers."""

    empty = b""

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype
        leaf, self.width = _leaf(parse(datatype))
        self.nested = datatype.count("fixed_size_list") > 1
        self.dtype = np.dtype(leaf)
        self.step = self.dtype.itemsize * self.width
        self.raw: type | None = float if datatype == "float64" else None
        self.wanted = "numbers" if self.width == 1 else f"n×{self.width} numbers"

    def coercer(self, field: str) -> Callable[[Any], float | Buffer]:
        """Exact types first: an array of the right type and shape, a small list, a number."""
        dtype, width, slowly = self.dtype, self.width, self._slowly
        code = _CODES[dtype.name]
        pack = struct.Struct(f"<{width}{code}").pack
        smallest, one = LARGE // self.step, (width,)
        single = self.dtype == np.float32
        typing = code != "e"  # array has no half floats

        def vectors(value: Any) -> Buffer:
            kind = value.__class__
            if kind is _ndarray:
                shape = value.shape
                if len(shape) == 2 and shape[1] == width and shape[0] < smallest:
                    if value.dtype is dtype:
                        return value.tobytes()  # type: ignore[no-any-return]
                    if single and value.dtype is _DOUBLE:
                        with np.errstate(over="ignore"):
                            return value.astype(dtype).tobytes()  # type: ignore[no-any-return]
                elif shape == one and value.dtype.kind in "fiu":
                    try:
                        return pack(*value.tolist())
                    except (struct.error, OverflowError):
                        pass
            elif (kind is list or kind is tuple) and len(value) == width:
                try:
                    return pack(*value)
                except (struct.error, OverflowError):
                    pass
            return slowly(value, field)

        def scalars(value: Any) -> Buffer:
            kind = value.__class__
            if kind is float or kind is int:
                try:
                    return pack(value)
                except (struct.error, OverflowError):
                    pass
            elif kind is _ndarray and value.dtype is dtype and value.size < smallest:
                return value.tobytes()  # type: ignore[no-any-return]
            elif typing and (kind is list or kind is tuple) and value and value[0].__class__ in _EXACT:
                try:
                    return typed(code, value).tobytes()
                except (TypeError, OverflowError):
                    pass
            return slowly(value, field)

        def doubles(value: Any) -> float | Buffer:
            kind = value.__class__
            if kind is float:
                return value  # type: ignore[no-any-return]
            if kind is int or isinstance(value, (np.floating, np.integer)):
                try:
                    return float(value)
                except OverflowError:
                    raise LogError(f"{shown(value)} is too large for a float", field=field) from None
            return scalars(value)

        if width > 1:
            return vectors
        return doubles if self.raw else scalars

    def _slowly(self, value: object, field: str) -> Buffer:
        if self.dtype == np.uint8 and isinstance(value, (bytes, bytearray, UUID)):
            value = np.frombuffer(value.bytes if isinstance(value, UUID) else bytes(value), np.uint8)
        array = numbers_of(value, self.dtype, field, self.wanted)
        if self.nested:
            if array.size and self.width not in (array.shape[-1], prod(array.shape[-2:])):
                raise LogError(f"shape {array.shape} does not end with {self.width} numbers", field=field)
        elif self.width > 1:
            check_shape(array.shape, self.width, field)
        return packed(converted(array, self.dtype, field), self.dtype, field)

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        if self.raw:
            try:
                return self.array(typed("d", values), len(values)), None
            except TypeError:
                # Some rows hold several: one representation for all.
                values = [_double(value) if value.__class__ is float else value for value in values]
        data = joined(values)
        return self.array(data, len(data) // self.step), lengths(values, self.step)

    def array(self, data: Any, count: int) -> pa.Array:
        """So many instances that lie packed in `data`."""
        import pyarrow as pa

        return fixed(instance_type(self.datatype), count, pa.py_buffer(data))

    def nbytes(self, value: Any) -> int:
        return self.step if value.__class__ is float else len(value)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return rows_by_shape(argument, instances)


class Ranges(Numbers):
    """`fixed_size_list<float64>[2]` that is a range: its ends, or a slice."""

    def coercer(self, field: str) -> Callable[[Any], float | Buffer]:
        take = super().coercer(field)

        def coerce(value: Any) -> float | Buffer:
            return take([value.start, value.stop] if isinstance(value, slice) else value)

        return coerce


_double = struct.Struct("<d").pack


def _leaf(datatype: Datatype) -> tuple[str, int]:
    width = 1
    while datatype.name == "fixed_size_list":
        width *= datatype.size
        datatype = datatype.children[0].type
    return datatype.name, width


def fixed(kind: pa.DataType, count: int, buffer: pa.Buffer) -> pa.Array:
    """An array of numbers, or of (nested) fixed-size lists of numbers, over a buffer."""
    import pyarrow as pa

    size = getattr(kind, "list_size", None)
    if size is None:
        return pa.Array.from_buffers(kind, count, [None, buffer])
    return pa.Array.from_buffers(kind, count, [None], children=[fixed(kind.value_type, count * size, buffer)])


def check_shape(shape: tuple[int, ...], width: int, field: str) -> None:
    """Flat with a whole number of vectors, or with vectors in the last dimension that is not 1."""
    if len(shape) == 1:
        good = shape[0] % width == 0
    else:
        good = width == next((size for size in reversed(shape[1:]) if size != 1), 1) if shape else False
    if not good:
        raise LogError(
            f"shape {shape} is neither (n, {width}) nor flat with a multiple of {width} numbers", field=field
        )
