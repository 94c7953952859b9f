"""Messages that a producer let go of, in little memory: how much there was up to a number, or beyond it."""

from __future__ import annotations

from collections import deque
from typing import Final

from rrsdk.sinks.zmq.entry import Tally

_MOST_RUNS: Final = 512


class _Run:
    __slots__ = ("first", "last", "tally")

    def __init__(self, first: int, last: int, tally: Tally) -> None:
        self.first, self.last, self.tally = first, last, tally


class Past:
    """Runs of messages in the order of their numbers. Where there are too many, old ones are joined in twos.

    What lies between two runs is exact, and what lies within one is shared out by numbers.
    """

    def __init__(self) -> None:
        self._runs: deque[_Run] = deque()
        self.total = Tally()

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, first: int, last: int, tally: Tally) -> None:
        """The messages `first` to `last`, which follow all others here, are so much."""
        self.total.plus(tally)
        self._runs.append(_Run(first, last, tally))
        if len(self._runs) > _MOST_RUNS:
            self._join()

    def _join(self) -> None:
        old = [self._runs.popleft() for _ in range(_MOST_RUNS // 2)]
        for one, other in zip(old[-2::-2], old[::-2], strict=True):
            one.last = other.last
            one.tally.plus(other.tally)
            self._runs.appendleft(one)

    def take_up_to(self, number: int) -> list[tuple[int, int, Tally]]:
        """Remove the runs that end at or before a number: first, last and amount of each."""
        taken = []
        while self._runs and self._runs[0].last <= number:
            run = self._runs.popleft()
            self.total.less(run.tally)
            taken.append((run.first, run.last, run.tally))
        return taken

    def take_last(self, count: int) -> tuple[Tally, int]:
        """Remove the last so many messages that are here: how much that is, and how many there were."""
        taken = 0
        number = 0
        for run in reversed(self._runs):
            number = run.first - 1
            taken += run.last - number
            if taken >= count:
                number += taken - count
                taken = count
                break
        return (self.take_beyond(number), taken) if taken else (Tally(), 0)

    def take_beyond(self, number: int) -> Tally:
        """Remove what lies behind a number: how much that is."""
        taken = Tally()
        while self._runs and self._runs[-1].last > number:
            run = self._runs.pop()
            part = run.tally
            if run.first <= number:
                share, count = run.last - number, run.last - run.first + 1
                of = run.tally
                part = Tally(*(-(-each * share // count) for each in (of.messages, of.rows, of.bytes)))
                run.tally.less(part)
                run.last = number
                self._runs.append(run)
            taken.plus(part)
            self.total.less(part)
        return taken
