"""scripts/bench soak --spool: everybody comes and goes, small memory, files that rotate; is it flat?"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.pipe import free_port, server, status_of
from tests.benchmarks.report import PEER_TIMEOUT_S, say

PRODUCERS = 20
RATE = 100  # rows a second and producer, besides an image a second
LIVES_S = (15.0, 60.0)
READERS = ("fast", "fast", "fast", "slow", "fleeting")
FLEETING_S = 10.0
MEMORY, ROTATE = "128MiB", "64MiB"
BUDGET_BYTES = 1 << 30
"""Of files: the oldest parts are removed, as a user's cron would."""
SAMPLE_S = 1.0
FLAT = 1.15
"""The last third's mean may be so many times that of the middle one."""
WIDTH, HEIGHT = 62, 8
QUANTITIES = ("resident_bytes", "descriptors", "threads")


class Crowd:
    """Producers and readers; whoever ends is followed by another until time is up."""

    def __init__(self, port: int, seconds: float) -> None:
        self.url, self.end = f"127.0.0.1:{port}", time.monotonic() + seconds
        self.said: list[dict[str, Any]] = []
        self.failed: list[str] = []
        self._chance = random.Random(1)
        self._threads = [
            *(threading.Thread(target=self._produce, args=(number,)) for number in range(PRODUCERS)),
            *(threading.Thread(target=self._read, args=(kind,)) for kind in READERS),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _produce(self, number: int) -> None:
        while (left := self.end - time.monotonic()) > 1:
            seconds = min(left, self._chance.uniform(*LIVES_S))
            said = self._run("produce", str(number), str(seconds), str(RATE), timeout_s=seconds)
            if said:
                self.said.append(json.loads(said))

    def _read(self, kind: str) -> None:
        while (left := self.end - time.monotonic()) > 1:
            seconds = min(left, FLEETING_S) if kind == "fleeting" else left
            self._run("read", kind, str(seconds), timeout_s=seconds)

    def _run(self, *args: str, timeout_s: float) -> str:
        command = [sys.executable, "-m", "tests.benchmarks.soak_spool_program", self.url, *args]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=timeout_s + PEER_TIMEOUT_S
        )
        if done.returncode:
            self.failed.append(f"{args[0]}: {done.stderr.strip()[-300:]}")
        return done.stdout


def sample(pid: int) -> dict[str, int]:
    """What the broker's process has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    said = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return {
        "resident_bytes": int(said["VmRSS"].split()[0]) * 1024,
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(said["Threads"]),
    }


def tidy(folder: Path) -> int:
    """Remove the oldest parts beyond the budget, never the newest of all; bytes that stay."""
    parts = []
    for path in folder.rglob("*.rrd"):
        with suppress(FileNotFoundError):
            parts.append((path.stat().st_mtime, path.stat().st_size, path))
    parts.sort()
    total = sum(size for _, size, _ in parts)
    for _, size, path in parts[:-2]:
        if total <= BUDGET_BYTES:
            break
        path.unlink(missing_ok=True)
        total -= size
    return total


def is_flat(values: list[int]) -> bool:
    """Whether the last third is about as high as the one before it."""
    third = max(len(values) // 3, 1)
    middle, last = values[third : 2 * third] or values, values[-third:]
    return sum(last) / len(last) <= FLAT * sum(middle) / len(middle) + 2


def plot(values: list[int], unit: str, factor: float) -> list[str]:
    """Columns of the highest value in each stretch of time."""
    top = max(values) * 1.1
    step = max(len(values) / WIDTH, 1.0)
    columns = [
        max(values[int(at * step) : int((at + 1) * step) or 1] or [0])
        for at in range(int(len(values) / step))
    ]
    lines = []
    for row in range(HEIGHT, 0, -1):
        label = f"{top * row / HEIGHT * factor:5.0f}" if row in (HEIGHT, HEIGHT // 2) else " " * 5
        lines.append(
            f"{label} |" + "".join("#" if value >= top * (row - 0.5) / HEIGHT else " " for value in columns)
        )
    lines.append(f"{unit:>5} +" + "-" * len(columns) + f" {len(values) * SAMPLE_S:.0f} s")
    return lines


def run(seconds: float) -> dict[str, Any]:
    """Everybody for so long; the broker is looked at every second."""
    folder = Path(tempfile.mkdtemp(dir=workloads.folder()))
    spool = ["--spool", str(folder), "--rotate", ROTATE, "--fsync", "interval"]
    port = free_port()
    samples: list[dict[str, int]] = []
    disk: list[int] = []
    try:
        with server("ours", port, memory_limit=MEMORY, more=spool) as broker:
            crowd = Crowd(port, seconds)
            crowd.start()
            while time.monotonic() < crowd.end:
                samples.append(sample(broker.pid))
                disk.append(tidy(folder))
                time.sleep(SAMPLE_S)
            crowd.join()
            status = status_of(port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    series = {name: [each[name] for each in samples] for name in QUANTITIES}
    for line in plot(series["resident_bytes"], "MB", 1e-6):
        say(line)
    lost = sum(one["lost"] for one in crowd.said)
    row: dict[str, Any] = {
        "programs": len(crowd.said),
        "logged": sum(one["logged"] for one in crowd.said),
        "lost": lost,
        "failed_programs": crowd.failed[:5],
        "taken_in": status["stored"]["rows"],
        "written_bytes": status["spool"]["bytes"],
        "disk_peak_bytes": max(disk),
        "mishaps": status["mishaps"],
        **{f"{name}_range": [min(values), max(values)] for name, values in series.items()},
        "samples": series,
    }
    row["asked_for"] = [
        {"asked": "nothing lost, nobody failed", "reached": not lost and not crowd.failed},
        *({"asked": f"{name} flat", "reached": is_flat(values)} for name, values in series.items()),
    ]
    return row
