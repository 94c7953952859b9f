"""scripts/bench dataframe: tables of a million rows, beside Rerun's own; what a scan holds in memory.

Ours opens the file and decodes chunks as it goes; the peer's store is in memory before its time is taken.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.dataframe_program import MIB, ROWS, make
from tests.benchmarks.measure import median
from tests.benchmarks.report import finish, measured

TABLES = {
    "in turn, filled": ("in turn", True),
    "in turn": ("in turn", False),
    "sparse, filled": ("sparse", True),
    "sparse": ("sparse", False),
    "together, filled": ("together", True),
    "together": ("together", False),
}
ASKED = 2.0
SCAN = "scan within a budget"
BUDGET = 512 * MIB
SCANNED = 20
"""How many times the rows of a table are scanned: a recording of four budgets, decoded."""
HELD = 1.2
COLUMNS = ("table", "ours s", "peer s", "peer ÷ ours", "CPU ÷", "ours MB", "peer MB", "asked for")
WIDTHS = (22, 7, 7, 11, 6, 8, 8, 0)


def program(who: str, path: Path, fill: bool, budget: int = 512 * MIB) -> dict[str, float]:
    """One reading in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.dataframe_program", who, str(path)]
    command += ["fill" if fill else "plain", str(budget)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=900)
    if done.returncode or not done.stdout:
        raise SystemExit(f"{who} {path.name}: exit {done.returncode} {done.stderr.strip()[-300:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def recording(shape: str, rows: int) -> Path:
    """A recording of this shape; made once and kept."""
    path = workloads.folder() / f"tables-{shape.replace(' ', '-')}-{rows}.rrd"
    if not path.exists():
        part = path.with_suffix(".part")
        make(part, shape, rows)
        part.rename(path)
    return path


def measure(name: str, *, rows: int, repeat: int) -> dict[str, Any]:
    """One row of the table."""
    if name == SCAN:
        return _scan(rows, repeat)
    shape, fill = TABLES[name]
    path = recording(shape, rows)
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for _ in range(repeat):
        for who, found in runs.items():
            found.append(program(who, path, fill))
            if found[0]["rows"] != runs["ours"][0]["rows"]:
                return {"table": name, "failed": "the tables differ in their rows"}
    middles = {
        who: {key: median([run[key] for run in some]) for key in some[0]} for who, some in runs.items()
    }
    return {"table": name, "medians": middles, "runs": runs}


def _scan(rows: int, repeat: int) -> dict[str, Any]:
    """How much more a scan holds at most than the imports, where decoded chunks may take the default."""
    path = recording("sparse", SCANNED * rows)
    base = median([program("import", path, True, BUDGET)["peak_bytes"] for _ in range(repeat)])
    runs = [program("ours", path, True, BUDGET) for _ in range(repeat)]
    middles = {key: median([run[key] for run in runs]) for key in runs[0]}
    return {"table": SCAN, "medians": {"ours": middles}, "runs": runs, "held": middles["peak_bytes"] - base}


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table as it is shown, with what was asked for."""
    if "failed" in row:
        return [row["table"], row["failed"], *[""] * 6]
    ours = row["medians"]["ours"]
    shown = [row["table"], f"{ours['wall_s']:.2f}"]
    if "peer" not in row["medians"]:
        reached = row["held"] <= HELD * BUDGET
        row["asked_for"] = [{"what": "held", "at_most": HELD * BUDGET, "reached": reached}]
        told = (
            f"≤ {HELD * BUDGET / MIB:.0f} MiB: {'reached' if reached else 'missed'}, {row['held'] / MIB:.0f}"
        )
        return [*shown, "", "", "", f"{ours['peak_bytes'] / MIB:.0f}", "", told]
    peer = row["medians"]["peer"]
    wall, cpu = peer["wall_s"] / ours["wall_s"], peer["cpu_s"] / ours["cpu_s"]
    row |= {"peer_over_ours": wall, "cpu_peer_over_ours": cpu}
    asked = ""
    if row["table"].endswith("filled"):
        row["asked_for"] = [{"what": "wall", "at_least": ASKED, "reached": wall >= ASKED}]
        asked = f"≥ {ASKED:g}: {'reached' if wall >= ASKED else 'missed'}"
    memory = [f"{one['peak_bytes'] / MIB:.0f}" for one in (ours, peer)]
    return [*shown, f"{peer['wall_s']:.2f}", f"{wall:.1f}", f"{cpu:.1f}", *memory, asked]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench dataframe", description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that count  [3]")
    parser.add_argument("--quick", action="store_true", help="little, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    rows, repeat = (ROWS // 20, 1) if given.quick else (ROWS, given.repeat)
    found = measured(
        [*TABLES, SCAN], lambda name: measure(name, rows=rows, repeat=repeat), cells, COLUMNS, WIDTHS
    )
    return finish("dataframe", found, given.json, quick=given.quick)
