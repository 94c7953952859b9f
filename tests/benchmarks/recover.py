"""scripts/bench recover: megabytes a second that `rrtool recover` reads, of sound and damaged recordings."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.measure import Cost, middle, run
from tests.benchmarks.report import SHM, finish, measured

ASKED_MB_S = 200
NAMES = ("cloud", "images", "tiny")
FORMS = ("sound", "holes", "gaps")
HURTS = 20
COLUMNS = ("workload", "form", "MB", "s", "MB/s", "peak MB", "asked for")
WIDTHS = (8, 6, 6, 7, 7, 7, 0)


def damaged(data: bytes, form: str) -> bytes:
    """The same with holes of zeros in it, or with pieces missing, so that no length leads on."""
    choice = random.Random(1)
    places = sorted(choice.randrange(len(data)) for _ in range(HURTS))
    changed = bytearray(data)
    for place in reversed(places) if form != "sound" else ():
        if form == "holes":
            changed[place : place + 2000] = bytes(min(2000, len(data) - place))
        else:
            del changed[place : place + 777]
    return bytes(changed)


def measure(name: str, form: str, given: argparse.Namespace) -> dict[str, Any]:
    """One workload in one form, its input and output in memory."""
    sizes = workloads.QUICK_SIZES if given.quick else workloads.SIZES
    env = {**os.environ, "PYTHONPATH": str(workloads.ROOT)}
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        source, out = Path(folder) / "in.rrd", Path(folder) / "out.rrd"
        whole = workloads.workload(name, size=sizes[name], footer=True)
        source.write_bytes(damaged(whole.read_bytes(), form))
        command = [sys.executable, "-m", "rrtool", "recover", str(source), "-o", str(out)]
        costs: list[Cost] = []
        for _ in range(given.repeat + 1):
            costs.append(run(command, env=env, stderr=str(Path(folder) / "stderr")))
            out.unlink(missing_ok=True)
        cost = middle(costs[1:])
        size = source.stat().st_size
    row: dict[str, Any] = {"workload": name, "form": form, "bytes": size, "median": cost._asdict()}
    if cost.rc not in (0, 3):
        row["failed"] = f"exit {cost.rc}"
    row["mb_per_s"] = size / cost.wall_s / 1e6
    if form == "sound" and not given.quick:
        row["asked_for"] = [{"asked": f"{ASKED_MB_S} MB/s", "reached": row["mb_per_s"] >= ASKED_MB_S}]
    return row


def cells(row: dict[str, Any]) -> list[str]:
    cost = row["median"]
    asked = [f"{'✓' if one['reached'] else '✗'} {one['asked']}" for one in row.get("asked_for", ())]
    return [
        row["workload"],
        row["form"],
        f"{row['bytes'] / 1e6:.0f}",
        f"{cost['wall_s']:.3f}",
        f"{row['mb_per_s']:.0f}",
        f"{cost['peak_bytes'] / 1e6:.0f}",
        row.get("failed") or ", ".join(asked),
    ]


def main(argv: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file; 1 where something failed."""
    parser = argparse.ArgumentParser(prog="scripts/bench recover", description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that count  [3]")
    parser.add_argument("--quick", action="store_true", help="small workloads, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="[bench-recover-DATE.json]")
    given = parser.parse_args(argv)
    given.repeat = 1 if given.quick else given.repeat
    names = [f"{name} {form}" for name in NAMES for form in FORMS]
    rows = measured(names, lambda name: measure(*name.split(), given=given), cells, COLUMNS, WIDTHS)
    return finish("recover", rows, given.json, quick=given.quick)
