"""scripts/bench files: each verb of ours beside the compiled peer's; medians as a table and a JSON file."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.measure import Cost, middle, run
from tests.benchmarks.report import SHM, finish, peer_binary, say, table_line
from tests.benchmarks.targets import MB, RATIOS, judge

OURS, PEER, CP = "ours", "peer", "cp"
WRITES = ("merge", "merge-nofooter", "filter-entity", "filter-timeline", "compact")
COLUMNS = (
    "verb",
    "workload",
    "out",
    "ours s",
    "peer s",
    "peer ÷ ours",
    "CPU s",
    "peak MB",
    "÷ cp",
    "asked for",
)
WIDTHS = (15, 8, 5, 7, 7, 11, 13, 11, 5, 0)


@dataclass
class Row:
    """One verb on one workload with its output in one place."""

    verb: str
    workload: str
    where: str
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    failed: str = ""

    def middles(self) -> dict[str, Cost]:
        return {who: middle(costs) for who, costs in self.costs.items()}


class Bench:
    """Runs rows; knows the programs and a fresh name for every output."""

    def __init__(self, scratch: dict[str, Path], env: dict[str, str], repeat: int) -> None:
        self._scratch, self._env, self._repeat = scratch, env, repeat
        self._names = itertools.count()
        self._stderr = str(scratch["disk"] / "stderr")
        self.peer_program = str(peer_binary())

    def commands(self, row: Row, source: str, out: str) -> dict[str, list[str]]:
        """What each program is asked to do; the same thing."""
        ours = [sys.executable, "-m", "rrtool"]
        peer = [self.peer_program, "rrd"]
        verb = row.verb.partition("-")[0]
        options: list[str] = []
        if row.verb == "filter-entity":
            options = ["--drop-entity", workloads.SMALL_ENTITY[row.workload]]
        elif row.verb == "filter-timeline":
            options = ["--drop-timeline", "log_time"]
        elif row.verb == "print-vvv":
            options = ["-vvv"]
        if row.verb in WRITES:
            options += ["-o", out]
        both = {
            OURS: [*ours, verb, *options, source],
            PEER: [*peer, "optimize" if verb == "compact" else verb, *options, source],
        }
        if verb == "merge":
            both[CP] = ["/bin/cp", source, out]
        return both

    def measure(self, row: Row, source: Path) -> None:
        """All repetitions, one program after the other; the first run of each warms up and is not counted."""
        for turn in range(self._repeat + 1):
            for who in self.commands(row, "", ""):
                out = self._scratch[row.where] / f"{next(self._names)}.rrd"
                cost = run(self.commands(row, str(source), str(out))[who], env=self._env, stderr=self._stderr)
                if cost.rc:
                    last = Path(self._stderr).read_text(errors="replace").strip().splitlines()[-1:]
                    row.failed = f"{who} exit {cost.rc} {' '.join(last)}"[:160]
                if turn == 0 and who == OURS and not row.failed and row.verb in WRITES:
                    self._check(row, out)
                out.unlink(missing_ok=True)
                if row.failed:
                    return
                if turn:
                    row.costs.setdefault(who, []).append(cost)

    def _check(self, row: Row, out: Path) -> None:
        command = [self.peer_program, "rrd", "verify", str(out)]
        if run(command, env=self._env, stderr=self._stderr).rc:
            row.failed = "the peer's verify does not accept the output"


def cells(row: Row, *, judged: bool) -> list[str]:
    """A row of the table; `judged` where it is about the workloads that the targets are for."""
    head = [row.verb, row.workload, row.where]
    if row.failed:
        return [*head, "", "", "", "", "", "", f"FAILED: {row.failed}"]
    cost = row.middles()
    ours, peer = cost[OURS], cost[PEER]
    verdicts = judge(row.verb, row.workload, ours, peer) if judged else []
    return [
        *head,
        f"{ours.wall_s:.3f}",
        f"{peer.wall_s:.3f}",
        f"{peer.wall_s / ours.wall_s:.2f}×",
        f"{ours.cpu_s:.2f} / {peer.cpu_s:.2f}",
        f"{ours.peak_bytes / MB:.0f} / {peer.peak_bytes / MB:.0f}",
        f"{ours.wall_s / cost[CP].wall_s:.2f}" if CP in cost else "",
        ", ".join(f"{'✓' if verdict.reached else '✗'} {verdict.asked}" for verdict in verdicts),
    ]


def as_json(row: Row, *, judged: bool) -> dict[str, Any]:
    """A row with everything that was measured."""
    found: dict[str, Any] = {"verb": row.verb, "workload": row.workload, "out": row.where}
    if row.failed:
        return {**found, "failed": row.failed}
    cost = row.middles()
    verdicts = judge(row.verb, row.workload, cost[OURS], cost[PEER]) if judged else []
    return {
        **found,
        "peer_over_ours": cost[PEER].wall_s / cost[OURS].wall_s,
        "medians": {who: one._asdict() for who, one in cost.items()},
        "runs": {who: [one._asdict() for one in costs] for who, costs in row.costs.items()},
        "asked_for": [verdict._asdict() for verdict in verdicts],
    }


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench files", description=__doc__)
    listed = ",".join(RATIOS)
    parser.add_argument("--verbs", default=listed, help=f"rows, or verbs for all of their rows  [{listed}]")
    listed = ",".join(workloads.SIZES)
    parser.add_argument("--workloads", default=listed, help=f"[{listed}]")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs that count  [5]")
    parser.add_argument(
        "--where", choices=["tmpfs", "disk", "both"], default="both", help="of outputs  [both]"
    )
    parser.add_argument("--quick", action="store_true", help="small workloads, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="[bench-DATE.json beside the workloads]")
    given = parser.parse_args(argv)
    asked = given.verbs.split(",")
    given.rows = [row for row in RATIOS if row in asked or row.partition("-")[0] in asked]
    given.names = given.workloads.split(",")
    for name in asked:
        if name not in {*RATIOS, *(row.partition("-")[0] for row in RATIOS)}:
            parser.error(f"no verb {name}; there is {', '.join(RATIOS)}")
    for name in given.names:
        if name not in workloads.SIZES:
            parser.error(f"no workload {name}; there is {listed}")
    if given.repeat < 1:
        parser.error("--repeat must be at least 1")
    return given


def rows(given: argparse.Namespace) -> Iterator[Row]:
    """Everything that is to be measured, in order."""
    places = ["tmpfs", "disk"] if given.where == "both" else [given.where]
    if not SHM.is_dir():
        places = ["disk"]
    if given.quick:
        places = places[:1]
    for verb, name in itertools.product(given.rows, given.names):
        for where in places if verb in WRITES else places[:1]:
            yield Row(verb, name, where)


def main(argv: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file; 1 where something failed."""
    given = arguments(argv)
    sizes = workloads.QUICK_SIZES if given.quick else workloads.SIZES
    repeat = 1 if given.quick else given.repeat
    # An installed program has its bytecode beside it: ours must not be compiled anew in each run because
    # whoever measures works without bytecode.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPATH"] = str(workloads.ROOT)
    done: list[Row] = []
    with (
        tempfile.TemporaryDirectory(dir=workloads.folder()) as disk,
        tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as tmpfs,
    ):
        bench = Bench({"disk": Path(disk), "tmpfs": Path(tmpfs)}, env, repeat)
        say(table_line(COLUMNS, WIDTHS))
        say("|" + " --- |" * len(COLUMNS))
        for row in rows(given):
            source = workloads.workload(
                row.workload, size=sizes[row.workload], footer=row.verb != "merge-nofooter"
            )
            workloads.warm(source)
            bench.measure(row, source)
            done.append(row)
            say(table_line(cells(row, judged=not given.quick), WIDTHS))
    rows_found = [as_json(row, judged=not given.quick) for row in done]
    return finish("files", rows_found, given.json, quick=given.quick)
