"""scripts/bench pipe: four producers into one broker, acknowledged, beside the real SDK and its server."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import median
from tests.benchmarks.report import PEER_TIMEOUT_S, finish, measured, peer_binary

PRODUCERS = 4
COUNTS = {"ours": {"scalars": 200_000, "clouds": 60}, "peer": {"scalars": 40_000, "clouds": 60}}
"""Of each producer; the peer takes as long for fewer rows."""
POINT_BYTES = 16
CLOUD_MB = 100_000 * POINT_BYTES / 1e6
ASKED = {"scalars": 8.0, "clouds": 1.3}
UNITS = {"scalars": ("krows/s", 1e-3), "clouds": ("MB/s", CLOUD_MB)}
COLUMNS = ("workload", "ours", "peer", "ours ÷ peer", "of naked PUSH", "broker peak MB", "asked for")
WIDTHS = (9, 14, 14, 11, 13, 14, 0)
START_S = 30.0


def free_port() -> int:
    """A port that nobody listens on, with its control port above it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return port if port <= 55_535 else port - 20_000


@contextmanager
def server(
    who: str, port: int, *, memory_limit: str = "2GiB", more: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A broker of ours (with `more` options) or a server of the peer's, until the block ends."""
    ours = [
        sys.executable,
        "-m",
        "rrtool",
        "serve",
        "--port",
        str(port),
        "--memory-limit",
        memory_limit,
        *more,
    ]
    peer = [str(peer_binary()), "--serve-grpc", "--port", str(port), "--server-memory-limit", memory_limit]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    process = subprocess.Popen(ours if who == "ours" else peer, **quiet)  # type: ignore[call-overload]
    try:
        _wait_until_it_listens(port if who == "peer" else port + 10_000, process)
        yield process
    finally:
        process.terminate()
        process.wait(START_S)


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"no server on port {port}")


def produce(module: str, url: str, kind: str, count: int) -> float:
    """Seconds from the first producer's first call to the last one's end of flush."""
    command = [sys.executable, "-m", "tests.benchmarks.pipe_program", module, url, kind, str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(command, **pipes) for _ in range(PRODUCERS)]  # type: ignore[call-overload]
    try:
        for child in children:
            if child.stdout.readline().strip() != "ready":
                raise SystemExit(f"{module}: {child.stderr.read()[-300:]}")
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        said = [child.communicate(timeout=PEER_TIMEOUT_S)[0] for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    spans = [json.loads(text) for text in said]
    return float(max(span["end"] for span in spans) - min(span["start"] for span in spans))


def one(who: str, kind: str, count: int, *, more: Sequence[str] = ()) -> dict[str, float]:
    """One run: rate in rows or clouds a second, and what the server held."""
    port = free_port()
    with server(who, port, more=more) as process:
        url = f"127.0.0.1:{port}" if who == "ours" else f"rerun+http://127.0.0.1:{port}/proxy"
        took = produce("rrsdk" if who == "ours" else "rerun", url, kind, count)
        found = {"rate": PRODUCERS * count / took, "took_s": took, "peak_bytes": _peak(process.pid)}
        if who == "ours":
            found |= _held(port, PRODUCERS * count)
            spool = status_of(port).get("spool", {})
            found |= {name: spool[name] for name in ("syncs", "sync_ms") if name in spool}
    return found


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(float(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _held(port: int, rows: int) -> dict[str, float]:
    """What the broker says it took in: all of it, or the run does not count."""
    stored = stored_by(port)
    if stored["rows"] < rows:
        raise SystemExit(f"{rows} rows were logged, {stored['rows']} are held")
    return {"messages": stored["messages"], "bytes": stored["bytes"]}


def stored_by(port: int) -> dict[str, float]:
    """Messages, rows and bytes that a broker of ours has taken in."""
    found: dict[str, float] = status_of(port)["stored"]
    return found


def status_of(port: int) -> dict[str, Any]:
    """What a broker of ours says of itself."""
    command = [sys.executable, "-m", "rrtool", "status", f"127.0.0.1:{port}", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=START_S, text=True)
    if done.returncode:
        raise SystemExit(f"no status: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def naked(size: int, count: int) -> float:
    """Messages a second that PUSH and PULL alone move, of this size."""
    import zmq

    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        reader = threading.Thread(target=lambda: [pull.recv(copy=False) for _ in range(PRODUCERS * count)])
        reader.start()
        took = produce("zmq", f"tcp://127.0.0.1:{port}", str(size), count)
        reader.join(START_S)
    return PRODUCERS * count / took


def measure(kind: str, *, repeat: int, share: int) -> dict[str, Any]:
    """All repetitions, ours and the peer's in turn, then the ceiling for messages like ours."""
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for _ in range(repeat):
        for who, some in runs.items():
            some.append(one(who, kind, max(COUNTS[who][kind] // share, 4)))
    ours, peer = (median([run["rate"] for run in runs[who]]) for who in ("ours", "peer"))
    sample = runs["ours"][0]
    size = int(sample["bytes"] / sample["messages"])
    each = max(int(sample["messages"]) // PRODUCERS, 1)
    ceiling = median([naked(size, each) for _ in range(repeat)])
    per_message = PRODUCERS * max(COUNTS["ours"][kind] // share, 4) / sample["messages"]
    return {
        "workload": kind,
        "ours": ours,
        "peer": peer,
        "ours_over_peer": ours / peer,
        "of_naked": ours / (ceiling * per_message),
        "runs": runs,
    }


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    kind = row["workload"]
    unit, factor = UNITS[kind]
    reached = row["ours_over_peer"] >= ASKED[kind]
    row["asked_for"] = [{"asked": f"≥ {ASKED[kind]:g}×", "reached": reached}]
    peaks = [max(run["peak_bytes"] for run in row["runs"][who]) / 1e6 for who in ("ours", "peer")]
    return [
        kind,
        f"{row['ours'] * factor:.0f} {unit}",
        f"{row['peer'] * factor:.0f} {unit}",
        f"{row['ours_over_peer']:.1f}×",
        f"{row['of_naked']:.0%}",
        f"{peaks[0]:.0f} / {peaks[1]:.0f}",
        f"{'✓' if reached else '✗'} ≥ {ASKED[kind]:g}×",
    ]


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench pipe", description=__doc__)
    parser.add_argument("--workloads", default=",".join(ASKED), help=f"[{','.join(ASKED)}]")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that count  [3]")
    parser.add_argument("--quick", action="store_true", help="little, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    kinds = given.workloads.split(",")
    for kind in kinds:
        if kind not in ASKED:
            parser.error(f"no workload {kind}; there is {', '.join(ASKED)}")
    share, repeat = (20, 1) if given.quick else (1, given.repeat)
    rows = measured(kinds, lambda kind: measure(kind, repeat=repeat, share=share), cells, COLUMNS, WIDTHS)
    return finish("pipe", rows, given.json, quick=given.quick)
