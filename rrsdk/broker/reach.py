"""One shelf as one subscriber reads it: from memory, and what is not there any more from the history; pure.

Of the history a block is held, and the one behind it asked for while this one is sent. A block stays what it
is, however far memory has moved on meanwhile; where it ends is looked anew for whether memory has the rest.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from rrsdk.store.entry import Tally
from rrsdk.store.shelf import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry, Lifetime
    from rrsdk.store.history import Fetched, History
    from rrsdk.store.message_log import MessageLog

_SKIPS_AT_ONCE: Final = 5000
"""So many entries of other stores are passed over before others get their turn."""
_FIRST_BLOCK: Final = 64 * 1024
_GROWTH: Final = 4


class Pause(Enum):
    """Why nothing was found, though there may be something."""

    FETCH = 1
    """A block is on its way."""
    TURN = 2
    """Others should get their turn before more is looked at."""


Found: TypeAlias = "Entry | Tally | Pause | None"
"""The next message; or so much was lost before it; or later; or there is none."""


class Reach:
    """A cursor on a shelf. `look` says what is there, and whoever takes it moves the cursor."""

    def __init__(
        self,
        store: MessageLog,
        lifetime: Lifetime,
        stores: AbstractSet[StoreId] | None,
        *,
        block_bytes: Callable[[], int],
        wake: Callable[[], None],
    ) -> None:
        """`block_bytes`: so much of the history is read at once, at most. `wake`: a block has come."""
        self._shelf = store.shelves[lifetime]
        self._history: History | None = store.history
        self._lifetime, self._stores = lifetime, stores
        self._most_bytes, self._wake = block_bytes, wake
        self._next_bytes = _FIRST_BLOCK  # so that something comes soon
        self.cursor = Cursor() if self._history is not None else self._shelf.start(stores)
        self._block: Fetched | None = None
        self._ahead: Fetched | None = None
        self._entry = self._loss = 0
        """How far the block is read."""

    @property
    def backlog(self) -> int:
        """How many messages lie before the reader, those of other stores counted too."""
        shelf, position = self._shelf, self.cursor.position
        return shelf.end - (position if self._history is not None else max(position, shelf.first))

    @property
    def block_bytes(self) -> int:
        """What the blocks cost in memory that are held."""
        return sum(block.cost for block in (self._block, self._ahead) if block is not None and block.is_done)

    def look(self, before: int) -> Found:
        """What is next with an index below `before`, which changes only where there was none any more."""
        shelf, stores = self._shelf, self._stores
        if self._block is not None or self.cursor[0] < shelf.first:
            if self._history is None:
                self.cursor, lost = shelf.catch_up(self.cursor, stores)
                if lost[0] > 0:
                    return lost
            else:
                found, is_all = self._look_back(self._history, before)
                if not is_all:
                    return found
        position, passed = self.cursor
        for at in range(position, position + _SKIPS_AT_ONCE):
            entry = shelf.get(at)
            if entry is None or entry.at >= before or stores is None or entry.store in stores:
                if at != position:
                    self.cursor = Cursor(at, passed)
                return None if entry is None or entry.at >= before else entry
        self.cursor = Cursor(position + _SKIPS_AT_ONCE, passed)
        return Pause.TURN

    def forget(self) -> None:
        """What was asked for is not wanted any more."""
        for block in (self._block, self._ahead):
            if block is not None:
                block.is_wanted = False
        self._block = self._ahead = None

    def _look_back(self, history: History, before: int) -> tuple[Found, bool]:
        """What is next in the history; whether that is behind all that is to be had from there."""
        while True:
            block, (position, passed) = self._block, self.cursor
            if block is None:
                if position >= self._shelf.first:
                    return None, True
                block = self._block = self._ahead or self._fetch(history, position, before)
                self._ahead, self._entry, self._loss = None, 0, 0
            if not block.is_done:
                return Pause.FETCH, False
            if self._ahead is None and not block.is_over and position < block.end < self._shelf.first:
                self._ahead = self._fetch(history, block.end, before)
            entries, at = block.entries, self._entry
            while at < len(entries) and entries[at][0] < position:
                at += 1
            self._entry = at
            following = entries[at][0] if at < len(entries) else block.end
            if self._loss < len(block.lost) and block.lost[self._loss][0] <= following:
                behind, lost = block.lost[self._loss]
                self._loss += 1
                self.cursor = Cursor(behind, passed)
                return lost, False
            if at < len(entries):
                if following != position:
                    self.cursor = Cursor(following, passed)
                return entries[at][1], False
            self._block = None
            self.cursor = Cursor(max(position, block.end), passed)
            if block.is_over:
                self.forget()
                return None, False
            if not (block.entries or block.lost) and block.end <= position:  # it broke its word
                self.forget()
                self.cursor = Cursor(position + 1, passed)
                return Tally(1), False

    def _fetch(self, history: History, position: int, before: int) -> Fetched:
        most = self._most_bytes()
        size, self._next_bytes = min(most, self._next_bytes), min(most, self._next_bytes * _GROWTH)
        return history.fetch(
            self._lifetime,
            position,
            before=before,
            stores=self._stores,
            most_bytes=size,
            ready=self._wake,
        )
