"""What one subscriber is sent: the past in phases, then what comes; pure, over a MessageLog.

A subscription is a cursor on each shelf of the store. The past is everything before `join`, the
index that the store would have given next when the subscription began; live is everything from
there on, in the order of the log. So there is no gap between them and nothing comes twice.
What is not in memory any more comes from the store's history, where it has one (`reach`).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rrsdk.broker.reach import Pause, Reach
from rrsdk.codec.envelope import Phase
from rrsdk.errors import FormatError
from rrsdk.store.entry import Entry, Lifetime, Tally
from rrsdk.store.shelf import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.message_log import MessageLog

_PLACE = struct.Struct("<14Q")
PLACE_SIZE = _PLACE.size
_NO_END = (1 << 64) - 1
_BLOCK_BYTES = 1024 * 1024

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
    """Tell that so much was evicted, or cannot be read any more, before it could be delivered."""

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
        store: MessageLog,
        *,
        credit_bytes: int,
        newest_first: bool = False,
        live: bool = True,
        stores: AbstractSet[StoreId] | None = None,
        place: bytes | None = None,
        block_bytes: Callable[[], int] = lambda: _BLOCK_BYTES,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`place` is that of the last delivery of an earlier subscription, to go on behind it.

        `block_bytes`: so much of the store's history is read at once, at most. `wake` is called, by any
        thread, when `peek` had nothing because of that, and now may have.
        """
        self._store, self._credit_bytes, self._live = store, credit_bytes, live
        self._reaches = [
            Reach(store, lifetime, stores, block_bytes=block_bytes, wake=wake) for lifetime in Lifetime
        ]
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
        return sum(reach.backlog for reach in self._reaches)

    @property
    def block_bytes(self) -> int:
        """What the blocks of the history cost in memory that are held for this subscriber."""
        return sum(reach.block_bytes for reach in self._reaches)

    def close(self) -> None:
        """The subscriber is gone: what is asked of the history for it is not wanted any more."""
        self._over, self._next = True, None
        for reach in self._reaches:
            reach.forget()

    def peek(self) -> Step | None:
        """What is next; None where there is nothing (yet), or no credit. The same until `done` is called."""
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
            self._reaches[lifetime].cursor = cursor
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
            found = self._reaches[lifetime].look(self.join)
            if found is not None:
                if type(found) is Entry:
                    return self._send(found, _PHASES[lifetime])
                if type(found) is Tally:
                    return Lost(found)
                self.wants_more = found is Pause.TURN
                return None
            del self._ahead[0]
        if not self._told_live:
            self._told_live = True
            return PastIsOver(self.join) if self._live else IsOver()
        if not self._live:
            return None
        return self._find_live()

    def _find_live(self) -> Step | None:
        """Of the three shelves' next entries the one with the lowest index."""
        first: Entry | None = None
        waits = False
        for reach in self._reaches:
            found = reach.look(_NO_END)
            if type(found) is Entry:
                if first is None or found.at < first.at:
                    first = found
            elif type(found) is Tally:
                return Lost(found)
            elif found is not None:
                waits = True
                self.wants_more = self.wants_more or found is Pause.TURN
        if first is None or waits:  # what is waited for may have a lower index
            return None
        return self._send(first, Phase.LIVE)

    def _send(self, entry: Entry, phase: Phase) -> Send:
        lifetime = entry.lifetime
        after = self._reaches[lifetime].cursor.past(entry)
        self._after = lifetime, after
        numbers = [entry.at, self.join]
        for of, reach in enumerate(self._reaches):
            position, before = after if of == lifetime else reach.cursor
            numbers += (position, *before)
        return Send(entry, phase, _PLACE.pack(*numbers))

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
        self.join = join
        for reach, cursor in zip(self._reaches, cursors):
            reach.cursor = cursor
