"""What one subscriber is sent: the past in phases, then what comes; pure, over a ChunkStore.

A subscription is a cursor on each shelf of the store. The past is everything before `join`, the
index that the store would have given next when the subscription began; live is everything from
there on, in the order of the log. So there is no gap between them and nothing comes twice.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rrsdk.codec.envelope import Phase
from rrsdk.errors import FormatError
from rrsdk.store.entry import Entry, Lifetime, Tally
from rrsdk.store.shelf import Cursor

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.chunk_store import ChunkStore

_PLACE = struct.Struct("<14Q")
PLACE_SIZE = _PLACE.size
_SKIPS_AT_ONCE = 5000
"""So many entries of other stores are passed over before others get their turn."""

_PHASES = {
    Lifetime.PERSISTENT: Phase.STORES,
    Lifetime.STATIC: Phase.STATIC,
    Lifetime.TEMPORAL: Phase.TEMPORAL,
}


class Send(NamedTuple):
    """Deliver this one."""

    entry: Entry
    phase: Phase
    place: bytes
    """Where to go on behind it."""


class Lost(NamedTuple):
    """Tell that so much was evicted before it could be delivered."""

    tally: Tally


class PastIsOver(NamedTuple):
    """Tell that what follows is live."""

    join: int


class IsOver(NamedTuple):
    """Tell that this was all."""


Step: TypeAlias = Send | Lost | PastIsOver | IsOver


class Replay:
    """One subscription. `peek` says what to do next; `done` says that it was done."""

    def __init__(
        self,
        store: ChunkStore,
        *,
        credit_bytes: int,
        newest_first: bool = False,
        live: bool = True,
        stores: AbstractSet[StoreId] | None = None,
        place: bytes | None = None,
    ) -> None:
        """`place` is that of the last delivery of an earlier subscription, to go on behind it."""
        self._store, self._credit_bytes, self._stores, self._live = store, credit_bytes, stores, live
        self._cursors = [shelf.start(stores) for shelf in store.shelves]
        self.join = store.next_index
        if place is not None:
            self._resume(place)
        order = [Lifetime.STATIC, Lifetime.TEMPORAL]
        self._ahead = [Lifetime.PERSISTENT, *(reversed(order) if newest_first else order)]
        self._told_live = False
        self._over = False
        self._next: Step | None = None
        self._after: tuple[Lifetime, Cursor] | None = None
        self.sent_bytes = self.consumed_bytes = 0
        self.sent = Tally()
        self.missed = Tally()
        self.wants_more = False
        """Whether `peek` gave up on looking, not for want of data or credit: ask again soon."""

    @property
    def is_live(self) -> bool:
        """Whether the past is over."""
        return self._told_live

    def consumed(self, total_bytes: int) -> None:
        """How much of what was sent has been dealt with, in all."""
        self.consumed_bytes = max(self.consumed_bytes, min(total_bytes, self.sent_bytes))

    def backlog(self) -> int:
        """How many messages lie before this subscriber, about (those of other stores counted too)."""
        return sum(
            shelf.end - max(cursor.position, shelf.first)
            for shelf, cursor in zip(self._store.shelves, self._cursors)
        )

    def peek(self) -> Step | None:
        """What is next; None where there is nothing, or no credit. The same until `done` is called."""
        if self._next is None and not self._over:
            self.wants_more = False
            self._next = self._find()
        step = self._next
        if type(step) is Send:
            outstanding = self.sent_bytes - self.consumed_bytes
            if outstanding and outstanding + step.entry.size > self._credit_bytes:
                return None
        return step

    def done(self) -> None:
        """What `peek` said was done."""
        step, self._next = self._next, None
        if type(step) is Send:
            assert self._after is not None
            lifetime, cursor = self._after
            self._cursors[lifetime] = cursor
            entry = step.entry
            self.sent_bytes += entry.size
            self.sent += (1, entry.rows, entry.size)
        elif type(step) is Lost:
            self.missed += step.tally
        elif type(step) is IsOver:
            self._over = True

    def _find(self) -> Step | None:
        while self._ahead:
            lifetime = self._ahead[0]
            step = self._find_past(lifetime, _PHASES[lifetime])
            if step is not None or self.wants_more:
                return step
            del self._ahead[0]
        if not self._told_live:
            self._told_live = True
            return PastIsOver(self.join) if self._live else IsOver()
        if not self._live:
            return None
        return self._find_live()

    def _find_live(self) -> Step | None:
        """Of the three shelves' next entries the one with the lowest index."""
        shelves, cursors = self._store.shelves, self._cursors
        for _ in range(_SKIPS_AT_ONCE):
            first: Entry | None = None
            for lifetime, shelf in enumerate(shelves):
                if cursors[lifetime][0] < shelf.first:
                    cursors[lifetime], lost = shelf.catch_up(cursors[lifetime], self._stores)
                    if lost[0] > 0:
                        return Lost(lost)
                entry = shelf.get(cursors[lifetime][0])
                if entry is not None and (first is None or entry.at < first.at):
                    first = entry
            if first is None:
                return None
            lifetime = first.lifetime
            if self._stores is None or first.store in self._stores:
                return self._send(first, Phase.LIVE)
            cursors[lifetime] = cursors[lifetime].skip()
        self.wants_more = True
        return None

    def _send(self, entry: Entry, phase: Phase) -> Send:
        lifetime = entry.lifetime
        after = self._cursors[lifetime].past(entry)
        self._after = lifetime, after
        numbers = [entry.at, self.join]
        for of, cursor in enumerate(self._cursors):
            position, before = after if of == lifetime else cursor
            numbers += (position, *before)
        return Send(entry, phase, _PLACE.pack(*numbers))

    def _find_past(self, lifetime: Lifetime, phase: Phase) -> Step | None:
        """The next of one shelf that is asked for and came before `join`."""
        shelf, stores = self._store.shelves[lifetime], self._stores
        cursor, lost = shelf.catch_up(self._cursors[lifetime], stores)
        self._cursors[lifetime] = cursor
        if lost[0] > 0:
            return Lost(lost)
        for _ in range(_SKIPS_AT_ONCE):
            entry = shelf.get(cursor.position)
            if entry is None or entry.at >= self.join:
                self._cursors[lifetime] = cursor
                return None
            if stores is None or entry.store in stores:
                self._cursors[lifetime] = cursor
                return self._send(entry, phase)
            cursor = cursor.skip()
        self._cursors[lifetime] = cursor
        self.wants_more = True
        return None

    def _resume(self, place: bytes) -> None:
        if len(place) != PLACE_SIZE:
            raise FormatError("resume: this is no place of this broker")
        _, join, *rest = _PLACE.unpack(place)
        if join > self._store.next_index:
            raise FormatError("resume: this place is not reached yet")
        cursors: list[Cursor] = []
        for at, shelf in enumerate(self._store.shelves):
            position, *before = rest[4 * at : 4 * at + 4]
            ever = shelf.held + shelf.evicted
            if position > shelf.end or any(claimed > real for claimed, real in zip(before, ever)):
                raise FormatError("resume: this place is not reached yet")
            cursors.append(Cursor(position, Tally(*before)))
        self.join, self._cursors = join, cursors
