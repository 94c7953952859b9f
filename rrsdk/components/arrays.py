"""From whatever holds numbers to a numpy array of numbers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.errors import LogError

if TYPE_CHECKING:
    import pyarrow as pa

    from rrsdk.components.storage import Array

_NUMERIC = "biuf"
_LONGEST = 60


def numbers_of(value: object, dtype: np.dtype[Any], field: str, wanted: str) -> Array:
    """An array of bools, integers or floats; it may share memory with the value.

    Taken are numpy arrays, nested sequences, numbers, buffers, and what offers `__array__`, DLPack or
    a `numpy()` method (tensors that need gradients, or lie on another device), or `__float__`. Of a
    masked array its data, as in Rerun: it would be packed with 1e20 in place of what is masked.
    """
    array = np.asarray(value) if isinstance(value, np.ndarray) else _array_of(value, field, wanted)
    if array.dtype.kind in _NUMERIC:
        return array
    if array.dtype.kind == "O" and array.ndim:
        try:
            return array.astype(dtype)
        except (TypeError, ValueError, OverflowError):
            pass
    raise LogError(f"{wanted} expected, not {shown(value)}", field=field)


def _array_of(value: Any, field: str, wanted: str) -> Array:
    if isinstance(value, (str, bytes, dict, set, frozenset)):
        raise LogError(f"{wanted} expected, not {shown(value)}", field=field)
    if hasattr(value, "as_arrow_array"):
        value = value.as_arrow_array()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(value, arrow.Array):
        while hasattr(value, "flatten") and hasattr(value.type, "value_type"):
            value = value.flatten()
        value = value.to_numpy(zero_copy_only=False)
    try:
        array = np.asarray(value)
        why = ""
    except Exception as error:  # noqa: BLE001 - what a foreign object raises can be anything
        array, why = None, f": {error}"
    if array is not None and (array.ndim or array.dtype.kind != "O"):
        return array
    for way in _WAYS:
        try:
            return np.asarray(way(value))
        except Exception:  # noqa: BLE001, S112 - the next way, or the first error
            continue
    raise LogError(f"{wanted} expected, not {shown(value)}{why}", field=field)


def _through_numpy(value: Any) -> Array:
    array: Array = value.numpy(force=True)
    return array


def _through_dlpack(value: Any) -> Array:
    array: Array = np.from_dlpack(value)
    return array


_WAYS = (_through_numpy, _through_dlpack, float)


def as_arrow(value: Any) -> pa.Array | None:
    """The array that a value is, or has; None where it has none."""
    if hasattr(value, "as_arrow_array"):
        value = value.as_arrow_array()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(value, arrow.ChunkedArray):
        value = value.combine_chunks()
    return value if arrow is not None and isinstance(value, arrow.Array) else None


def converted(array: Array, dtype: np.dtype[Any], field: str) -> Array:
    """The array, checked to fit into another type of numbers; the conversion itself is left to the copy."""
    if dtype.kind in "iu" and array.dtype.kind in "iuf" and array.size:
        with np.errstate(invalid="ignore"):
            low, high = array.min(), array.max()
        limits = np.iinfo(dtype)
        if not (low >= limits.min and high <= limits.max):
            wrong = high if low >= limits.min else low
            raise LogError(
                f"{wrong} does not fit into {dtype.name} ({limits.min} to {limits.max})", field=field
            )
    elif array.dtype.kind == "f" and array.dtype.itemsize > dtype.itemsize:
        with np.errstate(over="ignore"):
            return array.astype(dtype)
    return array


def shown(value: object) -> str:
    """A value in an error's line: its shape and type, or itself where it is short."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    name = type(value).__name__
    if shape is not None and dtype is not None:
        return f"{name} of shape {tuple(shape)} and {dtype}"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a repr may raise anything
        return name
    return f"{name} {text}" if len(text) <= _LONGEST else f"{name} {text[:_LONGEST]}…"
