"""A subscriber's side of the protocol: events in, instructions out. No sockets, no clock of its own.

What comes in order and once goes to `arrived`; `rrsdk/broker/PROTOCOL.md` has the rules.
"""

from __future__ import annotations

import random
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rrsdk.codec.contact import BACKOFF_MAX_S, BACKOFF_S, Contact
from rrsdk.codec.envelope import VERSION, Stamp, Word, flag, number, text, unpack_place
from rrsdk.errors import FormatError
from rrsdk.sources.missed import Missed
from rrsdk.sources.received import Received

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

REPORT_SHARE = 8
"""Of the credit: so much consumed is worth a word."""


class Open(NamedTuple):
    """Close what is open and connect a new DEALER with a routing id of its own."""


class Say(NamedTuple):
    """Send a word."""

    word: Mapping[str, Any]


Instruction: TypeAlias = "Open | Say"


class Arrived(NamedTuple):
    """One message, to be dealt with and then given to `consumed`."""

    kind: int
    phase: int
    size: int
    subscription: int
    frames: Sequence[Any]


class PastIsOver(NamedTuple):
    """What follows is live."""


class IsOver(NamedTuple):
    """That was all."""


class Broken(NamedTuple):
    """A delivery that makes no sense, or a connection that broke: for people."""

    reason: str


Event: TypeAlias = "Arrived | Missed | PastIsOver | IsOver | Broken"


class State(Enum):
    """Where a subscription stands."""

    REST = "broken"
    HELLO = "connecting"
    UP = "connected"
    OVER = "over"


class Subscription:
    """One reader's connections to one broker, one after the other."""

    def __init__(
        self,
        *,
        credit_bytes: int,
        live: bool = True,
        newest_first: bool | None = None,
        stores: Sequence[bytes] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`stores`: serialized StoreIds; None is all."""
        self._credit = credit_bytes
        self._contact = Contact(jitter)
        self._asked = {"newest_first": newest_first, "stores": stores, "live": live}
        self.state = State.REST
        self.number = 0
        """How many connections there were."""
        self.heard_at = 0.0
        """When the broker last said anything."""
        self.was_welcome = False
        self.repeats = 0
        self.last_error = ""
        self.events: list[Event] = []
        """What happened since somebody last emptied it."""
        self._received = Received()
        self._epoch = 0
        self._place = b""
        self._place_epoch = 0
        self._running = 0
        self._waiting = 0  # bytes arrived and not yet consumed, of all connections
        self._consumed = self._reported = 0  # bytes of this connection
        self._is_live = False
        self._opened_at = -BACKOFF_S

    # --- events ---------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Instruction]:
        """Time has passed."""
        contact = self._contact
        if self.state is State.REST:
            return self._open(now) if now >= contact.open_at else []
        if self.state is State.HELLO:
            if contact.is_in_vain(now):
                self.last_error = self.last_error or "the broker does not answer"
                return self._open(now)
            return [Say(self._subscribe())] if contact.says_hello(now) else []
        if self.state is State.OVER:
            return []
        if contact.is_silent(now):
            return self._fail("the broker does not answer any more", now)
        said: list[Instruction] = []
        if contact.pings(now):
            said.append(Say({"t": "ping"}))
            if self._consumed != self._reported:
                said.append(self._report())
        return said

    def due(self) -> float:
        """When to tick at the latest."""
        if self.state is State.REST:
            return self._contact.open_at
        if self.state is State.HELLO:
            return self._contact.hello_due
        if self.state is State.OVER:
            return float("inf")
        return self._contact.up_due

    def broken(self, why: str, now: float) -> list[Instruction]:
        """The connection has ended. Before the answer to `subscribe` it is made again anyway."""
        if self.state is not State.UP:
            self.last_error = self.last_error or why
            return []
        return self._fail(why, now)

    def word(self, word: Word, now: float) -> list[Instruction]:
        """The broker said something."""
        if self.state not in (State.HELLO, State.UP):
            return []
        self._heard(now)
        try:
            return self._word(word, now)
        except FormatError as error:
            return self._fail(f"the broker said what makes no sense: {error}", now)

    def delivery(
        self, stamp: bytes, place: bytes, frames: Sequence[Any], size: int, now: float
    ) -> list[Instruction]:
        """A message came; `size` are the bytes of its payload's frames."""
        if self.state is not State.UP:
            return []
        self._heard(now)
        try:
            about = Stamp.unpack(stamp)
            unpack_place(place)
            if about.size != size:
                raise FormatError(f"a delivery of {size} bytes says that it has {about.size}")
        except FormatError as error:
            return self._fail(f"the broker delivered what makes no sense: {error}", now)
        self._running += 1
        if about.link != self._running:
            return self._fail("deliveries are missing: a connection broke", now)
        self._place, self._place_epoch = place, self._epoch
        self._contact.failures = 0
        if about.seq and not self._received.add(about.producer, about.seq):
            self.repeats += 1
            return self._count(size)
        self._waiting += size
        self.events.append(Arrived(about.kind, about.flags, size, self.number, frames))
        return []

    def consumed(self, arrived: Arrived) -> list[Instruction]:
        """One message was dealt with."""
        self._waiting -= arrived.size
        if arrived.subscription != self.number or self.state is not State.UP:
            return []
        return self._count(arrived.size)

    def bye(self) -> list[Instruction]:
        """Nothing more is wanted."""
        if self.state is not State.UP:
            return []
        self.state = State.OVER
        return [Say({"t": "bye"})]

    # --- inside ---------------------------------------------------------------------------------

    def _heard(self, now: float) -> None:
        self.heard_at = now
        self._contact.heard()

    def _count(self, size: int) -> list[Instruction]:
        self._consumed += size
        nothing_left = not self._waiting and self._consumed != self._reported
        if nothing_left or self._consumed - self._reported >= self._credit // REPORT_SHARE:
            return [self._report()]
        return []

    def _report(self) -> Say:
        self._reported = self._consumed
        return Say({"t": "consumed", "bytes": self._consumed})

    def _open(self, now: float) -> list[Instruction]:
        self.number += 1
        self.state = State.HELLO
        self._opened_at = now
        self._running = self._consumed = self._reported = 0
        self._contact.open(now)
        return [Open(), Say(self._subscribe())]

    def _subscribe(self) -> dict[str, Any]:
        resume = {"epoch": self._place_epoch, "place": self._place} if self._place else None
        credit = max(self._credit - self._waiting, 1)
        return {"t": "subscribe", "v": VERSION, "credit": credit, **self._asked, "resume": resume}

    def _fail(self, why: str, now: float, *, pause_s: float = 0.0) -> list[Instruction]:
        self.last_error = why
        self.state = State.REST
        contact = self._contact
        contact.rest(now, pause_s=pause_s)
        contact.open_at = max(contact.open_at, self._opened_at + BACKOFF_S)  # however well each one begins
        return self.tick(now)

    def _word(self, word: Word, now: float) -> list[Instruction]:
        kind = word["t"]
        if kind == "subscribed":
            return self._subscribed(word, now)
        if kind == "missed":
            missed = Missed(number(word, "messages"), number(word, "rows", 0), number(word, "bytes"))
            self.events.append(missed)
        elif kind == "live":
            if not self._is_live:
                self._is_live = True
                self.events.append(PastIsOver())
        elif kind == "end":
            self.events.append(IsOver())
            return self.bye()
        elif kind == "gone":
            if self.state is State.UP:
                return self._fail("the broker went away", now, pause_s=BACKOFF_S)
        elif kind == "error":
            reason = text(word, "reason", "")
            if self.state is State.HELLO or flag(word, "fatal", False):
                self._place = b""  # should it be this that the broker does not understand
                return self._fail(f"the broker refuses: {reason}", now, pause_s=BACKOFF_MAX_S)
            self.last_error = f"the broker did not understand: {reason}"
        return []

    def _subscribed(self, word: Word, now: float) -> list[Instruction]:
        if number(word, "v") != VERSION:
            raise FormatError(f"it speaks version {word['v']} of the protocol, not {VERSION}")
        if self.state is State.UP:
            return []
        self._epoch = number(word, "epoch")
        if self._place_epoch != self._epoch:
            self._place = b""
        self._credit = min(self._credit, number(word, "credit", self._credit)) or 1
        self.state = State.UP
        self.was_welcome = True
        self.last_error = ""
        self._contact.up(now)
        return []
