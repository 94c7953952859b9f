"""scripts/bench log: what a call of `log` costs its caller and its process, beside the real SDK's."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import median
from tests.benchmarks.report import PEER_TIMEOUT_S, SHM, finish, measured

CALLS = {
    "scalar": 20_000,
    "points100": 10_000,
    "text": 20_000,
    "transform": 20_000,
    "image": 400,
    "image-paced": 100,
}
CALLER = {
    "scalar": 15.0,
    "points100": 15.0,
    "text": 15.0,
    "transform": 10.0,
    "image": 3.0,
    "image-paced": 3.0,
}
CPU = {"scalar": 8.0, "points100": 8.0, "text": 8.0, "transform": 8.0, "image": 1.5, "image-paced": 1.5}
SIDES = {"ours": "rrsdk", "peer": "rerun"}
COLUMNS = ("value", "ours µs", "peer µs", "peer ÷ ours", "CPU ÷", "p99.9 µs", "asked for")
WIDTHS = (11, 9, 9, 11, 7, 17, 0)


def program(module: str, kind: str, calls: int, output: Path) -> dict[str, float]:
    """One run in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.logging_program",
        module,
        kind,
        str(calls),
        str(output),
    ]
    done = subprocess.run(command, capture_output=True, timeout=PEER_TIMEOUT_S, check=False, text=True)
    output.unlink(missing_ok=True)
    if done.returncode or not done.stdout:
        raise SystemExit(f"{module} {kind}: exit {done.returncode} {done.stderr.strip()[-300:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(kind: str, *, calls: int, repeat: int) -> dict[str, Any]:
    """All repetitions, one SDK after the other; the first run of each warms up and is not counted."""
    runs: dict[str, list[dict[str, float]]] = {who: [] for who in SIDES}
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        names = itertools.count()
        for turn in range(repeat + 1):
            for who, module in SIDES.items():
                found = program(module, kind, calls, Path(folder) / f"{next(names)}.rrd")
                if turn:
                    runs[who].append(found)
    middles = {
        who: {key: median([run[key] for run in some]) for key in some[0]} for who, some in runs.items()
    }
    return {"value": kind, "medians": middles, "runs": runs}


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    kind, ours, peer = row["value"], row["medians"]["ours"], row["medians"]["peer"]
    caller, cpu = peer["call_s"] / ours["call_s"], peer["cpu_s"] / ours["cpu_s"]
    tail = ours["slowest_s"] <= peer["slowest_s"]
    row |= {"peer_over_ours": caller, "cpu_peer_over_ours": cpu}
    asked = ((caller >= CALLER[kind], f"≥ {CALLER[kind]:g}×"), (cpu >= CPU[kind], f"CPU ≥ {CPU[kind]:g}×"))
    asked += ((tail, "p99.9"),)
    row["asked_for"] = [{"asked": what, "reached": reached} for reached, what in asked]
    return [
        kind,
        f"{ours['call_s'] * 1e6:.2f}",
        f"{peer['call_s'] * 1e6:.2f}",
        f"{caller:.1f}×",
        f"{cpu:.1f}×",
        f"{ours['slowest_s'] * 1e6:.0f} / {peer['slowest_s'] * 1e6:.0f}",
        ", ".join(f"{'✓' if reached else '✗'} {what}" for reached, what in asked),
    ]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench log", description=__doc__)
    parser.add_argument("--values", default=",".join(CALLS), help=f"[{','.join(CALLS)}]")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs that count  [5]")
    parser.add_argument("--quick", action="store_true", help="few calls, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    kinds = given.values.split(",")
    for kind in kinds:
        if kind not in CALLS:
            parser.error(f"no value {kind}; there is {', '.join(CALLS)}")
    share, repeat = (20, 1) if given.quick else (1, given.repeat)
    rows = measured(
        kinds, lambda kind: measure(kind, calls=CALLS[kind] // share, repeat=repeat), cells, COLUMNS, WIDTHS
    )
    return finish("log", rows, given.json, quick=given.quick)
