"""scripts/bench lazy: recordings that do not fit in memory, opened and asked, beside the peer's."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.lazy_files import CHUNK_BYTES, write_clouds
from tests.benchmarks.measure import median
from tests.benchmarks.report import finish, measured, say

KINDS = {"clouds": (5_000, CHUNK_BYTES), "small": (200_000, 192)}
"""Chunks, and bytes of a chunk: 10 GB, and a manifest of many rows."""
BUDGET_BYTES = 256_000_000
OPEN_S, OPEN_BYTES, FIRST_S, OVER = 0.5, 200_000_000, 0.05, 1.2
COLUMNS = (
    "workload",
    "chunks",
    "opening",
    "its memory",
    "first latest-at",
    "warm",
    "4× the budget",
    "asked for",
)
WIDTHS = (14, 7, 9, 10, 15, 8, 24, 0)


def recording(kind: str, share: int) -> Path:
    """The path of a recording, which is made where it is not there yet."""
    chunks, size = KINDS[kind]
    chunks = max(chunks // share, 20)
    path = workloads.folder() / f"lazy-{kind}-{chunks}.rrd"
    if not path.exists():
        say(f"making {path.name}: {chunks} chunks")
        write_clouds(path, chunks=chunks, chunk_bytes=size)
    return path


def program(which: str, path: Path, budget_bytes: int, runs: int) -> dict[str, Any]:
    """The median of each quantity over some runs."""
    command = [sys.executable, "-m", "tests.benchmarks.lazy_program", which, str(path), str(budget_bytes)]
    found = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout) for _ in range(runs)
    ]
    return {name: median([one[name] for one in found]) for name in found[0]}


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    peak = row["scan_peak_bytes"]
    scan = f"{row['scan_s']:.2f} s, peak {peak / 1e6:.0f} MB"
    verdicts = []
    if row["who"] == "ours":
        reached = {
            f"open ≤ {OPEN_S:g} s": row["open_s"] <= OPEN_S,
            f"≤ {OPEN_BYTES / 1e6:.0f} MB": row["open_bytes"] <= OPEN_BYTES,
            f"scan ≤ {OVER:g} × budget": peak - row["open_bytes"] <= OVER * row["budget_bytes"],
        }
        if row["workload"] == "clouds":
            reached[f"first ≤ {FIRST_S * 1e3:.0f} ms"] = row["first_s"] <= FIRST_S
        row["asked_for"] = [{"asked": asked, "reached": is_so} for asked, is_so in reached.items()]
        verdicts = [f"{'✓' if is_so else '✗'} {asked}" for asked, is_so in reached.items()]
    return [
        f"{row['workload']}, {row['who']}",
        f"{row['chunks']:.0f}",
        f"{row['open_s'] * 1e3:.1f} ms",
        f"{row['open_bytes'] / 1e6:.1f} MB",
        f"{row['first_s'] * 1e3:.1f} ms" + ("" if row["who"] == "ours" else " *"),
        f"{row['warm_s'] * 1e6:.1f} µs" if "warm_s" in row else "-",
        scan,
        ", ".join(verdicts),
    ]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench lazy", description=__doc__)
    parser.add_argument("--workloads", default=",".join(KINDS), help=f"[{','.join(KINDS)}]")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of which the median counts  [3]")
    parser.add_argument("--remove", action="store_true", help="the recordings afterwards: 10 GB")
    parser.add_argument("--quick", action="store_true", help="a hundredth: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    kinds = given.workloads.split(",")
    for kind in kinds:
        if kind not in KINDS:
            parser.error(f"no workload {kind}; there is {', '.join(KINDS)}")
    share = 100 if given.quick else 1
    budget = BUDGET_BYTES // share
    paths = {kind: recording(kind, share) for kind in kinds}

    def one(name: str) -> dict[str, Any]:
        kind, who = name.split()
        found = program(who, paths[kind], budget, given.runs)
        return {"workload": kind, "who": who, "budget_bytes": budget, **found}

    names = [f"{kind} {who}" for kind in kinds for who in ("ours", "peer")]
    rows = measured(names, one, cells, COLUMNS, WIDTHS)
    say("* the first chunk of that entity: it answers no latest-at")
    if given.remove:
        for path in paths.values():
            path.unlink()
    return finish("lazy", rows, given.json, quick=given.quick)
