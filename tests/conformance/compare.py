"""Whether two recordings say the same: as the real program sees it, and row by row."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rerun_cli

from rrsdk.identity import StoreKind
from rrsdk.sources.chunks import read_chunks

if TYPE_CHECKING:
    from rrsdk.chunk import Chunk

REAL = Path(rerun_cli.__file__).with_name("rerun")
START = "RecordingInfo:start_time"
"""When the program was run: different each time, and left out."""


def chunks_agree(one: Path, other: Path) -> tuple[bool, str]:
    """What `rerun rrd compare --unordered` says, and why not."""
    done = subprocess.run(
        [REAL, "rrd", "compare", "--unordered", one, other],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "RUST_BACKTRACE": "0"},
    )
    return done.returncode == 0, done.stderr.strip()


def rows(path: Path) -> Counter[Any]:
    """Every row, however they lie in chunks; without row ids, log times and the ids of recordings.

    Of a blueprint, whose entities are named at random, only that it is there.
    """
    found: Counter[Any] = Counter()
    for store, chunk in read_chunks(str(path), warn=lambda _: None):
        if store.kind is StoreKind.BLUEPRINT:
            found["blueprint", store.application_id] = 1
        else:
            for row in _rows(chunk):
                found[(store.application_id, chunk.entity_path, *row)] += 1
    return found


def _rows(chunk: Chunk) -> list[tuple[Any, ...]]:
    times = [name for name in sorted(chunk.timelines) if name != "log_time"]
    columns: list[list[Any]] = [
        [(name, str(chunk.times(name).type), time) for time in chunk.times(name).cast("int64").to_pylist()]
        for name in times
    ]
    for name in sorted(set(chunk.components) - {START}):
        field = chunk.component_field(name)
        told = sorted((field.metadata or {}).items())
        columns.append(
            [
                None if value is None else (name, str(field.type), str(told), repr(value))
                for value in chunk.component(name).to_pylist()
            ]
        )
    static = ("static",) if chunk.is_static else ()
    return [(*static, *(one for one in row if one is not None)) for row in zip(*columns)] or (
        [static] * chunk.num_rows
    )


def difference(theirs: Path, ours: Path) -> str:
    """A row that only one of them has, or nothing where there is none."""
    mine, other = rows(ours), rows(theirs)
    for more, less, whose in ((other, mine, "missing here"), (mine, other, "only here")):
        left = more - less
        if left:
            return f"{left.total()} rows {whose}, such as {str(min(left, key=str))[:300]}"
    return ""
