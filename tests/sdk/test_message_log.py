"""The store and what is replayed from it, against models that are lists."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rrsdk.broker.replay import IsOver, Lost, PastIsOver, Replay, Send
from rrsdk.codec.envelope import Kind, Phase
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.store.entry import BYTES_COST, ENTRY_COST, Entry, Lifetime, Tally
from rrsdk.store.message_log import MessageLog
from rrsdk.store.shelf import Shelf

STORES = [StoreId(StoreKind.RECORDING, "app", name) for name in "abc"]
PRODUCER = bytes(16)


def put(
    store: MessageLog, lifetime: Lifetime, *, size: int = 10, rows: int = 1, of: StoreId = STORES[0]
) -> Entry:
    at = store.next_index
    return store.append(Kind.CHUNK, lifetime, of, PRODUCER, at + 1, rows, size, (bytes(size),))


class Reader:
    """A subscriber, and what it has been told so far."""

    def __init__(
        self, store: MessageLog, model: list[Entry], stores: frozenset[StoreId] | None, **options
    ) -> None:
        self.stores, self.options = stores, options
        self.join = store.next_index
        self.replay = Replay(store, stores=stores, **options)
        self.past = {entry.at for entry in model}
        self.sent: list[Send] = []
        self.outstanding = self.connected_at = 0
        self.missed = Tally()
        self.missed_before: list[Tally] = []
        self.live_at: int | None = None
        self.over = False

    def wants(self, entry: Entry) -> bool:
        return self.stores is None or entry.store in self.stores

    def consume(self, outstanding: int) -> None:
        """It has taken in all but so many bytes."""
        self.outstanding = outstanding
        sent = sum(each.entry.size for each in self.sent[self.connected_at :])
        self.replay.consumed(sent - outstanding)

    def reconnect(self, store: MessageLog, back: int) -> None:
        """The last few deliveries were lost with the connection; it goes on behind what arrived."""
        keep = max(1, len(self.sent) - back)
        place = self.sent[keep - 1].place
        self.replay = Replay(store, stores=self.stores, place=place, **self.options)
        self.missed = self.missed_before[keep - 1]  # what it was told later it will be told again
        del self.sent[keep:], self.missed_before[keep:]
        self.outstanding, self.connected_at = 0, keep
        self.live_at = None
        self.over = False

    def step(self) -> bool:
        step = self.replay.peek()
        assert self.replay.peek() is step
        if step is None:
            return self.replay.wants_more
        self.replay.done()
        if isinstance(step, Send):
            assert self.wants(step.entry)
            self.outstanding += step.entry.size
            assert self.outstanding <= max(self.options["credit_bytes"], step.entry.size)
            self.sent.append(step)
            self.missed_before.append(self.missed)
        elif isinstance(step, Lost):
            self.missed += step.tally
        elif isinstance(step, PastIsOver):
            assert self.live_at is None
            assert step.join == self.join
            self.live_at = len(self.sent)
        elif isinstance(step, IsOver):
            self.over = True
        return True


class StoreMachine(RuleBasedStateMachine):
    @initialize(limit=st.integers(ENTRY_COST, 30 * ENTRY_COST))
    def begin(self, limit: int) -> None:
        self.store = MessageLog(limit_bytes=limit)
        self.kept: list[Entry] = []  # in the order of the log
        self.all: list[Entry] = []
        self.evicted = {lifetime: Tally() for lifetime in Lifetime}
        self.readers: list[Reader] = []

    @rule(
        lifetime=st.sampled_from(Lifetime),
        size=st.integers(0, 5 * ENTRY_COST),
        rows=st.integers(0, 3),
        of=st.sampled_from(STORES),
    )
    def append(self, lifetime: Lifetime, size: int, rows: int, of: StoreId) -> None:
        entry = put(self.store, lifetime, size=size, rows=rows, of=of)
        assert entry.at == len(self.all)
        assert entry.cost == size + ENTRY_COST + BYTES_COST
        self.all.append(entry)
        self.kept.append(entry)
        for goes in (Lifetime.TEMPORAL, Lifetime.STATIC):
            while sum(e.cost for e in self.kept) > self.store.limit_bytes:
                oldest = next((e for e in self.kept if e.lifetime is goes), None)
                if oldest is None:
                    break
                self.kept.remove(oldest)
                self.evicted[goes] += (1, oldest.rows, oldest.size)

    @precondition(lambda self: len(self.readers) < 4)
    @rule(
        credit=st.integers(1, 4000),
        newest=st.booleans(),
        live=st.booleans(),
        stores=st.none() | st.frozensets(st.sampled_from(STORES)),
    )
    def subscribe(self, credit: int, newest: bool, live: bool, stores: frozenset[StoreId] | None) -> None:
        reader = Reader(self.store, self.kept, stores, credit_bytes=credit, newest_first=newest, live=live)
        self.readers.append(reader)

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), steps=st.integers(1, 30))
    def read(self, data: st.DataObject, steps: int) -> None:
        reader = data.draw(st.sampled_from(self.readers))
        for _ in range(steps):
            if not reader.step():
                break

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def consume(self, data: st.DataObject) -> None:
        reader = data.draw(st.sampled_from(self.readers))
        reader.consume(data.draw(st.integers(0, reader.outstanding)))

    @precondition(lambda self: any(reader.sent for reader in self.readers))
    @rule(data=st.data(), back=st.integers(0, 5))
    def reconnect(self, data: st.DataObject, back: int) -> None:
        reader = data.draw(st.sampled_from([r for r in self.readers if r.sent]))
        reader.reconnect(self.store, back)

    @invariant()
    def as_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        for lifetime in Lifetime:
            shelf = self.store.shelves[lifetime]
            mine = [entry for entry in self.kept if entry.lifetime is lifetime]
            assert [shelf.get(at) for at in range(shelf.first, shelf.end)] == mine
            assert shelf.get(shelf.end) is None
            assert shelf.evicted == self.evicted[lifetime]
            total = (len(mine), sum(e.rows for e in mine), sum(e.size for e in mine))
            assert shelf.held == total
        assert self.store.used_bytes == sum(entry.cost for entry in self.kept)
        free = [entry for entry in self.kept if entry.lifetime is not Lifetime.PERSISTENT]
        assert self.store.used_bytes <= self.store.limit_bytes or not free
        assert self.store.peak_bytes >= self.store.used_bytes

    def teardown(self) -> None:
        for reader in getattr(self, "readers", []):
            self._finish(reader)

    def _finish(self, reader: Reader) -> None:
        reader.replay._credit_bytes = 1 << 60
        reader.options["credit_bytes"] = 1 << 60
        while reader.step():
            pass
        got = [send.entry.at for send in reader.sent]
        assert len(got) == len(set(got)), "something came twice"
        past = [send for send in reader.sent if send.phase is not Phase.LIVE]
        live = [send for send in reader.sent if send.phase is Phase.LIVE]
        assert reader.sent == past + live, "the past is over once"
        assert all(send.entry.at < reader.join for send in past)
        assert [s.entry.at for s in live] == sorted(s.entry.at for s in live if s.entry.at >= reader.join)
        order = [Phase.STORES, Phase.STATIC, Phase.TEMPORAL]
        if reader.options["newest_first"]:
            order = [Phase.STORES, Phase.TEMPORAL, Phase.STATIC]
        expected = sorted(past, key=lambda s: (order.index(s.phase), s.entry.at))
        assert past == expected
        assert reader.over == (not reader.options["live"])
        due = [
            entry
            for entry in self.all
            if reader.wants(entry)
            and (entry.at in reader.past or (entry.at >= reader.join and reader.options["live"]))
        ]
        gone = {entry.at for entry in due} - set(got)
        assert not gone & {e.at for e in self.kept}, "what is kept was not delivered"
        assert set(got) <= {entry.at for entry in due}
        lost = [entry for entry in due if entry.at in gone]
        total = (len(lost), sum(e.rows for e in lost), sum(e.size for e in lost))
        if reader.options["live"]:  # else it may count what came after the past, too
            assert reader.missed == total


TestStore = pytest.mark.campaign(StoreMachine.TestCase)
TestStore.settings = settings(max_examples=max(150, settings().max_examples), stateful_step_count=50)


def test_what_was_missed_is_exact_after_a_reconnect() -> None:
    store = MessageLog(limit_bytes=10 * (ENTRY_COST + BYTES_COST + 10))
    for _ in range(5):
        put(store, Lifetime.TEMPORAL, rows=2)
    replay = Replay(store, credit_bytes=1 << 30)
    steps = []
    for _ in range(3):
        steps.append(replay.peek())
        replay.done()
    assert isinstance(steps[1], Send)
    for number in range(20):
        put(store, Lifetime.TEMPORAL, rows=3, of=STORES[number % 2])
    again = Replay(store, credit_bytes=1 << 30, place=steps[1].place)  # the third was lost on the way
    lost = again.peek()
    # The third to fifth of 2 rows, and of the later ones all but the ten that fit.
    assert lost == Lost(Tally(13, 3 * 2 + 10 * 3, 130))
    again.done()
    assert again.peek() == PastIsOver(5)
    again.done()
    found = []
    while (step := again.peek()) is not None:
        assert isinstance(step, Send)
        found.append(step.entry.at)
        again.done()
    assert found == list(range(15, 25))


def test_a_place_that_never_was_is_refused() -> None:
    store = MessageLog(limit_bytes=1 << 20)
    put(store, Lifetime.TEMPORAL)
    replay = Replay(store, credit_bytes=100)
    step = replay.peek()
    assert isinstance(step, Send)
    for place in (b"", b"x" * 7, bytes(111), b"\xff" * len(step.place)):
        with pytest.raises(FormatError, match="resume"):
            Replay(store, credit_bytes=100, place=place)
    Replay(store, credit_bytes=100, place=step.place)
    numbers = struct.unpack("<14Q", step.place)
    for which in range(1, len(numbers)):  # the first one is for people
        forged = list(numbers)
        forged[which] = 2**64 - 1
        with pytest.raises(FormatError, match="resume"):
            Replay(store, credit_bytes=100, place=struct.pack("<14Q", *forged))


class CountingList(list[Any]):
    """Counts the entries that are moved when the front is cut off."""

    moved = 0

    def __delitem__(self, place: Any) -> None:
        super().__delitem__(place)
        self.moved += len(self)


def test_evicting_moves_an_entry_once_at_most_on_average() -> None:
    shelf = Shelf()
    shelf._entries = counting = CountingList()
    store = MessageLog(limit_bytes=1 << 40)
    for number in range(20_000):
        shelf.add(put(store, Lifetime.TEMPORAL, size=1))
        if number >= 5_000:
            shelf.evict()
    assert 0 < counting.moved <= 20_000


def test_a_shelf_forgets_what_was_evicted() -> None:
    shelf = Shelf()
    store = MessageLog(limit_bytes=1 << 40)
    for _ in range(10_000):
        entry = put(store, Lifetime.TEMPORAL)
        shelf.add(entry)
        if shelf.held.messages > 100:
            shelf.evict()
    assert len(shelf._entries) < 3000
    assert shelf.end == 10_000
    assert shelf.get(9_999) is entry
    while shelf.evict() is not None:
        pass
    assert shelf.cost == 0
    assert shelf.held == (0, 0, 0)
    assert shelf.evicted == (10_000, 10_000, 100_000)
