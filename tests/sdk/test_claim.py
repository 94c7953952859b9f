"""Two that write to one file leave a file each: in one process, in several, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rrsdk as rr
from rrsdk.errors import BusyError
from rrsdk.sinks.save import save_sink

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stream(recording: str) -> rr.RecordingStream:
    return rr.RecordingStream("rrkit_test", recording_id=recording, send_properties=False)


def values(path: Path | str) -> list[float]:
    chunks = [chunk for _, chunk in rr.read_chunks(str(path))]
    return [value for chunk in chunks for value in chunk.component("Scalars:scalars").flatten().to_pylist()]


def test_saving_again_to_the_same_file_goes_on_in_it(here: Path) -> None:
    rec = stream("a")
    rec.save("run.rrd")
    rec.log("a", rr.Scalars(1.0))
    rec.save(here / "run.rrd")
    rec.log("a", rr.Scalars(2.0))
    rec.set_sinks(rr.FileSink("./run.rrd"))
    rec.log("a", rr.Scalars(3.0))
    rec.disconnect()
    assert values("run.rrd") == [1.0, 2.0, 3.0]
    rec.save("run.rrd")
    rec.log("a", rr.Scalars(4.0))
    rec.disconnect()
    assert values("run.rrd") == [4.0], "a file that is complete is begun anew"


def test_recordings_of_one_process_write_a_file_each(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    recordings = [stream(name) for name in "abc"]
    for number, rec in enumerate(recordings):
        rec.save("run.rrd")
        rec.log("a", rr.Scalars(float(number)))
    for rec in recordings:
        rec.disconnect()
    pid = os.getpid()
    assert [values(f"run{one}.rrd") for one in ("", f".{pid}", f".{pid}.2")] == [[0.0], [1.0], [2.0]]
    assert caplog.messages[0] == f"run.rrd is being written already: process {pid} writes run.{pid}.rrd"


def test_processes_write_a_file_each(here: Path) -> None:
    code = """
import sys
import rrsdk as rr
rr.init("rrkit_test", recording_id="shared", send_properties=False)
rr.save("run.rrd")
rr.log("a", rr.Scalars(float(sys.argv[1])))
print("saving", flush=True)
sys.stdin.read()
"""
    children = []
    for number in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "saving\n"
    said = [child.communicate(timeout=30)[1] for child in children]
    assert said[0] == ""
    assert values("run.rrd") == [0.0]
    for number, child in enumerate(children[1:], 1):
        assert (
            said[number]
            == f"run.rrd is being written already: process {child.pid} writes run.{child.pid}.rrd\n"
        )
        assert values(f"run.{child.pid}.rrd") == [float(number)]


def test_who_is_too_late_changes_nothing(here: Path) -> None:
    sink = save_sink("run.rrd")
    before = Path("run.rrd").read_bytes()
    with pytest.raises(BusyError, match=r"run\.rrd: is being written already"):
        save_sink("run.rrd")
    assert Path("run.rrd").read_bytes() == before != b""
    sink.close(0.0)
    save_sink("run.rrd").close(0.0)
