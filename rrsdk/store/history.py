"""What of a store's log lies elsewhere (on disk), as far as the store needs to know of it; no I/O here.

Positions on a shelf count all messages of that lifetime since the log began, so they mean the same in
memory and in the history. The history has all positions below `ends`; the store may forget those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry, Lifetime


class Fetched:
    """An answer that another thread fills in; read it once `is_done`."""

    def __init__(self) -> None:
        self.is_done = False
        self.entries: list[tuple[int, Entry]] = []
        """Positions and messages, ascending; those of stores that were not asked for are left out."""
        self.end = 0
        """Everything below this position (from the one asked for) was looked at."""
        self.lost = Tally()
        """What among it is not to be had any more: its file was taken away, or cannot be read."""


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
        """Messages from `position` on whose index is below `before`; at least one, if there is one.

        Returns at once. `ready` is called, by any thread, when the answer is there.
        """
