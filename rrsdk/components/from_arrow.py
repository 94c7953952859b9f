"""From an Arrow array of a component's own type to what its kind holds; seldom asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import as_arrow
from rrsdk.components.formats import Formats, ImageFormat
from rrsdk.components.lists import Lists
from rrsdk.components.numbers import Numbers
from rrsdk.components.rotations import AxisAngles
from rrsdk.components.tensors import TensorData, Tensors

if TYPE_CHECKING:
    import pyarrow as pa

    from rrsdk.components.kind import Kind


def from_arrow(kind: Kind, array: pa.Array) -> Any:
    """What is held of all instances of the array, which is of the kind's type."""
    if isinstance(kind, AxisAngles):
        axes = array.field("axis").flatten().to_numpy().reshape(-1, 3)
        return np.column_stack([axes, array.field("angle").to_numpy()]).astype(np.float32).tobytes()
    if isinstance(kind, Numbers):
        return _leaf(array).to_numpy(zero_copy_only=False).astype(kind.dtype).tobytes()
    if isinstance(kind, Lists):
        return kind.of_arrow(array)
    if isinstance(kind, Formats):
        return b"".join([ImageFormat(**one).packed for one in array.to_pylist()])
    if isinstance(kind, Tensors):
        return tuple(
            TensorData(shape=one["shape"].as_py(), buffer=_buffer(one), dim_names=one["names"].as_py())
            for one in array
        )
    return kind.coercer(kind.datatype)(array)


def _leaf(array: pa.Array) -> pa.Array:
    while hasattr(array, "flatten") and hasattr(array.type, "value_type"):
        array = array.flatten()
    return array


def _buffer(tensor: pa.StructScalar) -> Any:
    return tensor["buffer"].value.values.to_numpy(zero_copy_only=False)


__all__ = ["as_arrow", "from_arrow"]
