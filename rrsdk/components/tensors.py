"""Tensors: arrays of any shape and type of numbers, with names for their dimensions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import numbers_of, shown
from rrsdk.components.instance import Instance
from rrsdk.components.kind import instance_type, one_each
from rrsdk.components.storage import packed
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from rrsdk.components.storage import Array, Buffer

# In the order of the union's variants; before them comes one that stands for nothing.
_TYPES = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8")
_CODES = {np.dtype(name): code for code, name in enumerate(_TYPES, start=1)}
_FLOAT64 = np.dtype(np.float64)


class TensorData(Instance):
    """A tensor as it was when this was made."""

    __slots__ = ("shape", "names", "dtype", "packed")

    shape: tuple[int, ...]
    names: tuple[str, ...] | None
    dtype: np.dtype[Any]
    packed: Buffer

    def __init__(
        self,
        *,
        shape: Sequence[int] | None = None,
        buffer: Any = None,
        array: Any = None,
        dim_names: Sequence[str] | None = None,
    ) -> None:
        if (array is None) == (buffer is None):
            raise LogError("a tensor wants either `array`, or `buffer` and `shape`", field="TensorData")
        values = numbers_of(array if array is not None else buffer, _FLOAT64, "TensorData", "numbers")
        self.dtype = values.dtype.newbyteorder("=")
        if self.dtype not in _CODES:
            raise LogError(f"a tensor of {values.dtype} cannot be shown", field="TensorData")
        if buffer is not None and shape is None:
            raise LogError("`buffer` wants a `shape`", field="TensorData")
        self.shape = tuple(map(int, shape)) if shape is not None else values.shape
        if prod(self.shape) != values.size or min(self.shape, default=0) < 0:
            raise LogError(f"shape {self.shape} is not that of {shown(values)}", field="TensorData")
        self.names = tuple(map(str, dim_names)) if dim_names else None
        if self.names is not None and len(self.names) != len(self.shape):
            raise LogError(f"{len(self.names)} names for {len(self.shape)} dimensions", field="TensorData")
        self.packed = packed(values, self.dtype, "TensorData")

    def renamed(self, names: Sequence[str]) -> TensorData:
        """The same values under other names."""
        return TensorData(array=self.numpy(), dim_names=names)

    def numpy(self, force: bool = False) -> npt.NDArray[Any]:
        """The values, not to be changed."""
        return np.frombuffer(self.packed, self.dtype).reshape(self.shape)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype)

    def __repr__(self) -> str:
        return f"TensorData(shape={self.shape}, dtype={self.dtype}, names={self.names})"


class Tensors:
    """`struct<shape: …, names: …, buffer: dense_union<…>>`; one is held as it is, several as a tuple."""

    raw: type | None = None
    empty: Any = ()

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype

    def coercer(self, field: str) -> Callable[[Any], TensorData | tuple[TensorData, ...]]:
        """A tensor, a sequence of them, or what makes one."""

        def coerce(value: Any) -> TensorData | tuple[TensorData, ...]:
            if isinstance(value, TensorData):
                return value
            if isinstance(value, (list, tuple)) and all(isinstance(item, TensorData) for item in value):
                return tuple(value)
            try:
                return TensorData(array=value)
            except LogError as error:
                raise LogError(error.what, field=field) from None

        return coerce

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        batches = [value if isinstance(value, tuple) else (value,) for value in values]
        tensors = [tensor for batch in batches for tensor in batch]
        kind = instance_type(self.datatype)
        shapes = pa.array([tensor.shape for tensor in tensors], kind.field("shape").type)
        names = pa.array([tensor.names for tensor in tensors], kind.field("names").type)
        buffers = _union(tensors, kind.field("buffer").type)
        array = pa.StructArray.from_arrays([shapes, names, buffers], fields=list(kind))
        return array, np.fromiter(map(len, batches), np.int64, len(batches))

    def nbytes(self, value: Any) -> int:
        tensors = value if isinstance(value, tuple) else (value,)
        return sum(len(tensor.packed) + 8 * len(tensor.shape) for tensor in tensors)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)


def _union(tensors: Sequence[TensorData], kind: pa.DataType) -> pa.Array:
    """A dense union: each variant's buffers in a list of their own."""
    import pyarrow as pa

    codes = np.array([_CODES[tensor.dtype] for tensor in tensors], np.int8)
    places = np.zeros(len(tensors), np.int32)
    children = [pa.nulls(0)]
    for code in range(1, len(_TYPES) + 1):
        mine = [tensor for tensor in tensors if _CODES[tensor.dtype] == code]
        places[codes == code] = np.arange(len(mine), dtype=np.int32)
        variant = kind.field(code).type
        sizes = np.zeros(len(mine) + 1, np.int32)
        np.cumsum([prod(tensor.shape) for tensor in mine], out=sizes[1:])
        data = mine[0].packed if len(mine) == 1 else b"".join([bytes(tensor.packed) for tensor in mine])
        items = pa.Array.from_buffers(variant.value_type, int(sizes[-1]), [None, pa.py_buffer(data)])
        children.append(
            pa.Array.from_buffers(variant, len(mine), [None, pa.py_buffer(sizes)], children=[items])
        )
    buffers = [None, pa.py_buffer(codes), pa.py_buffer(places)]
    return pa.Array.from_buffers(kind, len(tensors), buffers, children=children)
