"""A subscriber's state machine, and the set of numbers that tells repeats."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec.contact import BACKOFF_S
from rrsdk.codec.envelope import Kind, Phase, Stamp, pack_place
from rrsdk.sources.missed import Missed
from rrsdk.sources.received import Received
from rrsdk.sources.subscription import (
    Arrived,
    Instruction,
    IsOver,
    Open,
    PastIsOver,
    Say,
    State,
    Subscription,
)

PRODUCER = bytes(16)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 40)), max_size=200))
def test_received_is_a_set(numbers: list[tuple[int, int]]) -> None:
    received, model = Received(), set[tuple[int, int]]()
    for producer, number in numbers:
        assert received.add(bytes([producer]), number) == ((producer, number) not in model)
        model.add((producer, number))
    starts = sum((producer, number - 1) not in model for producer, number in model)
    assert len(received) == starts


class Broker:
    """As much of one as a subscription talks to."""

    def __init__(self, epoch: int, subscription: Subscription) -> None:
        self.epoch, self.subscription, self.running, self.now = epoch, subscription, 0, 0.0

    def word(self, **word: Any) -> list[Instruction]:
        return self.subscription.word(word, self.now)

    def welcome(self) -> list[Instruction]:
        self.running = 0
        return self.word(t="subscribed", v=1, epoch=self.epoch, join=0, credit=10**6)

    def deliver(self, seq: int, *, size: int = 10, running: int | None = None) -> list[Instruction]:
        self.running = self.running + 1 if running is None else running
        stamp = Stamp(Kind.CHUNK, self.running, PRODUCER, self.epoch, seq, size, Phase.LIVE).pack()
        place = pack_place(seq, b"where")
        return self.subscription.delivery(stamp, place, [b"x" * size], size, self.now)


def started(*, credit_bytes: int = 800, live: bool = True) -> tuple[Subscription, Broker]:
    subscription = Subscription(credit_bytes=credit_bytes, live=live, jitter=lambda: 0.5)
    said = subscription.tick(0.0)
    assert isinstance(said[0], Open)
    broker = Broker(7, subscription)
    assert broker.welcome() == []
    assert subscription.state is State.UP
    return subscription, broker


def words(instructions: list[Instruction]) -> list[dict[str, Any]]:
    return [dict(each.word) for each in instructions if isinstance(each, Say)]


def arrived(subscription: Subscription) -> list[Arrived]:
    found = [event for event in subscription.events if isinstance(event, Arrived)]
    subscription.events.clear()
    return found


def test_what_is_consumed_is_reported_by_shares_and_at_the_end() -> None:
    subscription, broker = started()
    for seq in range(1, 31):
        broker.deliver(seq)
    said = [word for each in arrived(subscription) for word in words(subscription.consumed(each))]
    assert [word["bytes"] for word in said] == [100, 200, 300]


def test_going_on_behind_the_last_delivery() -> None:
    subscription, broker = started()
    broker.deliver(1)
    said = subscription.broken("cut", 1.0)
    assert isinstance(said[0], Open)
    (subscribe,) = words(said)
    assert subscribe["resume"] == {"epoch": 7, "place": pack_place(1, b"where")}
    assert subscribe["credit"] == 800 - 10  # what waits here still counts
    broker.welcome()
    broker.deliver(2)
    assert len(arrived(subscription)) == 2


def test_a_gap_in_the_running_number_is_a_broken_connection() -> None:
    subscription, broker = started()
    broker.deliver(1)
    assert broker.deliver(3, running=3) == [], "not at once: that it began well is no news"
    said = subscription.tick(BACKOFF_S)
    assert words(said)[0]["resume"]["place"] == pack_place(1, b"where")


def test_what_a_new_broker_sends_again_comes_once() -> None:
    subscription, broker = started()
    for seq in (3, 1, 2):
        broker.deliver(seq)
    subscription.broken("killed", 1.0)
    anew = Broker(8, subscription)
    anew.welcome()
    for seq in (2, 3, 4):
        anew.deliver(seq)
    assert len(arrived(subscription)) == 4
    assert subscription.repeats == 2


def test_store_infos_from_a_hello_are_no_repeats() -> None:
    subscription, broker = started()
    broker.deliver(0)
    broker.deliver(0)
    assert len(arrived(subscription)) == 2


def test_words_become_events() -> None:
    subscription, broker = started(live=False)
    broker.word(t="missed", messages=2, rows=3, bytes=4)
    broker.word(t="live", index=5)
    broker.word(t="live", index=5)
    said = broker.word(t="end")
    assert subscription.events == [Missed(2, 3, 4), PastIsOver(), IsOver()]
    assert words(said) == [{"t": "bye"}]
    assert subscription.state is State.OVER


def test_silence_is_asked_about_and_then_a_new_connection() -> None:
    subscription, _ = started()
    now, said = 0.0, list[dict[str, Any]]()
    while subscription.number == 1:
        now += 0.1
        said += words(subscription.tick(now))
    assert said[0] == {"t": "ping"}
    assert 4.9 < now < 5.3


def test_nobody_there_is_asked_again_with_patience() -> None:
    subscription = Subscription(credit_bytes=1, jitter=lambda: 1.0)
    said = [each for tenth in range(600) for each in subscription.tick(tenth / 10)]
    assert 8 <= sum(isinstance(each, Open) for each in said) <= 15


@pytest.mark.parametrize(
    "word",
    [
        {"t": "missed"},
        {"t": "missed", "messages": -1, "bytes": 0},
        {"t": "subscribed", "v": 9, "epoch": 1},
        {"t": "error", "reason": "no", "fatal": True},
        {"t": "gone"},
    ],
)
def test_what_makes_no_sense_or_is_final_ends_the_connection(word: dict[str, Any]) -> None:
    subscription, broker = started()
    if word["t"] == "subscribed":
        subscription.broken("cut", 0.0)
    broker.word(**word)
    assert subscription.state is not State.UP
    assert subscription.last_error


@pytest.mark.parametrize(("stamp", "place", "size"), [(b"x" * 52, b"p" * 8, 1), (b"", b"p" * 8, 1)])
def test_deliveries_that_make_no_sense(stamp: bytes, place: bytes, size: int) -> None:
    subscription, _ = started()
    subscription.delivery(stamp, place, [b"x"], size, 0.0)
    assert "no sense" in subscription.last_error
    assert not subscription.events
