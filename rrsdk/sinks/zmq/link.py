"""A producer's side of the protocol: events in, instructions out. No sockets, no clock of its own.

Whoever drives it opens what it says, hands it every word, tells it of broken connections, ticks it when `due`
says so, and sends what `take` gives. `rrsdk/broker/PROTOCOL.md` has the rules; numbers in comments are its.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rrsdk.codec.contact import BACKOFF_MAX_S, BACKOFF_S, Contact
from rrsdk.codec.envelope import SPOOL_SIZE, VERSION, Kind, Stamp, Word, binary, flag, number, text
from rrsdk.errors import FormatError
from rrsdk.sinks.zmq.outbox import Welcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rrsdk.message import Buffer
    from rrsdk.sinks.live import Amount
    from rrsdk.sinks.zmq.outbox import Outbox

PROBE_AFTER_S = 0.5
STUCK_S = 30.0
"""Without progress for so long although the broker answers, a new link; doubled each time."""
STUCK_MAX_S = 600.0
MAX_NOTES = 64
"""So many lines of a broker are passed on, and remembered; in the long run one every `NOTE_EVERY_S`."""
NOTE_EVERY_S = 60.0
MAX_NOTE = 1000
MAX_INFOS = 4000
"""A word holds no more."""
MISSED_S = 6.0
"""Where no broker was reached for so long, people hear of it: it may be the address."""
STEADY_S = 10.0
"""A link that lasted so long was no failure."""


class Open(NamedTuple):
    """Close what is open and connect to control; this link has this number."""

    link: int


class Say(NamedTuple):
    """Send a word."""

    word: Mapping[str, Any]


class Join(NamedTuple):
    """Connect to where data go."""

    endpoint: str


class Shut(NamedTuple):
    """Close what is open, and forget what was taken and not yet sent."""


class Tell(NamedTuple):
    """Let the user know what the broker has to say, or how it goes with it."""

    line: str
    is_ours: bool = False
    """It is said of this connection, which has a name that the link does not know."""


Instruction: TypeAlias = "Open | Say | Join | Shut | Tell"


class Parcel(NamedTuple):
    """One message for the data socket."""

    stamp: bytes
    parts: tuple[Buffer, ...]
    size: int


class State(Enum):
    """Where a link stands."""

    REST = "broken"
    """Nothing is open; the next link begins in a moment."""
    HELLO = "connecting"
    UP = "connected"
    CLOSED = "closed"


class Link:
    """One producer's connections to one broker, one after the other."""

    def __init__(
        self,
        outbox: Outbox,
        producer: bytes,
        *,
        about: Mapping[str, Any],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`about`: name, pid, host, start, for the hello. `jitter` gives numbers from 0 to 1."""
        self._outbox, self._producer, self._about = outbox, producer, about
        self._contact = Contact(jitter)
        self.state = State.REST
        self.number = 0
        self.epoch: int | None = None
        self.last_error = ""
        self.said_bye = False
        self._told: OrderedDict[str, None] = OrderedDict()
        self._may_tell, self._may_tell_at = float(MAX_NOTES), 0.0
        self._missed_since: float | None = None
        self._is_missed = False
        self._credit = self._max_message = 0
        self._stuck = 0
        self._up_at = self._moved_at = self._probe_at = 0.0

    # --- events ---------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Instruction]:
        """Time has passed."""
        contact = self._contact
        if self.state is State.REST:
            return self._open(now) if now >= contact.open_at else []
        if self.state is State.HELLO:
            if contact.is_in_vain(now):
                if not self.last_error:
                    self.last_error = "the broker does not answer"
                return [*self._miss(now), *self._open(now)]
            return [Say(self._hello())] if contact.says_hello(now) else []
        if self.state is State.CLOSED:
            return []
        if contact.is_silent(now):
            return self._fail("the broker does not answer any more", now)
        if self._outbox.in_flight and now >= self._moved_at + self._patience():
            self._stuck += 1
            return self._fail("data do not get through to the broker", now)
        return [Say({"t": "ping", "link": self.number})] if contact.pings(now) else []

    def due(self, *, can_send: bool = True) -> float:
        """When to tick at the latest, and to `take` where that can be sent."""
        if self.state is State.REST:
            return self._contact.open_at
        if self.state is State.HELLO:
            return self._contact.hello_due
        if self.state is State.CLOSED:
            return float("inf")
        times = [self._contact.up_due]
        if self._outbox.in_flight:
            times.append(self._moved_at + self._patience())
            if can_send:
                times.append(self._next_probe())
        return min(times)

    def broken(self, why: str, now: float) -> list[Instruction]:
        """A connection of this link has ended. Before the welcome that is nothing new: it is made again."""
        if self.state is not State.UP:
            self.last_error = self.last_error or why
            return []
        return self._fail(why, now)

    def word(self, word: Word, now: float) -> list[Instruction]:
        """The broker said something. What makes no sense ends the link."""
        if self.state not in (State.HELLO, State.UP):
            return []
        self._contact.heard()
        try:
            return self._word(word, now)
        except FormatError as error:
            return self._fail(f"the broker said what makes no sense: {error}", now)

    def bye(self) -> list[Instruction]:
        """The producer ends."""
        if self.state is not State.UP:
            return []
        self.said_bye = True
        outbox = self._outbox
        lost = outbox.lost.rows + outbox.dropped.rows + outbox.waiting.rows
        return [Say({"t": "bye", "sent": outbox.sent_up_to, "lost_rows": lost})]

    def close(self) -> list[Instruction]:
        """Nothing more will happen."""
        self.state = State.CLOSED
        self._outbox.unsend()
        return [Shut()]

    # --- data -----------------------------------------------------------------------------------

    def take(self, now: float, count: int) -> list[Parcel]:
        """What is to be sent now, or a probe where one is due. Call it when all taken before is sent."""
        if self.state is not State.UP:
            return []
        outbox = self._outbox
        if not outbox.in_flight:
            self._moved_at = now  # waiting for an acknowledgement begins here
        entries = outbox.take(credit=self._credit, max_message=self._max_message, count=count)
        parcels = [Parcel(self._stamp(e.kind, e.seq, e.size), e.parts, e.size) for e in entries]
        if not entries and outbox.in_flight and now >= self._next_probe():
            self._probe_at = now
            parcels.append(Parcel(self._stamp(Kind.PROBE, outbox.sent_up_to, 0), (), 0))
        return parcels

    def is_stuck(self) -> bool:
        """Whether what is put now has to wait."""
        return self.state is not State.UP or self._outbox.waits_for_credit(self._credit)

    def _stamp(self, kind: int, seq: int, size: int) -> bytes:
        assert self.epoch is not None
        return Stamp(kind, self.number, self._producer, self.epoch, seq, size).pack()

    # --- inside ---------------------------------------------------------------------------------

    def _open(self, now: float) -> list[Instruction]:
        self._outbox.unsend()
        self.number += 1
        self.state = State.HELLO
        if self._missed_since is None:
            self._missed_since = now
        self._contact.open(now)
        return [Open(self.number), Say(self._hello())]

    def _hello(self) -> dict[str, Any]:
        outbox = self._outbox
        return {
            "t": "hello",
            "v": VERSION,
            "role": "producer",
            "producer": self._producer,
            "link": self.number,
            "next": outbox.next,
            **self._about,
            "policy": str(outbox.policy),
            **outbox.known,
            "infos": list(outbox.infos.values())[-MAX_INFOS:],
        }

    def _patience(self) -> float:
        return min(STUCK_S * 2.0 ** min(self._stuck, 10), STUCK_MAX_S)

    def _next_probe(self) -> float:
        return max(self._moved_at, self._probe_at) + PROBE_AFTER_S

    def _fail(self, why: str, now: float, *, pause_s: float = 0.0) -> list[Instruction]:
        """This link is of no more use. The next follows at once where this one was good for something."""
        if now >= self._up_at + STEADY_S and self.state is State.UP:
            self._contact.failures = 0
        self.last_error = why
        self.state = State.REST
        self._outbox.unsend()
        self._contact.rest(now, pause_s=pause_s)
        return [Shut(), *self._miss(now), *self.tick(now)]

    def _word(self, word: Word, now: float) -> list[Instruction]:
        kind = word["t"]
        if kind == "ack":
            if self.state is State.UP:
                self._credit = number(word, "credit")
                self._progress(number(word, "held"), number(word, "durable"), now)
                self._outbox.refused_in_all(number(word, "refused", 0))
        elif kind == "welcome":
            return self._welcome(word, now)
        elif kind == "rewind":
            if self.state is State.UP and self._outbox.rewind(number(word, "next")):
                self._moved_at = now  # an answer to a probe: data get through
        elif kind == "refused":
            seq, reason = number(word, "seq"), text(word, "reason", "")
            self._outbox.refuse(seq)
            self.last_error = f"the broker refused message {seq}: {reason}"
        elif kind == "note":
            return self._note(text(word, "text"), now)
        elif kind == "gone":
            if self.state is State.UP:
                return self._fail("the broker went away", now, pause_s=BACKOFF_S)
        elif kind == "error":
            reason = text(word, "reason", "")
            if flag(word, "fatal", False):
                return self._fail(f"the broker refuses: {reason}", now, pause_s=BACKOFF_MAX_S)
            self.last_error = f"the broker did not understand: {reason}"
        return []  # of words that are not known yet nothing follows

    def _note(self, line: str, now: float) -> list[Instruction]:
        """It is said again with every link; people hear it once, and not endlessly many."""
        line = "".join([char if char.isprintable() else "\ufffd" for char in line[:MAX_NOTE]])
        if line in self._told:
            self._told.move_to_end(line)
            return []
        since, self._may_tell_at = now - self._may_tell_at, now
        self._may_tell = min(self._may_tell + since / NOTE_EVERY_S, MAX_NOTES)
        if self._may_tell < 1:
            return []
        self._may_tell -= 1
        self._told[line] = None
        if len(self._told) > MAX_NOTES:
            self._told.popitem(last=False)
        return [Tell(line)]

    def _miss(self, now: float) -> list[Instruction]:
        if self._is_missed or self._missed_since is None or now < self._missed_since + MISSED_S:
            return []
        self._is_missed = True
        return [Tell(f"cannot be reached ({self.last_error}): what is logged waits", is_ours=True)]

    def _progress(self, held: int, durable: int, now: float) -> None:
        if held > self._outbox.last:
            raise FormatError(f"held is {held}, only {self._outbox.last} were sent")
        if self._outbox.acknowledge(held, durable):
            self._moved_at = now
            self._contact.failures = self._stuck = 0

    def _welcome(self, word: Word, now: float) -> list[Instruction]:
        version, epoch = number(word, "v"), number(word, "epoch")
        if version != VERSION:
            raise FormatError(f"it speaks version {version} of the protocol, not {VERSION}")
        held, durable = number(word, "held"), number(word, "durable")
        outbox = self._outbox
        if self.state is State.UP:  # the answer to a hello that was repeated
            if epoch != self.epoch:
                return self._fail("the broker was started anew", now)
            self._progress(held, durable, now)
            return []
        if held > outbox.last or held < outbox.next - 1:
            raise FormatError(f"it holds {held} messages; {outbox.next - 1} to {outbox.last} are possible")
        endpoint = text(word, "data")
        self._credit, self._max_message = number(word, "credit"), number(word, "max_message")
        next_before, lost_before = outbox.next, outbox.lost.amount()
        spools = flag(word, "spools", False)
        since = number(word, "since", 0 if spools else held)
        refused, lost = number(word, "refused", 0), number(word, "lost", 0)
        spool = binary(word, "spool", SPOOL_SIZE) if "spool" in word else b""
        forgot = number(word, "forgot", 0)
        said = Welcome(held, durable, refused, since, lost, spools, spool, forgot)
        outbox.begin(said, is_new_epoch=epoch != self.epoch)
        self.epoch = epoch
        self.state = State.UP
        if outbox.next != next_before:
            self._contact.failures = 0
        self.last_error = ""
        self._moved_at = self._up_at = now
        self._probe_at = 0.0
        self._contact.up(now)
        return [Join(endpoint), *self._news(outbox.lost.amount(), lost_before)]

    def _news(self, lost: Amount, lost_before: Amount) -> list[Instruction]:
        """What people should hear now that there is a broker."""
        news: list[Instruction] = []
        if self._is_missed:
            news.append(Tell("is reached", is_ours=True))
        rows, messages = lost.rows - lost_before.rows, lost.messages - lost_before.messages
        if rows:
            news.append(Tell(f"was started anew: {rows} rows that it held are lost", is_ours=True))
        elif messages:
            news.append(Tell(f"was started anew: {messages} messages that it held are lost", is_ours=True))
        self._is_missed, self._missed_since = False, None
        return news
