"""Files that grow, and what `kill -9` leaves of them, are read by the real program and by ours."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

import rrsdk as rr
from rrsdk.sources.chunks import chunks_of
from rrsdk.sources.damage import Damage
from rrsdk.sources.opening import open_path
from tests.conftest import Result

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0

PROGRAM = """
import sys
import numpy as np
import rrsdk as rr

rr.init("rrkit_test", recording_id="growing")
rr.save("run.rrd", **eval(sys.argv[1]))
rr.log("fixed", rr.TextDocument("fixed"), static=True)
picture = np.random.default_rng(1).integers(0, 255, (int(sys.argv[2]), 100, 3), np.uint8)
number = 0
while True:
    rr.set_time("step", sequence=number)
    rr.log("picture", rr.Image(picture))
    rr.log("number", rr.Scalars(float(number)))
    rr.flush()
    print(number, flush=True)
    number += 1
"""


def started(folder: Path, options: str, height: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, options, str(height)],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def steps(path: Path, damage: Damage, entity: str = "/number") -> list[int]:
    found = chunks_of(open_path(str(path), damage=damage, warn=pytest.fail).messages())
    return [
        step
        for _, one in found
        if one.entity_path == entity
        for step in one.times("step").cast(pa.int64()).to_pylist()
    ]


def printed(rerun_binary: Path, path: Path) -> str:
    done = subprocess.run(
        [rerun_binary, "rrd", "print", path], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("seed", range(4))
def test_what_was_flushed_is_there_after_kill_9(
    tmp_path: Path, rerun_binary: Path, rrtool: Callable[..., Result], seed: int
) -> None:
    chance = random.Random(seed)
    options = "dict(rotate=200_000)" if seed % 2 else "{}"
    child = started(tmp_path, options, chance.choice((10, 1000)))
    assert child.stdout is not None
    last = -1
    for _ in range(chance.randrange(20, 60)):
        last = int(child.stdout.readline())
    time.sleep(chance.random() * 0.02)
    child.send_signal(signal.SIGKILL)
    last = max([last, *map(int, child.stdout.read().split())])
    child.wait()
    child.stdout.close()
    rest = sorted(tmp_path.glob("run.0*.rrd"))
    found: list[int] = []
    for path in (tmp_path / "run.rrd", *rest):
        damage = Damage()
        here = steps(path, damage)
        found += here
        place = [tmp_path / "run.rrd", *rest].index(path) - len(rest)
        if place < -2 and path.name != "run.rrd":
            assert not damage.losses
            continue
        theirs = printed(rerun_binary, path)
        assert theirs.count("- /number -") == len(here)
        assert "- /fixed -" in theirs
        verified = rrtool("verify", path)
        if damage.losses:
            assert place == 0, "only the last one is cut off"
            assert "the input ends inside a message" in verified.stderr
        elif verified.rc:
            assert place >= -1, "or it was about to be ended: the next one is begun first"
            assert "there is no footer" in verified.stderr
    assert found[: last + 1] == list(range(last + 1))
    assert len(found) <= last + 3


@pytest.mark.parametrize("options", ["{}", "dict(rotate=100_000)"])
def test_it_is_read_while_it_grows(
    tmp_path: Path, rerun_binary: Path, rrtool: Callable[..., Result], options: str
) -> None:
    child = started(tmp_path, options, 10)
    assert child.stdout is not None
    try:
        for _ in range(3):
            for _ in range(10):
                last = int(child.stdout.readline())
            assert "- /number -" in printed(rerun_binary, tmp_path / "run.rrd")
            begun = [path for path in tmp_path.glob("*.rrd") if path.stat().st_size]
            newest = max(begun, key=lambda path: path.stat().st_mtime_ns)
            printed(rerun_binary, newest)
            done = rrtool("print", newest, "--continue-on-error")
            assert done.rc in (0, 3), done.stderr
            begun = [path for path in tmp_path.glob("*.rrd") if path.stat().st_size]
            found = sorted(step for path in begun for step in steps(path, Damage()))
            assert found[: last + 1] == list(range(last + 1))
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_torn_end_is_said_by_ours_and_passed_over_by_theirs(
    tmp_path: Path, rerun_binary: Path, rrtool: Callable[..., Result]
) -> None:
    rec = rr.RecordingStream("rrkit_test", recording_id="torn")
    path = tmp_path / "run.rrd"
    rec.save(path)
    ends = []
    for number in range(10):
        rec.set_time("step", sequence=number)
        rec.log("number", rr.Scalars(float(number)))
        rec.flush()
        ends.append(path.stat().st_size)
    whole = path.read_bytes()
    rec.disconnect()
    chance = random.Random(1)
    for _ in range(12):
        cut = chance.randrange(ends[0], len(whole))
        path.write_bytes(whole[:cut])
        there = sum(end <= cut for end in ends)
        assert printed(rerun_binary, path).count("- /number -") == there
        damage = Damage()
        assert steps(path, damage) == list(range(there))
        assert bool(damage.losses) == (cut not in ends)
        if cut not in ends:
            done = rrtool("print", path)
            assert done.rc == 1
            assert (
                f"byte {max(end for end in ends if end <= cut)}: the input ends inside a message"
                in done.stderr
            )
