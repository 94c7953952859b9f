"""Which chunks cover which times: found for a moment or a range in logarithmic time, however they overlap.

Chunks stand in the order of their first times. Whether one further back reaches as far is told by the
greatest last time of all before it (where none overlap: one comparison), and by those of blocks of
1024 (else: what lies in between is skipped a block at a time, and a thousand blocks at a time).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

Found = TypeVar("Found", bound=tuple[Any, ...])

_BLOCK: Final = 1024


class Spans:
    """Does not change; `extended` is another that shares what it can.

    `starts`, `ends` (both inclusive) and `numbers` are arrays in the order of (start, number).
    """

    __slots__ = ("_blocks", "_buffers", "_reach", "_starts", "ends", "numbers", "starts")

    def __init__(self, starts: Ints, ends: Ints, numbers: Ints) -> None:
        """The bounds of chunks, in order or not."""
        if len(starts) > 1:
            falls = (starts[:-1] > starts[1:]) | ((starts[:-1] == starts[1:]) & (numbers[:-1] > numbers[1:]))
            if falls.any():
                order = np.lexsort((numbers, starts))
                starts, ends, numbers = starts[order], ends[order], numbers[order]
        self._set(starts, ends, numbers, np.maximum.accumulate(ends))

    @classmethod
    def of(cls, bounds: Sequence[tuple[int, int, int]]) -> Spans:
        """From triples of start, end and number."""
        table = np.array(bounds, np.int64).reshape(-1, 3)
        starts, ends, numbers = np.ascontiguousarray(table.T)
        return cls(starts, ends, numbers)

    def _set(self, starts: Ints, ends: Ints, numbers: Ints, reach: Ints, buffers: Ints | None = None) -> None:
        self.starts, self.ends, self.numbers = starts, ends, numbers
        self._starts, self._reach = starts.data, reach.data  # views: one number of these is cheap to take
        self._buffers = buffers
        self._blocks: Ints | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def extended(self, bounds: Sequence[tuple[int, int, int]]) -> Spans:
        """With more chunks. Cheap where they begin behind all others, as they mostly do."""
        if not bounds:
            return self
        count = len(self)
        new = np.array(bounds, np.int64)
        starts, ends, numbers = new.T
        last = (int(self.starts[-1]), int(self.numbers[-1])) if count else (MIN_TIME, -1)
        in_order = all(one[::2] < other[::2] for one, other in pairwise(bounds))
        if not in_order or last >= bounds[0][::2]:
            return Spans(*(np.concatenate(both) for both in zip(self._columns(), (starts, ends, numbers))))
        total = count + len(bounds)
        buffers = self._buffers
        # What lies behind our own end is free where nobody has extended this before.
        if buffers is None or buffers.shape[1] <= total or buffers[4, 0] != count:
            buffers = np.empty((5, max(64, 2 * total)), np.int64)
            buffers[:3, :count] = self._columns()
            buffers[3, :count] = self._reach
        buffers[0, count:total], buffers[1, count:total], buffers[2, count:total] = starts, ends, numbers
        reach = np.maximum.accumulate(ends)
        if count:
            np.maximum(reach, self._reach[-1], out=reach)
        buffers[3, count:total] = reach
        buffers[4, 0] = total  # how far the buffers are in use
        more = Spans.__new__(Spans)
        starts, ends, numbers, reach = buffers[:4, :total]
        more._set(starts, ends, numbers, reach, buffers)  # noqa: SLF001  # one of ours
        return more

    def without(self, numbers: Sequence[int]) -> Spans:
        """With those chunks gone."""
        keep = ~np.isin(self.numbers, np.array(numbers, np.int64))
        return Spans(self.starts[keep], self.ends[keep], self.numbers[keep])

    def _columns(self) -> tuple[Ints, Ints, Ints]:
        return self.starts, self.ends, self.numbers

    # ---- what is asked ----

    def alone(self, time: int) -> tuple[int, int]:
        """When all chunks have ended that began before the last one that begins at or before a time; and when
        the next one begins (or one more than the last time there is). In between, that one has all."""
        place = bisect_right(self._starts, time)
        end = self._starts[place] if place < len(self._starts) else MAX_TIME + 1
        return self._reach[place - 2] if place > 1 else MIN_TIME - 1, end

    def latest(self, time: int, look: Callable[[int], Found | None]) -> Found | None:
        """The greatest of what chunks have at or before a time.

        `look` finds in one chunk (by its number) the latest that is there, something that begins with its
        time. Only chunks are looked at that may have something as late as what was found.
        """
        place = bisect_right(self._starts, time) - 1
        best: Found | None = None
        while place >= 0:
            found = look(int(self.numbers[place]))
            if found is not None and (best is None or found > best):
                best = found
            reached = MIN_TIME if best is None else best[0]
            if place == 0 or self._reach[place - 1] < reached:  # nearly always: nothing before reaches here
                break
            place = self._before(place, reached)
        return best

    def at_or_before(self, time: int) -> Iterator[int]:
        """Numbers of chunks that begin at or before a time; those that reach furthest (up to it) first.

        Where a chunk ends earlier than what was found so far, so do all that follow.
        """
        count = bisect_right(self._starts, time)
        reach = np.minimum(self.ends[:count], time)
        done = 0
        while done < count:  # ever more of them: whoever stops after a few has not paid for sorting all
            size = min(count, max(16, 4 * done))
            least = np.partition(reach, count - size)[count - size]
            chosen = np.flatnonzero(reach >= least)
            chosen = chosen[np.lexsort((chosen, reach[chosen]))[::-1]]
            yield from self.numbers[chosen[done:]].tolist()
            done = len(chosen)

    def overlapping(self, first: int, last: int) -> Ints:
        """The numbers of the chunks that have a time in the range, both ends included; by their starts."""
        stop = bisect_right(self._starts, last)
        begin = bisect_left(self._reach, first, 0, stop)  # what lies before does not reach so far
        return self.numbers[begin:stop][self.ends[begin:stop] >= first]

    def _before(self, place: int, reached: int) -> int:
        """The last chunk before a place that ends at or behind a time; -1 where there is none."""
        while place > 0 and self._reach[place - 1] >= reached:
            start = (place - 1) // _BLOCK * _BLOCK
            hits = np.flatnonzero(self.ends[start:place] >= reached)
            if len(hits):
                return start + int(hits[-1])
            if self._blocks is None:
                edges = np.arange(0, len(self), _BLOCK)
                self._blocks = np.maximum.reduceat(self.ends, edges)
            blocks = np.flatnonzero(self._blocks[: start // _BLOCK] >= reached)
            place = (int(blocks[-1]) + 1) * _BLOCK if len(blocks) else 0
        return -1


EMPTY: Final = Spans.of(())
