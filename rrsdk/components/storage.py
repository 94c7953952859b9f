"""Where copied values lie until they are sent: bytes, and for large ones memory that is used again.

A buffer is `bytes`, or a one-dimensional uint8 array that nobody else writes to.
"""

from __future__ import annotations

import mmap
import sys
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Sized

    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[Any]"
Buffer: TypeAlias = "bytes | npt.NDArray[np.uint8]"
"""Packed values that nobody changes any more."""

LARGE = 64 * 1024
"""From here on the kernel's work on fresh pages costs more than the copy itself."""

BUDGET = 160 * 1024 * 1024
"""So much memory is kept for later, which is more than may wait to be sent; beyond it buffers are freed."""

REST = 16 * 1024 * 1024
"""So much of it is kept while nothing is logged."""

LIMIT = 2**31 - 1
"""What Arrow's lists can count."""

_RECENT = 4
"""So many buffers that were given out last are looked at first: what is in the processor's cache still."""

_LOOKED_AT = 32
"""So many others are looked at before fresh ones are made."""

_SLACK = 8
"""A kept buffer serves values down to this fraction less than its size: a video's frames are alike."""

_HUGE_PAGE = 2 * 1024 * 1024
_MOST = 16 * 1024 * 1024
"""What is taken from the system at once, for buffers of less."""

_ALIGNMENT = 64

_WORTH_IT = 256
"""Rows from this size on are joined in memory that is used again."""


def _references_of_one_name() -> int:
    """What getrefcount says of an object that only a local name refers to; releases of Python differ."""
    candidate = np.empty(1, np.uint8)
    return sys.getrefcount(candidate)


_ALONE = _references_of_one_name()


class Pool:
    """Large buffers, used again once nobody holds them: their reference count says so.

    Threads may share it without a lock, which a fork could leave locked: what is looked at has been
    taken from the deque, and taking from it is atomic. It is in the order of giving out, the last one
    at the right end; they come back in about the same order.
    """

    def __init__(self, budget_bytes: int = BUDGET) -> None:
        self._budget = budget_bytes
        self._kept: deque[Array] = deque()

    def take(self, size: int) -> Array:
        """A buffer of so many bytes; whatever was in it is still there."""
        found = self._recent(size)
        if found is None:
            found = self._oldest(size)
        if found is None:
            found = self._fresh(size)
        view = found[:size]  # refers to the buffer, which is how it is known to be in use
        if found.size <= self._budget:
            self._kept.append(found)
        return view

    def trim(self, budget_bytes: int = REST) -> None:
        """Give memory back, but for what was used last: more of the kind may come yet."""
        try:
            last = _block(self._kept[-1])
        except IndexError:
            return
        self._shrink(max(budget_bytes, len(last)))

    def _recent(self, size: int) -> Array | None:
        """One of those that were given out last: free where values are sent as fast as they come."""
        kept = self._kept
        found, passed = _first(kept.pop, size, min(len(kept), _RECENT))
        kept.extend(reversed(passed))
        return found

    def _oldest(self, size: int) -> Array | None:
        kept = self._kept
        found, passed = _first(kept.popleft, size, min(len(kept), _LOOKED_AT))
        kept.extendleft(reversed(passed))
        return found

    def _fresh(self, size: int) -> Array:
        """A buffer from the system, and others like it along with it: as many as there are already.

        A page of 4 KiB costs more to get than to fill, huge ones cost a fraction. What is not used of a
        block takes no memory.
        """
        kept = list(self._kept)
        alike = sum([_fits(buffer.size, size) for buffer in kept])
        room = self._budget - sum({id(block): len(block) for block in map(_block, kept)}.values())
        padded = size + -size % _ALIGNMENT
        whole = min(padded * max(alike, 1), _MOST)
        whole += -whole % _HUGE_PAGE
        if padded <= whole <= room:
            count, block = whole // padded, _pages(whole)
        else:
            if size > room:
                self._shrink(self._budget - size)
            count, padded = 1, size
            block = memoryview(np.empty(size, np.uint8))  # type: ignore[arg-type]
        # Each is an array on a memoryview, since views of arrays would refer to the whole block.
        made = [
            np.frombuffer(block[start : start + padded], np.uint8)
            for start in range(0, count * padded, padded)
        ]
        self._kept.extendleft(made[1:])
        return made[0]

    def _shrink(self, room: int) -> None:
        """Forget all but those that were given out last; blocks count as a whole, whatever is used of them.

        What is forgotten and held by somebody still is freed when he lets go.
        """
        kept = self._kept
        blocks: set[int] = set()
        for buffer in reversed(list(kept)):
            block = _block(buffer)
            if id(block) not in blocks and len(block) <= room:
                blocks.add(id(block))
                room -= len(block)
        for _ in range(len(kept)):
            try:
                buffer = kept.popleft()
            except IndexError:
                break
            if id(_block(buffer)) in blocks:
                kept.append(buffer)


def _first(pop: Callable[[], Array], size: int, count: int) -> tuple[Array | None, list[Array]]:
    """The first of `count` buffers that is free and of the right size, and those that came before it."""
    passed: list[Array] = []
    for _ in range(count):
        try:
            candidate = pop()
        except IndexError:
            break
        if _fits(candidate.size, size) and sys.getrefcount(candidate) == _ALONE:
            return candidate, passed
        passed.append(candidate)
    return None, passed


def _block(buffer: Array) -> Sized:
    """What was taken from the system at once."""
    return buffer.base.obj  # type: ignore[union-attr,no-any-return]


def _pages(size: int) -> memoryview:
    """Fresh memory, in huge pages where the system has them."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return memoryview(np.empty(size, np.uint8))  # type: ignore[arg-type]
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:
        pages.madvise(mmap.MADV_HUGEPAGE)
    except OSError:  # a kernel without them
        pass
    return memoryview(pages)


def _fits(found: int, size: int) -> bool:
    return found >= size >= found - found // _SLACK


_pool = Pool()
take = _pool.take


def rest() -> None:
    """Nothing is logged for the moment: most of what is kept is given back."""
    _pool.trim()


def joined(values: Sequence[Buffer]) -> Buffer:
    """One after the other; where they are many, in memory that is used again."""
    if len(values) < 2:
        return values[0] if values else b""
    step = len(values[0])
    size = step * len(values)
    alike = {*map(len, values)} == {step} and {*map(type, values)} == {bytes}
    if not alike or step < _WORTH_IT or size < LARGE:
        return b"".join(values)  # type: ignore[arg-type]
    out = _pool.take(size)
    # As fast as joining, but for the new pages that that takes.
    Struct(f"{step}s" * len(values)).pack_into(out, 0, *values)  # type: ignore[arg-type]
    return out


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
