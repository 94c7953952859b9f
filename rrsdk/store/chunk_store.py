"""The log: what came, in the order it came, as much of it as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.store.entry import Entry, Lifetime, Part, Tally, cost_of
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
        self._used = 0
        self.peak_bytes = 0
        self.appended_bytes = 0
        """What all that ever came cost."""

    @property
    def next_index(self) -> int:
        """The index of the next message."""
        return self._next

    @property
    def used_bytes(self) -> int:
        """What all that is kept costs in memory."""
        return self._used

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
        self._used += cost

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
        cost = cost_of(size, parts)
        entry = Entry(self._next, kind, lifetime, store, producer, seq, rows, size, parts, cost)
        self._next += 1
        self.shelves[lifetime].add(entry)
        self._used += cost
        self.appended_bytes += cost
        if self._used > self.limit_bytes:
            self._evict()
        if self._used > self.peak_bytes:
            self.peak_bytes = self._used
        return entry

    def let_go(self, *, before_at: int = 0, temporal_bytes: int | None = None) -> None:
        """Evict temporal messages: those whose index is below `before_at`, and what exceeds so many bytes."""
        shelf = self.shelves[Lifetime.TEMPORAL]
        while (oldest := shelf.get(shelf.first)) is not None:
            if oldest.at >= before_at and (temporal_bytes is None or shelf.cost <= temporal_bytes):
                break
            shelf.evict()
            self._used -= oldest.cost

    def _evict(self) -> None:
        for lifetime in _FIRST_TO_GO:
            shelf = self.shelves[lifetime]
            while self._used > self.limit_bytes:
                gone = shelf.evict()
                if gone is None:
                    break
                self._used -= gone.cost
