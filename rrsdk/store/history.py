"""What of a store's log lies elsewhere (on disk), as far as the store needs to know of it; no I/O here.

Positions on a shelf count all messages of that lifetime since the log began, so they mean the same in
memory and in the history. The history has all positions below `ends`; the store may forget those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry, Lifetime


class Begin(NamedTuple):
    """Where a log goes on whose beginning is in the history alone."""

    next_index: int = 0
    held: tuple[Tally, Tally, Tally] = (Tally(), Tally(), Tally())
    """What is there, by lifetime."""


class Fetched:
    """An answer that another thread fills in; read it once `is_done`."""

    __slots__ = ("cost", "end", "entries", "is_done", "is_over", "is_wanted", "lost")

    def __init__(self) -> None:
        self.is_done = False
        self.is_wanted = True
        """Whoever asked sets it to False when he is gone: it need not be answered any more."""
        self.entries: list[tuple[int, Entry]] = []
        """Positions and messages, ascending; those of stores that were not asked for are left out."""
        self.end = 0
        """Everything below this position (from the one asked for) was looked at; `end` is behind that one,
        but where `is_over`."""
        self.is_over = False
        """Whether what follows has an index that is too high."""
        self.lost: list[tuple[int, Tally]] = []
        """What among it is not to be had any more: its file was taken away, or cannot be read. A run of such
        messages each, named by the position behind it; ascending."""
        self.cost = 0
        """What the entries cost in memory."""


class History(Protocol):
    """What was written down, read a block at a time and never in the caller's thread."""

    @property
    def ends(self) -> tuple[int, int, int]:
        """By lifetime: how many of its messages (the first ones) are there."""

    def fetch(
        self,
        lifetime: Lifetime,
        position: int,
        *,
        before: int,
        stores: AbstractSet[StoreId] | None,
        most_bytes: int,
        ready: Callable[[], None],
    ) -> Fetched:
        """Messages from `position` on, which is below `ends`, with an index below `before`.

        Returns at once. `ready` is called, by any thread, when the answer is there. It costs no more than
        `most_bytes` in memory, or is one message; it may be empty and yet not the last.
        """
