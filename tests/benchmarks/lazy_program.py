"""A program that opens a large recording, with ours or the peer's: prints what it took beyond imports."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

_KIB = 1024
ENTITY, TIMELINE, COMPONENT = "/lidar/3", "frame", "Points3D:positions"


def peak_bytes() -> int:
    """The most this program has held; `ru_maxrss` would begin with what its parent held."""
    return _status("VmHWM:")


def now_bytes() -> int:
    return _status("VmRSS:")


def _status(name: str) -> int:
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * _KIB for line in file if line.startswith(name))
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else _KIB)


def ours(path: str, budget_bytes: int) -> dict[str, Any]:
    """Open, ask once, ask often, read four times the budget."""
    import rrsdk.query as query
    from rrsdk.stores import open_recording

    begun, base = time.perf_counter(), now_bytes()
    store = open_recording(path, budget_bytes=budget_bytes)
    opened, opened_peak = time.perf_counter(), peak_bytes()
    spans = store.spans(ENTITY, TIMELINE, COMPONENT)
    middle = int(spans.starts[len(spans) // 2])
    query.latest_at(store, ENTITY, TIMELINE, middle)
    first, first_peak = time.perf_counter(), peak_bytes()
    for _ in range(1000):
        query.latest_at(store, ENTITY, TIMELINE, middle, [COMPONENT])
    warm = time.perf_counter()
    size = chunks = 0
    for number in range(len(store)):
        size += store.open(number).nbytes
        chunks += 1
        if size >= 4 * budget_bytes:
            break
    return {
        "chunks": len(store),
        "open_s": opened - begun,
        "open_bytes": max(opened_peak - base, 0),
        "first_s": first - opened,
        "first_bytes": max(first_peak - base, 0),
        "warm_s": (warm - first) / 1000,
        "scan_s": time.perf_counter() - warm,
        "scan_chunks": chunks,
        "scan_bytes": size,
        "scan_peak_bytes": peak_bytes() - base,
    }


def peer(path: str, budget_bytes: int) -> dict[str, Any]:
    """Open and read the first chunk, then as many as ours reads: it can neither ask nor be given a budget."""
    from rerun.chunk import RrdReader

    begun, base = time.perf_counter(), now_bytes()
    store = RrdReader(path).store()
    opened, opened_peak = time.perf_counter(), peak_bytes()
    chunks = iter(store.stream().filter(content=ENTITY))
    next(chunks).to_record_batch()
    first, first_peak = time.perf_counter(), peak_bytes()
    del chunks
    size = count = 0
    for chunk in store.stream():
        size += chunk.to_record_batch().nbytes
        count += 1
        if size >= 4 * budget_bytes:
            break
    return {
        "chunks": len(store),
        "open_s": opened - begun,
        "open_bytes": max(opened_peak - base, 0),
        "first_s": first - opened,
        "first_bytes": max(first_peak - base, 0),
        "scan_s": time.perf_counter() - first,
        "scan_chunks": count,
        "scan_bytes": size,
        "scan_peak_bytes": peak_bytes() - base,
    }


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps({"ours": ours, "peer": peer}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))) + "\n"
    )
