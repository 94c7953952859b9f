"""Ids of rows: the time of the call and a counter, ascending for the rows of an entity."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


class RowIds:
    """Gives ids to rows in the order they are handed in; every id of one object is used once."""

    def __init__(self) -> None:
        self._next = int.from_bytes(os.urandom(8), "big") >> 1  # half of the range is left to count up in

    def take(self, ns: npt.NDArray[np.int64], after_ns: int) -> tuple[bytes, int]:
        """Ids for rows logged at `ns`, and the greatest time in them.

        None has a time before `after_ns` (the last of the rows before these), so that later rows
        have greater ids even where the system's clock is set back or threads overtake each other.
        """
        count = len(ns)
        halves = np.empty((count, 2), ">u8")
        times = np.maximum.accumulate(np.maximum(ns, after_ns))
        halves[:, 0] = times
        halves[:, 1] = np.arange(self._next, self._next + count, dtype=np.uint64)
        self._next += count
        return halves.tobytes(), int(times[-1])
