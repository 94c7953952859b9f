"""What scripts/bench log measures: a program that logs one kind of value; run once with each SDK.

    python -m tests.benchmarks.logging_program MODULE KIND CALLS OUTPUT

The same lines run with `rrsdk` and with `rerun`. Prints one JSON object: seconds of a call, of the slowest
one in a thousand, and of processor time of the process, a call, from the first one to the last flush.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

WARM_UP = 200
PERCENTILE = 0.999
FLUSH_S = 60.0
PAUSES_S = {"image-paced": 0.02}
"""Between calls: a camera's fifty pictures a second; all else comes as fast as it can."""


def values(rr: Any, kind: str) -> Callable[[int], Any]:
    """What call number i logs; what a program has at hand anyway is made before."""
    rng = np.random.default_rng(7)
    if kind == "scalar":
        return lambda i: rr.Scalars(i * 0.5)
    if kind == "points100":
        points = rng.random((100, 3), np.float32)
        return lambda i: rr.Points3D(points)
    if kind == "text":
        return lambda i: rr.TextLog("step finished", level="INFO")
    if kind == "transform":
        turn = rr.Quaternion(xyzw=[0.0, 0.0, 0.0, 1.0])
        return lambda i: rr.Transform3D(translation=[1.0, 2.0, float(i)], rotation=turn)
    if kind in ("image", "image-paced"):
        image = rng.integers(0, 255, (480, 640, 3), np.uint8)
        return lambda i: rr.Image(image)
    raise SystemExit(f"no kind {kind}")


def main() -> None:
    """Log, flush, say what it took."""
    module, kind, calls, output = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    rr = import_module(module)
    rr.init("rrkit_bench_log")
    rr.save(output)
    make = values(rr, kind)
    for i in range(WARM_UP):
        rr.set_time("step", sequence=i)
        rr.log("warm", make(i))
    rr.get_global_data_recording().flush(timeout_sec=FLUSH_S)  # with what is imported at the first flush
    spans = np.empty(calls, np.int64)
    clock = time.perf_counter_ns
    pause_s = PAUSES_S.get(kind, 0)
    cpu = time.process_time()
    for i in range(calls):
        if pause_s:
            time.sleep(pause_s)
        start = clock()
        rr.set_time("step", sequence=i)
        rr.log("value", make(i))
        spans[i] = clock() - start
    rr.disconnect()
    cpu = time.process_time() - cpu
    spans.sort()
    found = {
        "calls": calls,
        "call_s": float(spans.sum()) / calls / 1e9,
        "median_s": float(spans[calls // 2]) / 1e9,
        "slowest_s": float(spans[int(calls * PERCENTILE)]) / 1e9,
        "cpu_s": cpu / calls,
    }
    sys.stdout.write(json.dumps(found) + "\n")


main()
