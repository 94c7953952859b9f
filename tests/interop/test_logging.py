"""A program logs with the real SDK and with ours: the rows are the same, and Rerun reads all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.interop import peer

PROGRAM = Path(__file__).with_name("logging_program.py")
ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

Row = tuple[str, tuple[Any, ...], tuple[Any, ...]]


def run(module: str, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM, module, path],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr


def rows(path: Path) -> list[Row]:
    """Entity, times without log_time and components of each row, in the order of ids for each entity."""
    found = []
    for store in peer.stores(path):
        for batch in peer.read(path, store).values():
            entity = batch.schema.metadata[b"rerun:entity_path"].decode()
            ids = batch.column(0).to_pylist()
            times, parts = [], []
            for field, column in zip(batch.schema, batch.columns):
                kind = field.metadata.get(b"rerun:kind")
                if kind == b"index" and field.name != "log_time":
                    times.append((field.name, str(field.type), column.view(pa.int64()).to_pylist()))
                elif kind == b"data":
                    about = tuple(sorted(pair for pair in field.metadata.items() if b"sorted" not in pair[0]))
                    parts.append((field.name, str(field.type), about, column.to_pylist()))
            for row, one in enumerate(ids):
                when = tuple(sorted((name, kind, values[row]) for name, kind, values in times))
                what = tuple(
                    sorted(
                        (name, kind, about, repr(values[row]))
                        for name, kind, about, values in parts
                        if values[row] is not None
                    )
                )
                found.append((entity, one, when, what))
    return [(entity, when, what) for entity, _, when, what in sorted(found, key=lambda row: row[:2])]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("logged")
    paths = {module: folder / f"{module}.rrd" for module in ("rerun", "rrsdk")}
    for module, path in paths.items():
        run(module, path)
    return paths


def test_the_same_program_records_the_same_rows(both: dict[str, Path]) -> None:
    assert peer.stores(both["rerun"]).keys() == peer.stores(both["rrsdk"]).keys()
    theirs, ours = rows(both["rerun"]), rows(both["rrsdk"])
    for entity in sorted({row[0] for row in theirs} | {row[0] for row in ours}):
        assert [row for row in ours if row[0] == entity] == [row for row in theirs if row[0] == entity], (
            entity
        )


def test_rerun_finds_nothing_wrong_with_it(both: dict[str, Path], rerun_binary: Path) -> None:
    peer.verify(rerun_binary, both["rrsdk"])


def assert_readable(binary: Path, path: Path) -> None:
    """Rerun reads all of it; it has no footer yet, without which `verify` would not look at it."""
    done = subprocess.run([binary, "rrd", "print", path], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("/a ") + done.stdout.count("/a\n") > 0


GROWING = """
import sys, time
import rrsdk as rr
rr.init("rrkit_growing", recording_id="one")
rr.save(sys.argv[1])
number = 0
while True:
    rr.set_time("number", sequence=number)
    rr.log("a", rr.Scalars(float(number)))
    rr.log(f"b/{number % 7}", rr.TextLog("x" * (number % 50)))
    number += 1
    if number % 100 == 0:
        time.sleep(0.01)
    if number == 500:
        rr.flush()
        print("flushed", flush=True)
"""


def test_rerun_reads_it_while_it_grows_and_after_a_kill(
    tmp_path: Path, rerun_binary: Path, rrtool: Callable[..., Any]
) -> None:
    path = tmp_path / "growing.rrd"
    program = subprocess.Popen(
        [sys.executable, "-c", GROWING, path], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "flushed\n"
        for _ in range(3):
            copy = tmp_path / "copy.rrd"
            copy.write_bytes(path.read_bytes())
            assert_readable(rerun_binary, copy)
            time.sleep(0.1)
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait(DEADLINE_S)
        program.stdout.close()  # type: ignore[union-attr]
    assert_readable(rerun_binary, path)
    whole = tmp_path / "whole.rrd"
    assert rrtool("merge", path, "-o", whole).rc == 0
    peer.verify(rerun_binary, whole)
    numbers = [
        int({name: value for name, _, value in when}["number"])
        for entity, when, _ in rows(whole)
        if entity == "/a"
    ]
    assert len(numbers) >= 500
    assert numbers == list(range(len(numbers)))


def test_reruns_own_values_can_be_logged(tmp_path: Path) -> None:
    import rerun

    import rrsdk as rr

    path = tmp_path / "theirs.rrd"
    stream = rr.RecordingStream("rrkit_theirs", recording_id="one", send_properties=False)
    stream.save(path)
    stream.log("p", rerun.Points3D([[1, 2, 3]], colors=[255, 0, 0]))
    stream.send_columns(
        "c", [rerun.TimeColumn("frame", sequence=[1, 2])], rerun.Scalars.columns(scalars=[1.0, 2.0])
    )
    stream.disconnect()
    stream.close(5.0)
    assert [(entity, len(what)) for entity, _, what in rows(path)] == [("/c", 1), ("/c", 1), ("/p", 2)]
