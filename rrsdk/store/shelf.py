"""Messages of one lifetime, in order, read by position and evicted from the front."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.store.entry import Entry, Tally

if TYPE_CHECKING:
    from collections.abc import Collection

    from rrsdk.identity import StoreId

_WORTH_MOVING = 1024


class Cursor(NamedTuple):
    """How far a reader is on one shelf: the next position, and what it knows of all that lies before."""

    position: int = 0
    before: Tally = Tally()
    """What was before that position since the broker's start: of the stores that the reader asked for."""

    def past(self, entry: Entry) -> Cursor:
        """Behind an entry that the reader asked for."""
        before = self.before
        return Cursor(self.position + 1, Tally(before[0] + 1, before[1] + entry.rows, before[2] + entry.size))

    def skip(self) -> Cursor:
        """Behind an entry of another store."""
        return Cursor(self.position + 1, self.before)


class Shelf:
    """Positions count all that ever stood here: they stay what they are when the front is evicted."""

    def __init__(self, begin: Tally = Tally()) -> None:  # noqa: B008  # it never changes
        """`begin`: what stood here before, and counts as evicted."""
        self._entries: list[Entry | None] = []
        self._head = 0
        self._base = begin.messages
        """The position of `_entries[0]`."""
        self.cost = 0
        self._mark, self._cost_below_mark = begin.messages, 0
        """How far `cost_below` has counted."""
        self._held = [0, 0, 0]
        self._evicted = list(begin)
        self._evicted_of: defaultdict[StoreId | None, list[int]] = defaultdict(lambda: [0, 0, 0])

    @property
    def first(self) -> int:
        """The position of the oldest entry that is still here."""
        return self._base + self._head

    @property
    def end(self) -> int:
        """The position that the next entry will have."""
        return self._base + len(self._entries)

    @property
    def held(self) -> Tally:
        """What is here."""
        return Tally(*self._held)

    @property
    def evicted(self) -> Tally:
        """What is not any more."""
        return Tally(*self._evicted)

    def evicted_of(self, stores: Collection[StoreId] | None) -> Tally:
        """What is not here any more, of these stores (None: of all)."""
        if stores is None:
            return self.evicted
        total = Tally()
        for store in stores:
            if store in self._evicted_of:
                total += Tally(*self._evicted_of[store])
        return total

    def add(self, entry: Entry) -> None:
        """One more, behind all others."""
        self._entries.append(entry)
        self.cost += entry.cost
        held = self._held
        held[0] += 1
        held[1] += entry.rows
        held[2] += entry.size

    def evict(self) -> Entry | None:
        """Take the oldest away."""
        if self._head == len(self._entries):
            return None
        entry = self._entries[self._head]
        assert entry is not None
        if self._base + self._head < self._mark:
            self._cost_below_mark -= entry.cost
        else:
            self._mark = self._base + self._head + 1
        self._entries[self._head] = None
        self._head += 1
        if self._head >= _WORTH_MOVING and self._head * 2 >= len(self._entries):  # so that moving pays off
            del self._entries[: self._head]
            self._base, self._head = self._base + self._head, 0
        self.cost -= entry.cost
        rows, size = entry.rows, entry.size
        self._held[0] -= 1
        self._held[1] -= rows
        self._held[2] -= size
        for evicted in (self._evicted, self._evicted_of[entry.store]):
            evicted[0] += 1
            evicted[1] += rows
            evicted[2] += size
        return entry

    def cost_below(self, position: int) -> int:
        """What the entries here cost that stand before a position, which never gets lower."""
        for place in range(self._mark - self._base, min(position, self.end) - self._base):
            entry = self._entries[place]
            assert entry is not None
            self._cost_below_mark += entry.cost
        self._mark = max(self._mark, min(position, self.end))
        return self._cost_below_mark

    def get(self, position: int) -> Entry | None:
        """The entry there; None behind the end. What was evicted is not asked for (see `catch_up`)."""
        place = position - self._base
        assert place >= self._head
        return self._entries[place] if place < len(self._entries) else None

    def entries(self) -> list[Entry]:
        """All that is here."""
        return [entry for entry in self._entries[self._head :] if entry is not None]

    def catch_up(self, cursor: Cursor, stores: Collection[StoreId] | None) -> tuple[Cursor, Tally]:
        """A cursor among what is here, and what was evicted before it could be read."""
        if cursor.position >= self.first:
            return cursor, Tally()
        gone = self.evicted_of(stores)
        return Cursor(self.first, gone), gone.minus(cursor.before)

    def start(self, stores: Collection[StoreId] | None) -> Cursor:
        """Where a reader begins that is new: what was evicted already it does not miss."""
        return Cursor(self.first, self.evicted_of(stores))
