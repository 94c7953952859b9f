"""A store whose history is elsewhere: what is not in memory is sent all the same; models are lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rrsdk.broker.replay import IsOver, Lost, Replay, Send
from rrsdk.codec.envelope import Kind, Phase
from rrsdk.identity import StoreId
from rrsdk.store.entry import BYTES_COST, ENTRY_COST, Entry, Lifetime, Tally
from rrsdk.store.history import Begin
from rrsdk.store.message_log import MessageLog
from tests.sdk.fake_history import FakeHistory
from tests.sdk.test_message_log import PRODUCER, STORES, Reader, put

BIG = 1 << 60


def tally(entries: list[Entry]) -> Tally:
    return Tally(len(entries), sum(e.rows for e in entries), sum(e.size for e in entries))


class SpoolMachine(RuleBasedStateMachine):
    """Everything that ever came is delivered, or was lost by the history, and then it is told so."""

    @initialize(limit=st.integers(ENTRY_COST, 30 * ENTRY_COST), data=st.data())
    def begin(self, limit: int, data: st.DataObject) -> None:
        self.history = FakeHistory()
        self.all: list[Entry] = []
        before = data.draw(
            st.lists(st.tuples(st.sampled_from(Lifetime), st.sampled_from(STORES)), max_size=8)
        )
        for at, (lifetime, of) in enumerate(before):
            size = 7 * at
            cost = size + ENTRY_COST + BYTES_COST
            entry = Entry(at, Kind.CHUNK, lifetime, of, PRODUCER, at + 1, 1, size, (bytes(size),), cost)
            self.history.add(entry)
            self.all.append(entry)
        self.history.write(len(before))
        first, second, third = (tally(entries) for entries in self.history.entries)
        self.store = MessageLog(
            limit_bytes=limit, history=self.history, begin=Begin(len(before), (first, second, third))
        )
        self.kept: list[Entry] = []  # in memory, in the order of the log
        self.let_go_before = 0
        self.readers: list[Reader] = []
        self.block_bytes = 1
        self.wakes = 0

    def wake(self) -> None:
        self.wakes += 1

    def may_go(self, lifetime: Lifetime) -> Entry | None:
        mine = [entry for entry in self.history.entries[lifetime] if entry in self.kept]
        written = self.history.entries[lifetime][: self.history.ends[lifetime]]
        return mine[0] if mine and mine[0] in written else None

    def trim(self) -> None:
        while (oldest := self.may_go(Lifetime.TEMPORAL)) is not None and oldest.at < self.let_go_before:
            self.kept.remove(oldest)
        for lifetime in (Lifetime.TEMPORAL, Lifetime.STATIC, Lifetime.PERSISTENT):
            while sum(e.cost for e in self.kept) > self.store.limit_bytes:
                goes = self.may_go(lifetime)
                if goes is None:
                    break
                self.kept.remove(goes)

    @rule(
        lifetime=st.sampled_from(Lifetime),
        size=st.integers(0, 5 * ENTRY_COST),
        rows=st.integers(0, 3),
        of=st.sampled_from(STORES),
    )
    def append(self, lifetime: Lifetime, size: int, rows: int, of: StoreId) -> None:
        at = self.store.next_index
        assert at == len(self.all)
        cost = size + ENTRY_COST + BYTES_COST
        entry = Entry(at, Kind.CHUNK, lifetime, of, PRODUCER, at + 1, rows, size, (bytes(size),), cost)
        self.history.add(entry)
        assert put(self.store, lifetime, size=size, rows=rows, of=of) == entry
        self.all.append(entry)
        self.kept.append(entry)
        if sum(e.cost for e in self.kept) > self.store.limit_bytes:
            self.trim()

    @rule(share=st.floats(0, 1), trims=st.booleans())
    def write(self, share: float, trims: bool) -> None:
        self.history.write(round(share * len(self.all)))
        if trims:
            self.store.trim()
            self.trim()

    @rule(share=st.floats(0, 1))
    def let_go(self, share: float) -> None:
        before = round(share * len(self.all))
        self.store.let_go(before_at=before)
        self.let_go_before = max(self.let_go_before, before)
        self.trim()

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        if self.all:
            first = data.draw(st.integers(0, len(self.all) - 1))
            self.history.lost.update(range(first, min(len(self.all), first + 3)))

    @precondition(lambda self: len(self.readers) < 4)
    @rule(
        credit=st.integers(1, 4000),
        newest=st.booleans(),
        live=st.booleans(),
        stores=st.none() | st.frozensets(st.sampled_from(STORES)),
    )
    def subscribe(self, credit: int, newest: bool, live: bool, stores: frozenset[StoreId] | None) -> None:
        options: dict[str, object] = {"credit_bytes": credit, "newest_first": newest, "live": live}
        options |= {"wake": self.wake, "block_bytes": lambda: self.block_bytes}
        self.readers.append(Reader(self.store, self.all, stores, **options))

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), steps=st.integers(1, 30), block_bytes=st.integers(1, 10_000))
    def read(self, data: st.DataObject, steps: int, block_bytes: int) -> None:
        self.block_bytes = block_bytes
        reader = data.draw(st.sampled_from(self.readers))
        for _ in range(steps):
            if not reader.step():
                break

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def consume(self, data: st.DataObject) -> None:
        reader = data.draw(st.sampled_from(self.readers))
        reader.consume(data.draw(st.integers(0, reader.outstanding)))

    @precondition(lambda self: self.history.questions)
    @rule(data=st.data(), looks=st.integers(1, 5) | st.just(1 << 30))
    def answer(self, data: st.DataObject, looks: int) -> None:
        self.history.looks_at_once = looks
        which = data.draw(st.integers(0, len(self.history.questions) - 1))
        before, is_wanted = self.wakes, self.history.questions[which][-1].is_wanted
        self.history.answer(which)
        assert self.wakes == before + is_wanted

    @precondition(lambda self: any(reader.sent for reader in self.readers))
    @rule(data=st.data(), back=st.integers(0, 5))
    def reconnect(self, data: st.DataObject, back: int) -> None:
        reader = data.draw(st.sampled_from([r for r in self.readers if r.sent]))
        reader.replay.close()
        reader.reconnect(self.store, back)

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        reader = data.draw(st.sampled_from(self.readers))
        self.readers.remove(reader)
        before = self.history.wanted
        reader.replay.close()
        assert reader.replay.peek() is None
        assert reader.replay.block_bytes == 0
        if not self.readers:
            assert self.history.wanted == 0
        assert self.history.wanted <= before

    @invariant()
    def as_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        for lifetime in Lifetime:
            shelf = self.store.shelves[lifetime]
            mine = [entry for entry in self.kept if entry.lifetime is lifetime]
            assert [shelf.get(at) for at in range(shelf.first, shelf.end)] == mine
            ever = self.history.entries[lifetime]
            assert shelf.end == len(ever)
            assert shelf.first <= self.history.ends[lifetime] or not mine, "what is not written is kept"
            assert shelf.held == tally(mine)
            assert self.store.on_disk[lifetime] == tally(ever[: len(ever) - len(mine)])
        assert self.store.evicted == Tally()
        assert self.store.used_bytes == sum(entry.cost for entry in self.kept)
        written = [e for entries, end in zip(self.history.entries, self.history.ends) for e in entries[:end]]
        unwritten = sum(e.cost for e in self.kept if e not in written)
        assert self.store.unwritten_bytes == unwritten
        assert self.store.is_full == (unwritten >= self.store.limit_bytes)
        assert self.history.wanted <= 6 * len(self.readers)
        for reader in self.readers:
            assert reader.replay.backlog() >= 0

    def teardown(self) -> None:
        for reader in getattr(self, "readers", []):
            self._finish(reader)

    def _finish(self, reader: Reader) -> None:
        reader.replay._credit_bytes = BIG
        reader.options["credit_bytes"] = BIG
        while reader.step() or self.history.questions:
            if self.history.questions:
                self.history.answer()
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
        assert past == sorted(past, key=lambda s: (order.index(s.phase), s.entry.at))
        assert reader.over == (not reader.options["live"])
        due = [
            entry
            for entry in self.all
            if reader.wants(entry) and (entry.at < reader.join or reader.options["live"])
        ]
        assert all(send.entry == self.all[send.entry.at] for send in reader.sent)
        gone = [entry for entry in due if entry.at not in set(got)]
        assert {entry.at for entry in gone} <= self.history.lost, "what could be read was not delivered"
        assert set(got) <= {entry.at for entry in due}
        assert reader.missed == tally(gone)
        if reader.options["live"]:
            assert reader.replay.backlog() == 0


TestSpool = pytest.mark.campaign(SpoolMachine.TestCase)
TestSpool.settings = settings(max_examples=max(150, settings().max_examples), stateful_step_count=50)


def a_spool(count: int, *, lost: int = 0) -> tuple[MessageLog, FakeHistory, list[Entry]]:
    """So many temporal messages, of which memory has none."""
    history = FakeHistory()
    entries: list[Entry] = []
    for at in range(count):
        entry = Entry(at, Kind.CHUNK, Lifetime.TEMPORAL, STORES[0], PRODUCER, at + 1, 1, 4, (b"data",), 500)
        history.add(entry)
        entries.append(entry)
    history.write(count)
    history.lost.update(range(lost))
    begin = Begin(count, (Tally(), Tally(), Tally(count, count, 4 * count)))
    return MessageLog(limit_bytes=1 << 20, history=history, begin=begin), history, entries


def everything(replay: Replay, answer: Callable[[], None]) -> tuple[list[Entry], Tally]:
    got, missed = [], Tally()
    for _ in range(10_000):
        step = replay.peek()
        if step is None:
            if replay.wants_more:
                continue
            answer()
            continue
        replay.done()
        if isinstance(step, Send):
            got.append(step.entry)
        elif isinstance(step, Lost):
            missed += step.tally
        elif isinstance(step, IsOver):
            break
    return got, missed


def test_a_block_is_read_ahead_and_valid_while_memory_moves_on() -> None:
    store, history, entries = a_spool(10)
    replay = Replay(store, credit_bytes=1 << 20, live=False, block_bytes=lambda: 2000)
    assert replay.peek() is None
    assert not replay.wants_more
    assert len(history.questions) == 1
    history.answer()
    assert isinstance(replay.peek(), Send)
    assert len(history.questions) == 1, "the next one is asked for while this one is sent"
    for at in range(10, 3000):  # all of it goes through memory
        entry = put(store, Lifetime.TEMPORAL, size=1000)
        history.add(entry)
        history.write(at)
    assert store.shelves[Lifetime.TEMPORAL].first > 1000
    got, missed = everything(replay, history.answer)
    assert got == entries
    assert missed == Tally()


def test_nothing_is_asked_of_the_history_where_memory_has_it() -> None:
    history = FakeHistory()
    store = MessageLog(limit_bytes=1 << 20, history=history)
    for _ in range(10):
        history.add(put(store, Lifetime.TEMPORAL))
    history.write(10)
    replay = Replay(store, credit_bytes=1 << 20)
    while replay.peek() is not None:
        replay.done()
    assert replay.sent.messages == 10
    assert not history.questions
    assert not history.answered


def test_what_is_not_written_stays_above_the_limit_and_nothing_should_be_taken_in() -> None:
    history = FakeHistory()
    store = MessageLog(limit_bytes=10_000, history=history)
    for _ in range(50):
        history.add(put(store, Lifetime.TEMPORAL, size=1000))
    assert store.shelves[Lifetime.TEMPORAL].held.messages == 50
    assert store.used_bytes == store.unwritten_bytes > 10_000
    assert store.is_full
    history.write(48)
    assert not store.is_full
    store.trim()
    assert store.used_bytes <= 10_000
    assert store.on_disk[Lifetime.TEMPORAL].messages + store.shelves[Lifetime.TEMPORAL].held.messages == 50
    assert store.evicted == Tally()


def test_persistent_messages_go_last_and_only_to_a_history() -> None:
    history = FakeHistory()
    store = MessageLog(limit_bytes=10_000, history=history)
    for lifetime in Lifetime:
        for _ in range(4):
            history.add(put(store, lifetime, size=1000))
    history.write(12)
    store.trim()
    assert [shelf.held.messages for shelf in store.shelves] == [4, 2, 0]
    assert store.has_room(9_000)
    assert not MessageLog(limit_bytes=10_000).has_room(10_001)
    for _ in range(4):
        history.add(put(store, Lifetime.PERSISTENT, size=1000))
    assert [shelf.held.messages for shelf in store.shelves] == [6, 0, 0]
    history.write(16)
    for _ in range(20):
        history.add(put(store, Lifetime.PERSISTENT, size=1000))
        history.write(100)
        store.trim()
    assert store.used_bytes <= 10_000


def test_the_last_messages_alone_are_kept() -> None:
    store = MessageLog(limit_bytes=1 << 30)
    for _ in range(10):
        put(store, Lifetime.TEMPORAL)
        put(store, Lifetime.STATIC)
    store.let_go(before_at=15)
    assert [shelf.held.messages for shelf in store.shelves] == [0, 10, 2]
    assert store.evicted.messages == 8
    store.let_go(before_at=3)  # further back: nothing comes again, nothing goes
    assert store.shelves[Lifetime.TEMPORAL].held.messages == 2
    put(store, Lifetime.TEMPORAL)
    assert store.shelves[Lifetime.TEMPORAL].held.messages == 3


def test_a_history_that_breaks_its_word_stalls_nobody() -> None:
    store, history, entries = a_spool(3)
    replay = Replay(store, credit_bytes=1 << 20, live=False)

    def nothing() -> None:
        question = history.questions.pop()
        question[-1].end, question[-1].is_done = question[1], True

    got, missed = everything(replay, nothing)
    assert got == []
    assert missed.messages == len(entries)


def test_the_first_block_is_small_and_the_next_ones_grow() -> None:
    store, history, entries = a_spool(4000)
    replay = Replay(store, credit_bytes=1 << 20, live=False, block_bytes=lambda: 1 << 20)
    asked: list[int] = []

    def answer() -> None:
        asked.append(history.questions[0][4])
        history.answer()

    got, _ = everything(replay, answer)
    assert got == entries
    assert asked == [1 << 16, 1 << 18, 1 << 20, 1 << 20]
