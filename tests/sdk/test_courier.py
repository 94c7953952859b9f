"""The courier of the gRPC sink, with a carrier that breaks when told to: nothing uncounted, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.sinks.grpc.carrier import BrokenError
from rrsdk.sinks.grpc.courier import Courier, Parcel, Policy
from rrsdk.sinks.live import Amount, SinkStatus

PATIENCE_S = 30.0
ROOMY = Policy(buffer_bytes=1_000_000, block_s=5.0, drop_oldest=False)


class World:
    """A server, and what becomes of the connections to it."""

    def __init__(self, breaks: dict[int, int] | None = None) -> None:
        self.arrived: list[bytes] = []
        self.breaks = breaks or {}
        """At which messages, counted over all, a connection breaks, and how many of the last never left."""
        self.sent = 0
        self.connections = 0
        self.is_up = threading.Event()
        self.is_up.set()
        self.takes = threading.Event()
        self.takes.set()
        self.legs = 0


class FakeCarrier:
    def __init__(self, world: World) -> None:
        self._world = world
        self._leg: list[bytes] = []
        self._unsent = 0
        self._is_new = True
        self._given_up = False
        self.is_closed = self.is_abandoned = False

    def connect(self, timeout_s: float) -> bool:
        if not self._world.is_up.wait(0.01):
            raise BrokenError("nobody answers")
        is_new, self._is_new = self._is_new, False
        self._world.connections += is_new
        return is_new

    def begin(self) -> None:
        self._leg, self._unsent = [], 0
        self._world.legs += 1

    def send(self, message: bytes) -> None:
        while not self._world.takes.wait(0.01):
            if self._given_up:
                raise BrokenError("given up")
        self._world.sent += 1
        self._leg.append(message)
        if self._world.sent in self._world.breaks:
            never_left = min(self._world.breaks.pop(self._world.sent), len(self._leg))
            # The one at hand is known not to be sent without being told.
            self._unsent = max(never_left - 1, 0)
            self._world.arrived += self._leg[: max(len(self._leg) - 1 - self._unsent, 0) // 2]
            raise BrokenError("cut")

    def finish(self, patience: Callable[[], bool]) -> None:
        self._world.arrived += self._leg

    def unsent(self) -> int:
        return self._unsent

    def close(self) -> None:
        self.is_closed = True

    def give_up(self) -> None:
        self._given_up = True

    def abandon(self) -> None:
        self.is_abandoned = True


def parcel(number: int, *, size: int = 10, keep: bool = False) -> Parcel:
    return Parcel(b"%0*d" % (size, number), Amount(1, 1, size), may_be_dropped=not keep)


def courier_of(world: World, policy: Policy = ROOMY) -> Courier:
    return Courier("rerun+http://test", policy, lambda: FakeCarrier(world), backoff_s=0.001)


def add_up(status: SinkStatus, put: int) -> None:
    assert status.sent == status.held + status.lost
    assert not status.waiting
    assert status.held.messages + status.lost.messages + status.dropped.messages == put


def test_what_is_put_arrives_in_order() -> None:
    world = World()
    courier = courier_of(world)
    for number in range(1000):
        courier.put(parcel(number))
    assert courier.flush(PATIENCE_S)
    assert world.arrived == [b"%010d" % number for number in range(1000)]
    assert courier.close(PATIENCE_S)
    assert courier.close(PATIENCE_S), "closing twice is allowed"
    status = courier.status()
    assert status.state == "closed"
    assert status.held == Amount(1000, 1000, 10_000)
    add_up(status, 1000)


@given(
    breaks=st.dictionaries(st.integers(1, 60), st.integers(0, 5), max_size=4),
    flushes=st.sets(st.integers(0, 49)),
)
@settings(max_examples=25)
def test_whatever_breaks_all_is_accounted_for(breaks: dict[int, int], flushes: set[int]) -> None:
    world = World(dict(breaks))
    courier = courier_of(world)
    for number in range(50):
        courier.put(parcel(number))
        if number in flushes:
            courier.flush(PATIENCE_S)
    courier.close(PATIENCE_S)
    status = courier.status()
    add_up(status, 50)
    assert len(set(world.arrived)) == len(world.arrived), "nothing twice"
    assert world.arrived == sorted(world.arrived), "in order"
    assert status.held.messages <= len(world.arrived) <= status.held.messages + status.lost.messages
    assert not status.dropped


def test_stores_are_announced_on_every_connection() -> None:
    world = World({3: 0})
    courier = courier_of(world)
    courier.put(Parcel(b"info", Amount(1, 0, 4), "store", may_be_dropped=False))
    assert courier.flush(PATIENCE_S)
    courier.put(parcel(1))
    courier.put(parcel(2))
    courier.flush(PATIENCE_S)
    courier.put(parcel(3))
    courier.close(PATIENCE_S)
    assert world.connections == 2
    assert world.arrived.count(b"info") == 2
    assert courier.status().sent.messages == 4, "what is said again is not counted again"


def test_a_full_queue_blocks_and_then_drops_what_comes() -> None:
    world = World()
    world.takes.clear()
    courier = courier_of(world, Policy(buffer_bytes=100, block_s=0.05, drop_oldest=False))
    for number in range(40):
        courier.put(parcel(number))
    courier.put(parcel(40, keep=True))
    dropped = courier.status().dropped.messages
    assert dropped > 20
    world.takes.set()
    assert courier.flush(PATIENCE_S)
    status = courier.status()
    add_up(status, 41)
    assert world.arrived[:10] == [b"%010d" % number for number in range(10)]
    assert world.arrived[-1] == b"%010d" % 40, "what must stay stays"
    assert "dropped" in status.last_error
    courier.close(PATIENCE_S)


def test_the_oldest_goes_first_where_that_is_wanted() -> None:
    world = World()
    world.is_up.clear()
    courier = courier_of(world, Policy(buffer_bytes=100, block_s=0.05, drop_oldest=True))
    courier.put(parcel(0, keep=True))
    for number in range(1, 50):
        courier.put(parcel(number))
    world.is_up.set()
    assert courier.flush(PATIENCE_S)
    assert world.arrived == [b"%010d" % number for number in [0, *range(41, 50)]]
    add_up(courier.status(), 50)
    courier.close(PATIENCE_S)


def test_a_flush_that_is_too_short_says_what_is_missing() -> None:
    world = World()
    world.is_up.clear()
    courier = courier_of(world)
    for number in range(3):
        courier.put(parcel(number))
    given_up = courier.flush(0.2)
    assert (given_up.done, given_up.messages, given_up.rows, given_up.bytes) == (False, 3, 3, 30)
    assert "nobody answers" in given_up.why
    assert courier.status().state == "connecting"
    assert not courier.close(0.1)
    add_up(courier.status(), 3)
    courier.put(parcel(4))
    assert courier.status().dropped.messages == 4, "what comes after the end is counted too"


def test_closing_ends_what_blocks() -> None:
    world = World()
    courier = courier_of(world)
    courier.put(parcel(0))
    assert courier.flush(PATIENCE_S)
    world.takes.clear()
    for number in range(1, 6):
        courier.put(parcel(number))
    ended = courier.close(0.1)
    assert not ended
    assert ended.messages == 5
    add_up(courier.status(), 6)


@pytest.mark.parametrize("has_begun", [False, True])
def test_abandoning_is_beginning_anew(has_begun: bool) -> None:
    world = World()
    courier = courier_of(world)
    if has_begun:
        courier.put(Parcel(b"info", Amount(1, 0, 4), "store", may_be_dropped=False))
        assert courier.flush(PATIENCE_S)
    courier.abandon()
    assert courier.status() == SinkStatus("rerun+http://test", "open")
    courier.put(parcel(1))
    assert courier.close(PATIENCE_S)
    assert world.arrived == [b"info", b"info", b"%010d" % 1][2 * (not has_begun) :]
