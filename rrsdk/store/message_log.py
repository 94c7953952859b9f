"""The log: what came, in the order it came, as much of it as fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.store.entry import Entry, Lifetime, Part, Tally, cost_of
from rrsdk.store.history import Begin
from rrsdk.store.shelf import Shelf

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.store.feed import LogObserver
    from rrsdk.store.history import History

_FIRST_TO_GO = (Lifetime.TEMPORAL, Lifetime.STATIC, Lifetime.PERSISTENT)
_NO_END = (1 << 63,) * 3


class MessageLog:
    """Keeps messages until their bytes exceed the limit; then the oldest temporal ones go, then static ones.

    What is persistent stays. Every operation takes constant time, evicting included (amortised).

    Where there is a history nothing is lost by going: what it has may go, at last what is persistent, too.
    What it has not yet stays, also above the limit; then `is_full`, and no more should be taken in.
    """

    def __init__(
        self, *, limit_bytes: int, history: History | None = None, begin: Begin | None = None
    ) -> None:
        """`begin`: what the history has when the store is made."""
        begin = begin or Begin()
        self.limit_bytes = limit_bytes
        self.history = history
        self.observer: LogObserver | None = None
        """Hears of every message that comes and goes."""
        self.shelves = (Shelf(begin.held[0]), Shelf(begin.held[1]), Shelf(begin.held[2]))
        """One a lifetime, in the order of `Lifetime`."""
        self._first_to_go = _FIRST_TO_GO if history is not None else _FIRST_TO_GO[:2]
        self._next = begin.next_index
        self._let_go_before = 0
        self._temporal_bytes = 1 << 63
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
    def oldest(self) -> tuple[int, int, int]:
        """By lifetime, the index of the oldest message in memory; what is older went, or never was."""
        first, second, third = map(self._oldest_on, self.shelves)
        return first, second, third

    def _oldest_on(self, shelf: Shelf) -> int:
        entry = shelf.get(shelf.first)
        if entry is not None:
            return entry.at
        return self._next if shelf.evicted.messages else 0

    @property
    def evicted(self) -> Tally:
        """What had to go, and is nowhere any more."""
        if self.history is not None:
            return Tally()
        return self.shelves[Lifetime.STATIC].evicted + self.shelves[Lifetime.TEMPORAL].evicted

    @property
    def on_disk(self) -> tuple[Tally, Tally, Tally]:
        """By lifetime, what is not in memory, and in the history."""
        if self.history is None:
            return Tally(), Tally(), Tally()
        first, second, third = self.shelves
        return first.evicted, second.evicted, third.evicted

    @property
    def unwritten_bytes(self) -> int:
        """What that costs in memory which the history does not have yet; 0 where there is none."""
        if self.history is None:
            return 0
        return sum(shelf.cost - shelf.cost_below(end) for shelf, end in zip(self.shelves, self.history.ends))

    @property
    def is_full(self) -> bool:
        """Whether there is no room, nor will be before the history has more: nothing should be taken in."""
        return self.history is not None and self._besides + self.unwritten_bytes >= self.limit_bytes

    def has_room(self, cost: int) -> bool:
        """Whether something persistent of this cost fits, everything else evicted if need be."""
        stays = 0 if self.history is not None else self.shelves[Lifetime.PERSISTENT].cost
        return self._besides + stays + cost <= self.limit_bytes

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
        if self.observer is not None:
            self.observer.appended(entry)
        if self._used > self.limit_bytes:
            self.trim()
        if self._used > self.peak_bytes:
            self.peak_bytes = self._used
        return entry

    def let_go(self, *, before_at: int = 0, temporal_bytes: int | None = None) -> None:
        """Evict temporal messages: those whose index is below `before_at`, and what exceeds so many bytes.

        What the history does not have yet goes when it has it.
        """
        self._let_go_before = max(self._let_go_before, before_at)
        self._temporal_bytes = temporal_bytes if temporal_bytes is not None else self._temporal_bytes
        self.trim()

    def trim(self) -> None:
        """Evict what has to go and may; to be called when the history has more than before."""
        ends = self.history.ends if self.history is not None else _NO_END
        shelf, end = self.shelves[Lifetime.TEMPORAL], ends[Lifetime.TEMPORAL]
        while shelf.first < min(end, shelf.end):
            oldest = shelf.get(shelf.first)
            if oldest is None or (oldest.at >= self._let_go_before and shelf.cost <= self._temporal_bytes):
                break
            self._evict(shelf)
        for lifetime in self._first_to_go:
            shelf, end = self.shelves[lifetime], min(ends[lifetime], self.shelves[lifetime].end)
            while self._used > self.limit_bytes and shelf.first < end:
                self._evict(shelf)

    def _evict(self, shelf: Shelf) -> None:
        gone = shelf.evict()
        assert gone is not None
        self._used -= gone.cost
        if self.observer is not None:
            self.observer.evicted(gone)
