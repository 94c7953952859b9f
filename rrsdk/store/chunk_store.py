"""The log: what came, in the order it came, as much of it as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.store.entry import Entry, Lifetime, Part, Tally
from rrsdk.store.shelf import Shelf

if TYPE_CHECKING:
    from rrsdk.identity import StoreId

_FIRST_TO_GO = (Lifetime.TEMPORAL, Lifetime.STATIC)


class ChunkStore:
    """Keeps messages until their bytes exceed the limit; then the oldest temporal ones go, then static ones.

    What is persistent stays. Every operation takes constant time, evicting included (amortised).
    """

    def __init__(self, *, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.shelves = (Shelf(), Shelf(), Shelf())
        """One a lifetime, in the order of `Lifetime`."""
        self._next = 0
        self._besides = 0
        self.peak_bytes = 0

    @property
    def next_index(self) -> int:
        """The index of the next message."""
        return self._next

    @property
    def used_bytes(self) -> int:
        """What all that is kept costs in memory."""
        persistent, static, temporal = self.shelves
        return self._besides + persistent.cost + static.cost + temporal.cost

    @property
    def evicted(self) -> Tally:
        """What had to go."""
        return self.shelves[Lifetime.STATIC].evicted + self.shelves[Lifetime.TEMPORAL].evicted

    def has_room(self, cost: int) -> bool:
        """Whether something persistent of this cost fits, everything else evicted if need be."""
        return self._besides + self.shelves[Lifetime.PERSISTENT].cost + cost <= self.limit_bytes

    def charge(self, cost: int) -> None:
        """Count bytes that are kept beside the log, and for as long as it."""
        self._besides += cost

    def append(
        self,
        kind: int,
        lifetime: Lifetime,
        store: StoreId | None,
        producer: bytes,
        seq: int,
        rows: int,
        size: int,
        parts: tuple[Part, ...],
    ) -> Entry:
        """One more message; others are evicted for it."""
        entry = Entry(self._next, kind, lifetime, store, producer, seq, rows, size, parts)
        self._next += 1
        self.shelves[lifetime].add(entry, entry.cost)
        used = self.used_bytes
        if used > self.limit_bytes:
            self._evict()
            used = self.used_bytes
        if used > self.peak_bytes:
            self.peak_bytes = used
        return entry

    def _evict(self) -> None:
        for lifetime in _FIRST_TO_GO:
            shelf = self.shelves[lifetime]
            while self.used_bytes > self.limit_bytes:
                if shelf.evict() is None:
                    break
