"""What producers send, decided: stored, repeated, refused, asked for again; pure, without sockets and clocks.

    replies = intake.word(client, word, now)     # hello, ping, bye
    intake.data(stamp, parts, now)               # as often as there is data
    replies = intake.settle()                    # acknowledgements, one a producer
    intake.tick(now)                             # about once a second

A reply is (client, word). Each producer's messages are stored in order and once; its numbers add
up: held − before = stored + refused + dropped + lost, in messages. Long, so that this can be seen together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rrsdk.broker.admission import Admission, Admitted
from rrsdk.broker.beginnings import Beginnings
from rrsdk.broker.ledger import Known
from rrsdk.broker.producer import Producer, printable
from rrsdk.codec.envelope import (
    PRODUCER_SIZE,
    SPOOL_SIZE,
    VERSION,
    Dropped,
    Kind,
    Stamp,
    Word,
    binary,
    number,
    text,
)
from rrsdk.errors import FormatError
from rrsdk.store.entry import Entry, Lifetime, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from rrsdk.broker.ledger import Ledger
    from rrsdk.broker.spool.batch import Mark
    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Part
    from rrsdk.store.message_log import MessageLog

Reply: TypeAlias = "tuple[bytes, Word]"

PROBE = 17
_REWIND_AGAIN_S = 0.1
_SAME_REWIND_AGAIN_S = 0.5
_GONE_AGAIN_S = 0.5
_PRODUCER_COST = 2500
_MOST_STRAYS = 1024
_SMALLEST_CREDIT = 64 * 1024
_LARGEST_CREDIT = 64 * 1024 * 1024


MOST_RECORDINGS, MOST_ENTITIES = 10_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What producers may ask of the broker."""

    max_message: int
    under_way_bytes: int
    """What all producers together may have sent and not seen acknowledged; each has an equal share."""
    producers: int = 4096
    recordings: int = MOST_RECORDINGS
    """Stores, of all producers together; no producer gets more than half of what the others leave."""
    entities: int = MOST_ENTITIES
    """The same of entities, counted anew in each store."""
    gone_producers: int = 16384
    """So many that left are remembered, so that they may come back to where they were."""
    silence_s: float = 10.0
    """Who says nothing for so long is gone."""


class Intake:
    """All producers of one broker."""

    def __init__(
        self,
        store: MessageLog,
        *,
        epoch: int,
        data: str,
        limits: Limits,
        since_1970_s: float = 0.0,
        ledger: Ledger | None = None,
        owner_of: Callable[[bytes], str] = lambda _key: "",
    ) -> None:
        """`owner_of`: whose a producer is, by its 16 bytes: all of one owner have one share together; empty
        where nobody knows.

        `data`: the endpoint that producers are told. `since_1970_s` and `now` make the time of day.

        `ledger`: where there is a spool, what is to go there.
        """
        self.epoch, self.limits = epoch, limits
        self.data_endpoint = data
        self.garbage = 0
        """Data without a stamp, words that are none: nobody can be told."""
        self.strays = 0
        """Data of producers that did not say hello, or to another epoch."""
        self.producers: dict[bytes, Producer] = {}
        self.forgotten = self.refused_of_forgotten = 0
        """Producers that left so long ago that only their sums are kept."""
        self.stored_of_forgotten = self.dropped_of_forgotten = Tally()
        self.trouble: str | None = None
        """What all producers should know as long as it lasts."""
        self._store = store
        self._ledger, self._owner_of = ledger, owner_of
        self._admission = Admission(store, most_recordings=limits.recordings, most_entities=limits.entities)
        self._beginnings = Beginnings(store, since_1970_s=since_1970_s)
        self._here = 0
        self._here_of: dict[Hashable, int] = {}
        self._left: dict[bytes, None] = {}
        """Who is not here, in the order of leaving."""
        self._infos: set[bytes] = set()
        self._touched: dict[bytes, Producer] = {}
        self._replies: list[Reply] = []
        self._told_gone: dict[bytes, float] = {}

    @property
    def here(self) -> int:
        """How many producers are here."""
        return self._here

    @property
    def credit(self) -> int:
        """Each owner's share of what may be under way."""
        share = self.limits.under_way_bytes // max(1, len(self._here_of))
        return max(_SMALLEST_CREDIT, min(_LARGEST_CREDIT, share))

    def credit_of(self, producer: Producer) -> int:
        """A producer's part of that."""
        return max(_SMALLEST_CREDIT, self.credit // max(1, self._here_of.get(producer.owner, 1)))

    # ---- words ----

    def word(self, client: bytes, word: Word, now: float) -> list[Reply]:
        """hello, ping or bye; FormatError where it makes no sense."""
        said = word["t"]
        if said == "hello":
            return self._hello(client, word, now)
        producer = self.producers.get(client[1 : 1 + PRODUCER_SIZE])
        if producer is None or producer.client != client:
            return [(client, {"t": "gone"})]
        if said == "ping":
            if number(word, "link") != producer.link:
                return []
            self._seen(producer, now)
            self._touched.pop(producer.key, None)
            return [(client, self._ack(producer))]
        assert said == "bye"
        producer.lost_rows = number(word, "lost_rows", 0)
        self._leave(producer, "bye")
        return [(client, self._ack(producer))]

    def _hello(self, client: bytes, word: Word, now: float) -> list[Reply]:
        if word.get("v") != VERSION:
            return [_error(client, f"protocol version {word.get('v')!r} is not spoken here, {VERSION} is")]
        key = binary(word, "producer", PRODUCER_SIZE)
        if client[: 1 + PRODUCER_SIZE] != b"P" + key:
            raise FormatError("hello: the routing id must begin with P and the producer's 16 bytes")
        link, following = number(word, "link"), number(word, "next")
        name, host, policy, start = [
            printable(text(word, which, "")) for which in ("name", "host", "policy", "start")
        ]
        pid = number(word, "pid", 0)
        if not 1 <= link <= 0xFFFFFFFF or following < 1:
            raise FormatError("hello: links and messages are counted from 1")
        infos = word.get("infos") or []
        known = None
        if word.get("spool") is not None:
            spool = binary(word, "spool", SPOOL_SIZE)
            known = Known(spool, number(word, "since"), number(word, "forgot"))
        if not isinstance(infos, list) or not all(isinstance(info, bytes) for info in infos):
            raise FormatError("hello: infos must be a list of bytes")
        producer = self.producers.get(key)
        if producer is None:
            producer = self._welcome_new(key, client, following - 1, now, known)
            if producer is None:
                reason = f"there are {self.limits.producers} producers already, which is the limit"
                if self._here < self.limits.producers:
                    reason = f"this key's share of the {self.limits.producers} producers is used up"
                return [_error(client, reason, fatal=False)]
        elif link < producer.link:  # an older connection's, which took its time
            producer.stale += 1
            return []
        producer.name, producer.host, producer.policy, producer.pid = name, host, policy, pid
        producer.client, producer.start = client, start
        if link > producer.link:
            producer.link = link
            producer.rewound_to = 0
        self._seen(producer, now)
        notes = [_note(client, note) for note in producer.notes]  # the words before may not have arrived
        if self.trouble is not None:
            notes.append(_note(client, self.trouble))
        replies = self._told_anew(producer, infos) + notes
        self._touched.pop(key, None)
        return [(client, {**self._ack(producer), **self._welcome(producer)}), *replies]

    def _welcome(self, producer: Producer) -> Word:
        spool = {}
        if self._ledger is not None and self._ledger.spool:
            spool = {"spool": self._ledger.spool, "forgot": self._ledger.forgot}
        return {
            **spool,
            "t": "welcome",
            "v": VERSION,
            "epoch": self.epoch,
            "data": self.data_endpoint,
            "max_message": self.limits.max_message,
            "spools": self._ledger is not None,
            "since": producer.before,
            "lost": producer.lost,
        }

    def _welcome_new(
        self, key: bytes, client: bytes | None, held: int, now: float, known: Known | None = None
    ) -> Producer | None:
        if self._here >= self.limits.producers:
            return None
        known_owner = self._owner_of(key) if client is not None else ""
        owner: Hashable = known_owner or key
        mine = self._here_of.get(owner, 0)
        if known_owner and mine >= (self.limits.producers - self._here + mine + 1) // 2:
            return None
        producer = Producer(
            key=key,
            name="",
            pid=0,
            host="",
            policy="",
            link=0,
            held=held,
            before=held,
            first_seen=now,
            last_seen=now,
            client=client,
            arrivals=self._admission.arrivals("a producer", owner),
            owner=owner,
        )
        if self._ledger is not None:
            self._ledger.resume(producer, known)
        self.producers[key] = producer
        self._here += 1
        self._here_of[owner] = mine + 1
        self._store.charge(_PRODUCER_COST)
        if len(self._left) > self.limits.gone_producers:
            self._forget(self._to_forget(owner))
        return producer

    def _to_forget(self, owner: Hashable) -> bytes:
        """Who left first; of this owner where it alone has left more than half of those that did."""
        theirs = [key for key in self._left if self.producers[key].owner == owner]
        return theirs[0] if 2 * len(theirs) > len(self._left) else next(iter(self._left))

    def _forget(self, key: bytes) -> None:
        del self._left[key]
        producer = self.producers.pop(key)
        self._admission.forget(producer.arrivals)
        self._store.charge(-_PRODUCER_COST)
        self.forgotten += 1
        self.stored_of_forgotten += producer.stored
        self.dropped_of_forgotten += producer.dropped
        self.refused_of_forgotten += producer.refused
        if self._ledger is not None:
            self._ledger.forget(key)

    def _told_anew(self, producer: Producer, infos: list[bytes]) -> list[Reply]:
        """Store infos of messages that an earlier broker acknowledged: this one may not have them.

        Of a store that its spool had at the start it has one: it is not stored again with each restart.
        """
        replies: list[Reply] = []
        on_disk = self._ledger.stores if self._ledger is not None else ()
        for payload in infos:
            if payload in self._infos:
                continue
            try:
                admitted = self._admission.admit(producer.arrivals, Kind.STORE_INFO, (payload,), len(payload))
                if admitted.store is not None and admitted.store in on_disk:
                    self._infos.add(payload)
                    self._begun(producer, admitted.store)
                else:
                    self._store_it(producer, Kind.STORE_INFO, 0, len(payload), admitted)
            except FormatError as error:
                reason = f"hello: a store info was not kept: {error}"
                replies.append(_error(producer.client or b"", reason, fatal=False))
        return replies

    # ---- data ----

    def data(self, head: Part, parts: Sequence[Part], now: float) -> None:
        """One message: its stamp, and the frames behind it."""
        try:
            stamp = Stamp.unpack(head)
        except FormatError:
            self.garbage += 1
            return
        kind, link, key, epoch, seq, claimed, _ = stamp
        producer = self.producers.get(key)
        if producer is None or epoch != self.epoch:
            self._stray(key, now)
            return
        if link != producer.link or producer.state == "bye":
            producer.stale += 1
            return
        if not producer.is_here:
            self._come_back(producer)
        producer.last_seen = now
        self._touched[key] = producer
        due = producer.held + 1
        if kind == PROBE:
            if seq >= due:
                self._rewind(producer, now, asked=True)
        elif seq < due:
            producer.repeats += 1
        elif kind == Kind.DROPPED:
            self._dropped(producer, seq, parts, now)
        elif seq > due:
            self._rewind(producer, now)
        else:
            self._take(producer, kind, seq, parts, claimed)

    def _take(
        self, producer: Producer, kind: int, seq: int, parts: Sequence[Part], claimed: int
    ) -> Entry | str:
        """The message that was due."""
        size = 0
        for part in parts:
            size += len(part)
        producer.held = seq
        if self._ledger is not None:
            self._ledger.changed[producer.key] = producer
        try:
            if size != claimed:
                raise FormatError(f"the stamp says {claimed} bytes, {size} came")
            if size > self.limits.max_message:
                raise FormatError(
                    f"a message of {size} bytes is above the limit of {self.limits.max_message}"
                )
            return self._keep(producer, kind, seq, parts, size)
        except (FormatError, MemoryError) as error:
            reason = printable(str(error) or "there is no memory for it")
            producer.refuse(reason)
            if producer.client is not None:
                self._replies.append((producer.client, {"t": "refused", "seq": seq, "reason": reason}))
            return reason

    def _keep(self, producer: Producer, kind: int, seq: int, parts: Sequence[Part], size: int) -> Entry:
        admitted = self._admission.admit(producer.arrivals, kind, parts, size)
        return self._store_it(producer, kind, seq, size, admitted)

    def _store_it(self, producer: Producer, kind: int, seq: int, size: int, admitted: Admitted) -> Entry:
        lifetime, store, rows, kept_size, kept = admitted
        if lifetime is Lifetime.PERSISTENT and not self._store.has_room(kept_size + 1024):
            raise FormatError("store infos and blueprints, which are never evicted, fill the memory limit")
        entry = self._store.append(kind, lifetime, store, producer.key, seq, rows, kept_size, kept)
        if self._ledger is not None:
            self._ledger.entries.append(entry)
        if kind == Kind.STORE_INFO:
            self._infos.add(kept[0] if isinstance(kept[0], bytes) else bytes(kept[0]))
            if store is not None:
                self._begun(producer, store)
        if seq:
            stored = producer.stored
            producer.stored = Tally(stored[0] + 1, stored[1] + rows, stored[2] + size)
        return entry

    def _begun(self, producer: Producer, store: StoreId) -> None:
        note = self._beginnings.announced(store, producer, producer.last_seen)
        if note is not None:
            producer.note(note)
            if producer.client is not None:
                self._replies.append(_note(producer.client, note))

    def _dropped(self, producer: Producer, seq: int, parts: Sequence[Part], now: float) -> None:
        due = producer.held + 1
        try:
            dropped = Dropped.unpack(b"".join(parts))
            if dropped.first > seq or dropped.messages != seq - dropped.first + 1:
                raise FormatError("dropped: first, messages and the stamp's number do not agree")
        except FormatError as error:
            if seq != due:  # nobody can say what it stands for
                self._rewind(producer, now)
                return
            producer.held = seq
            if self._ledger is not None:
                self._ledger.changed[producer.key] = producer
            producer.refuse(str(error))
            if producer.client is not None:
                self._replies.append((producer.client, {"t": "refused", "seq": seq, "reason": str(error)}))
            return
        if dropped.first > due:
            self._rewind(producer, now)
            return
        messages, rows, size = seq - producer.held, dropped.rows, dropped.size
        if dropped.first < due:  # some of them had come: what they held, nobody says
            rows, size = rows * messages // dropped.messages, size * messages // dropped.messages
        producer.dropped += (messages, rows, size)
        producer.held = seq
        if self._ledger is not None:
            self._ledger.changed[producer.key] = producer

    def _rewind(self, producer: Producer, now: float, *, asked: bool = False) -> None:
        following = producer.held + 1
        since = now - producer.rewound_at
        if not asked:
            producer.gaps += 1
        pause = _SAME_REWIND_AGAIN_S if following == producer.rewound_to else _REWIND_AGAIN_S
        if producer.client is None or (since < pause and not asked):
            return
        producer.rewound_to, producer.rewound_at = following, now
        self._replies.append((producer.client, {"t": "rewind", "next": following}))

    def _stray(self, key: bytes, now: float) -> None:
        self.strays += 1
        if now - self._told_gone.get(key, -1e9) < _GONE_AGAIN_S:
            return
        if len(self._told_gone) >= _MOST_STRAYS:
            self._told_gone.clear()
        self._told_gone[key] = now
        if key not in self.producers:  # else it is only late, and has a new link
            self._replies.append((b"P" + key, {"t": "gone"}))

    # ---- producers in this process ----

    def open_local(self, key: bytes, *, name: str, host: str, policy: str, now: float) -> Producer | None:
        """One that needs no words; None where there are too many."""
        producer = self._welcome_new(key, None, 0, now)
        if producer is not None:
            producer.name, producer.host, producer.policy = printable(name), printable(host), policy
        return producer

    def local(self, producer: Producer, kind: int, parts: Sequence[Part], now: float) -> Entry | str:
        """The next message of such a producer: what became of it, or why it was refused."""
        producer.last_seen = now
        size = sum(map(len, parts))
        return self._take(producer, kind, producer.held + 1, parts, size)

    def close_local(self, producer: Producer) -> None:
        """It is done."""
        self._leave(producer, "bye")

    # ---- the spool ----

    def is_durable(self, marks: Mapping[bytes, Mark]) -> None:
        """What these producers sent up to there survives the broker's end."""
        for key, mark in marks.items():
            producer = self.producers.get(key)
            if producer is not None and mark.held > producer.durable:
                producer.durable = mark.held
                if producer.is_here:
                    self._touched[key] = producer

    def tell_all(self, line: str, *, lasts: bool) -> None:
        """All producers should know this; as long as it lasts, those that come later as well."""
        self.trouble = line if lasts else None
        self._replies += [
            _note(producer.client, line)
            for producer in self.producers.values()
            if producer.is_here and producer.client is not None
        ]

    # ---- time ----

    def settle(self) -> list[Reply]:
        """What is to be said after a batch of data: one acknowledgement a producer, and all else."""
        replies, self._replies = self._replies, []
        touched, self._touched = self._touched, {}
        for producer in touched.values():
            if producer.client is not None:
                replies.append((producer.client, self._ack(producer)))
        return replies

    def tick(self, now: float) -> None:
        """Who has not been heard of for long is gone, and no longer has a share of the credit."""
        self._admission.tidy()
        silence_s = self.limits.silence_s
        for producer in self.producers.values():
            if producer.is_here and producer.client is not None and now - producer.last_seen > silence_s:
                self._leave(producer, "gone")

    def farewell(self) -> list[Reply]:
        """The broker stops."""
        return [
            (producer.client, {"t": "gone"})
            for producer in self.producers.values()
            if producer.is_here and producer.client is not None
        ]

    def _seen(self, producer: Producer, now: float) -> None:
        producer.last_seen = now
        if not producer.is_here:
            self._come_back(producer)

    def _come_back(self, producer: Producer) -> None:
        producer.state = "here"
        self._here += 1
        self._here_of[producer.owner] = self._here_of.get(producer.owner, 0) + 1
        self._left.pop(producer.key, None)

    def _leave(self, producer: Producer, state: str) -> None:
        if producer.is_here:
            self._here -= 1
            self._here_of[producer.owner] -= 1
            if not self._here_of[producer.owner]:
                del self._here_of[producer.owner]
            self._left[producer.key] = None
        producer.state = state

    def _ack(self, producer: Producer) -> Word:
        producer.credit = self.credit_of(producer)
        return {
            "t": "ack",
            "held": producer.held,
            "durable": producer.durable,
            "credit": producer.credit,
            "refused": producer.refused,
        }


def _note(client: bytes, line: str) -> Reply:
    return client, {"t": "note", "text": line}


def _error(client: bytes, reason: str, *, fatal: bool = True) -> Reply:
    return client, {"t": "error", "reason": reason, "fatal": fatal}
