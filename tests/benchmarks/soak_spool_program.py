"""One program of scripts/bench soak --spool.

python -m tests.benchmarks.soak_spool_program ADDRESS produce NUMBER SECONDS ROWS_PER_SECOND
python -m tests.benchmarks.soak_spool_program ADDRESS read fast|slow|fleeting SECONDS
"""

from __future__ import annotations

import json
import sys
import threading
import time

PIXELS = (320, 240)
SLICE_S = 0.1
SLOW_S = 0.005
FLUSH_S = 60.0


def produce(address: str, number: str, seconds: str, rate: str) -> None:
    """Log at a steady rate, with an image a second; say what became of it."""
    import numpy as np

    import rrsdk as rr

    recording = rr.RecordingStream("rrkit_bench_soak", recording_id="one")
    recording.connect(address)
    image = np.random.default_rng(int(number)).integers(0, 255, (*PIXELS[::-1], 3), np.uint8)
    each = max(int(float(rate) * SLICE_S), 1)
    logged = slices = 0
    start = time.monotonic()
    while time.monotonic() - start < float(seconds):
        for _ in range(each):
            recording.log(f"program/{number}/value", rr.Scalars(float(logged)))
            logged += 1
        slices += 1
        if slices % round(1 / SLICE_S) == 0:
            recording.log(f"program/{number}/image", rr.Image(image))
            logged += 1
        time.sleep(max(start + slices * SLICE_S - time.monotonic(), 0))
    flushed = recording.flush(timeout_sec=FLUSH_S)
    sinks = recording.status().sinks
    lost = sum(sink.lost.rows + sink.dropped.rows + sink.refused.rows + sink.waiting.rows for sink in sinks)
    sys.stdout.write(json.dumps({"logged": logged, "lost": lost, "flushed": bool(flushed)}) + "\n")


def read(address: str, kind: str, seconds: str) -> None:
    """Subscribe live until time is up; a slow one takes its time over each message."""
    from rrsdk.sources.zmq import ZmqSource

    source = ZmqSource(address, live=True, warn=lambda _line: None)
    threading.Timer(float(seconds), source.close).start()
    for _ in source.messages():
        if kind == "slow":
            time.sleep(SLOW_S)


{"produce": produce, "read": read}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
