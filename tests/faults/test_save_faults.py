"""Disks that are full or fail under a file that grows: it is said, counted, and what is there can be read."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk as rr
from rrsdk.message import ChunkMsg
from rrsdk.recording.announce import announcement
from rrsdk.sinks.rotation import Rotate
from rrsdk.sinks.save import SaveSink, save_sink
from rrsdk.sinks.succession import SaveOptions
from rrsdk.sources.chunks import chunks_of
from rrsdk.sources.damage import Damage
from rrsdk.sources.opening import open_path
from tests.contracts.live_sink_contract import STORE, chunk
from tests.faults.lossy_disk import Fault, FaultyDisk

ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT)


class Lasting(FaultyDisk):
    """Full, or broken, until told otherwise; but only below `folder`, where one is given."""

    def __init__(self, error: int, folder: str = "") -> None:
        super().__init__()
        self.error = 0
        self._chosen, self._folder, self._here = error, folder, set[int]()

    def fill(self) -> None:
        self.error = self._chosen

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        if self.error and path.startswith(self._folder):
            raise OSError(self.error, os.strerror(self.error))
        fileno = super().open(path, flags, mode)
        if path.startswith(self._folder):
            self._here.add(fileno)
        return fileno

    def close(self, fileno: int) -> None:
        self._here.discard(fileno)
        super().close(fileno)

    def writev(self, fileno: int, pieces: object) -> int:  # type: ignore[override]
        if self.error and fileno in self._here:
            raise OSError(self.error, os.strerror(self.error))
        return super().writev(fileno, pieces)  # type: ignore[arg-type]


def entities(path: str | Path) -> list[str]:
    """Read strictly: a torn message would raise."""
    return [found.entity_path for _, found in rr.read_chunks(str(path))]


@pytest.mark.parametrize("error", ERRORS)
def test_it_is_said_counted_and_over_when_it_is_over(tmp_path: Path, error: int) -> None:
    path, heard = str(tmp_path / "run.rrd"), list[str]()
    disk = Lasting(error)
    sink = save_sink(path, report=heard.append, disk=disk)
    sink.put(announcement(STORE))
    sink.put(chunk(1))
    disk.fill()
    for number in range(2, 5):
        sink.put(chunk(number))
    status = sink.status()
    assert (status.state, status.last_error) == ("broken", os.strerror(error))
    assert (status.held.rows, status.lost.rows, status.sent.rows) == (2, 6, 8)
    assert not sink.flush(1.0).done
    assert os.strerror(error) in sink.flush(1.0).why
    assert entities(path) == ["/n/1"], "what was written is readable meanwhile"
    disk.error = 0
    sink.put(chunk(5))
    assert sink.flush(1.0).done
    assert sink.close(1.0).done
    assert entities(path) == ["/n/1", "/n/5"]
    assert len(heard) == 2
    assert heard[0].startswith(
        f"{path}: cannot be written: {os.strerror(error)}; what is logged meanwhile is lost"
    )
    assert ("overflow_dir" in heard[0]) == (error != errno.EIO)
    assert heard[1].startswith(f"{path}: can be written again; 3 messages (6 rows")


@pytest.mark.parametrize("error", ERRORS)
def test_broken_to_the_end_the_close_says_what_is_lost(tmp_path: Path, error: int) -> None:
    disk = Lasting(error)
    sink = save_sink(str(tmp_path / "run.rrd"), disk=disk)
    sink.put(announcement(STORE))
    sink.put(chunk(1))
    disk.fill()
    sink.put(chunk(2))
    ended = sink.close(1.0)
    assert (ended.done, ended.messages, ended.rows) == (False, 1, 2)
    assert sink.status().last_error == os.strerror(error)
    assert entities(tmp_path / "run.rrd") == ["/n/1"]


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("error", ERRORS)
def test_it_goes_on_in_the_overflow_folder(tmp_path: Path, error: int, short: bool) -> None:
    path, spare, heard = str(tmp_path / "run.rrd"), tmp_path / "spare", list[str]()
    disk = FaultyDisk()
    sink = save_sink(path, options=SaveOptions(overflow_dir=str(spare)), report=heard.append, disk=disk)
    sink.put(announcement(STORE))
    sink.put(chunk(1))
    sink.put(chunk(2))
    sink.put(chunk(1))
    disk.faults = [Fault("writev", error=error, short=short)]
    sink.put(chunk(3))
    sink.put(chunk(4))
    status = sink.status()
    assert (status.name, status.state, status.lost.rows) == (str(spare / "run.rrd"), "open", 0)
    assert os.strerror(error) in status.last_error
    assert sink.flush(1.0).done
    assert sink.close(1.0).done
    assert heard == [
        f"{path}: cannot be written: {os.strerror(error)}; goes on in {spare / 'run.rrd'}, nothing is lost"
    ]
    assert entities(path) == ["/n/1", "/n/2", "/n/1"]
    assert entities(spare / "run.rrd") == ["/n/2", "/n/1", "/n/3", "/n/4"], "static data are there, too"


def test_the_overflow_folder_is_asked_at_the_very_beginning_too(tmp_path: Path) -> None:
    spare, heard = tmp_path / "spare", list[str]()
    options = SaveOptions(overflow_dir=str(spare))
    for number, call in enumerate(("open", "truncate", "writev")):
        disk = FaultyDisk(faults=[Fault(call, error=errno.ENOSPC)])
        sink = save_sink(str(tmp_path / "run.rrd"), options=options, report=heard.append, disk=disk)
        sink.put(announcement(STORE))
        sink.put(chunk(number))
        assert sink.close(1.0).done
    assert [entities(spare / name) for name in ("run.rrd", "run.0002.rrd", "run.0003.rrd")] == [
        ["/n/0"],
        ["/n/1"],
        ["/n/2"],
    ]
    assert len(heard) == 3
    assert all("goes on in" in line for line in heard)


def test_an_overflow_that_fails_too_is_said_and_tried_again(tmp_path: Path) -> None:
    heard, now = list[str](), [0.0]
    disk = Lasting(errno.ENOSPC)
    spare = str(tmp_path / "spare")
    fileno = disk.open(str(tmp_path / "run.rrd"), os.O_RDWR | os.O_CREAT)
    sink = SaveSink(
        str(tmp_path / "run.rrd"),
        fileno,
        owned=True,
        options=SaveOptions(overflow_dir=spare),
        report=heard.append,
        disk=disk,
        clock=lambda: now[0],
    )
    sink.put(announcement(STORE))
    disk.fill()
    for number in range(10):
        sink.put(chunk(number))
        now[0] += 0.01
    assert sink.status().state == "broken"
    assert disk.calls.count("open") == 1, "not for each message"
    assert len(heard) == 1
    assert f"nor in {spare}: No space left" in heard[0]
    assert sink.status().lost.rows == 20
    disk._here.discard(fileno)
    disk._folder = str(tmp_path / "run")
    disk._here.add(fileno)
    now[0] += 5
    sink.put(chunk(10))
    assert sink.status().state == "open"
    assert "10 messages (20 rows" in heard[1]
    assert sink.close(1.0).done
    assert entities(f"{spare}/run.rrd") == ["/n/10"]


def test_static_data_that_cannot_be_read_back_are_named(tmp_path: Path) -> None:
    heard: list[str] = []
    disk = FaultyDisk()
    options = SaveOptions(overflow_dir=str(tmp_path / "spare"))
    sink = save_sink(str(tmp_path / "run.rrd"), options=options, report=heard.append, disk=disk)
    for message in (announcement(STORE), chunk(1), chunk(2)):
        sink.put(message)
    disk.faults = [Fault("writev", error=errno.EIO), Fault("pread", error=errno.EIO)]
    sink.put(chunk(3))
    assert sink.close(1.0).done
    assert "lacks the static data of 1 entities" in heard[0]
    assert "(/n/1: Input/output error)" in heard[0]
    assert entities(tmp_path / "spare" / "run.rrd") == ["/n/2", "/n/3"]


def test_a_part_that_cannot_be_begun_is_done_without(tmp_path: Path) -> None:
    heard: list[str] = []
    options = SaveOptions(rotate=Rotate(size_bytes=3000))
    for call, at in (("open", 2), ("writev", 5), ("writev", 6), ("rename", 1)):
        folder = tmp_path / f"{call}{at}"
        folder.mkdir()
        disk = FaultyDisk(faults=[Fault(call, at=at)])
        sink = save_sink(str(folder / "run.rrd"), options=options, report=heard.append, disk=disk)
        sink.put(announcement(STORE))
        for number in range(30):
            sink.put(chunk(number % 3))
        assert not sink.status().lost.rows
        assert sink.close(1.0).done
        found = [len(entities(path)) for path in sorted(folder.iterdir())]
        assert sum(found) >= 30
        assert len(found) == sink.parts > 1
    assert len(heard) == 4
    assert all("the next part cannot be begun: No space left" in line for line in heard)


@pytest.mark.parametrize("error", ERRORS)
def test_the_close_may_be_where_it_is_noticed(tmp_path: Path, error: int) -> None:
    heard: list[str] = []
    disk = FaultyDisk()
    sink = save_sink(str(tmp_path / "run.rrd"), report=heard.append, disk=disk)
    sink.put(announcement(STORE))
    sink.put(chunk(1))
    disk.faults = [Fault("close", error=error)]
    ended = sink.close(1.0)
    assert not ended.done
    assert os.strerror(error) in ended.why
    assert sink.status().last_error == os.strerror(error)
    assert len(heard) == 1


CALLS = st.sampled_from(("writev", "writev", "writev", "truncate", "seek", "open", "pread"))
FAULTS = st.lists(
    st.builds(Fault, CALLS, st.integers(1, 12), st.integers(1, 3), st.sampled_from(ERRORS), st.booleans()),
    max_size=6,
)
STEPS = st.lists(st.integers(0, 8), max_size=30)


@pytest.mark.campaign
@given(FAULTS, STEPS, st.booleans(), st.booleans())
def test_whatever_fails_books_are_kept_and_files_are_whole(
    faults: list[Fault], steps: list[int], rotates: bool, overflows: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        options = SaveOptions(
            rotate=Rotate(size_bytes=3000) if rotates else None,
            overflow_dir=os.path.join(folder, "spare") if overflows else None,
        )
        heard: list[str] = []
        disk = FaultyDisk()
        sink = save_sink(os.path.join(folder, "run.rrd"), options=options, report=heard.append, disk=disk)
        disk.faults = faults
        sink.put(announcement(STORE))
        sent, lost = set[bytes](), set[bytes]()

        def put(message: ChunkMsg) -> None:
            before = sink.status().lost
            sink.put(message)
            (sent if sink.status().lost == before else lost).add(message.row.chunk_id)

        for number in steps:
            put(chunk(number, padding=number * 100))
        disk.faults = []
        put(chunk(100))
        sink.close(1.0)
        status = sink.status()
        assert status.sent == status.held + status.lost
        assert status.lost.messages == len(lost)
        assert bool(lost) <= bool(heard)
        is_torn = sink._first._appender.is_torn or sink._part._appender.is_torn
        found = set[bytes]()
        for path in _files(folder):
            found |= _ids(path, is_torn)
        assert found == sent


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names)


def _ids(path: str, is_torn: bool) -> set[bytes]:
    """Of the chunks in a file, which may end in half a message only where that could not be taken back."""
    if not os.path.getsize(path):
        return set()
    source = open_path(path, damage=Damage() if is_torn else None, warn=pytest.fail)
    return {one.id.to_bytes() for _, one in chunks_of(source.messages())}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small file system")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        rec = rr.RecordingStream("rrkit_test", recording_id="full")
        rec.save(small / "run.rrd", overflow_dir=tmp_path / "spare")
        rec.log("fixed", rr.TextDocument("fixed"), static=True)
        for number in range(60):
            rec.set_time("step", sequence=number)
            rec.log("noise", rr.TextLog(os.urandom(20_000).hex()))
            rec.flush()
        (sink,) = rec.status().sinks
        assert (sink.lost.rows, sink.state) == (0, "open")
        assert "No space left" in sink.last_error
        rec.disconnect()
        parts = (small / "run.rrd", tmp_path / "spare" / "run.rrd")
        steps = [
            one
            for part in parts
            for _, found in rr.read_chunks(str(part))
            if found.entity_path == "/noise"
            for one in found.times("step").cast(pa.int64()).to_pylist()
        ]
        assert steps == list(range(60))
        assert all("/fixed" in entities(part) for part in parts)
    finally:
        subprocess.run(["umount", str(small)], check=True)
