"""What a broker says of itself is one word, however many producers it has seen."""

from __future__ import annotations

from typing import Any

from rrsdk.broker.audience import Audience
from rrsdk.broker.intake import Intake, Limits
from rrsdk.broker.status import MOST_PRODUCERS, Rates, status
from rrsdk.codec.envelope import MAX_U64, Dropped, Kind, Stamp, pack_word, unpack_word
from rrsdk.store.message_log import MessageLog
from rrtool.reports.session import session_text, summary


def test_thousands_of_producers_fit_into_a_word() -> None:
    store = MessageLog(limit_bytes=1 << 30)
    limits = Limits(max_message=1 << 20, under_way_bytes=1 << 20, producers=10_000)
    intake = Intake(store, epoch=7, data="", limits=limits)
    count = 5000
    for number in range(count):
        known = intake.open_local(
            number.to_bytes(16, "big"), name="ü" * 500, host="h" * 500, policy="", now=number
        )
        assert known is not None
        for kind in range(100, 108):
            intake.local(known, kind, (b"",), float(number))
        if number % 100:
            intake.close_local(known)
    audience = Audience(store, epoch=7, newest_first=False, credit_limit=1 << 20)
    about: dict[str, Any] = {"url": "tcp://x:1", "pid": 1, "up_s": 1.0}
    said = unpack_word(
        pack_word({"t": "status", **status(store, intake, audience, Rates(), now=6e3, **about)})
    )
    assert len(said["producers"]) == MOST_PRODUCERS
    assert said["producers_left_out"] == count - MOST_PRODUCERS
    assert said["refused"] == 8 * count
    assert [each["state"] for each in said["producers"]].count("here") == count // 100
    assert said["producers"][0]["seen_s_ago"] == 6000 - 4900
    assert f"{count // 100:,} producers here, {count - count // 100:,} left" in session_text(said)
    assert summary(said).startswith(f"{count:,} producers, ")


def test_sums_that_no_word_can_hold() -> None:
    store = MessageLog(limit_bytes=1 << 30)
    intake = Intake(store, epoch=7, data="", limits=Limits(max_message=1 << 20, under_way_bytes=1 << 20))
    for number in range(2):
        key = bytes([number]) * 16
        hello = {"t": "hello", "v": 1, "producer": key, "link": 1, "next": 1}
        intake.word(b"P" + key, hello, 0.0)
        for seq in (1, 2):
            claim = Dropped(seq, 1, MAX_U64, MAX_U64, "").pack()
            intake.data(Stamp(Kind.DROPPED, 1, key, 7, seq, len(claim)).pack(), (claim,), 0.0)
    audience = Audience(store, epoch=7, newest_first=False, credit_limit=1 << 20)
    said = status(store, intake, audience, Rates(), now=0.0)
    assert unpack_word(pack_word({"t": "status", **said}))["dropped"] == {
        "messages": 4,
        "rows": MAX_U64,
        "bytes": MAX_U64,
    }
