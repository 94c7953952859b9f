"""Recordings of many shapes that the real SDK writes, and its answers beside ours."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import rerun as rr
from datafusion import col, lit
from rerun.chunk import RrdReader

ENTITIES = ("a", "a/b", "a/b/c", "d", "d/e10", "d/e9", "z\\ z")
SECOND = 1_000_000_000
EPOCH = 1_700_000_000
EMPTY_KEY = b"rerun:is_semantically_empty"


def write(path: Path, seed: int, *, recursive: bool = True) -> None:
    """Sparse columns, nulls, several rows at a time, Clears, static data, unsorted columns, lists."""
    choose = random.Random(seed)
    recording = rr.RecordingStream("tables", recording_id=f"seed-{seed}")
    recording.save(path)
    for _ in range(choose.randint(1, 60)):
        _set_times(recording, choose)
        entity = choose.choice(ENTITIES)
        what = choose.random()
        clear = rr.Clear(recursive=recursive and choose.random() < 0.5)
        if what < 0.3:
            recording.log(entity, rr.Scalars([choose.random() for _ in range(choose.choice([1, 1, 2]))]))
        elif what < 0.4:
            positions = [[1, 2, choose.randint(0, 9)]] * choose.randint(0, 2)
            radii = [1.0] if choose.random() < 0.5 else None
            recording.log(entity, rr.Points3D.from_fields(positions=positions, radii=radii))
        elif what < 0.45:
            recording.log(entity, rr.Points3D.from_fields(colors=[choose.randint(1, 255)]))
        elif what < 0.5:
            recording.log(entity, rr.Points3D.cleared())
        elif what < 0.62:
            recording.log(entity, clear)
        elif what < 0.68:
            recording.log(entity, rr.Scalars(choose.random()), static=True)
        elif what < 0.74:
            recording.log(entity, rr.TextLog(str(choose.random())))
        elif what < 0.77:
            recording.log(entity, clear, static=True)
        else:
            _send_columns(recording, entity, choose)
        if choose.random() < 0.1:
            recording.flush()
    recording.flush()
    recording.disconnect()


def _set_times(recording: Any, choose: random.Random) -> None:
    for timeline in ("frame", "elapsed", "stamp"):
        if choose.random() > 0.75:
            recording.disable_timeline(timeline)
            continue
        value = choose.randint(-3, 8)
        if timeline == "frame":
            recording.set_time(timeline, sequence=value)
        elif timeline == "elapsed":
            recording.set_time(timeline, duration=value / 2)
        else:
            recording.set_time(timeline, timestamp=EPOCH + value)


def _send_columns(recording: Any, entity: str, choose: random.Random) -> None:
    frames = [choose.randint(-3, 8) for _ in range(choose.randint(1, 12))]
    if choose.random() < 0.5:
        frames.sort()
    times = [rr.TimeColumn("frame", sequence=frames)]
    if choose.random() < 0.5:
        times.append(rr.TimeColumn("stamp", timestamp=[EPOCH + choose.randint(-3, 8) for _ in frames]))
    lengths = [choose.choice([0, 1, 1, 2]) for _ in frames]
    values = np.arange(sum(lengths)) + choose.random()
    recording.send_columns(entity, times, rr.Scalars.columns(scalars=values).partition(lengths))


def theirs(path: Path) -> Any:
    """The recording as the real program's chunk store."""
    reader = RrdReader(path)
    return reader.stream(store=reader.recordings()[0]).collect()


def index_values(index: str | None, seconds: list[int]) -> Any:
    """Times as the real program takes them."""
    if index in ("stamp", "log_time"):
        return np.array([(EPOCH + one) * SECOND for one in seconds], "M8[ns]")
    return np.array([one * SECOND // 2 if index == "elapsed" else one for one in seconds], np.int64)


def their_filter(frame: Any, *, not_null: str, between: tuple[int, int] | None, columns: list[str]) -> Any:
    """What `filter_is_not_null`, `filter_range` and `select` are in DataFusion."""
    frame = frame.filter(col(f'"{not_null}"').is_not_null())
    if between is not None:
        frame = frame.filter((col('"frame"') >= lit(between[0])) & (col('"frame"') <= lit(between[1])))
    return frame.select(*(f'"{name}"' for name in columns)) if columns else frame


def assert_equal(ours: Any, real: Any) -> None:
    """The same columns, of the same types and with the same metadata, and the same rows."""
    assert ours.schema.names == real.schema.names
    for field, other in zip(ours.schema, real.schema):
        assert field.type == other.type, field.name
        told = {key: value for key, value in (other.metadata or {}).items() if key != EMPTY_KEY}
        assert (field.metadata or {}) == told, field.name
    assert ours.to_pylist() == real.to_pylist()
