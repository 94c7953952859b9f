"""One table read by ours or by the peer, in a process of its own: its costs as JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

MIB = 1 << 20
ROWS, COLUMNS = 1_000_000, 20


def make(path: Path, shape: str, rows: int) -> None:
    """A recording of a shape, `rows` times on timeline frame."""
    import numpy as np
    import rerun as rr

    recording = rr.RecordingStream("tables", recording_id=shape)
    recording.save(path)
    values = np.random.default_rng(7).random(rows)

    def send(entity: str, frames: Any, size: int = 5000) -> None:
        for start in range(0, len(frames), size):
            part = frames[start : start + size]
            times = [rr.TimeColumn("frame", sequence=part)]
            recording.send_columns(entity, times, rr.Scalars.columns(scalars=values[: len(part)]))

    frames = np.arange(rows)
    if shape == "together":
        for start in range(0, rows, 50_000):
            part = frames[start : start + 50_000]
            columns = {f"c{number:02d}": values[: len(part)] for number in range(COLUMNS)}
            times = [rr.TimeColumn("frame", sequence=part)]
            recording.send_columns("/all", times, [*rr.AnyValues.columns(**columns)])
    for number in range(COLUMNS if shape != "together" else 0):
        if shape == "in turn":
            send(f"/c{number:02d}", frames[number::COLUMNS])
        else:  # "sparse": one column at every time, the others at every tenth
            send(f"/c{number:02d}", frames if number == 0 else frames[number % 10 :: 10])
    recording.flush()
    recording.disconnect()


def ours(path: Path, fill: bool, budget_bytes: int) -> tuple[float, float, int, int]:
    """Wall and processor seconds from the open recording to the last batch, rows and batches."""
    from rrsdk.dataframe import load_recording

    with load_recording(path, budget_bytes=budget_bytes) as recording:
        start, cpu = time.perf_counter(), time.process_time()
        rows = batches = 0
        for batch in recording.reader("frame", fill_latest_at=fill).to_arrow_reader():
            rows, batches = rows + len(batch), batches + 1
        return time.perf_counter() - start, time.process_time() - cpu, rows, batches


def peer(path: Path, fill: bool, _budget_bytes: int) -> tuple[float, float, int, int]:
    """The same of the real program, whose store is loaded before the time is taken."""
    from rerun.chunk import RrdReader

    reader = RrdReader(path)
    store = reader.stream(store=reader.recordings()[0]).collect()
    start, cpu = time.perf_counter(), time.process_time()
    rows = batches = 0
    for batch in store.reader(index="frame", fill_latest_at=fill).execute_stream():
        found = batch.to_pyarrow()
        rows, batches = rows + len(found), batches + 1
    return time.perf_counter() - start, time.process_time() - cpu, rows, batches


def _peak() -> int:
    """The most memory this program held: what getrusage says begins with what its parent held."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    who, path, fill, budget = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "fill", int(sys.argv[4])
    if who == "import":
        import rrsdk.dataframe  # noqa: F401

        wall = cpu = 0.0
        rows = batches = 0
    else:
        wall, cpu, rows, batches = (ours if who == "ours" else peer)(path, fill, budget)
    told = {"wall_s": wall, "cpu_s": cpu, "rows": rows, "batches": batches, "peak_bytes": _peak()}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
