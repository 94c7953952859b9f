"""Ten producers of scripts/bench soak in one process, each with 1,000 entities.

    python -m tests.benchmarks.soak_program ADDRESS NUMBER SECONDS ROWS_PER_SECOND

Prints what was logged, what the sinks say became of it, and how long rows took until they were acknowledged.
"""

from __future__ import annotations

import json
import sys
import time

import rrsdk as rr

PRODUCERS = 10
ENTITIES = 1_000
SLICE_S = 0.1
PROBE_EVERY = 10  # slices
FLUSH_S = 60.0


def main() -> None:
    """Log at a steady rate; every second one producer waits for its acknowledgement."""
    address, number, seconds, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    recordings = [rr.RecordingStream("rrkit_bench_soak", recording_id="one") for _ in range(PRODUCERS)]
    for recording in recordings:
        recording.connect(address)
    paths = [f"process/{number}/entity/{i}" for i in range(ENTITIES)]
    each = max(int(rate * SLICE_S) // PRODUCERS, 1)
    waits: list[float] = []
    logged = slices = 0
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        for recording in recordings:
            for _ in range(each):
                recording.log(paths[logged % ENTITIES], rr.Scalars(float(logged)))
                logged += 1
        slices += 1
        if slices % PROBE_EVERY == 0:
            before = time.monotonic()
            recordings[slices // PROBE_EVERY % PRODUCERS].flush(timeout_sec=FLUSH_S)
            waits.append(time.monotonic() - before)
        time.sleep(max(start + slices * SLICE_S - time.monotonic(), 0))
    for recording in recordings:
        recording.flush(timeout_sec=FLUSH_S)
    ends = [sink for recording in recordings for sink in recording.status().sinks]
    found = {
        "logged": logged,
        "held": sum(sink.held.rows for sink in ends),
        "lost": sum(sink.lost.rows + sink.dropped.rows + sink.refused.rows for sink in ends),
        "waits_s": waits,
    }
    sys.stdout.write(json.dumps(found) + "\n")


main()
