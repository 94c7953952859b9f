"""The real `rerun` reads what a spool has written: complete parts with their footers, and those that grow."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from rrsdk.broker.spool import finish as finishing
from rrsdk.broker.spool.state import File, Phase
from rrsdk.broker.spool.volume import Volume
from rrsdk.sinks.disk import DISK
from rrsdk.sinks.rotation import Rotate
from tests.interop import peer
from tests.sdk.spools import LOOKS, Log, a_chunk, an_activation, an_info, data_files

DEADLINE_S = 60.0


def fill(volume: Volume, log: Log, count: int = 40) -> None:
    volume.write(
        log.batch(
            [an_info(), an_info(LOOKS), a_chunk(1, static=True, entity="/map"), a_chunk(1, store=LOOKS)]
        )
    )
    volume.write(log.batch([an_activation()]))
    for number in range(count):
        volume.write(log.batch([a_chunk(number), a_chunk(number, entity="/wide größe")]))
    volume.sync()


def test_parts_are_verified_and_printed(tmp_path: Path, rerun_binary: Path) -> None:
    reports: list[str] = []
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=40_000), report=reports.append)
    fill(volume, Log())
    names = data_files(tmp_path)
    assert len(names) > 3
    for name in names:
        command = [rerun_binary, "rrd", "print", tmp_path / name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.returncode == 0, done.stderr
    volume.close()
    for name in names:
        peer.verify(rerun_binary, tmp_path / name)
    again = Volume(str(tmp_path), report=reports.append)
    log = Log(again.recovered.next_index)
    again.write(log.batch([a_chunk(7)]))
    again.close()
    for name in names:
        peer.verify(rerun_binary, tmp_path / name)
    assert reports == []


def test_a_process_makes_footers_meanwhile(tmp_path: Path, rerun_binary: Path) -> None:
    reports: list[str] = []
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=40_000), report=reports.append)
    fill(volume, Log())
    deadline = time.monotonic() + DEADLINE_S
    while volume.status()["footers_due"] and time.monotonic() < deadline:
        volume.tend()
        time.sleep(0.05)
    assert not volume.status()["footers_due"]
    volume.abandon()
    peer.verify(rerun_binary, tmp_path / "app" / "run.rrd")
    peer.verify(rerun_binary, tmp_path / "app" / "run.0002.rrd")
    assert reports == []


def test_footers_that_were_left_are_made_at_the_next_opening(tmp_path: Path, rerun_binary: Path) -> None:
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=40_000), report=lambda line: None)
    volume._footers.start = lambda due: None  # type: ignore[method-assign]  # who would be killed
    fill(volume, Log())
    volume.abandon()
    with open(tmp_path / "app" / "run.rrd", "ab") as file:
        file.write(b"half of a footer")
    again = Volume(str(tmp_path), report=lambda line: None)
    assert again.recovered.repairs == ()
    assert again.status()["footers_due"]
    again.close()
    for name in data_files(tmp_path):
        peer.verify(rerun_binary, tmp_path / name)


def test_a_part_of_too_many_chunks_stays_without_a_footer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_MOST_CHUNKS", 20)
    monkeypatch.setattr(finishing, "_LEAST_CHUNK", 1)
    reports: list[str] = []
    volume = Volume(str(tmp_path), report=reports.append)
    fill(volume, Log())
    before = os.path.getsize(tmp_path / "app" / "run.rrd")
    volume.close()
    assert os.path.getsize(tmp_path / "app" / "run.rrd") == before
    assert ["82 messages" in line for line in reports] == [True]


def test_time_ends_a_part_that_nothing_comes_for(tmp_path: Path) -> None:
    volume = Volume(str(tmp_path), rotate=Rotate(age_s=0.001), report=lambda line: None)
    log = Log()
    volume.write(log.batch([an_info(), a_chunk(1)]))
    volume.sync()
    time.sleep(1.1)  # files begin at whole seconds
    volume.tend()
    assert [file.phase for file in volume._state.files.values()] == [Phase.CLOSED]
    volume.write(log.batch([a_chunk(2)]))
    volume.close()
    assert data_files(tmp_path) == ["app/run.0002.rrd", "app/run.rrd"]


def test_a_footer_is_not_made_of_what_is_shorter_than_it_was(tmp_path: Path) -> None:
    path = tmp_path / "short.rrd"
    path.write_bytes(b"RRF2")
    assert "shorter" in finishing.finish(DISK, str(tmp_path), File(1, "short.rrd", b"", 1, 0, 0, 0, 100))
    assert finishing.finish(DISK, str(tmp_path), File(1, "not there.rrd", b"", 1, 0, 0, 0, 100)) == ""
    assert "cannot be read" in finishing.finish(DISK, str(tmp_path), File(1, "short.rrd", b"", 1, 0, 0, 0, 3))
