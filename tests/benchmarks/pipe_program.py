"""A producer that scripts/bench pipe measures: connects, waits for the word, logs, flushes.

    python -m tests.benchmarks.pipe_program MODULE URL KIND COUNT

Prints `ready`, reads a line, and prints when it began and ended. MODULE `zmq`
sends COUNT naked messages of KIND bytes.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

FLUSH_S = 120.0
POINTS = 100_000


def wait_for_the_word() -> None:
    """Say that everything is imported and connected; go on when told."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def log_scalars(rr: Any, count: int) -> None:
    """COUNT rows, with a time of their own each."""
    for i in range(count):
        rr.set_time("step", sequence=i)
        rr.log("loss", rr.Scalars(i * 0.5))


def log_clouds(rr: Any, count: int) -> None:
    """COUNT clouds of 100,000 coloured points (1.6 MB each)."""
    rng = np.random.default_rng(7)
    points = rng.random((POINTS, 3), np.float32)
    colors = rng.integers(0, 2**32, POINTS, np.uint32)
    for i in range(count):
        rr.set_time("step", sequence=i)
        rr.log("cloud", rr.Points3D(points, colors=colors))


def push_naked(url: str, size: int, count: int) -> dict[str, float]:
    """What ZeroMQ alone takes: the ceiling."""
    import zmq

    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    socket.connect(url)
    payload = bytes(size)
    wait_for_the_word()
    start = time.monotonic()
    for _ in range(count):
        socket.send(payload, copy=size < 65_536)
    socket.close(linger=int(FLUSH_S * 1000))
    context.term()
    return {"start": start, "end": time.monotonic()}


def main() -> None:
    """One producer."""
    module, url, kind, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    if module == "zmq":
        found = push_naked(url, int(kind), count)
    else:
        rr = import_module(module)
        rr.init("rrkit_bench_pipe", recording_id="one")
        if module == "rerun":
            rr.connect_grpc(url)
        else:
            rr.connect(url)
        rr.log("warm", rr.Scalars(1.0))
        recording = rr.get_global_data_recording()
        recording.flush(timeout_sec=FLUSH_S)
        wait_for_the_word()
        start = time.monotonic()
        (log_scalars if kind == "scalars" else log_clouds)(rr, count)
        recording.flush(timeout_sec=FLUSH_S)
        found = {"start": start, "end": time.monotonic()}
    sys.stdout.write(json.dumps(found) + "\n")


main()
