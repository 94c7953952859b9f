"""A broker with a spool, over real sockets and disks that fail when they are told to."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rrsdk.broker.keeper import SpoolOptions
from rrsdk.broker.service import Broker
from rrsdk.broker.spool.policy import Fsync
from rrsdk.codec.envelope import Kind
from rrsdk.endpoint import control_port
from rrsdk.errors import BusyError
from rrsdk.message import Chunks
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.sinks.zmq.sink import ZmqSink
from rrsdk.sources import open_source
from tests.faults.lossy_disk import Fault, FaultyDisk
from tests.faults.spool_labels import announced, labelled
from tests.sdk.raw_pipe import DEADLINE_S, RawProducer, Sockets, blob, chunk, free_port, info

BIG = blob(1 << 20)


class Place:
    """A folder, and brokers on it one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.broker: Broker | None = None
        self.context = Sockets()

    def serve(
        self,
        fsync: str = "always",
        disk: Disk = DISK,
        memory_limit: int = 64 << 20,
        port: int | None = None,
    ) -> Broker:
        self.broker = Broker(
            port=port or free_port(),
            memory_limit=memory_limit,
            spool=SpoolOptions(str(self.folder), Fsync.parse(fsync), disk=disk),
            report=self.said.append,
        )
        self.broker.start()
        return self.broker

    def stop(self) -> None:
        if self.broker is not None:
            self.broker.stop(DEADLINE_S)
            assert not self.broker.is_running
            assert not self.broker.mishaps
            self.broker = None

    def producer(self, **how: object) -> RawProducer:
        assert self.broker is not None
        assert self.broker.port is not None
        where = f"tcp://127.0.0.1:{control_port(self.broker.port)}"
        return RawProducer(self.context, where, **how)  # type: ignore[arg-type]

    def rows(self) -> int:
        """How many chunks (of one row) all files of the recording hold."""
        found = 0
        for path in sorted((self.folder / "app").glob("*.rrd")):
            source = open_source(str(path))
            found += sum(len(message) for message in source.messages() if isinstance(message, Chunks))
            source.close()
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "spool")
    yield made
    made.stop()
    made.context.close()


def until_durable(producer: RawProducer, seq: int) -> None:
    while producer.hear("ack", "welcome")["durable"] < seq:
        producer.say(t="ping", link=producer.link)


@pytest.mark.parametrize("fsync", ["always", "interval:20", "never"])
def test_what_is_durable_is_there_after_a_restart(place: Place, fsync: str) -> None:
    place.serve(fsync)
    producer = place.producer()
    welcome = producer.hello()
    assert (welcome["spools"], welcome["held"], welcome["durable"]) == (True, 0, 0)
    producer.send(Kind.STORE_INFO, info())
    for number in range(20):
        producer.send(Kind.CHUNK, chunk(number))
    producer.send(Kind.CHUNK, b"garbage")
    until_durable(producer, 22)
    place.stop()
    place.serve(fsync)
    again = place.producer(key=producer.key, link=2, following=23)
    welcome = again.hello()
    assert (welcome["held"], welcome["durable"]) == (22, 22)
    assert (welcome["refused"], welcome["since"], welcome["lost"]) == (1, 0, 0)
    again.send(Kind.CHUNK, chunk(99))
    until_durable(again, 23)
    place.stop()
    assert place.rows() == 21


def test_ten_restarts_do_not_make_a_spool_grow(place: Place) -> None:
    port = free_port()
    place.serve(port=port)
    sink = ZmqSink(f"127.0.0.1:{port}", policy="block(30)")
    sizes = []
    try:
        sink.put(announced("run"))
        sink.put(labelled("run", 1, 1))
        assert sink.flush(DEADLINE_S)
        for _ in range(10):
            place.stop()
            files = [path for path in place.folder.rglob("*") if path.is_file() and path.name != "lock"]
            sizes.append(sum(path.stat().st_size for path in files))
            broker = place.serve(port=port)
            assert broker.status()["stored"]["messages"] == 0
            deadline = time.monotonic() + DEADLINE_S
            while not broker.status()["producers"]:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert broker.status()["on_disk"]["persistent"]["messages"] == 1
            assert broker.status()["held"]["persistent"]["messages"] == 0
    finally:
        sink.close(1)
    assert sizes[2:] == sizes[2:3] * 8


def test_a_local_producer_waits_for_the_disk(place: Place) -> None:
    disk = FaultyDisk(faults=[Fault("writev", at=30, error=errno.ENOSPC, lasts=3)])  # less than a second
    broker = place.serve(disk=disk)
    local = broker.producer(name="local")
    local.submit(Kind.STORE_INFO, info())
    for number in range(50):
        local.submit(Kind.CHUNK, chunk(number))
        assert local.flush(timeout_s=DEADLINE_S)
        assert broker.status()["spool"]["durable"] == number + 2
    local.close()


def test_a_full_disk_holds_producers_and_says_so(place: Place) -> None:
    fault = Fault("writev", at=1, error=errno.ENOSPC, lasts=1 << 30)
    disk = FaultyDisk()
    broker = place.serve(disk=disk, memory_limit=64 << 20)
    producer = place.producer()
    producer.hello()
    producer.send(Kind.STORE_INFO, info())
    until_durable(producer, 1)
    disk.faults.append(fault)
    for _ in range(12):
        producer.send(Kind.CHUNK, BIG)
    note = producer.hear("note")
    assert "No space left on device" in note["text"]
    status = broker.status()["spool"]
    assert status["state"] == "broken"
    assert "No space left" in status["error"]
    late = place.producer()
    late.hello()
    assert late.hear("note") == note
    held = producer.until_held(2)["held"]
    assert held < 13, "what cannot be written is not taken in without end"
    disk.faults.clear()
    assert "can be written again" in producer.hear("note")["text"]
    until_durable(producer, 13)
    assert broker.status()["spool"]["error"] == ""


@pytest.mark.parametrize("call", ["writev", "sync"])
def test_a_small_memory_is_not_filled_by_what_waits_for_a_disk(place: Place, call: str) -> None:
    disk = FaultyDisk()
    broker = place.serve("interval:10", disk=disk, memory_limit=4 << 20)
    producer = place.producer()
    producer.hello()
    producer.send(Kind.STORE_INFO, info())
    until_durable(producer, 1)
    disk.faults.append(Fault(call, error=errno.ENOSPC, lasts=1 << 30))
    payload = chunk(1, rows=18_000)
    assert 400_000 < len(payload) < 1 << 20
    count = 40
    for number in range(count):
        producer.send(Kind.CHUNK, payload)
        if number == 20:
            producer.hear("note")
    assert broker.status()["memory"]["unwritten"] <= (4 << 20) + len(payload) + 2000
    assert broker.status()["producers"][0]["held"] < 12
    disk.faults.clear()
    until_durable(producer, count + 1)
    assert not broker.mishaps


def test_a_failed_sync_costs_nothing(place: Place) -> None:
    disk = FaultyDisk()
    place.serve("interval:10", disk=disk)
    producer = place.producer()
    producer.hello()
    producer.send(Kind.STORE_INFO, info())
    until_durable(producer, 1)
    for number in range(60):
        if number % 7 == 3:
            disk.faults.append(Fault("sync", at=1, error=errno.EIO))
        producer.send(Kind.CHUNK, chunk(number))
        if number % 5 == 0:
            until_durable(producer, producer.seq)
    until_durable(producer, 61)
    place.stop()
    assert place.rows() == 60


def test_one_folder_has_one_broker(place: Place) -> None:
    first = place.serve()
    with pytest.raises(BusyError, match="spool"):
        place.serve()
    assert first.is_running
    first.stop(DEADLINE_S)
    assert place.broker is not None
