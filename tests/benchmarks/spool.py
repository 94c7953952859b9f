"""scripts/bench spool: what keeping on disk costs the pipe, beside what the disk itself can do."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.measure import median
from tests.benchmarks.pipe import COUNTS, UNITS, one
from tests.benchmarks.report import finish, measured, say

VARIANTS = ("none", "never", "interval", "always")
ASKED = 0.75
"""Of the throughput without a spool, that `interval` keeps."""
COLUMNS = ("workload", *VARIANTS, "interval ÷ none", "fsyncs/s of always", "asked for")
WIDTHS = (9, 12, 12, 12, 12, 15, 18, 0)
SYNCS, SYNCED_BYTES = 200, 4096
WRITTEN_BYTES, BLOCK = 512 * 1024 * 1024, 1024 * 1024


def disk_speed(folder: Path) -> dict[str, float]:
    """Fsyncs a second behind 4 KiB each, and bytes a second of a large file that is synced at its end."""
    path = folder / "speed"
    fileno = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        begun = time.perf_counter()
        for _ in range(SYNCS):
            os.write(fileno, bytes(SYNCED_BYTES))
            os.fdatasync(fileno)
        synced = time.perf_counter() - begun
        block = os.urandom(BLOCK)
        begun = time.perf_counter()
        for _ in range(WRITTEN_BYTES // BLOCK):
            os.write(fileno, block)
        os.fdatasync(fileno)
        written = time.perf_counter() - begun
    finally:
        os.close(fileno)
        path.unlink()
    return {"fsyncs_per_s": SYNCS / synced, "bytes_per_s": WRITTEN_BYTES / written}


def run(variant: str, kind: str, count: int, folder: Path) -> dict[str, float]:
    """Four producers once; the spool is thrown away."""
    spool = Path(tempfile.mkdtemp(dir=folder))
    try:
        more = [] if variant == "none" else ["--spool", str(spool), "--fsync", variant]
        return one("ours", kind, count, more=more)
    finally:
        shutil.rmtree(spool)


def measure(kind: str, *, repeat: int, share: int) -> dict[str, Any]:
    """All variants in turn, so that what else the machine does meets all of them."""
    folder = workloads.folder()
    runs: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
    speeds = []
    for _ in range(repeat):
        speeds.append(disk_speed(folder))
        for variant, some in runs.items():
            some.append(run(variant, kind, max(COUNTS["ours"][kind] // share, 4), folder))
    rates = {variant: median([each["rate"] for each in some]) for variant, some in runs.items()}
    return {
        "workload": kind,
        **rates,
        "interval_over_none": rates["interval"] / rates["none"],
        "syncs_per_s": median([each["syncs"] / each["took_s"] for each in runs["always"]]),
        "disk": {name: median([speed[name] for speed in speeds]) for name in speeds[0]},
        "runs": runs,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    unit, factor = UNITS[row["workload"]]
    reached = row["interval_over_none"] >= ASKED
    row["asked_for"] = [{"asked": f"interval ≥ {ASKED:.0%} of none", "reached": reached}]
    return [
        row["workload"],
        *(f"{row[variant] * factor:.0f} {unit}" for variant in VARIANTS),
        f"{row['interval_over_none']:.0%}",
        f"{row['syncs_per_s']:.0f}",
        f"{'✓' if reached else '✗'} ≥ {ASKED:.0%}",
    ]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench spool", description=__doc__)
    parser.add_argument("--workloads", default=",".join(UNITS), help=f"[{','.join(UNITS)}]")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that count  [3]")
    parser.add_argument("--quick", action="store_true", help="little, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    kinds = given.workloads.split(",")
    for kind in kinds:
        if kind not in UNITS:
            parser.error(f"no workload {kind}; there is {', '.join(UNITS)}")
    share, repeat = (20, 1) if given.quick else (1, given.repeat)
    rows = measured(kinds, lambda kind: measure(kind, repeat=repeat, share=share), cells, COLUMNS, WIDTHS)
    for row in rows:
        disk = row["disk"]
        say(
            f"the disk beside {row['workload']}: {disk['fsyncs_per_s']:.0f} fsyncs/s of 4 KiB, "
            f"{disk['bytes_per_s'] / 1e6:.0f} MB/s written and synced"
        )
    return finish("spool", rows, given.json, quick=given.quick)
