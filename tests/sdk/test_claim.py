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


PROGRAM = """
import sys
import rrsdk as rr
rr.init("rrkit_test", recording_id=sys.argv[2] if len(sys.argv) > 2 else None, send_properties=False)
rr.save("run.rrd")
rr.log("a", rr.Scalars(float(sys.argv[1])))
"""


def ran(*args: str, **environment: str) -> str:
    """What the program says, having run to its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    return done.stderr


def test_a_rank_that_is_late_leaves_what_another_wrote(here: Path) -> None:
    assert ran("1", RRSDK_RUN_ID="run") == ""
    said = ran("2", RRSDK_RUN_ID="run")
    (beside,) = here.glob("run.*.rrd")
    pid = beside.name.split(".")[1]
    assert said == f"run.rrd holds a part of this recording: process {pid} writes {beside.name}\n"
    assert (values("run.rrd"), values(beside)) == ([1.0], [2.0])


def test_another_start_begins_the_file_anew(here: Path) -> None:
    assert ran("1") + ran("2") == ""
    assert values("run.rrd") == [2.0]
    assert ran("3", "chosen") + ran("4", "chosen") == "", "as in Rerun, where the program chose the id"
    assert values("run.rrd") == [4.0]
    assert list(here.iterdir()) == [here / "run.rrd"]


def test_the_process_itself_begins_it_anew(here: Path) -> None:
    for number in (1.0, 2.0):
        rr.init("rrkit_test", send_properties=False)
        rr.save("run.rrd")
        rr.log("a", rr.Scalars(number))
        rr.disconnect()
    rr.set_global_data_recording(None)
    assert values("run.rrd") == [2.0]
