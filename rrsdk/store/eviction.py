"""What goes when memory ends: the oldest temporal chunks, but not what a protected moment still shows."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rrsdk.store.form import Record


class Moment(NamedTuple):
    """A time on a timeline."""

    timeline: str
    time: int


class Queue:
    """Temporal chunks by age. Each is looked at once, those that are spared once more a run."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._heap: list[tuple[int, int]] = []
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """One more; a chunk made of others is as old as the oldest."""
        if not record.form.is_static:
            heapq.heappush(self._heap, (record.age, record.number))

    def run(
        self,
        get: Callable[[int], Record | None],
        *,
        is_needed: Callable[[Record], bool],
        take: Callable[[Record], bool],
    ) -> None:
        """Let `take` have the oldest, one by one, until it says that it is enough.

        `get` knows those that are still there.
        """
        spared: list[tuple[int, int]] = []
        while self._heap:
            oldest = heapq.heappop(self._heap)
            record = get(oldest[1])
            if record is None:
                continue
            if is_needed(record):
                spared.append(oldest)
            elif take(record):
                break
        for one in spared:
            heapq.heappush(self._heap, one)
