"""What a producer has not yet got rid of: numbered, counted, bounded in bytes. No sockets, no clock.

    put = held + lost + dropped + refused + waiting        (in messages, rows and bytes, at any time)
    held = durable + kept + unprotected                    (where the broker spools)

A message gets its number when it is taken or dropped, so numbers have no gaps. It is `unsent`, then `sent`
on the current link, then held by the broker; `kept` are those that a spooling broker holds, but not durably.
Where room is needed and the policy does not wait, the oldest of those are let go of before anything is
dropped, as long as the broker is there: it has them, and they are lost only where it ends before they are on
its disk. They count as `unprotected` until then.

How many messages were refused is exact, also where the broker's word of it did not come; what those rows and
bytes were is not known then, and stays with `held`.

Long, so that everything that moves a message from one sum to another can be read together.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.envelope import Kind
from rrsdk.identity import StoreKind
from rrsdk.message import ChunkMsg, StoreInfo
from rrsdk.sinks.live import Amount
from rrsdk.sinks.zmq.entry import Entry, Tally
from rrsdk.sinks.zmq.past import Past
from rrsdk.sinks.zmq.policy import Block, LatestOnly, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.sinks.zmq.entry import Key, Single

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


class Welcome(NamedTuple):
    """What a broker says of this producer when a link begins."""

    held: int
    durable: int = 0
    refused: int = 0
    since: int = 0
    lost: int = 0
    spools: bool = False
    spool: bytes = b""
    """Which spool it is; empty where it does not say."""
    forgot: int = 0


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
        self.held, self.lost, self.kept = Tally(), Tally(), Tally()
        self.dropped, self.refused, self.waiting = Tally(), Tally(), Tally()
        self._of_epoch = Tally()  # held by this incarnation of a broker that does not spool
        self._durable = Tally()
        self._loose = Past()  # let go of, and not yet durable
        self._past = Past()  # durable: to find out what is gone where a spool loses it all the same
        self._may_let_go = False  # a broker that is not there may have ended
        self._since = 0  # what the broker's sums begin behind: another number is another spool
        self._lost_said = 0
        self._spool, self._forgot = b"", 0
        self._named = 0  # refused by this broker, and said so
        self._unnamed = 0  # refused by it as well: only how many is known

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
                while self._kept and self._may_let_go and not self._has_room(entry):
                    self._let_go()
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

    def _let_go(self) -> None:
        entry = self._kept.popleft()
        self.bytes -= entry.size + ENTRY_COST
        amount = Tally()
        if entry.is_counted:
            amount.add(entry)
            self.kept.less(amount)
        self._loose.add(entry.first, entry.seq, amount)

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
                entry.describe()
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
            if entry.is_counted:
                self.kept.add(entry)
            return
        if entry.is_counted:
            self._of_epoch.add(entry)
        self.bytes -= entry.size + ENTRY_COST

    def _is_durable(self, durable: int) -> None:
        for run in self._loose.take_up_to(durable):
            self._durable.plus(run[2])
            self._past.add(*run)
        if not self._kept or self._kept[0].seq > durable:
            return
        first, last, amount = self._kept[0].first, 0, Tally()
        while self._kept and self._kept[0].seq <= durable:
            entry = self._kept.popleft()
            last = entry.seq
            self.bytes -= entry.size + ENTRY_COST
            if entry.is_counted:
                amount.add(entry)
        self.kept.less(amount)
        self._durable.plus(amount)
        self._past.add(first, last, amount)

    def refuse(self, seq: int) -> None:
        """A message was noted and thrown away; should its number be asked for again, a mark is there."""
        entry = self._unsent.get(seq)
        where = self.waiting
        is_sent = entry is None
        if entry is None:
            entry = next((each for each in self._sent if each.seq == seq), None)
        if entry is None and self._unnamed:  # the number that counts it came first
            entry = next((each for each in reversed(self._kept) if each.seq == seq), None)
            where, is_sent = self.held, False
        if entry is None or not entry.is_counted:
            return
        if where is self.held:
            self.kept.add(entry, -1)
            self._count_unnamed(self._unnamed - 1)
        self._named += 1
        where.add(entry, -1)
        self.refused.add(entry)
        self._must_stay(entry)
        size = entry.size
        entry.message, entry.key, entry.kind = None, None, Kind.DROPPED
        entry.is_counted, entry.is_named = False, True
        entry.reason = "refused"
        entry.describe()
        self.bytes += entry.size - size
        if is_sent:
            self.in_flight += entry.size - size

    def refused_in_all(self, count: int) -> None:
        """How many this broker has refused, where words were lost: which ones is not known then."""
        if count - self._named > self._unnamed:
            self._count_unnamed(count - self._named)

    def _count_unnamed(self, count: int) -> None:
        """So many of those that count as held were refused."""
        among = self.held if self.spools else self._of_epoch
        more = min(count - self._unnamed, among.messages)
        self._unnamed += more
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
        self._may_let_go = False

    def _back(self, entry: Entry) -> None:
        self.in_flight -= entry.size
        self._unsent[entry.first] = entry
        self._unsent.move_to_end(entry.first, last=False)

    def begin(self, welcome: Welcome, *, is_new_epoch: bool) -> None:
        """A link begins, at a broker that holds so much."""
        held = welcome.held
        if is_new_epoch:
            self._roll_back(held)
            is_same = welcome.spool == self._spool and welcome.since == self._since
            if self.spools and welcome.spools and is_same:
                self._lose(welcome)
                self._count_unnamed(max(welcome.refused - self._named, 0))
            else:
                self._leave_broker()
            self._since, self._lost_said = welcome.since, welcome.lost
            self._spool, self._forgot = welcome.spool, welcome.forgot
        self._may_let_go = True
        self.spools = welcome.spools
        while self._unsent:
            entry = next(iter(self._unsent.values()))
            if entry.seq > min(held, self._sent_up_to):
                break
            self._unsent.popitem(last=False)
            self._must_stay(entry)
            self._is_held(entry)
        if welcome.spools:
            self._is_durable(welcome.durable)
        self.refused_in_all(welcome.refused)
        self._sent_up_to = held
        self._droppable.clear()
        self._latest.clear()
        for entry in self._unsent.values():
            if entry.key is not None:
                self._may_drop(entry)

    def _roll_back(self, held: int) -> None:
        """What the broker no longer holds is to be sent again; what it refused of that is declared."""
        for entry in self._unsent.values():
            if entry.is_named and entry.seq > held:
                entry.is_named = False
                self._named -= 1
        while self._kept and self._kept[-1].seq > held:
            entry = self._kept.pop()
            if entry.is_counted:
                self.held.add(entry, -1)
                self.kept.add(entry, -1)
                self.waiting.add(entry)
            if entry.is_named:
                entry.is_named = False
                self._named -= 1
            self._unsent[entry.first] = entry
            self._unsent.move_to_end(entry.first, last=False)

    def _lose(self, welcome: Welcome) -> None:
        """What a spool does not have and is not here either."""
        lost = welcome.lost - self._lost_said
        if lost <= 0:
            return
        loose, count = self._loose.take_last(lost)
        durable, _ = self._past.take_last(lost - count)
        self._durable.less(durable)
        for gone in (durable, loose):
            self.held.less(gone)
            self.lost.plus(gone)
        self._named = min(self._named, welcome.refused)  # what was refused among them is forgotten there

    def _leave_broker(self) -> None:
        """Another one has another disk, or none: what was held and is not durable is lost or here."""
        if self.spools:
            loose = self._loose.take_beyond(0)
            self.held.less(loose)
            self.lost.plus(loose)
            self._count_unnamed(self._unnamed)  # not more than are left: which ones they were is not known
            self._durable.messages = max(self._durable.messages - self._unnamed, 0)
        self.held.less(self._of_epoch)
        self.lost.move(self._of_epoch)
        for entry in (*self._unsent.values(), *self._kept):
            entry.is_named = False
        while self._kept:  # held by a broker that is not known to: as if it had come from here
            entry = self._kept.popleft()
            self.bytes -= entry.size + ENTRY_COST
            if entry.is_counted:
                self.kept.add(entry, -1)
                self._of_epoch.add(entry)
        self._named = self._unnamed = 0

    @property
    def known(self) -> dict[str, bytes | int]:
        """What the next hello says of the spool that the last welcome told of."""
        if not self._spool:
            return {}
        return {"spool": self._spool, "since": self._since, "forgot": self._forgot}

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
        return not (self._unsent or self._sent or self._kept or self._loose)

    @property
    def durable(self) -> Amount:
        """What survives the broker's end. Refused ones that have no name are taken for durable so far."""
        durable = self._durable.amount()
        unnamed = min(self._unnamed, durable.messages) if self.spools else 0
        return Amount(durable.messages - unnamed, durable.rows, durable.bytes)

    @property
    def unprotected(self) -> Amount:
        """What only the broker's memory has."""
        return self._loose.total.amount()

    @property
    def sent_up_to(self) -> int:
        """The last message sent on this link; where there is none, the last that was held when it began."""
        return self._sent[-1].seq if self._sent else self._sent_up_to

    def rest(self) -> Iterator[Single]:
        """The messages that are not where they belong, in order: held and not durable, or not held."""
        waiting: Iterable[Entry] = (*self._kept, *self._sent, *self._unsent.values())
        return (entry.message for entry in waiting if entry.message is not None and entry.is_counted)
