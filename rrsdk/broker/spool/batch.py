"""What goes to the spool and what comes back from it: the seam between the broker's thread and the disk's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry


class Mark(NamedTuple):
    """How far one producer is: all its messages up to `held` are dealt with, and need not come again."""

    held: int
    refused: int = 0
    """How many of those were refused, since the producer began."""
    stored: Tally = Tally()
    dropped: Tally = Tally()
    before: int = 0
    """Numbers that were dealt with elsewhere, before this spool knew the producer: never changes.

    held − before = stored + dropped + refused + what was called durable and lost.
    """


class UnsureError(OSError):
    """A sync has failed while something was written: nothing written since the last one counts any more."""


class Batch(NamedTuple):
    """Messages in the order of the log, and how their producers stand behind the last of them.

    A mark may come without a message (all was refused, or declared as dropped), never the other way round,
    but for messages that have no number (`seq` 0).
    """

    entries: list[Entry]
    marks: dict[bytes, Mark]
    """By the producer's 16 bytes."""
    forgotten: tuple[bytes, ...] = ()
    """Producers whose marks need not be kept any longer; one that came back since has a new mark as well."""

    @property
    def end(self) -> int:
        """The index behind the last message; 0 where there is none."""
        return self.entries[-1].at + 1 if self.entries else 0


class Recovered(NamedTuple):
    """What a spool held when it was opened."""

    next_index: int
    """Of the log: what was before is on disk."""
    held: tuple[Tally, Tally, Tally]
    """What is on disk, by lifetime: `messages` is the position that the next one of that shelf gets."""
    marks: dict[bytes, Mark]
    repairs: tuple[str, ...] = ()
    """What had to be repaired, a line each, for people."""
    spool: bytes = b""
    """What tells this spool from others."""
    forgot: int = 0
    """How many producers it has forgotten, ever."""
    stores: frozenset[StoreId] = frozenset()
    """Those whose store info it has."""
