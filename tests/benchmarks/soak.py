"""scripts/bench soak: a hundred producers, a thousand entities each, one broker; is anything lost?"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import median
from tests.benchmarks.pipe import free_port, server, stored_by
from tests.benchmarks.report import PEER_TIMEOUT_S, finish, say

PROCESSES = 10
RATE = 500  # rows a second and process, each row a message of its own
LIMIT = "256MiB"
SAMPLE_S = 1.0
TAIL = 0.99


def resident(pid: int) -> int:
    """Bytes of memory that a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def run(seconds: float) -> dict[str, Any]:
    """All producers for so long; the broker's memory is looked at every second."""
    port = free_port()
    with server("ours", port, memory_limit=LIMIT) as broker:
        command = [sys.executable, "-m", "tests.benchmarks.soak_program", f"127.0.0.1:{port}"]
        children = [
            subprocess.Popen([*command, str(number), str(seconds), str(RATE)], stdout=subprocess.PIPE)
            for number in range(PROCESSES)
        ]
        memory = []
        while any(child.poll() is None for child in children):
            memory.append(resident(broker.pid))
            time.sleep(SAMPLE_S)
        said = [json.loads(child.communicate(timeout=PEER_TIMEOUT_S)[0]) for child in children]
        taken = stored_by(port)["rows"]
    waits = sorted(wait for one in said for wait in one["waits_s"])
    logged = sum(one["logged"] for one in said)
    half = memory[len(memory) // 2 :]
    row = {
        "logged": logged,
        "acknowledged": sum(one["held"] for one in said),
        "reported_lost": sum(one["lost"] for one in said),
        "taken_in": taken,
        "median_ack_s": median(waits),
        "p99_ack_s": waits[int(len(waits) * TAIL)],
        "memory_peak_bytes": max(memory),
        "memory_second_half": [min(half), max(half)],
    }
    row["asked_for"] = [{"asked": "nothing lost", "reached": row["reported_lost"] == 0 and taken >= logged}]
    return row


def main(arguments: list[str]) -> int:
    """Measure, say, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="[60]")
    parser.add_argument("--spool", action="store_true", help="a broker that spools, everybody comes and goes")
    parser.add_argument("--quick", action="store_true", help="five seconds: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    run_it = run
    if given.spool:
        from tests.benchmarks.soak_spool import run as run_it
    row = run_it((20 if given.spool else 5) if given.quick else given.seconds)
    for name, value in row.items():
        if name != "samples":
            say(f"{name:20} {value}")
    return finish("soak-spool" if given.spool else "soak", [row], given.json, quick=given.quick)
