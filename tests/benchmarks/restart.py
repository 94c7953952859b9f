"""scripts/bench restart: how long a broker that was killed takes until it serves everybody again."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from rrsdk.endpoint import control_port
from rrsdk.message import ChunkMsg
from rrsdk.sources.zmq import ZmqSource
from tests.benchmarks import workloads
from tests.benchmarks.pipe import free_port
from tests.benchmarks.report import finish, measured
from tests.sdk.raw_pipe import RawProducer, Sockets

KINDS = {"clouds": (1_600_000, 6_250), "small": (10_000, 1_000_000)}
"""Bytes of a message, and how many make 10 GB."""
ASKED_S = 2.0
MEMORY = "512MiB"
COLUMNS = ("workload", "on disk", "written", "welcome", "first delivery", "history", "asked for")
WIDTHS = (9, 9, 10, 9, 14, 11, 0)
START_S = 120.0


def serve(port: int, folder: Path, rotate: str) -> subprocess.Popen[bytes]:
    """A broker with a spool; it may not be up yet."""
    command = [sys.executable, "-m", "rrtool", "serve", "--port", str(port), "--no-grpc", "-q"]
    command += ["--memory-limit", MEMORY, "--spool", str(folder), "--rotate", rotate]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def wait_until_up(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    if not process.stdout.readline().startswith(b"tcp://"):
        raise SystemExit("the broker did not start")


def forget_pages() -> None:
    """Have the whole machine read its files anew, as after a restart."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def welcome(port: int) -> None:
    """A producer says hello, and is answered."""
    sockets = Sockets()
    try:
        producer = RawProducer(sockets, f"tcp://127.0.0.1:{control_port(port)}")
        if producer.hello()["t"] != "welcome":
            raise SystemExit("the broker did not welcome a producer")
    finally:
        sockets.close()


def history(port: int, start: float, most: int) -> dict[str, float]:
    """Until a late subscriber has its first chunk; how fast the following come."""
    source = ZmqSource(f"127.0.0.1:{port}", connect_timeout_s=START_S, warn=print)
    first = begun = 0.0
    count = size = 0
    try:
        for message in source.messages():
            if isinstance(message, ChunkMsg):
                if not count:
                    begun = time.monotonic()
                    first = begun - start
                count += 1
                size += message.size
                if count >= most:
                    break
        took = max(time.monotonic() - begun, 1e-9)
    finally:
        source.close()
    return {"first_delivery_s": first, "delivered": count, "delivered_bytes_per_s": size / took}


def measure(kind: str, *, share: int, rotate: str, is_cold: bool) -> dict[str, Any]:
    """Write 10 GB, kill, start again."""
    size, count = KINDS[kind]
    count = max(count // share, 10)
    folder = Path(tempfile.mkdtemp(dir=workloads.folder()))
    port = free_port()
    process = serve(port, folder, rotate)
    try:
        wait_until_up(process)
        command = [sys.executable, "-m", "tests.benchmarks.restart_program", f"127.0.0.1:{port}"]
        begun = time.monotonic()
        subprocess.run([*command, str(size), str(count)], check=True)
        written = time.monotonic() - begun
        process.send_signal(signal.SIGKILL)
        process.wait()
        if is_cold:
            forget_pages()
        on_disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        start = time.monotonic()
        process = serve(port, folder, rotate)
        welcome(port)
        welcomed = time.monotonic() - start
        found = history(port, start, most=max(count // 10, 10))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "workload": kind,
        "messages": count,
        "disk_bytes": on_disk,
        "written_bytes_per_s": on_disk / written,
        "welcome_s": welcomed,
        "page_cache_was_dropped": is_cold,
        **found,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    reached = row["welcome_s"] <= ASKED_S
    row["asked_for"] = [{"asked": f"welcome in {ASKED_S:g} s", "reached": reached}]
    return [
        row["workload"],
        f"{row['disk_bytes'] / 1e9:.1f} GB",
        f"{row['written_bytes_per_s'] / 1e6:.0f} MB/s",
        f"{row['welcome_s']:.2f} s",
        f"{row['first_delivery_s']:.2f} s",
        f"{row['delivered_bytes_per_s'] / 1e6:.0f} MB/s",
        f"{'✓' if reached else '✗'} ≤ {ASKED_S:g} s",
    ]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench restart", description=__doc__)
    parser.add_argument("--workloads", default=",".join(KINDS), help=f"[{','.join(KINDS)}]")
    parser.add_argument("--rotate", default="1GiB", metavar="SIZE", help="of the files  [1GiB]")
    parser.add_argument("--cold", action="store_true", help="drop the machine's page cache before (as root)")
    parser.add_argument("--quick", action="store_true", help="a hundredth: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    kinds = given.workloads.split(",")
    for kind in kinds:
        if kind not in KINDS:
            parser.error(f"no workload {kind}; there is {', '.join(KINDS)}")
    share = 100 if given.quick else 1

    def one(kind: str) -> dict[str, Any]:
        return measure(kind, share=share, rotate=given.rotate, is_cold=given.cold)

    rows = measured(kinds, one, cells, COLUMNS, WIDTHS)
    return finish("restart", rows, given.json, quick=given.quick)
