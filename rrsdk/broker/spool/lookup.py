"""Where messages of a spool are: from a lifetime and a position to what the journal says, while it grows.

The segments' beginnings say which positions are where, so that what is asked for is found without reading the
others. What was decoded is kept as long as there is room.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rrsdk.broker.spool.journal import ENTRIES
from rrsdk.broker.spool.segments import PASSING, read_head, segment_numbers
from rrsdk.broker.spool.stretch import Run, Start, Stretch
from rrsdk.errors import RrError
from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from rrsdk.sinks.disk import Disk

_NONE: Final = np.empty(0, ENTRIES)


class Durable(NamedTuple):
    """What nothing changes any more."""

    ends: tuple[int, int, int]
    """How many messages, by lifetime."""
    next_index: int
    """Their indexes are lower."""


class Lookup:
    """One spool's journal, for one thread. OSError where it cannot be read just now."""

    def __init__(self, disk: Disk, folder: str, *, cache_bytes: int) -> None:
        self._disk, self._folder, self._cache_bytes = disk, folder, cache_bytes
        self._heads: dict[int, Start] = {}
        self._stretches: list[Stretch] = []
        self._starts: tuple[list[int], list[int], list[int]] = [], [], []
        self._known: list[int] = []
        self._recent: dict[int, Stretch] = {}
        """What has been decoded, by its first segment; used last is last."""

    def find(self, lifetime: int, position: int, durable: Durable) -> tuple[Run, Stretch | None]:
        """Messages from a position on, which is among the durable ones; fewer than there are.

        Where the journal does not say what is there, the run begins later, and may be empty.
        """
        stretch = self._stretch(lifetime, position)
        if stretch is None or (stretch is self._stretches[-1] and not stretch.has(lifetime, position)):
            self._look_around()  # `durable` was told before, so all segments that it speaks of are there
            stretch = self._stretch(lifetime, position)
        end = durable.ends[lifetime]
        if stretch is None:
            first = self._starts[lifetime][0] if self._stretches else end
            return Run(min(first, end), _NONE, Tally(min(first, end) - position)), None
        self._use(stretch)
        run = stretch.find(lifetime, position, durable=durable.next_index)
        if run is not None:
            return run._replace(entries=run.entries[: max(0, end - run.first)]), stretch
        return self._missing(stretch, lifetime, position, end)

    def _missing(
        self, stretch: Stretch, lifetime: int, position: int, end: int
    ) -> tuple[Run, Stretch | None]:
        """Nothing more is known of this stretch."""
        following = self._stretches.index(stretch) + 1
        missing = Tally(end - position)
        if following < len(self._stretches):
            behind = self._stretches[following].held[lifetime]
            reached = stretch.reached(lifetime)
            end = min(end, behind.messages)
            missing = Tally(end - position)
            if reached.messages == position and end == behind.messages:
                missing = behind.minus(reached)
        return Run(end, _NONE, missing), None

    def _stretch(self, lifetime: int, position: int) -> Stretch | None:
        place = bisect_right(self._starts[lifetime], position) - 1
        return self._stretches[place] if place >= 0 else None

    def _use(self, stretch: Stretch) -> None:
        number = stretch.numbers[0]
        self._recent.pop(number, None)
        while self._recent and sum(each.size for each in self._recent.values()) > self._cache_bytes:
            oldest = next(iter(self._recent))
            self._recent.pop(oldest).forget()
        self._recent[number] = stretch

    def _look_around(self) -> None:
        """Which segments there are. One that is just being begun cannot be read; nothing counts in it yet."""
        numbers = segment_numbers(self._folder)
        for number in numbers:
            if number not in self._heads:
                try:
                    snapshot = read_head(self._disk, self._folder, number).snapshot
                    self._heads[number] = Start(snapshot.next_index, snapshot.held)
                except RrError:
                    pass
                except OSError as error:
                    if error.errno in PASSING:
                        raise
        if numbers == self._known and all(number in self._heads for number in numbers):
            return
        before = {each.numbers[0]: each for each in self._stretches}
        found: list[Stretch] = []
        for number in numbers:
            head = self._heads.get(number)
            if head is not None or (not found and number != numbers[-1]):
                stretch = before.get(number)
                if stretch is None or stretch.has_head != (head is not None):
                    stretch = Stretch(self._disk, self._folder, number, head)
                stretch.numbers = [number]
                found.append(stretch)
            elif number != numbers[-1]:
                found[-1].numbers.append(number)
        limit = 1 << 64
        for stretch in reversed(found):
            stretch.limit_index = limit
            limit = min(limit, stretch.start_index)
        self._stretches, self._known = found, numbers
        first, second, third = ([each.starts[lifetime] for each in found] for lifetime in range(3))
        self._starts = first, second, third
        kept = {id(each) for each in found}
        self._recent = {number: each for number, each in self._recent.items() if id(each) in kept}
