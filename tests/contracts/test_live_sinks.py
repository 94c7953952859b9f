"""The live sinks that need no network keep the contract."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rrsdk.message import ChunkMsg, Message
from rrsdk.recording.relay import Relay
from rrsdk.sinks.hold import HoldSink, StreamSink
from rrsdk.sinks.live import LiveSink
from rrsdk.sinks.ring import Ring
from rrsdk.sinks.save import SaveSink, save_sink
from rrsdk.sinks.uplink import UplinkSink
from rrsdk.sources.chunks import chunks_of, read_chunks
from rrsdk.sources.memory import MemorySource
from tests.contracts.live_sink_contract import DEADLINE_S, STORE, LiveSinkContract, announcement, chunk


class TestSave(LiveSinkContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "live.rrd"

    def make(self) -> LiveSink:
        return save_sink(str(self.path))

    def arrived(self) -> list[str]:
        return [found.entity_path for _, found in read_chunks(str(self.path))]

    def test_it_can_be_read_while_it_grows(self) -> None:
        sink = self.make()
        assert self.arrived() == []
        sink.put(announcement(STORE))
        for number in range(5):
            sink.put(chunk(number))
            assert self.arrived() == [f"/n/{n}" for n in range(number + 1)]
        sink.close(DEADLINE_S)


class TestPipe(LiveSinkContract):
    def make(self) -> LiveSink:
        reader, writer = os.pipe()
        self.data = b""

        def collect() -> None:
            with open(reader, "rb") as file:
                self.data = file.read()

        self.collecting = threading.Thread(target=collect)
        self.collecting.start()
        return SaveSink("pipe", writer, owned=True)

    def arrived(self) -> list[str]:
        self.collecting.join()
        return [found.entity_path for _, found in chunks_of(MemorySource(self.data).messages())]

    def test_abandoned_it_is_silent(self) -> None:
        sink = self.make()
        super().put(sink, announcement(STORE))
        sink.abandon()
        sink.close(0.0)
        assert isinstance(sink, SaveSink)
        os.close(sink._part.fileno)
        self.collecting.join()


class TestHold(LiveSinkContract):
    def make(self) -> LiveSink:
        self.sink = HoldSink()
        return self.sink

    def arrived(self) -> list[str]:
        return [found.row.shape.layout.entity for found in self.sink.take() if isinstance(found, ChunkMsg)]

    def test_too_much_drops_the_oldest_and_says_so_once(self) -> None:
        heard: list[str] = []
        sink = HoldSink(budget_bytes=3 * chunk(0).size + 100, report=heard.append)
        self.put(sink, announcement(STORE), *(chunk(number) for number in range(5)))
        self.sink = sink
        assert sink.status().dropped.messages == 2
        assert sink.status().dropped.rows == 4
        assert self.arrived() == ["/n/2", "/n/3", "/n/4"]
        assert len(heard) == 1


class TestStream(LiveSinkContract):
    def make(self) -> LiveSink:
        self.sink = StreamSink()
        return self.sink

    def arrived(self) -> list[str]:
        return [found.entity_path for _, found in chunks_of(MemorySource(self.sink.read()).messages())]


class Taker:
    """As much of a batcher as a relay needs."""

    def __init__(self) -> None:
        self.taken: list[ChunkMsg] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def submit(self, item: Message, size: int, *, done: Callable[[], None]) -> bool:
        assert isinstance(item, ChunkMsg)
        self.may_go_on.wait(DEADLINE_S)
        self.taken.append(item)
        done()
        return True


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets")
class TestUplink(LiveSinkContract):
    @pytest.fixture(autouse=True)
    def _relay(self, tmp_path: Path) -> Iterator[None]:
        self.folder, self.own = tmp_path / "relay", tmp_path / "own.rrd"
        self.folder.mkdir()
        self.taker = Taker()
        self.heard: list[str] = []
        self.relay = Relay(str(self.folder), lambda store: self.taker if store == STORE else None)
        self.relay.start()
        yield
        self.relay.stop(DEADLINE_S)
        assert not self.folder.exists()

    def make(self) -> LiveSink:
        return UplinkSink(
            self.relay.path, owner=1, alone=lambda: save_sink(str(self.own)), report=self.heard.append
        )

    def arrived(self) -> list[str]:
        assert not self.own.exists()
        return [one.row.shape.layout.entity for one in self.taker.taken]

    def test_no_call_waits_for_ever(self) -> None:
        super().test_no_call_waits_for_ever()

    def test_where_the_parent_is_gone_it_has_a_file_of_its_own(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), chunk(0))
        assert sink.flush(DEADLINE_S).done
        self.relay.stop(DEADLINE_S)
        self.put(sink, chunk(1), chunk(2))
        assert sink.flush(DEADLINE_S).done
        assert sink.close(DEADLINE_S).done
        assert [one.row.shape.layout.entity for one in self.taker.taken] == ["/n/0"]
        assert [found.entity_path for _, found in read_chunks(str(self.own))] == ["/n/1", "/n/2"]
        assert len(self.heard) == 1
        assert "goes on in" in self.heard[0]

    @pytest.mark.parametrize("seed", range(8))
    def test_where_the_parent_comes_back_each_message_is_taken_once(self, seed: int) -> None:
        """It was busy, stopped, or did not let go of the interpreter for longer than is waited for it."""
        chance = random.Random(seed)
        sink = self.make()
        self.put(sink, announcement(STORE))
        stops, count = chance.randrange(40), 40
        for number in range(count):
            if number == stops:
                time.sleep(chance.random() * 0.02)
                self.taker.may_go_on.clear()
            self.put(sink, chunk(number))
            time.sleep(chance.random() * 0.002)
        sink.close(chance.random() * 0.1)
        status = sink.status()
        self.taker.may_go_on.set()
        self.relay.settle(DEADLINE_S)
        by_parent = [one.row.shape.layout.entity for one in self.taker.taken]
        alone = [found.entity_path for _, found in read_chunks(str(self.own))] if self.own.exists() else []
        assert by_parent + alone == [f"/n/{number}" for number in range(count)]
        assert not status.lost
        assert sorted(os.listdir(self.folder)) == ["s"]

    def test_where_the_parent_was_never_there(self) -> None:
        sink = UplinkSink(
            str(self.folder / "nobody"),
            owner=1,
            alone=lambda: save_sink(str(self.own)),
            report=self.heard.append,
        )
        self.put(sink, announcement(STORE), chunk(7))
        assert sink.close(DEADLINE_S).done
        assert [found.entity_path for _, found in read_chunks(str(self.own))] == ["/n/7"]

    def test_nonsense_is_hung_up_on_and_others_go_on(self) -> None:
        sink = self.make()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
            stranger.connect(self.relay.path)
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n" * 3)
            stranger.settimeout(DEADLINE_S)
            assert stranger.recv(100) == b""
        self.put(sink, announcement(STORE), chunk(1))
        assert sink.close(DEADLINE_S).done
        assert self.arrived() == ["/n/1"]
        assert self.relay.refused == 1


class TestRing(LiveSinkContract):
    def make(self) -> LiveSink:
        self.ring = Ring("ring", seconds=60.0, max_bytes=2**30)
        return self.ring

    def arrived(self) -> list[str]:
        return [one.row.shape.layout.entity for one in self.ring.messages() if isinstance(one, ChunkMsg)]


def test_a_full_disk_is_said_once_counted_and_survived() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    heard: list[str] = []
    sink = save_sink("/dev/full", report=heard.append)
    for message in (announcement(STORE), chunk(1), chunk(2)):
        sink.put(message)
    assert len(heard) == 1
    assert "No space left" in heard[0]
    assert sink.status().lost.rows == 4
    assert not sink.flush(1.0).done
    assert not sink.close(1.0).done


def test_what_could_not_be_written_is_taken_back(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "small.rrd"
    heard: list[str] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        sink = save_sink(str(path), report=heard.append)
        sink.put(announcement(STORE))
        sink.put(chunk(1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 500, before[1]))
        sink.put(chunk(2, padding=100_000))
        assert "cannot be written" in heard[0]
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sink.put(chunk(3))
        assert "again" in heard[1]
        assert sink.close(1.0).done
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [found.entity_path for _, found in read_chunks(str(path))] == ["/n/1", "/n/3"]
