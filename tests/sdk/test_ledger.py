"""Producers that come back to a broker which was started anew over what is on disk."""

from __future__ import annotations

import dataclasses

import pytest

from rrsdk.broker.intake import Intake, Limits
from rrsdk.broker.ledger import Ledger
from rrsdk.broker.spool.batch import Mark
from rrsdk.codec.envelope import Kind, Stamp
from rrsdk.store.entry import Tally
from rrsdk.store.message_log import MessageLog
from tests.sdk.raw_pipe import chunk, info
from tests.sdk.test_intake import LIMITS, hello

KEY = b"k" * 16
EPOCH = 77


def made(marks: dict[bytes, Mark], limits: Limits = LIMITS) -> tuple[Intake, Ledger]:
    ledger = Ledger(marks)
    store = MessageLog(limit_bytes=1 << 30)
    return Intake(store, epoch=EPOCH, data="tcp://*:1", limits=limits, ledger=ledger), ledger


def welcome(intake: Intake, **more: object) -> dict[str, object]:
    replies = intake.word(b"P" + KEY, hello(KEY, **more), 0.0)
    assert replies[0][1]["t"] == "welcome"
    return replies[0][1]


def send(intake: Intake, seq: int, kind: int, payload: bytes) -> None:
    intake.data(Stamp(kind, 1, KEY, EPOCH, seq, len(payload)).pack(), [payload], 0.0)


def test_a_producer_goes_on_where_the_disk_says() -> None:
    intake, _ = made({KEY: Mark(7, refused=2, stored=Tally(4, 40, 400), dropped=Tally(1, 10, 100))})
    said = welcome(intake, next=3)
    assert (said["held"], said["durable"], said["refused"], said["spools"]) == (7, 7, 2, True)
    assert (said["since"], said["lost"]) == (0, 0)
    producer = intake.producers[KEY]
    assert producer.held - producer.before == 4 + 1 + 2
    send(intake, 7, Kind.STORE_INFO, info())
    assert producer.repeats == 1
    assert producer.held == 7
    send(intake, 8, Kind.STORE_INFO, info())
    assert producer.held == 8
    assert producer.durable == 7
    intake.is_durable({KEY: Mark(8)})
    (reply,) = intake.settle()
    assert (reply[1]["held"], reply[1]["durable"]) == (8, 8)


def test_what_was_called_durable_and_is_gone_is_said() -> None:
    intake, _ = made({KEY: Mark(5, stored=Tally(5, 5, 5))})
    said = welcome(intake, next=9)
    assert (said["held"], said["lost"]) == (8, 3)
    send(intake, 9, Kind.STORE_INFO, info())
    assert intake.producers[KEY].held == 9


def test_what_was_lost_before_is_said_again_and_not_counted_twice() -> None:
    intake, ledger = made({KEY: Mark(7, stored=Tally(3, 3, 3), before=2)})
    assert [welcome(intake, next=11)[which] for which in ("since", "lost")] == [2, 5]
    send(intake, 11, Kind.STORE_INFO, info())
    batch = ledger.take()
    assert batch is not None
    again, _ = made(batch.marks)
    said = welcome(again, next=12)
    assert (said["held"], said["since"], said["lost"]) == (11, 2, 5)


@pytest.mark.parametrize(
    ("spool", "since", "forgot", "lost"),
    [
        (b"s" * 16, 2, 3, 6),
        (b"s" * 16, 2, 4, 6),
        (b"s" * 16, 2, 2, 0),  # it may be one of those that were forgotten
        (b"o" * 16, 2, 3, 0),
        (b"s" * 16, 9, 3, 0),
    ],
)
def test_a_spool_that_knows_nothing_of_one_of_its_own_has_lost_it(
    spool: bytes, since: int, forgot: int, lost: int
) -> None:
    ledger = Ledger({}, spool=b"s" * 16, forgot=3)
    store = MessageLog(limit_bytes=1 << 30)
    intake = Intake(store, epoch=EPOCH, data="tcp://*:1", limits=LIMITS, ledger=ledger)
    said = welcome(intake, next=9, spool=spool, since=since, forgot=forgot)
    assert (said["held"], said["lost"], said["since"]) == (8, lost, 2 if lost else 8)
    assert (said["spool"], said["forgot"]) == (b"s" * 16, 3)
    batch = ledger.take()
    assert batch is not None
    again, _ = made(batch.marks)
    assert welcome(again, next=9)["lost"] == lost


def test_who_was_forgotten_and_is_back_has_a_mark() -> None:
    ledger = Ledger({}, spool=b"s" * 16)
    limits = dataclasses.replace(LIMITS, gone_producers=0)
    intake = Intake(
        MessageLog(limit_bytes=1 << 30), epoch=EPOCH, data="tcp://*:1", limits=limits, ledger=ledger
    )
    told = welcome(intake, next=1)
    intake.word(b"P" + KEY, {"t": "bye", "sent": 0}, 0.0)
    intake.word(b"P" + b"o" * 16, hello(b"o" * 16), 0.0)
    assert KEY not in intake.producers
    said = welcome(intake, next=6, spool=told["spool"], since=0, forgot=told["forgot"])
    assert (said["lost"], said["forgot"]) == (0, 1)
    batch = ledger.take()
    assert batch is not None
    assert batch.forgotten == (KEY,)
    assert batch.marks[KEY].before == 5


def test_who_is_not_on_the_disk_begins_as_it_says() -> None:
    intake, _ = made({})
    said = welcome(intake, next=5)
    assert (said["held"], said["durable"], said["refused"]) == (4, 4, 0)


def test_a_batch_has_what_came_and_how_far_producers_are() -> None:
    intake, ledger = made({})
    welcome(intake, next=1, infos=[info()])
    send(intake, 1, Kind.CHUNK, chunk(1))
    send(intake, 2, Kind.CHUNK, b"garbage")
    batch = ledger.take()
    assert batch is not None
    assert [entry.seq for entry in batch.entries] == [0, 1]
    assert (batch.marks[KEY].held, batch.marks[KEY].refused, batch.marks[KEY].stored.messages) == (2, 1, 1)
    assert batch.end == 2
    assert ledger.take() is None
    send(intake, 3, Kind.CHUNK, b"garbage")
    batch = ledger.take()
    assert batch is not None
    assert not batch.entries
    assert batch.marks[KEY].held == 3


def test_who_is_forgotten_is_forgotten_on_disk_as_well() -> None:
    intake, ledger = made({}, Limits(max_message=1000, under_way_bytes=1 << 20, gone_producers=1))
    for number in range(4):
        key = bytes([number]) * 16
        intake.word(b"P" + key, hello(key), 0.0)
        intake.word(b"P" + key, {"t": "bye", "sent": 0, "lost_rows": 0}, 0.0)
    batch = ledger.take()
    assert batch is not None
    assert batch.forgotten == (bytes(16), bytes([1]) * 16)
    assert not set(batch.forgotten) & batch.marks.keys()


def test_trouble_is_told_to_those_who_are_here_and_to_those_who_come() -> None:
    intake, _ = made({})
    welcome(intake)
    intake.tell_all("the disk is full", lasts=True)
    assert intake.settle() == [(b"P" + KEY, {"t": "note", "text": "the disk is full"})]
    other = b"o" * 16
    replies = intake.word(b"P" + other, hello(other), 0.0)
    assert (b"P" + other, {"t": "note", "text": "the disk is full"}) in replies
    intake.tell_all("it is not full any more", lasts=False)
    assert len(intake.settle()) == 2
    late = b"l" * 16
    assert [word["t"] for _, word in intake.word(b"P" + late, hello(late), 0.0)] == ["welcome"]
