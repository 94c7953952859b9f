"""Subscribers side by side: what goes wrong with one of them is nothing to the others."""

from __future__ import annotations

import pytest

from rrsdk.broker.audience import Audience
from rrsdk.broker.replay import Send, Step
from rrsdk.codec.envelope import Kind
from rrsdk.store.entry import Entry, Lifetime, Tally
from rrsdk.store.history import Begin
from rrsdk.store.message_log import MessageLog
from tests.sdk.fake_history import FakeHistory


def test_a_fault_with_one_costs_its_seat_and_no_turn_of_the_others() -> None:
    store = MessageLog(limit_bytes=1 << 20)
    audience = Audience(store, epoch=1, newest_first=False, credit_limit=1 << 20)
    got: dict[bytes, int] = {}

    def broken(_step: Step, _running: int) -> bool:
        raise RuntimeError("whatever it is")

    for name in (b"first", b"broken", b"last"):

        def outlet(step: Step, _running: int, name: bytes = name) -> bool:
            got[name] = got.get(name, 0) + isinstance(step, Send)
            return True

        audience.add(name, broken if name == b"broken" else outlet, now=0.0, credit=1 << 16)
    for number in range(5):
        store.append(Kind.CHUNK, Lifetime.TEMPORAL, None, bytes(16), number + 1, 1, 1, (b"x",))
    with pytest.raises(RuntimeError):
        audience.serve()
    assert got == {b"first": 5, b"last": 5}
    assert set(audience.seats) == {b"first", b"last"}
    assert audience.vanished == 1
    assert not audience.serve() or not audience.serve()


def test_what_comes_from_disk_wakes_and_whoever_leaves_is_not_answered() -> None:
    history = FakeHistory()
    history.written = [0, 0, 5]
    begin = Begin(5, (Tally(), Tally(), Tally(5, 5, 5)))
    store = MessageLog(limit_bytes=1 << 20, history=history, begin=begin)
    woken: list[bool] = []
    audience = Audience(
        store, epoch=1, newest_first=False, credit_limit=1 << 20, wake=lambda: woken.append(True)
    )
    got: list[Step] = []

    def outlet(step: Step, _running: int) -> bool:
        got.append(step)
        return True

    for at in range(5):
        entry = Entry(at, Kind.CHUNK, Lifetime.TEMPORAL, None, bytes(16), at + 1, 1, 1, (b"x",), 450)
        history.add(entry)
    for name in (b"stays", b"leaves", b"vanishes"):
        audience.add(name, outlet if name == b"stays" else lambda *_: True, now=0.0, credit=1 << 16)
    assert not audience.serve()
    assert history.wanted == 3
    assert audience.dismiss(b"leaves")
    assert not audience.dismiss(b"leaves")
    audience.leave(b"vanishes")
    assert history.wanted == 1
    assert audience.vanished == 1
    while history.questions:
        history.answer()
    assert woken == [True]
    assert audience.block_bytes == 5 * 450
    audience.serve()
    assert sum(isinstance(step, Send) for step in got) == 5
