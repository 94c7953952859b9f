"""Which numbers of each producer have come: so what a broker sends again after a restart is told."""

from __future__ import annotations

from bisect import bisect_right

MAX_RANGES = 100_000
"""Of one producer. Beyond it the lowest are forgotten: then repeats could pass, but nothing would be lost."""


class Received:
    """Sets of numbers, kept as ranges: a producer whose messages all come takes one."""

    def __init__(self) -> None:
        self._ranges: dict[bytes, tuple[list[int], list[int]]] = {}

    def add(self, producer: bytes, number: int) -> bool:
        """Whether this one has not come before."""
        ranges = self._ranges.get(producer)
        if ranges is None:
            self._ranges[producer] = [number], [number]
            return True
        firsts, lasts = ranges
        if number == lasts[-1] + 1:
            lasts[-1] = number
            return True
        at = bisect_right(firsts, number) - 1
        if at >= 0 and number <= lasts[at]:
            return False
        joins_before = at >= 0 and lasts[at] + 1 == number
        joins_after = at + 1 < len(firsts) and firsts[at + 1] == number + 1
        if joins_before and joins_after:
            lasts[at] = lasts[at + 1]
            del firsts[at + 1], lasts[at + 1]
        elif joins_before:
            lasts[at] = number
        elif joins_after:
            firsts[at + 1] = number
        else:
            firsts.insert(at + 1, number)
            lasts.insert(at + 1, number)
            if len(firsts) > MAX_RANGES:
                del firsts[0], lasts[0]
        return True

    def __len__(self) -> int:
        """How many ranges there are."""
        return sum(len(firsts) for firsts, _ in self._ranges.values())
