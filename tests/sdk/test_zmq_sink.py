"""The live sink to a broker, on real sockets: acknowledged, bounded, with deadlines, safe in children."""

from __future__ import annotations

import errno
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind
from rrsdk.codec.receive import Receiver
from rrsdk.errors import UsageError
from rrsdk.message import ChunkMsg, Message
from rrsdk.sinks.live import LiveSink
from rrsdk.sinks.zmq.policy import Block, DropOldest
from rrsdk.sinks.zmq.rest import keep_rest
from rrsdk.sinks.zmq.sink import ZmqSink
from rrsdk.sources import open_source
from rrsdk.sources.zmq import ZmqSource
from tests.faults.lossy_disk import Fault, FaultyDisk, LossyDisk
from tests.faults.pipe_world import by_entity, free_session
from tests.sdk import raw_pipe
from tests.sdk.spooling import SpoolingBroker

READER = Receiver("test", warn=str)


def info() -> Message:
    return READER.read(Kind.STORE_INFO, raw_pipe.info())


def chunk(number: int, *, entity: str = "/e", rows: int = 1) -> Message:
    return READER.read(Kind.CHUNK, raw_pipe.chunk(number, entity=entity, rows=rows))


def blob(size: int) -> Message:
    return READER.read(Kind.CHUNK, raw_pipe.blob(size))


@pytest.fixture
def broker() -> Iterator[Broker]:
    port, _ = free_session()
    made = Broker(port=port)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def spooling() -> Iterator[SpoolingBroker]:
    port, _ = free_session()
    made = SpoolingBroker(port)
    try:
        yield made
    finally:
        made.kill()


def stored(broker: Broker) -> list[Message]:
    source = ZmqSource(broker.url, warn=print)
    try:
        return list(source.messages())
    finally:
        source.close()


def payload(message: Message) -> bytes:
    if isinstance(message, ChunkMsg):
        return b"".join(bytes(part) for part in message.parts)
    return message.payload  # type: ignore[union-attr]


def test_all_that_is_flushed_is_there(broker: Broker) -> None:
    sink = ZmqSink(broker.url, name="test")
    assert isinstance(sink, LiveSink)
    messages = [info(), *(chunk(number, rows=3) for number in range(100)), blob(300_000), blob(100)]
    for message in messages:
        sink.put(message)
    assert sink.flush(30)
    status = sink.status()
    assert (status.state, status.held.messages, status.held.rows) == ("connected", 103, 302)
    assert status.held == status.sent
    assert status.held.bytes == sum(len(payload(message)) for message in messages)
    assert [payload(message) for message in stored(broker)] == [payload(message) for message in messages]
    assert sink.close(5)
    assert sink.close(5)
    assert sink.status().state == "closed"
    (producer,) = broker.status()["producers"]
    assert producer["name"] == "test"


def test_a_private_broker(tmp_path: Path) -> None:
    broker = Broker(endpoint_dir=str(tmp_path))
    broker.start()
    try:
        sink = ZmqSink(broker.url)
        assert not sink.compress
        sink.put(chunk(1))
        assert sink.close(10)
        assert len(stored(broker)) == 1
    finally:
        broker.stop()


def test_nobody_there_costs_no_more_than_the_deadlines() -> None:
    port, _ = free_session()
    sink = ZmqSink(f"127.0.0.1:{port}", policy=Block(0.2), buffer_bytes=2000)
    began = time.monotonic()
    for number in range(20):
        sink.put(chunk(number))
    assert time.monotonic() - began < 5  # one deadline, not twenty
    ended = sink.flush(0.1)
    assert not ended
    assert ended.messages == sink.status().waiting.messages
    status = sink.status()
    assert status.dropped.messages + status.waiting.messages == 20
    assert status.dropped.messages > 0
    assert not sink.close(0.1)
    sink.put(chunk(99))
    assert sink.status().dropped.messages == status.dropped.messages + 1


def test_what_is_left_at_the_end_is_kept_as_a_recording(tmp_path: Path) -> None:
    port, _ = free_session()
    sink = ZmqSink(f"127.0.0.1:{port}", overflow_dir=tmp_path / "left", name="train/er")
    sink.put(info())
    for number in range(5):
        sink.put(chunk(number))
    ended = sink.close(0.1)
    assert (ended.messages, ended.rows) == (6, 5)
    (kept,) = (tmp_path / "left").iterdir()
    assert str(kept) in ended.why
    source = open_source(str(kept))
    try:
        assert sum(len(each) for each in source.messages() if hasattr(each, "manifest")) == 5
    finally:
        source.close()


def test_a_broker_that_comes_later_gets_everything() -> None:
    port, _ = free_session()
    sink = ZmqSink(f"127.0.0.1:{port}")
    for number in range(10):
        sink.put(chunk(number))
    broker = Broker(port=port)
    broker.start()
    try:
        assert sink.flush(30)
        assert by_entity(stored(broker))["/e"] == list(range(10))
    finally:
        sink.close(1)
        broker.stop()


def test_putting_is_woken_when_there_is_room(broker: Broker) -> None:
    sink = ZmqSink(broker.url, policy=Block(30), buffer_bytes=5000)
    for number in range(200):
        sink.put(chunk(number))
    assert sink.flush(30)
    assert sink.status().held.messages == 200
    sink.close(1)


def test_what_the_broker_refuses_is_counted(broker: Broker) -> None:
    sink = ZmqSink(broker.url)
    good = chunk(1)
    assert isinstance(good, ChunkMsg)
    broken = ChunkMsg(good.store, good.store_raw, good.row, (b"\x2a\x03abc",), 3)
    sink.put(broken)
    sink.put(good)
    assert sink.flush(30)
    status = sink.status()
    assert (status.refused.messages, status.held.messages) == (1, 1)
    assert "refused" in status.last_error
    sink.close(1)


def test_addresses_of_others() -> None:
    with pytest.raises(UsageError):
        ZmqSink("rerun+http://localhost:9876/proxy")
    with pytest.raises(UsageError):
        ZmqSink("localhost:9876", policy="drop-newest")


def test_a_host_that_does_not_exist_is_said() -> None:
    sink = ZmqSink("no-such-host.invalid:9876", policy=DropOldest())
    sink.put(chunk(1))
    assert not sink.flush(0.3)
    assert not sink.close(0.1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_connection_alone(broker: Broker) -> None:
    sink = ZmqSink(broker.url)
    sink.put(blob(200_000))
    sink.put(chunk(0, entity="/parent"))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            sink.abandon()
            own = ZmqSink(broker.url)
            own.put(blob(200_000))
            for number in range(10):
                own.put(chunk(number, entity="/child"))
            code = 0 if own.close(20) and not sink.flush(0).messages else 2
        finally:
            os._exit(code)
    for number in range(1, 10):
        sink.put(chunk(number, entity="/parent"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sink.close(20)
    found = by_entity(stored(broker))
    assert found["/parent"] == found["/child"] == list(range(10))
    assert len(found["/blob"]) == 2


def test_no_thread_is_left(broker: Broker) -> None:
    before = threading.active_count()
    for _ in range(3):
        sink = ZmqSink(broker.url)
        sink.put(chunk(1))
        sink.close(10)
        source = ZmqSource(broker.url, live=True, warn=print)
        source.close()
    assert threading.active_count() == before


def until_held(sink: ZmqSink, messages: int) -> None:
    deadline = time.monotonic() + 20
    while sink.status().held.messages < messages:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_flush_waits_for_the_brokers_disk(spooling: SpoolingBroker) -> None:
    sink = ZmqSink(spooling.url)
    for number in range(3):
        sink.put(chunk(number, rows=2))
    until_held(sink, 3)
    ended = sink.flush(0.01)
    assert not ended
    assert (ended.messages, ended.rows) == (3, 6)
    assert ended.why.endswith("held by the broker, not yet on its disk")
    status = sink.status()
    assert (status.held.messages, status.durable.messages, status.waiting.messages) == (3, 0, 0)
    spooling.sync()
    assert sink.flush(20)
    status = sink.status()
    assert status.durable == status.held
    assert sink.close(5)


def test_what_a_killed_broker_had_not_written_is_sent_again(spooling: SpoolingBroker) -> None:
    sink = ZmqSink(spooling.url)
    for number in range(3):
        sink.put(chunk(number))
    until_held(sink, 3)
    spooling.sync()
    assert sink.flush(20)
    for number in range(3, 6):
        sink.put(chunk(number))
    until_held(sink, 6)
    spooling.is_written_at_once = True
    spooling.restart()
    assert sink.flush(20)
    status = sink.status()
    assert (status.held.messages, status.durable.messages, status.lost.messages) == (6, 6, 0)
    assert sink.close(5)
    assert [entry.seq for entry in spooling.entries] == [1, 2, 3, 4, 5, 6]


def test_a_full_buffer_waits_for_the_disk_or_trusts_the_broker(spooling: SpoolingBroker) -> None:
    patient = ZmqSink(spooling.url, policy=Block(0.2), buffer_bytes=5000)
    for number in range(20):
        patient.put(chunk(number))
    status = patient.status()
    assert status.dropped.messages > 0
    assert not status.unprotected.messages
    trusting = ZmqSink(spooling.url, policy=DropOldest(), buffer_bytes=5000)
    for number in range(20):
        trusting.put(chunk(number))
        until_held(trusting, number + 1)
    status = trusting.status()
    assert (status.held.messages, status.dropped.messages) == (20, 0)
    assert status.unprotected.messages > 0
    ended = trusting.flush(0.01)
    assert (ended.done, ended.messages) == (False, 20)
    spooling.sync()
    assert trusting.flush(20)
    status = trusting.status()
    assert (status.durable.messages, status.unprotected.messages) == (20, 0)
    assert patient.close(5)
    assert trusting.close(5)


def test_what_a_broker_holds_at_the_end_is_kept_as_well(spooling: SpoolingBroker, tmp_path: Path) -> None:
    sink = ZmqSink(spooling.url, overflow_dir=tmp_path / "left")
    sink.put(info())
    sink.put(chunk(0))
    until_held(sink, 2)
    spooling.sync()
    assert sink.flush(20)
    for number in range(1, 4):
        sink.put(chunk(number))
    until_held(sink, 5)
    ended = sink.close(0.1)
    assert (ended.messages, ended.rows) == (3, 3)
    assert "with 3 messages (3 rows, " in ended.why
    (kept,) = (tmp_path / "left").iterdir()
    assert rows_in(kept) == 3


def test_what_cannot_be_kept_is_said(spooling: SpoolingBroker, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sink = ZmqSink(spooling.url, overflow_dir=tmp_path / "file" / "left")
    sink.put(chunk(0))
    until_held(sink, 1)
    ended = sink.close(0.1)
    assert not ended
    assert "could not be kept: " in ended.why


def left_over(spooling: SpoolingBroker, messages: int) -> ZmqSink:
    """A sink that is closed, with so many messages that no disk has."""
    sink = ZmqSink(spooling.url)
    for number in range(messages):
        sink.put(chunk(number))
    until_held(sink, messages)
    assert not sink.close(0.1)
    return sink


def rows_in(path: Path) -> int:
    source = open_source(str(path))
    try:
        return sum(len(each) for each in source.messages() if hasattr(each, "manifest"))
    finally:
        source.close()


def test_what_fits_on_a_full_disk_is_kept(spooling: SpoolingBroker, tmp_path: Path) -> None:
    outbox = left_over(spooling, 5)._outbox
    full = FaultyDisk(faults=[Fault("writev", at=3, error=errno.ENOSPC)])
    said = keep_rest(outbox, str(tmp_path / "rest.rrd"), disk=full)
    assert said.startswith("1 messages (1 rows, ")
    assert "could not be kept" in said
    assert rows_in(tmp_path / "rest.rrd") == 4


def test_what_is_kept_survives_a_loss_of_power(spooling: SpoolingBroker, tmp_path: Path) -> None:
    outbox = left_over(spooling, 5)._outbox
    for seed in range(10):
        root = tmp_path / str(seed)
        root.mkdir()
        disk = LossyDisk(root)
        path = root / "left" / "rest.rrd"
        assert "kept in" in keep_rest(outbox, str(path), disk=disk)
        disk.lose_power(random.Random(seed))
        assert rows_in(path) == 5


def test_a_disk_that_cannot_sync_is_said(spooling: SpoolingBroker, tmp_path: Path) -> None:
    outbox = left_over(spooling, 1)._outbox
    faulty = FaultyDisk(faults=[Fault("sync", error=errno.EIO)])
    assert "could not be kept" in keep_rest(outbox, str(tmp_path / "rest.rrd"), disk=faulty)


def test_that_the_disk_is_full_is_said_once_and_that_it_goes_on(spooling: SpoolingBroker) -> None:
    heard: list[str] = []
    sink = ZmqSink(spooling.url, report=heard.append)
    sink.put(chunk(0))
    until_held(sink, 1)
    full, on = "the spool cannot be written: No space left on device", "the spool can be written again"
    spooling.call(lambda: spooling.intake.tell_all(full, lasts=True))
    spooling.call(lambda: spooling.intake.tell_all(full, lasts=True))
    spooling.call(lambda: spooling.intake.tell_all(on, lasts=False))
    spooling.sync()
    assert sink.flush(20)
    assert sink.close(5)
    assert heard == [full, on]
