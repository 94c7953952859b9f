"""What the broker knows of one producer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rrsdk.codec.arrivals import Arrivals

MAX_NAME = 200
_REASONS_KEPT = 8


def printable(text: str) -> str:
    """A name as it came from outside, made safe to show: one line, no control characters, not endless."""
    shown = "".join([char if char.isprintable() else "\ufffd" for char in text[:MAX_NAME]])
    return shown + "…" if len(text) > MAX_NAME else shown


@dataclass(slots=True)
class Producer:
    """One process (or one stream of another transport). Kept when it vanishes: it may come back."""

    key: bytes
    name: str
    pid: int
    host: str
    policy: str
    link: int
    held: int
    """The number of the last message that needs not be sent again."""
    first_seen: float
    last_seen: float
    client: bytes | None
    """Where to answer; None for those in this process."""
    arrivals: Arrivals
    owner: Hashable = None
    """Whose it is: all of one owner have one share of everything."""
    state: str = "here"
    """`here`; `gone` when nothing was heard of it for a while; `bye` when it said so."""
    before: int = 0
    """What was acknowledged before this broker knew it."""
    durable: int = 0
    """The number of the last message that survives the broker's end; 0 where nothing is spooled."""
    lost: int = 0
    """Messages that the producer counts on, and that are not there: in all, since the spool knows it."""
    stored: Tally = field(default_factory=Tally)
    dropped: Tally = field(default_factory=Tally)
    """As it declared."""
    refused: int = 0
    repeats: int = 0
    stale: int = 0
    """Data of older links."""
    gaps: int = 0
    lost_rows: int = 0
    """What it said it had to give up."""
    start: str = ""
    """What all processes of one start of a program share; empty: not known."""
    notes: list[str] = field(default_factory=list)
    """What people there should know."""
    reasons: list[str] = field(default_factory=list)
    """The last few for which something was refused."""
    credit: int = 0
    rewound_to: int = 0
    rewound_at: float = -1e9

    @property
    def is_here(self) -> bool:
        return self.state == "here"

    def note(self, line: str) -> None:
        """People there should know this."""
        self.notes.append(line)
        del self.notes[:-_REASONS_KEPT]

    def refuse(self, reason: str) -> None:
        """One message was held, and not kept."""
        self.refused += 1
        if reason not in self.reasons:
            self.reasons.append(reason)
            del self.reasons[:-_REASONS_KEPT]
