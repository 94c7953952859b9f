"""Where copied values lie until they are sent: bytes, and for large ones memory that is used again.

A buffer is `bytes`, or a one-dimensional uint8 array that nobody else writes to.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from rrsdk.errors import LogError

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[Any]"
Buffer: TypeAlias = "bytes | npt.NDArray[np.uint8]"
"""Packed values that nobody changes any more."""

LARGE = 64 * 1024
"""From here on the kernel's work on fresh pages costs more than the copy itself."""

BUDGET = 128 * 1024 * 1024
"""So much memory is kept for later; beyond it buffers are freed as any other."""

LIMIT = 2**31 - 1
"""What Arrow's lists can count."""

_LOOKED_AT = 32
"""So many kept buffers are looked at before a fresh one is made."""

_SLACK = 8
"""A kept buffer serves values down to this fraction less than its size: a video's frames are alike."""


def _references_of_one_name() -> int:
    """What getrefcount says of an object that only a local name refers to; releases of Python differ."""
    candidate = np.empty(1, np.uint8)
    return sys.getrefcount(candidate)


_ALONE = _references_of_one_name()


class Pool:
    """Large buffers, used again once nobody holds them: their reference count says so.

    Threads may share it without a lock, which a fork could leave locked: what is looked at has been
    taken from the deque, and taking from it is atomic.
    """

    def __init__(self, budget_bytes: int = BUDGET) -> None:
        self._budget = budget_bytes
        self._kept: deque[Array] = deque()

    def take(self, size: int) -> Array:
        """A buffer of so many bytes; whatever was in it is still there."""
        kept = self._kept
        # Those that were given out first come first, and are the likeliest to be back.
        for _ in range(min(len(kept), _LOOKED_AT)):
            try:
                candidate = kept.popleft()
            except IndexError:
                break
            fits = candidate.size >= size >= candidate.size - candidate.size // _SLACK
            if fits and sys.getrefcount(candidate) == _ALONE:
                view = candidate[:size]
                kept.append(candidate)
                return view
            kept.append(candidate)
        fresh = np.empty(size, np.uint8)
        view = fresh[:size]
        self._keep(fresh)
        return view

    def _keep(self, fresh: Array) -> None:
        """For later; where memory is short, instead of others that nobody uses."""
        kept = self._kept
        room = self._budget - fresh.size - sum(buffer.size for buffer in list(kept))
        for _ in range(len(kept)):
            if room >= 0:
                break
            try:
                candidate = kept.popleft()
            except IndexError:
                break
            if sys.getrefcount(candidate) == _ALONE:
                room += candidate.size
            else:
                kept.append(candidate)
        if room >= 0:
            kept.append(fresh)


_pool = Pool()


def packed(array: Array, dtype: np.dtype[Any], field: str) -> Buffer:
    """A copy of the values in row order, as `dtype`."""
    size = array.size * dtype.itemsize
    if size < LARGE:
        return array.tobytes() if array.dtype is dtype else array.astype(dtype).tobytes()
    if size > LIMIT:
        raise LogError(f"{size} bytes are more than one value can have (2 GiB)", field=field)
    out = _pool.take(size)
    np.copyto(out.view(dtype).reshape(array.shape), array, casting="unsafe")
    return out
