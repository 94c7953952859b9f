"""Arrow arrays from numpy and back, by their buffers: `pa.array` and `to_numpy` would import pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa


def integers(values: np.ndarray, kind: pa.DataType, missing: np.ndarray | None = None) -> pa.Array:
    """An array of 64-bit numbers or times."""
    data = pa.py_buffer(np.ascontiguousarray(values, np.int64))
    if missing is None or not missing.any():
        return pa.Array.from_buffers(kind, len(values), [None, data], 0)
    return pa.Array.from_buffers(kind, len(values), [validity(~missing), data], int(missing.sum()))


def validity(there: np.ndarray) -> pa.Buffer:
    """A bitmap of what is not null."""
    return pa.py_buffer(np.packbits(there, bitorder="little"))


def offsets_of(lists: pa.ListArray) -> np.ndarray:
    """Where in its values each list begins, and the last one ends."""
    buffer = lists.buffers()[1]
    if buffer is None or not len(lists):
        return np.zeros(1, np.int32)
    offsets: np.ndarray = np.frombuffer(buffer, np.int32)[lists.offset : lists.offset + len(lists) + 1]
    return offsets


def empty_lists(datatype: pa.DataType, count: int) -> pa.Array:
    """An empty list a row."""
    offsets = pa.py_buffer(np.zeros(count + 1, np.int32))
    child = pa.nulls(0, datatype.value_type)
    return pa.Array.from_buffers(datatype, count, [None, offsets], 0, children=[child])


class Taker:
    """Takes lists by position. Where each holds one number or vector, numpy is several times faster."""

    def __init__(self, lists: pa.ListArray) -> None:
        self.lists = lists
        self._single = _single(lists)

    def take(self, positions: np.ndarray, missing: np.ndarray | None) -> pa.Array:
        """The lists at some positions; null where `missing` says so."""
        if self._single is None:
            return self.lists.take(integers(positions, pa.int64(), missing))
        count, datatype = len(positions), self.lists.type
        if missing is None:
            values = _values(datatype.value_type, self._single[positions])
            offsets = np.arange(count + 1, dtype=np.int32)
            return pa.Array.from_buffers(datatype, count, [None, pa.py_buffer(offsets)], 0, children=[values])
        there = ~missing
        values = _values(datatype.value_type, self._single[positions[there]])
        offsets = np.zeros(count + 1, np.int32)
        np.cumsum(there, out=offsets[1:])
        buffers = [validity(there), pa.py_buffer(offsets)]
        nulls = count - len(values)
        return pa.Array.from_buffers(datatype, count, buffers, nulls, children=[values])


def _single(lists: pa.ListArray) -> Any:
    """The values, where each list holds exactly one that is not null and of a fixed width; else None."""
    if not len(lists) or lists.null_count:
        return None
    offsets = offsets_of(lists)
    if int(offsets[-1]) - int(offsets[0]) != len(lists) or not bool((np.diff(offsets) == 1).all()):
        return None
    values = lists.values
    start, size = values.offset + int(offsets[0]), 1
    while pa.types.is_fixed_size_list(values.type):
        if values.null_count:
            return None
        size *= values.type.list_size
        start *= values.type.list_size
        values = values.values
        start += values.offset
    if values.null_count or not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        return None
    if not size:
        return None
    item = np.dtype(f"u{values.type.bit_width // 8}")
    data = np.frombuffer(values.buffers()[1], item)
    return data[start : start + size * len(lists)].reshape(len(lists), size)


def _values(datatype: pa.DataType, taken: np.ndarray) -> pa.Array:
    if pa.types.is_fixed_size_list(datatype):
        child = _values(datatype.value_type, taken)
        return pa.Array.from_buffers(datatype, len(child) // datatype.list_size, [None], 0, children=[child])
    return pa.Array.from_buffers(datatype, taken.size, [None, pa.py_buffer(np.ascontiguousarray(taken))], 0)
