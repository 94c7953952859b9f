"""scripts/bench directory: 200 recordings compacted, beside the real `optimize` on a directory."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.measure import Cost, middle, run
from tests.benchmarks.report import SHM, finish, measured, peer_binary

ASKED = 1.5
KINDS = {
    "one-row chunks": ("tiny", 500),
    "batches": ("scalars", 5000),
    "clouds": ("cloud", 1),
}
"""What each of the recordings holds: a workload and its size."""
COLUMNS = ("recordings", "MB", "ours s", "Rerun s", "ratio", "peak MB", "asked for")
WIDTHS = (18, 6, 7, 7, 6, 12, 0)


def measure(kind: str, given: argparse.Namespace) -> dict[str, Any]:
    """One kind of recordings, in and out of memory; alternating runs."""
    name, size = KINDS[kind]
    whole = workloads.workload(name, size=size, footer=True).read_bytes()
    env = {**os.environ, "PYTHONPATH": str(workloads.ROOT)}
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        source, out = Path(folder) / "in", Path(folder) / "out"
        for number in range(given.count):
            path = source / f"robot{number % 4}" / f"{number:03}.rrd"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(whole)
        commands = {
            "ours": [sys.executable, "-m", "rrtool", "compact", str(source), "-o", str(out), "--jobs", "2"],
            "theirs": [str(peer_binary()), "rrd", "optimize", str(source), "-o", str(out)],
        }
        costs: dict[str, list[Cost]] = {who: [] for who in commands}
        for _ in range(given.repeat + 1):
            for who, command in commands.items():
                costs[who].append(run(command, env=env, stderr=str(Path(folder) / "stderr")))
                made = sum(1 for _ in out.rglob("*.rrd"))
                if made != given.count:
                    costs[who][-1] = costs[who][-1]._replace(rc=costs[who][-1].rc or 1)
                shutil.rmtree(out, ignore_errors=True)
    ours, theirs = (middle(costs[who][1:]) for who in commands)
    row: dict[str, Any] = {
        "workload": kind,
        "recordings": given.count,
        "bytes": len(whole) * given.count,
        "ours": ours._asdict(),
        "theirs": theirs._asdict(),
        "ratio": theirs.wall_s / ours.wall_s,
    }
    if ours.rc or theirs.rc:
        row["failed"] = f"exit {ours.rc} and {theirs.rc}"
    elif not given.quick:
        row["asked_for"] = [{"asked": f"{ASKED}×", "reached": row["ratio"] >= ASKED}]
    return row


def cells(row: dict[str, Any]) -> list[str]:
    ours, theirs = row["ours"], row["theirs"]
    asked = [f"{'✓' if one['reached'] else '✗'} {one['asked']}" for one in row.get("asked_for", ())]
    return [
        f"{row['recordings']} {row['workload']}",
        f"{row['bytes'] / 1e6:.0f}",
        f"{ours['wall_s']:.2f}",
        f"{theirs['wall_s']:.2f}",
        f"{row['ratio']:.1f}×",
        f"{ours['peak_bytes'] / 1e6:.0f} / {theirs['peak_bytes'] / 1e6:.0f}",
        row.get("failed") or ", ".join(asked),
    ]


def main(argv: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file; 1 where something failed."""
    parser = argparse.ArgumentParser(prog="scripts/bench directory", description=__doc__)
    parser.add_argument("--count", type=int, default=200, metavar="N", help="recordings  [200]")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that count  [3]")
    parser.add_argument("--quick", action="store_true", help="8 recordings, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="[bench-directory-DATE.json]")
    given = parser.parse_args(argv)
    if given.quick:
        given.repeat, given.count = 1, 8
    rows = measured(KINDS, lambda kind: measure(kind, given), cells, COLUMNS, WIDTHS)
    return finish("directory", rows, given.json, quick=given.quick)
