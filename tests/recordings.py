"""Recordings written by the real SDK during a run: material for interop tests and for the benchmarks.

Every function takes the path to write and needs `rerun-sdk` installed (a test dependency, never an
ordinary one). The data are drawn from fixed seeds; row ids and log times differ from run to run.
Also a program: `python tests/recordings.py tiny out.rrd [--size N] [--no-footer]`.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import rerun as rr
import rerun.blueprint as rrb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APPLICATION_ID = "rrkit_tests"

ODD_PATHS = ("/fahrt/straße 7/größe", "/drei äpfel/☮", "/with:colon/and\nnewline", "/@#%/quote'\"")
"""Entity paths as people would say them; `escaped` turns them into what the SDK accepts."""

PathLike = str | os.PathLike[str]


def escaped(path: str) -> str:
    """The same path with every special character escaped by the SDK's own rules."""
    return "/" + rr.new_entity_path(path.strip("/").split("/")).lstrip("/")


@contextlib.contextmanager
def open_stream(
    path: PathLike,
    recording_id: str,
    *,
    footer: bool = True,
    one_row_chunks: bool = False,
    log_tick: bool = False,
    default_blueprint: rrb.BlueprintLike | None = None,
) -> Iterator[rr.RecordingStream]:
    """A recording that goes to `path` and is complete there when the block ends."""
    batching = rr.ChunkBatcherConfig.DEFAULT()
    if one_row_chunks:
        batching.flush_num_rows = 0  # what RERUN_FLUSH_NUM_ROWS=0 says in the environment
    stream = rr.RecordingStream(APPLICATION_ID, recording_id=recording_id, batcher_config=batching)
    stream.set_log_tick_enabled(log_tick)
    stream.save(Path(path), default_blueprint=default_blueprint, write_footer=footer)
    try:
        yield stream
    finally:
        stream.flush()
        stream.disconnect()  # writes the footer now, not when the garbage collector comes by


# --- material for tests -----------------------------------------------------------------------


def rich(path: PathLike, *, footer: bool = True, recording_id: str = "rich") -> None:
    """About every shape of data that one small recording can hold."""
    with open_stream(path, recording_id, footer=footer) as stream:
        log_rich(stream)


def log_rich(stream: rr.RecordingStream) -> None:
    """What `rich` holds: see the names of the functions called."""
    rng = np.random.default_rng(7)
    _log_properties(stream)
    _log_static(stream)
    _log_scene(stream, rng)
    _log_partial_updates(stream, rng)
    _log_unsorted_times(stream)
    _log_odd_paths(stream)
    _send_columns(stream, rng)
    _send_nulls(stream)


def _log_properties(stream: rr.RecordingStream) -> None:
    stream.send_recording_name("Eine Probefahrt ☮")
    stream.send_recording_start_time_nanos(1_700_000_000_123_456_789)
    stream.send_property("weather", rr.AnyValues(sky="clear", degrees=21.5))


def _log_static(stream: rr.RecordingStream) -> None:
    stream.log("/", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    stream.log("/world/map", rr.LineStrips3D([[[0, 0, 0], [1, 2, 3]], [[4, 4, 4]]]), static=True)
    stream.log("/plot/speed", rr.SeriesLines(names="speed", colors=[255, 0, 0]), static=True)
    stream.log("/notes", rr.TextDocument("# Über\n*all*", media_type="text/markdown"), static=True)
    stream.log("/world/map", rr.LineStrips3D([[[9, 9, 9]]]), static=True)  # the later row wins


def _log_scene(stream: rr.RecordingStream, rng: np.random.Generator) -> None:
    start = dt.datetime(2024, 2, 29, 12, tzinfo=dt.timezone.utc)
    for i in range(24):
        stream.set_time("frame", sequence=i)
        stream.set_time("elapsed", duration=i / 10)
        stream.set_time("captured", timestamp=start + dt.timedelta(milliseconds=33 * i))
        stream.log("/plot/speed", rr.Scalars([float(np.sin(i))]))
        stream.log("/plot/pair", rr.Scalars([float(i), -float(i)]))
        stream.log("/log", rr.TextLog(f"frame {i} größer ✓", level="INFO" if i % 3 else "WARN"))
        count = i % 4  # every fourth cloud is empty
        stream.log(
            "/world/points",
            rr.Points3D(
                rng.random((count, 3), dtype=np.float32),
                colors=rng.integers(0, 255, (count, 4), dtype=np.uint8),
                labels=[f"p{k}" for k in range(count)],
            ),
        )
        stream.log("/world/car", rr.Transform3D(translation=[i, 0, 0], scale=2.0))
        stream.log("/world/car/box", rr.Boxes3D(half_sizes=[1, 2, 3], colors=[0, 255, 0]))
        if i % 6 == 0:
            stream.log("/camera", rr.Image(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)))
            stream.log("/tensor", rr.Tensor(rng.random((2, 3, 4)), dim_names=("a", "b", "c")))
            stream.log("/world/points/2d", rr.Points2D([[1, 2], [3, 4]], radii=[0.5, -1.0]))
    stream.log("/world/points", rr.Clear(recursive=True))
    stream.reset_time()
    stream.log("/no/time/set", rr.TextLog("only log_time here"))


def _log_partial_updates(stream: rr.RecordingStream, rng: np.random.Generator) -> None:
    for i in range(12):
        stream.set_time("frame", sequence=i)
        if i % 2:
            stream.log("/partial", rr.Points3D.from_fields(colors=[[i, 0, 0, 255]]))
        else:
            stream.log("/partial", rr.Points3D.from_fields(positions=rng.random((2, 3))))
    stream.log("/partial", rr.Points3D.from_fields(clear_unset=True, radii=[1.0]))
    stream.log("/any", rr.AnyValues(count=3, names=["a", "b"], blob=b"\x00\xff", flags=[True, False]))
    stream.reset_time()


def _log_unsorted_times(stream: rr.RecordingStream) -> None:
    for i in (5, 3, 9, -4, 3, 0, 2**40, 7):
        stream.set_time("frame", sequence=i)
        stream.set_time("backwards", sequence=-i)
        stream.log("/unsorted", rr.Scalars(float(i)))
    stream.reset_time()


def _log_odd_paths(stream: rr.RecordingStream) -> None:
    for i, path in enumerate(ODD_PATHS):
        stream.set_time("zeit größe", sequence=i)
        stream.log(escaped(path), rr.Scalars(float(i)))
    stream.reset_time()


def _send_columns(stream: rr.RecordingStream, rng: np.random.Generator) -> None:
    frames = rr.TimeColumn("frame", sequence=range(100))
    elapsed = rr.TimeColumn("elapsed", duration=np.arange(100) / 7)
    stream.send_columns("/columns/scalars", [frames, elapsed], rr.Scalars.columns(scalars=rng.random(100)))
    stream.send_columns(
        "/columns/clouds",
        [rr.TimeColumn("frame", sequence=[4, 1, 8])],  # unsorted, and its middle row is empty
        rr.Points3D.columns(positions=rng.random((5, 3))).partition([2, 0, 3]),
    )
    stream.send_columns("/columns/static", [], rr.TextLog.columns(text=["one", "two"]))


def _send_nulls(stream: rr.RecordingStream) -> None:
    """Rows where a component was not logged, empty lists, null instances, nested types."""
    point = pa.struct([("x", pa.int16()), ("y", pa.list_(pa.list_(pa.uint8(), 2)))])
    typed: list[Any] = [[1.0, None], None, [], [None], None, [2.0]]
    bare: list[Any] = [None, [{"x": 1, "y": [[1, 2]]}], [], [{"x": None, "y": None}], [], None]
    data = {b"rerun:kind": b"data"}
    typed_is = {
        b"rerun:component": b"Wide:wide",
        b"rerun:archetype": b"test.Wide",
        b"rerun:component_type": b"test.components.Wide",
    }
    index = {b"rerun:kind": b"index", b"rerun:index_name": b"frame"}
    schema = pa.schema(
        [
            pa.field("frame", pa.int64(), nullable=False, metadata=index),
            pa.field("Wide:wide", pa.list_(pa.float64()), metadata=data | typed_is),
            pa.field("bare", pa.list_(point), metadata=data | {b"rerun:component": b"bare"}),
        ],
        metadata={b"rerun:entity_path": b"/nulls"},
    )
    columns = [pa.array(values, f.type) for values, f in zip([range(6), typed, bare], schema, strict=True)]
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    stream.send_chunks(rr.chunk.Chunk.from_record_batch(batch))


def blueprint(path: PathLike, *, footer: bool = True) -> None:
    """A recording and, before it in the same file, the blueprint store that shows it."""
    layout = rrb.Blueprint(
        rrb.Horizontal(
            rrb.Spatial3DView(origin="/world", contents=["$origin/**", "- /world/map"]),
            rrb.TimeSeriesView(
                origin="/plot",
                time_ranges=[
                    rrb.VisibleTimeRange(
                        "frame",
                        start=rrb.TimeRangeBoundary.cursor_relative(seq=-10),
                        end=rrb.TimeRangeBoundary.cursor_relative(),
                    )
                ],
            ),
        ),
        rrb.TimePanel(state="collapsed"),
        collapse_panels=True,
    )
    with open_stream(path, "with_blueprint", footer=footer, default_blueprint=layout) as stream:
        for i in range(10):
            stream.set_time("frame", sequence=i)
            stream.log("/world/points", rr.Points3D([[i, 0, 0]]))
            stream.log("/plot/speed", rr.Scalars(float(i)))


def many_stores(path: PathLike, *, stores: int = 3, rows: int = 20) -> None:
    """One file that holds several recordings whose chunks alternate.

    The SDK writes one recording a file, so short slices of each are written apart and joined by
    the real `rerun rrd route`, which (unlike its merge) keeps messages in the order they came in.
    """
    with tempfile.TemporaryDirectory() as folder:
        parts: list[str] = []
        for piece in range(4):
            for store in range(stores):
                part = Path(folder) / f"{piece}-{store}.rrd"
                with open_stream(part, f"store_{store}", one_row_chunks=True) as stream:
                    for i in range(piece * rows // 4, (piece + 1) * rows // 4):
                        stream.set_time("frame", sequence=i)
                        stream.log(f"/s{store}", rr.Scalars(float(i * store)))
                        stream.log("/shared", rr.TextLog(f"store {store} row {i}"))
                parts.append(str(part))
        command = [sys.executable, "-m", "rerun", "rrd", "route", *parts, "-o", str(path)]
        subprocess.run(command, check=True, capture_output=True)


# --- workloads of scripts/bench ---------------------------------------------------------------


def tiny(path: PathLike, *, size: int = 30_000, footer: bool = True) -> None:
    """`size` chunks of one row in 5 entities, with log_tick: 42 MB."""
    with open_stream(path, "tiny", footer=footer, one_row_chunks=True, log_tick=True) as stream:
        for i in range(size):
            stream.set_time("frame", sequence=i)
            stream.log(f"/e{i % 5}", rr.Scalars(float(i)))


def scalars(path: PathLike, *, size: int = 200_000, footer: bool = True) -> None:
    """`size` scalars in 5 entities, batched as the SDK does by default: 6 MB."""
    with open_stream(path, "scalars", footer=footer) as stream:
        for i in range(size):
            stream.set_time("frame", sequence=i)
            stream.log(f"/s{i % 5}", rr.Scalars(float(i)))


def cloud(path: PathLike, *, size: int = 200, footer: bool = True) -> None:
    """`size` clouds of 100,000 coloured points: 322 MB."""
    rng = np.random.default_rng(0)
    with open_stream(path, "cloud", footer=footer) as stream:
        for i in range(size):
            stream.set_time("frame", sequence=i)
            points = rng.random((100_000, 3), dtype=np.float32)
            colors = rng.integers(0, 255, (100_000, 4), dtype=np.uint8)
            stream.log("/points", rr.Points3D(points, colors=colors))


def images(path: PathLike, *, size: int = 200, footer: bool = True) -> None:
    """`size` RGB images of 640×480, random and so not to be compressed: 185 MB."""
    rng = np.random.default_rng(0)
    with open_stream(path, "images", footer=footer) as stream:
        for i in range(size):
            stream.set_time("frame", sequence=i)
            stream.log("/cam", rr.Image(rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)))


def small(path: PathLike, *, size: int = 50, footer: bool = True) -> None:
    """A bit of everything, `size` steps of it: under 1 MB."""
    rng = np.random.default_rng(0)
    with open_stream(path, "small", footer=footer) as stream:
        log_rich(stream)
        for i in range(size):
            stream.set_time("frame", sequence=i)
            stream.log("/world/scan", rr.Points3D(rng.random((500, 3), dtype=np.float32)))
            stream.log("/plot/noise", rr.Scalars(float(rng.random())))
            stream.log("/log", rr.TextLog(f"step {i}"))


WORKLOADS: dict[str, Callable[..., None]] = {
    "tiny": tiny,
    "scalars": scalars,
    "cloud": cloud,
    "images": images,
    "small": small,
}
RECORDINGS: dict[str, Callable[..., None]] = {
    "rich": rich,
    "blueprint": blueprint,
    "many_stores": many_stores,
}


def main() -> None:
    """Write the recording that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("name", choices=[*WORKLOADS, *RECORDINGS])
    parser.add_argument("path", type=Path)
    parser.add_argument("--size", type=int, help="steps, for a workload")
    parser.add_argument("--no-footer", action="store_true")
    given = parser.parse_args()
    options: dict[str, Any] = {}
    if given.size is not None:
        options["size"] = given.size
    if given.no_footer:
        options["footer"] = False
    (WORKLOADS | RECORDINGS)[given.name](given.path, **options)


if __name__ == "__main__":
    main()
