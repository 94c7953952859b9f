"""In which order rows are, and how a chunk says so: numpy views of row ids and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rrsdk.ipc.keys import SORTED_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

Keys = list["npt.NDArray[Any]"]
"""Arrays to compare rows by, the most significant first."""

_MARK = SORTED_KEY.encode()


def sort_keys(column: pa.Array) -> Keys:
    """The values of a column of row ids (two halves) or times (one array), without a copy."""
    if pa.types.is_fixed_size_binary(column.type):
        if not len(column):
            return [np.empty(0, ">u8")] * 2
        halves = np.frombuffer(column.buffers()[1], ">u8")
        halves = halves[2 * column.offset : 2 * (column.offset + len(column))].reshape(-1, 2)
        return [halves[:, 0], halves[:, 1]]
    if not len(column):
        return [np.empty(0, np.int64)]
    # Not to_numpy, which would import pandas where that is installed: 0.3 s.
    return [np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column)]]


def is_sorted(keys: Keys) -> bool:
    """Whether the rows ascend; equal neighbours do."""
    first, *rest = keys
    if len(first) < 2:
        return True
    if not rest:
        return bool((first[:-1] <= first[1:]).all())
    if bool((first[:-1] > first[1:]).any()):
        return False
    ties = first[:-1] == first[1:]
    while rest and ties.any():
        key, *rest = rest
        if bool((ties & (key[:-1] > key[1:])).any()):
            return False
        ties &= key[:-1] == key[1:]
    return True


def sorted_places(columns: Sequence[pa.Array]) -> npt.NDArray[np.intp]:
    """The rows' numbers in ascending order of the first column, then of the next; stable."""
    keys = [key for column in columns for key in sort_keys(column)]
    places: npt.NDArray[np.intp] = np.lexsort(keys[::-1])
    return places


def is_marked(field: pa.Field) -> bool:
    """Whether a column claims to be sorted."""
    return (field.metadata or {}).get(_MARK) == b"true"


def marked(field: pa.Field, column: pa.Array) -> pa.Field:
    """The field saying whether its column is sorted, which is looked up here."""
    metadata = {key: value for key, value in (field.metadata or {}).items() if key != _MARK}
    if is_sorted(sort_keys(column)):
        metadata[_MARK] = b"true"
    return field.with_metadata(metadata)
