"""The producer's link and outbox against a model of the broker and of a network that fails."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec.envelope import Dropped, Kind
from rrsdk.sinks.live import Amount
from rrsdk.sinks.zmq.entry import Tally
from rrsdk.sinks.zmq.link import MAX_NOTES, NOTE_EVERY_S, Instruction, Link, Open, Say, State, Tell
from rrsdk.sinks.zmq.outbox import ENTRY_COST, Offer, Outbox
from rrsdk.sinks.zmq.policy import Block, DropOldest, LatestOnly, Policy, parse_policy
from tests.sdk.pipe_model import PRODUCER, ModelBroker, Network, Spool, chunk, info

BUDGET = 20 * ENTRY_COST
MAX_MESSAGE = 3000
WELCOME = {
    "t": "welcome", "v": 1, "epoch": 1, "data": "x", "held": 0, "durable": 0, "credit": 1,
    "max_message": 1, "spools": False,
}  # fmt: skip

OPERATIONS = st.one_of(
    st.tuples(
        st.just("put"),
        st.integers(0, 2),  # entity
        st.sampled_from([0, 10, 400, 3500]),  # the last is above max_message
        st.sampled_from(["data", "data", "data", "static", "info"]),
    ),
    st.tuples(st.just("burst"), st.integers(1, 15), st.sampled_from([0, 10, 400])),
    st.tuples(st.just("flow")),
    st.tuples(st.just("send"), st.integers(1, 8)),
    st.tuples(st.just("arrive"), st.integers(1, 8)),
    st.tuples(st.just("arrive old"), st.integers(1, 8)),
    st.tuples(st.just("words up")),
    st.tuples(st.just("words down"), st.integers(1, 8)),
    st.tuples(st.just("cut"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("lose words")),
    st.tuples(st.just("restart"), st.integers(0, 12)),  # without so many that were not durable
    st.tuples(st.just("refuse")),
    st.tuples(st.just("durable"), st.integers(1, 5)),
    st.tuples(st.just("advance"), st.sampled_from([0.1, 0.6, 1.1, 3.5, 31.0])),
)


CHANGES = st.one_of(
    st.tuples(
        st.just("power"), st.sampled_from([0, 1, 2, 3, 5, 8, 12, 1000])
    ),  # also without such that were durable
    st.tuples(st.just("other"), st.booleans()),  # whether the one that follows spools
)


class World:
    """One producer, one broker after the other, and what was put."""

    def __init__(self, policy: Policy, *, spools: bool, credit: int) -> None:
        self.is_same = spools
        """One spool, whatever it loses."""
        self.is_steady = True
        """One spool that keeps what it calls durable."""
        self.outbox = Outbox(policy=policy, budget_bytes=BUDGET)
        about = {"name": "test", "pid": 1, "host": "here"}
        self.link = Link(self.outbox, PRODUCER, about=about, jitter=lambda: 0.5)
        self.spools, self.credit = spools, credit
        self.others = 0
        self.brokers = [self._broker()]
        self.network = Network(self.link, self.brokers[0])
        self.put = Amount()
        self.numbers = 0

    def _broker(self, spool: Spool | None = None) -> ModelBroker:
        epoch = len(self.brokers) + 1 if hasattr(self, "brokers") else 1
        return ModelBroker(
            epoch,
            credit=self.credit,
            max_message=MAX_MESSAGE,
            spools=self.spools,
            spool=spool,
            spool_id=bytes([self.others]) * 16,
        )

    def do(self, operation: tuple[Any, ...]) -> None:
        name, *args = operation
        network = self.network
        if name == "put":
            self.offer(*args)
        elif name == "burst":
            for number in range(args[0]):
                self.offer(number % 3, args[1], "data")
            network.flow()
        elif name == "flow":
            network.flow()
        elif name == "send":
            network.send(args[0])
        elif name == "arrive":
            network.arrive(args[0])
        elif name == "arrive old":
            network.arrive(args[0], old=True)
        elif name == "words up":
            network.words_up()
        elif name == "words down":
            network.words_down(args[0])
        elif name == "cut":
            network.cut(args[0], is_noticed=args[1])
        elif name == "lose words":
            network.lose_words()
        elif name == "restart":
            self.restart(*args)
        elif name == "power":
            self.restart(*args, loses_durable=True)
        elif name == "other":
            self.spools = args[0]
            self.restart(is_other=True)
        elif name == "refuse":
            network.broker.refuse_next += 1
        elif name == "durable":
            network.broker.make_durable(args[0])
            network._collect()
        else:
            network.advance(args[0])
        self.check()

    def offer(self, entity: int, size: int, kind: str) -> None:
        self.numbers += 1
        message = (
            info(self.numbers)
            if kind == "info"
            else chunk(self.numbers, size, entity=f"/{entity}", is_static=kind == "static")
        )
        self.put += Amount.of(message)
        if self.outbox.offer(message, is_stuck=self.link.is_stuck()) is Offer.FULL:
            self.outbox.give_up(message, "full")

    def restart(self, back: int = 0, *, loses_durable: bool = False, is_other: bool = False) -> None:
        self.is_steady &= not (loses_durable or is_other)
        self.is_same &= not is_other
        self.others += is_other
        spool = self.network.broker.crash(back, loses_durable=loses_durable)
        self.brokers.append(self._broker(None if is_other else spool))
        self.network.broker = self.brokers[-1]
        self.network.data.clear()
        self.network.old_data.clear()
        self.network.lose_words()
        self.network.follow(self.link.broken("killed", self.network.now))

    def check(self) -> None:
        box = self.outbox
        counted = sum(
            (each.amount() for each in (box.held, box.lost, box.dropped, box.refused, box.waiting)), Amount()
        )
        assert counted == self.put
        assert box.waiting.messages >= 0
        assert box.held.messages >= 0
        assert box.lost.messages >= 0
        durable, held = box.durable, box.held.amount()
        assert 0 <= durable.messages <= held.messages
        assert 0 <= durable.rows <= held.rows
        assert 0 <= durable.bytes <= held.bytes
        if self.spools and self.is_steady:
            kept = box.kept.amount() + box.unprotected
            assert (box._durable.amount() + kept).rows == held.rows
            assert (box._durable.amount() + kept).messages == held.messages + box._unnamed
        amounts = [Tally() for _ in box._kept]
        for amount, entry in zip(amounts, box._kept, strict=True):
            if entry.is_counted:
                amount.add(entry)
        assert sum((each.amount() for each in amounts), Amount()) == box.kept.amount()
        assert box.in_flight == sum(entry.size for entry in box._sent)
        entries = [*box._kept, *box._sent, *box._unsent.values()]
        numbers = [(entry.first, entry.seq) for entry in entries]
        assert all(before[1] + 1 == after[0] for before, after in pairwise(numbers))
        assert not entries or numbers[-1][1] == box.last
        if box.policy != Block() and not box._sent and not box._kept:
            exempt = sum(entry.size + ENTRY_COST for entry in entries if entry.kind == Kind.STORE_INFO)
            marks = sum(ENTRY_COST + 200 for entry in entries if entry.kind == Kind.DROPPED)
            assert box.bytes <= BUDGET + exempt + marks

    def finish(self) -> None:
        self.network.settle()
        self.check()
        box, last = self.outbox, self.brokers[-1]
        assert not box.waiting.amount()
        assert not box.kept.amount()
        assert not box.unprotected
        assert box.bytes == 0
        for broker in self.brokers:  # in order, nothing twice
            numbers = [number for number, _, _ in broker.log]
            assert numbers == sorted(set(numbers))
        received = [entry for entry in last.log if entry[1] in (Kind.CHUNK, Kind.STORE_INFO)]
        ours = [payload[:8] for _, _, payload in received]
        assert ours == sorted(set(ours))
        said = [re.search(r"(\d+) rows that it held are lost", line) for line in self.network.told]
        assert sum(int(each[1]) for each in said if each) == box.lost.rows, "nothing is lost in silence"
        marks = [Dropped.unpack(payload) for _, kind, payload in last.log if kind == Kind.DROPPED]
        dropped = [mark for mark in marks if mark.reason != "refused"]
        if self.is_steady:
            assert box.held.messages == len(received)
        if self.is_same:
            off = box.held.messages - len(received)
            assert abs(off) <= last.lost
            if not (box.dropped.messages or box.refused.messages):  # else it is not known what they were
                assert not off
                assert box.lost.messages == last.lost
        if self.spools and self.is_steady:
            assert box.durable == box.held.amount()
            if not last.lost:
                assert last.refused + len(marks) - len(dropped) == box.refused.messages
            if isinstance(box.policy, Block):
                assert not box.lost.amount()
        if (self.spools and self.is_steady and not last.lost) or len(self.brokers) == 1:
            assert sum(mark.messages for mark in dropped) == box.dropped.messages
            assert sum(mark.rows for mark in dropped) == box.dropped.rows
            assert sum(mark.size for mark in dropped) == box.dropped.bytes
        if len(self.brokers) == 1:
            assert last.refused == box.refused.messages
            assert not box.lost.amount()
        if not self.spools and self.is_steady:
            gone = sum(
                kind in (Kind.CHUNK, Kind.STORE_INFO) for old in self.brokers[:-1] for _, kind, _ in old.log
            )
            assert box.lost.messages <= gone
        assert box.lost.messages <= sum(len(old.log) for old in self.brokers[:-1]) + last.lost


@given(
    st.lists(OPERATIONS, min_size=20, max_size=100),
    st.sampled_from([Block(), DropOldest(), LatestOnly()]),
    st.booleans(),
    st.sampled_from([0, 500, 5000]),
)
@settings(max_examples=200)
def test_whatever_fails_everything_is_counted_once(
    operations: list[tuple[Any, ...]], policy: Policy, spools: bool, credit: int
) -> None:
    world = World(policy, spools=spools, credit=credit)
    world.network.advance(0.0)
    for operation in operations:
        world.do(operation)
    world.finish()


@given(
    st.lists(st.one_of(OPERATIONS, CHANGES), min_size=20, max_size=100),
    st.sampled_from([Block(), DropOldest(), LatestOnly()]),
    st.booleans(),
    st.sampled_from([0, 500, 5000]),
)
@settings(max_examples=200)
def test_whatever_disk_the_broker_has_everything_is_counted_once(
    operations: list[tuple[Any, ...]], policy: Policy, spools: bool, credit: int
) -> None:
    test_whatever_fails_everything_is_counted_once.hypothesis.inner_test(operations, policy, spools, credit)


@pytest.mark.campaign
@given(
    st.lists(st.one_of(OPERATIONS, CHANGES), max_size=400),
    st.sampled_from([Block(), DropOldest(), LatestOnly()]),
    st.booleans(),
    st.sampled_from([0, 500, 5000]),
)
@settings(max_examples=20)
def test_the_same_for_longer(
    operations: list[tuple[Any, ...]], policy: Policy, spools: bool, credit: int
) -> None:
    test_whatever_fails_everything_is_counted_once.hypothesis.inner_test(operations, policy, spools, credit)


def connected(policy: Policy, *, credit: int = 10**6) -> World:
    world = World(policy, spools=False, credit=credit)
    world.network.advance(0.0)
    world.network.words_up()
    world.network.words_down(10)
    assert world.link.state is State.UP
    return world


def test_a_killed_broker_takes_what_it_held_with_it() -> None:
    world = connected(Block())
    for _ in range(5):
        world.offer(0, 10, "data")
    world.network.settle()
    assert world.outbox.held.messages == 5
    world.restart()
    world.offer(0, 10, "data")
    world.finish()
    assert (world.outbox.lost.messages, world.outbox.lost.rows, world.outbox.held.messages) == (5, 15, 1)
    assert world.network.told == ["was started anew: 15 rows that it held are lost"]


def spooling(policy: Policy, messages: int, *, durable: int) -> World:
    """A world where so many messages are held, and some durable."""
    world = World(policy, spools=True, credit=10**6)
    world.network.advance(0.0)
    world.network.flow()
    for number in range(messages):
        world.offer(number % 3, 10, "data")
        world.network.flow()
        if number + 1 == durable:
            world.network.broker.make_durable(durable)
            world.network.flow()
    assert world.outbox.held.messages == messages
    assert world.outbox.durable.messages == durable
    return world


def test_durable_survives_and_the_rest_is_sent_again() -> None:
    world = spooling(Block(), 8, durable=3)
    assert world.outbox.next == 4
    assert not world.outbox.is_clear
    world.restart(4)
    world.network.advance(0.2)
    world.network.words_up()
    world.network.words_down(10)
    box = world.outbox
    assert (box.held.messages, box.durable.messages, box.waiting.messages) == (4, 4, 4)
    world.finish()
    assert (box.held.messages, box.lost.messages) == (8, 0)
    assert not world.network.told


def test_bye_says_what_was_sent_and_not_what_is_still_kept() -> None:
    world = spooling(Block(), 8, durable=3)
    (said,) = world.link.bye()
    assert isinstance(said, Say)
    assert (said.word["sent"], said.word["lost_rows"]) == (8, 0)


def test_what_a_spool_loses_although_it_was_durable_is_lost_and_said_once() -> None:
    world = spooling(Block(), 8, durable=8)
    world.restart(3, loses_durable=True)
    world.network.settle()
    for _ in range(2):
        world.restart()
        world.offer(0, 10, "data")
        world.finish()
    box = world.outbox
    assert (box.held.messages, box.lost.messages, box.lost.rows) == (7, 3, 9)
    assert world.network.told == ["was started anew: 9 rows that it held are lost"]


def test_a_spool_that_loses_all_it_knew_of_a_producer_is_the_same_spool() -> None:
    world = spooling(Block(), 8, durable=8)
    world.restart(3, loses_durable=True)
    world.network.settle()
    for _ in range(4):
        world.offer(0, 10, "data")
    world.network.settle()
    world.restart(1000, loses_durable=True)  # the first five, and the last four
    world.network.settle()
    world.offer(0, 10, "data")
    world.restart()
    world.finish()
    box = world.outbox
    assert (box.held.messages, box.lost.messages, box.lost.rows) == (1, 12, 36)
    assert world.network.told == [f"was started anew: {rows} rows that it held are lost" for rows in (9, 27)]


def test_a_full_buffer_waits_for_the_disk() -> None:
    world = spooling(Block(), 18, durable=0)
    for _ in range(10):
        world.offer(0, 10, "data")
    assert world.outbox.dropped.messages > 0
    assert not world.outbox.unprotected
    world.restart(100)
    world.finish()
    assert not world.outbox.lost.messages


@pytest.mark.parametrize("policy", [DropOldest(), LatestOnly()])
def test_under_policies_that_do_not_wait_the_brokers_memory_is_trusted(policy: Policy) -> None:
    world = spooling(policy, 40, durable=0)
    box = world.outbox
    assert box.bytes <= BUDGET
    assert not box.dropped.messages
    assert box.unprotected.messages + box.kept.messages == 40
    kept = box.kept.messages
    world.network.follow(world.link.broken("cut", world.network.now))
    for _ in range(40):  # a broker that is not there may have ended: what is kept stays
        world.offer(0, 10, "data")
    assert box.kept.messages == kept
    world.restart(100)
    world.network.settle()
    assert box.lost.messages == 40 - kept
    assert world.network.told == [f"was started anew: {3 * (40 - kept)} rows that it held are lost"]


def test_flushing_waits_for_what_only_the_broker_has() -> None:
    world = spooling(DropOldest(), 3, durable=0)
    for _ in range(3):
        world.outbox._let_go()
    assert world.outbox.unprotected.messages == 3
    assert not world.outbox.bytes
    assert not world.outbox.is_clear
    world.network.broker.make_durable(3)
    world.network.flow()
    assert world.outbox.durable.messages == 3


@pytest.mark.parametrize("spools", [True, False])
def test_another_spool_or_none(spools: bool) -> None:
    world = spooling(Block(), 8, durable=3)
    world.spools = spools
    world.restart(is_other=True)
    world.network.settle()
    box = world.outbox
    assert (box.held.messages, box.lost.messages, box.durable.messages) == (8, 0, 8 if spools else 3)
    world.restart(is_other=True)
    world.network.settle()
    assert (box.held.messages, box.lost.messages) == (8, 0) if spools else (3, 5)


def test_what_only_another_broker_had_in_memory_is_lost() -> None:
    world = spooling(DropOldest(), 40, durable=0)
    unprotected = world.outbox.unprotected.messages
    assert unprotected
    world.restart(is_other=True)
    world.finish()
    assert world.outbox.lost.messages == unprotected
    assert world.outbox.held.messages == 40 - unprotected


@pytest.mark.parametrize(("messages", "refused"), [(2, 8), (0, 6)])
def test_refusals_of_which_no_word_came_at_another_spool(messages: int, refused: int) -> None:
    world = spooling(Block(), messages, durable=messages)
    for _ in range(8):  # two of the words are lost
        world.network.broker.refuse_next += 1
        world.offer(0, 10, "data")
        world.network.flow()
    if messages:
        world.network.broker.make_durable(8)
        world.network.flow()
    world.restart(is_other=True)
    world.finish()
    box = world.outbox
    assert box.refused.messages == refused  # where nothing was durable, two were sent again, and taken
    assert box.durable.messages == box.held.messages == messages + 8 - refused


def test_refusals_of_which_no_word_came_are_counted_once_over_restarts() -> None:
    world = spooling(Block(), 2, durable=2)
    for _ in range(8):  # two of the words are lost
        world.network.broker.refuse_next += 1
        world.offer(0, 10, "data")
        world.network.flow()
    box = world.outbox
    assert (box.refused.messages, box.held.messages, box._unnamed) == (8, 2, 2)
    world.network.broker.make_durable(5)
    world.network.flow()
    world.restart(1)
    world.finish()
    assert (box.refused.messages, box.held.messages) == (7, 3)  # the last one had no name: it was taken now
    world.restart(100)
    world.finish()
    assert (box.refused.messages, box.held.messages) == (7, 3)
    assert box.durable.messages == 3


def test_notes_are_passed_on_once_and_in_the_long_run_not_too_often() -> None:
    world = connected(Block())

    def told(line: str, now: float) -> int:
        return len(world.link.word({"t": "note", "text": line}, now))

    assert [told("full", 1.0), told("full", 2.0), told("again", 3.0)] == [1, 0, 1]
    assert sum(told(str(number), 4.0) for number in range(200)) == MAX_NOTES - 2
    assert [told("x", 4.0 + NOTE_EVERY_S), told("y", 5.0 + NOTE_EVERY_S)] == [1, 0]


def test_a_new_broker_hears_of_stores_announced_before() -> None:
    world = connected(Block())
    world.offer(0, 0, "info")
    world.network.settle()
    world.restart()
    world.offer(0, 10, "data")
    world.finish()
    assert world.brokers[-1].infos == [(1).to_bytes(8, "big")]


def test_the_oldest_make_room_and_what_is_exempt_stays() -> None:
    world = World(DropOldest(), spools=False, credit=10**6)
    world.offer(0, 10, "static")
    for _ in range(100):
        world.offer(0, 10, "data")
    assert world.outbox.bytes <= BUDGET
    world.finish()
    kinds = [(number, kind) for number, kind, _ in world.brokers[0].log]
    assert kinds[0] == (1, Kind.CHUNK)
    assert kinds[1][1] == Kind.DROPPED
    assert [number for number, _ in kinds[2:]] == list(range(kinds[1][0] + 1, 102))


def test_only_the_latest_of_each_entity_waits() -> None:
    world = World(LatestOnly(), spools=False, credit=10**6)
    for round_ in range(5):
        for entity in range(3):
            world.offer(entity, round_, "data")
    world.finish()
    chunks = [number for number, kind, _ in world.brokers[0].log if kind == Kind.CHUNK]
    assert chunks == [13, 14, 15]
    assert world.outbox.dropped.messages == 12


def test_bytes_under_way_stay_below_the_credit() -> None:
    world = connected(Block(), credit=1000)
    for _ in range(5):
        world.offer(0, 400, "data")
    world.network.send(100)
    assert len(world.network.data) == 2
    assert world.link.is_stuck()


def test_one_message_may_exceed_the_credit_when_nothing_else_is_under_way() -> None:
    world = connected(Block(), credit=100)
    world.offer(0, 400, "data")
    world.offer(0, 400, "data")
    world.network.send(100)
    assert len(world.network.data) == 1


def test_what_the_broker_does_not_take_is_declared_dropped() -> None:
    world = connected(Block())
    world.offer(0, MAX_MESSAGE + 1, "data")
    world.offer(0, 1, "data")
    world.finish()
    assert [kind for _, kind, _ in world.brokers[0].log] == [Kind.DROPPED, Kind.CHUNK]
    assert world.outbox.dropped.messages == 1


def test_a_silent_broker_gets_a_new_link_with_growing_patience() -> None:
    world = World(Block(), spools=False, credit=0)
    opened = []
    for _ in range(400):
        before = world.link.number
        world.network.advance(0.1)
        if world.link.number != before:
            opened.append(world.network.now)
    gaps = [after - before for before, after in pairwise(opened)]
    assert gaps[0] < gaps[3] < gaps[-1] <= 8.2
    assert "answer" in world.link.last_error


def test_a_link_that_breaks_at_once_is_not_opened_in_a_loop() -> None:
    world = connected(Block())
    opened = 0
    for _ in range(100):
        world.network.follow(world.link.broken("cut", world.network.now))
        world.network.advance(0.01)
        if world.link.state is State.HELLO:
            opened += 1
            world.network.words_up()
            world.network.words_down(10)
    assert opened < 10


@pytest.mark.parametrize(
    "word",
    [
        {"t": "ack"},
        {"t": "ack", "held": -1, "durable": 0, "credit": 0},
        {"t": "ack", "held": 99, "durable": 0, "credit": 0},
        {"t": "ack", "held": "1", "durable": 0, "credit": 0},
        {"t": "rewind", "next": None},
        {"t": "refused", "seq": 2**70},
    ],
)
def test_a_broker_that_talks_nonsense_is_left(word: dict[str, Any]) -> None:
    world = connected(Block())
    instructions = world.link.word(word, world.network.now)
    assert any(isinstance(each, Open) for each in instructions)
    assert "no sense" in world.link.last_error


@pytest.mark.parametrize(
    "welcome",
    [
        {"v": 2},
        {"held": 7},
        {"epoch": None},
        {"data": 5},
    ],
)
def test_a_welcome_that_makes_no_sense_is_none(welcome: dict[str, Any]) -> None:
    world = World(Block(), spools=False, credit=0)
    world.network.advance(0.0)
    world.network.follow(world.link.word({**WELCOME, **welcome}, 0.0))
    assert world.link.state is not State.UP
    assert "no sense" in world.link.last_error


def test_a_fatal_error_is_said_and_tried_again_later() -> None:
    world = World(Block(), spools=False, credit=0)
    world.network.advance(0.0)
    world.network.follow(world.link.word({"t": "error", "reason": "too many clients", "fatal": True}, 0.0))
    assert world.link.state is State.REST
    assert "too many clients" in world.link.last_error
    assert world.link.due() >= 4.9


def lines(instructions: list[Instruction]) -> list[str]:
    return [each.line for each in instructions if isinstance(each, Tell)]


def test_a_broker_that_is_not_there_is_said_once_and_then_that_it_is() -> None:
    world = World(Block(), spools=False, credit=0)
    said = {at: lines(world.link.tick(float(at))) for at in range(30)}
    assert [line for each in said.values() for line in each] == [
        "cannot be reached (the broker does not answer): what is logged waits"
    ]
    assert not any(said[at] for at in range(6)), "a program that ends soon says it at its end"
    assert lines(world.link.word(WELCOME, 30.0)) == ["is reached"]
    assert lines(world.link.broken("cut", 31.0)) == []
    assert lines(world.link.word(WELCOME, 32.0)) == []


def test_a_broker_that_refuses_is_said_too() -> None:
    world = World(Block(), spools=False, credit=0)
    error = {"t": "error", "reason": "too many clients", "fatal": True}
    said = []
    for at in range(30):
        world.link.tick(float(at))
        said += lines(world.link.word(error, float(at)))
    assert said == ["cannot be reached (the broker refuses: too many clients): what is logged waits"]


def test_policies_by_name() -> None:
    assert parse_policy("block(2.5)") == Block(2.5)
    for policy in (Block(), DropOldest(), LatestOnly()):
        assert parse_policy(str(policy)) == policy
    with pytest.raises(Exception, match="drop-oldest"):
        parse_policy("drop-newest")
