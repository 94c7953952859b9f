"""What a producer has not yet got rid of: numbered, counted, bounded in bytes. No sockets, no clock.

    put = held + lost + dropped + refused + waiting        (in messages, rows and bytes, at any time)

A message gets its number when it is taken or dropped, so numbers have no gaps. It is `unsent`, then `sent`
on the current link, then held by the broker; `kept` are those that a spooling broker holds, but not durably.
Long, so that everything that moves a message from one sum to another can be read together.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from rrsdk.codec.envelope import Dropped, Kind
from rrsdk.identity import StoreKind
from rrsdk.message import ChunkMsg, StoreInfo
from rrsdk.sinks.live import Amount
from rrsdk.sinks.zmq.policy import Block, LatestOnly, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.message import Activation, Buffer

    Key: TypeAlias = tuple[StoreId, str, tuple[str, ...]]
    Single: TypeAlias = StoreInfo | Activation | ChunkMsg

ENTRY_COST = 512
"""What a waiting message takes besides its payload."""
LATEST_WINDOW = 4 * 1024 * 1024
"""Bytes under way at most where only the latest counts: more would be old when it arrives."""
_MAX_LAYOUTS = 10_000


class Offer(Enum):
    """What became of a message."""

    TAKEN = "taken"
    DROPPED = "dropped"
    FULL = "full"
    """There is no room: wait, offer again, or `give_up`."""


class Tally:
    """An `Amount` that changes."""

    __slots__ = ("bytes", "messages", "rows")

    def __init__(self) -> None:
        self.messages = self.rows = self.bytes = 0

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Count one message, or take it back."""
        self.messages += sign
        self.rows += sign * entry.rows
        self.bytes += sign * entry.size

    def move(self, other: Tally) -> None:
        """Count all that another one counted, which then counts nothing."""
        self.messages += other.messages
        self.rows += other.rows
        self.bytes += other.bytes
        other.messages = other.rows = other.bytes = 0

    def less(self, other: Tally) -> None:
        """Take back what another one counted."""
        self.messages -= other.messages
        self.rows -= other.rows
        self.bytes -= other.bytes

    def amount(self) -> Amount:
        """As a value."""
        return Amount(self.messages, self.rows, self.bytes)


class Entry:
    """A message with its number, or a mark: the messages `first` to `seq` were dropped."""

    __slots__ = ("first", "is_counted", "key", "kind", "message", "parts", "reason", "rows", "seq", "size")

    def __init__(
        self, seq: int, kind: int, message: Single | None, parts: tuple[Buffer, ...], rows: int
    ) -> None:
        self.first = self.seq = seq
        self.kind = kind
        self.message = message
        self.parts = parts
        self.size = sum(map(len, parts))
        self.rows = rows
        self.key: Key | None = None
        """What it may be given up under; None where it may not."""
        self.is_counted = True
        """Whether it still counts as waiting: neither dropped nor refused."""
        self.reason = ""


class Outbox:
    """Everything between `put` and acknowledged."""

    def __init__(self, *, policy: Policy, budget_bytes: int) -> None:
        self.policy = policy
        self._budget = budget_bytes
        self._unsent: OrderedDict[int, Entry] = OrderedDict()  # by first number, in order
        self._sent: deque[Entry] = deque()
        self._kept: deque[Entry] = deque()
        self._droppable: OrderedDict[int, Entry] = OrderedDict()  # by number: unsent, and may be given up
        self._latest: dict[Key, Entry] = {}
        self._marks: dict[int, Entry] = {}  # by last number: unsent marks that can grow
        self._keys: dict[int, tuple[ChunkLayout, Key | None]] = {}
        self.infos: dict[StoreId, bytes] = {}
        """Of stores that the broker knows of, or is to know from the next hello."""
        self.last = 0
        """The highest number given."""
        self.spools = False
        """Whether messages are kept until they are durable."""
        self._sent_up_to = 0  # beyond it nothing was sent on this link, so it may be dropped
        self.in_flight = 0
        """Bytes sent on this link and not acknowledged."""
        self.bytes = 0
        """What all of it takes."""
        self.held, self.durable, self.lost = Tally(), Tally(), Tally()
        self.dropped, self.refused, self.waiting = Tally(), Tally(), Tally()
        self._of_epoch = Tally()  # held by this incarnation of the broker, and forgotten here
        self._refused_of_epoch = 0

    # --- in -------------------------------------------------------------------------------------

    def offer(self, message: Single, *, is_stuck: bool = False) -> Offer:
        """Take a message if there is room, or what the policy allows makes room."""
        entry = self._entry(message)
        if entry.key is not None and is_stuck and isinstance(self.policy, LatestOnly):
            older = self._latest.get(entry.key)
            if older is not None:
                self._drop(older, "latest-only")
        if not self._has_room(entry):
            if not isinstance(self.policy, Block):
                while self._droppable and not self._has_room(entry):
                    self._drop(next(iter(self._droppable.values())), str(self.policy))
            if not self._has_room(entry) and entry.kind == Kind.CHUNK:
                if isinstance(self.policy, Block) or entry.key is None:
                    return Offer.FULL
                self._append(entry)
                self._drop(entry, str(self.policy))
                return Offer.DROPPED
        self._append(entry)
        return Offer.TAKEN

    def give_up(self, message: Single, reason: str) -> None:
        """A message is dropped for which there was no room in time."""
        entry = self._entry(message)
        self._append(entry)
        self._drop(entry, reason)

    def _has_room(self, entry: Entry) -> bool:
        """One message may exceed the bound when nothing else is there."""
        return self.bytes + entry.size + ENTRY_COST <= self._budget or not self.bytes

    def _entry(self, message: Single) -> Entry:
        if isinstance(message, ChunkMsg):
            rows = message.row.shape.batch.num_rows
            entry = Entry(self.last + 1, Kind.CHUNK, message, message.parts, rows)
            entry.key = self._key(message)
            return entry
        kind = Kind.STORE_INFO if isinstance(message, StoreInfo) else Kind.ACTIVATION
        return Entry(self.last + 1, kind, message, (message.payload,), 0)

    def _key(self, message: ChunkMsg) -> Key | None:
        layout = message.row.shape.layout
        known = self._keys.get(id(layout))
        if known is not None and known[1] is not None and known[1][0] == message.store:
            return known[1]
        if layout.is_static or message.store.kind is StoreKind.BLUEPRINT:
            return None
        key = message.store, layout.entity, tuple(column.field.name for column in layout.components)
        if len(self._keys) >= _MAX_LAYOUTS:
            self._keys.clear()
        self._keys[id(layout)] = layout, key  # with the layout, so that its id stays its own
        return key

    def _append(self, entry: Entry) -> None:
        self.last = entry.seq
        self._unsent[entry.first] = entry
        self.bytes += entry.size + ENTRY_COST
        self.waiting.add(entry)
        if entry.key is not None:
            self._may_drop(entry)

    def _may_drop(self, entry: Entry) -> None:
        assert entry.key is not None
        if not isinstance(self.policy, Block):
            self._droppable[entry.seq] = entry
            if isinstance(self.policy, LatestOnly):
                self._latest[entry.key] = entry

    def _must_stay(self, entry: Entry) -> None:
        self._droppable.pop(entry.seq, None)
        if entry.key is not None and self._latest.get(entry.key) is entry:
            del self._latest[entry.key]
        self._marks.pop(entry.seq, None)

    def _drop(self, entry: Entry, reason: str) -> None:
        """Turn an unsent message into a mark, joined to the marks around it."""
        self._must_stay(entry)
        self.waiting.add(entry, -1)
        self.dropped.add(entry)
        self.bytes -= entry.size
        entry.kind, entry.key, entry.reason, entry.is_counted = Kind.DROPPED, None, reason, False
        entry.message, entry.parts = None, ()
        before, after = self._marks.get(entry.first - 1), self._unsent.get(entry.seq + 1)
        if after is not None and self._marks.get(after.seq) is after and after.reason == reason:
            self._absorb(entry, after)
        if before is not None and before.reason == reason:
            self._absorb(before, entry)
            entry = before
        self._marks[entry.seq] = entry

    def _absorb(self, mark: Entry, next_mark: Entry) -> None:
        """Two neighbouring marks become one. A mark's `size` is what it stands for until it is sent."""
        self._marks.pop(mark.seq, None)
        self._marks.pop(next_mark.seq, None)
        del self._unsent[next_mark.first]
        self.bytes -= ENTRY_COST
        mark.seq = next_mark.seq
        mark.rows += next_mark.rows
        mark.size += next_mark.size

    # --- out ------------------------------------------------------------------------------------

    def take(self, *, credit: int, max_message: int, count: int) -> list[Entry]:
        """What may be sent now, at most so many; it counts as under way from here on."""
        taken: list[Entry] = []
        unsent = self._unsent
        while unsent and len(taken) < count:
            entry = next(iter(unsent.values()))
            is_mark = entry.kind == Kind.DROPPED
            if not is_mark and entry.size > max_message:
                self._drop(entry, f"larger than the broker takes ({max_message} bytes)")
                continue
            size = 0 if is_mark else entry.size
            if not self._may_fly(size, credit):
                break
            unsent.popitem(last=False)
            self._must_stay(entry)
            if is_mark and not entry.parts:
                _describe(entry)
                self.bytes += entry.size
            self._sent.append(entry)
            self.in_flight += entry.size
            self._sent_up_to = max(self._sent_up_to, entry.seq)
            taken.append(entry)
        return taken

    def _may_fly(self, size: int, credit: int) -> bool:
        """Whether so much more may be under way. One message always may.

        Where old data are to make room for new, half of the buffer stays here, to be chosen from.
        """
        if not self._sent:
            return True
        if self.in_flight + size > credit:
            return False
        if isinstance(self.policy, Block):
            return True
        if isinstance(self.policy, LatestOnly) and self.in_flight + size > LATEST_WINDOW:
            return False
        return 2 * (self.in_flight + size + ENTRY_COST * (len(self._sent) + 1)) <= self._budget

    def waits_for_credit(self, credit: int) -> bool:
        """Whether there is something to send, and it may not be sent."""
        if not self._unsent:
            return False
        first = next(iter(self._unsent.values()))
        return not self._may_fly(0 if first.kind == Kind.DROPPED else first.size, credit)

    # --- what the broker says -------------------------------------------------------------------

    def acknowledge(self, held: int, durable: int) -> bool:
        """All up to `held` has arrived. Whether that is news."""
        moved = False
        while self._sent and self._sent[0].seq <= held:
            entry = self._sent.popleft()
            self.in_flight -= entry.size
            self._is_held(entry)
            moved = True
        self._is_durable(durable)
        return moved

    def _is_held(self, entry: Entry) -> None:
        if isinstance(entry.message, StoreInfo):
            self.infos[entry.message.store] = entry.message.payload
        if entry.is_counted:
            self.waiting.add(entry, -1)
            self.held.add(entry)
        if self.spools:
            self._kept.append(entry)
            return
        if entry.is_counted:
            self._of_epoch.add(entry)
        self.bytes -= entry.size + ENTRY_COST

    def _is_durable(self, durable: int) -> None:
        while self._kept and self._kept[0].seq <= durable:
            entry = self._kept.popleft()
            self.bytes -= entry.size + ENTRY_COST
            if entry.is_counted:
                self.durable.add(entry)

    def refuse(self, seq: int) -> None:
        """A message was noted and thrown away; should its number be asked for again, a mark is there."""
        entry = self._unsent.get(seq)
        is_sent = entry is None
        if entry is None:
            entry = next((each for each in self._sent if each.seq == seq), None)
        if entry is None or not entry.is_counted:
            return
        self._refused_of_epoch += 1
        self.waiting.add(entry, -1)
        self.refused.add(entry)
        self._must_stay(entry)
        size = entry.size
        entry.message, entry.key, entry.kind, entry.is_counted = None, None, Kind.DROPPED, False
        entry.reason = "refused"
        _describe(entry)
        self.bytes += entry.size - size
        if is_sent:
            self.in_flight += entry.size - size

    def refused_in_all(self, count: int) -> None:
        """How many this broker has refused, where words were lost: which ones is not known then."""
        among = self.held if self.spools else self._of_epoch
        more = min(count - self._refused_of_epoch, among.messages)
        if more > 0:
            self._refused_of_epoch += more
            self.refused.messages += more
            self.held.messages -= more
            if not self.spools:
                self._of_epoch.messages -= more

    def rewind(self, next_seq: int) -> bool:
        """What was sent from this number on is to be sent again. False where it is not there any more."""
        if not self._sent or not self._sent[0].first <= next_seq <= self._sent[-1].seq:
            return False
        while self._sent and self._sent[-1].seq >= next_seq:
            self._back(self._sent.pop())
        return True

    def unsend(self) -> None:
        """The link is gone. What it sent may have arrived, so it is not dropped until the next one tells."""
        while self._sent:
            self._back(self._sent.pop())
        self.in_flight = 0

    def _back(self, entry: Entry) -> None:
        self.in_flight -= entry.size
        self._unsent[entry.first] = entry
        self._unsent.move_to_end(entry.first, last=False)

    def begin(self, held: int, durable: int, *, spools: bool, is_new_epoch: bool) -> None:
        """A link begins, at a broker that holds so much."""
        if is_new_epoch:
            while self._kept and self._kept[-1].seq > held:
                entry = self._kept.pop()
                if entry.is_counted:
                    self.held.add(entry, -1)
                    self.waiting.add(entry)
                self._unsent[entry.first] = entry
                self._unsent.move_to_end(entry.first, last=False)
            self.held.less(self._of_epoch)
            self.lost.move(self._of_epoch)
            self._refused_of_epoch = 0
        self.spools = spools
        while self._unsent:
            entry = next(iter(self._unsent.values()))
            if entry.seq > min(held, self._sent_up_to):
                break
            self._unsent.popitem(last=False)
            self._must_stay(entry)
            self._is_held(entry)
        self._is_durable(durable)
        if not spools:
            self._is_durable(self.last)
        self._sent_up_to = held
        self._droppable.clear()
        self._latest.clear()
        for entry in self._unsent.values():
            if entry.key is not None:
                self._may_drop(entry)

    # --- questions ------------------------------------------------------------------------------

    @property
    def next(self) -> int:
        """The first message that is still here."""
        if self._kept:
            return self._kept[0].first
        if self._sent:
            return self._sent[0].first
        return next(iter(self._unsent), self.last + 1)

    @property
    def is_clear(self) -> bool:
        """Whether everything is where it belongs."""
        return not (self._unsent or self._sent or self._kept)

    @property
    def sent_up_to(self) -> int:
        """The last message sent on this link."""
        return self._sent[-1].seq if self._sent else 0

    def rest(self) -> Iterator[Single]:
        """The messages that have not arrived, in order."""
        waiting: Iterable[Entry] = (*self._sent, *self._unsent.values())
        return (entry.message for entry in waiting if entry.message is not None and entry.is_counted)


def _describe(mark: Entry) -> None:
    """Give a mark the payload that declares it; from here on its size is that of its payload."""
    said = Dropped(mark.first, mark.seq - mark.first + 1, mark.rows, mark.size, mark.reason).pack()
    mark.parts, mark.size = (said,), len(said)
