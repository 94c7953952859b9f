"""Whether two recordings say the same: as the real program sees it, and row by row."""

from __future__ import annotations

import os
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import rerun_cli

from rrsdk.codec.payload import read_activation
from rrsdk.identity import StoreKind
from rrsdk.message import Activation
from rrsdk.sources import open_source
from rrsdk.sources.chunks import read_chunks
from tests.conformance import blueprints

if TYPE_CHECKING:
    from rrsdk.chunk import Chunk
    from rrsdk.identity import StoreId

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

    Of blueprints every chunk, with numbers for random ids, and what its store was activated as.
    """
    found: Counter[Any] = Counter()
    layouts: dict[StoreId, list[blueprints.Chunk]] = {}
    for store, chunk in read_chunks(str(path), warn=lambda _: None):
        if store.kind is StoreKind.BLUEPRINT:
            told = blueprints.Chunk(chunk.entity_path, blueprints.plain(_rows(chunk)))
            layouts.setdefault(store, []).append(told)
        else:
            for row in _rows(chunk):
                found[(store.application_id, chunk.entity_path, *row)] += 1
    activated = _activations(path)
    for store, chunks in layouts.items():
        found.update((store.application_id, *activated[store], *one) for one in blueprints.numbered(chunks))
    return found


def _activations(path: Path) -> dict[StoreId, list[str]]:
    found: dict[StoreId, list[str]] = defaultdict(list)
    source = open_source(str(path), warn=lambda _: None)
    for message in source.messages():
        if isinstance(message, Activation):
            one = read_activation(message.payload)
            found[one.store].append(f"active: {one.make_active}, default: {one.make_default}")
    source.close()
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
                for value in plain(chunk.component(name))
            ]
        )
    static = ("static",) if chunk.is_static else ()
    return [(*static, *(one for one in row if one is not None)) for row in zip(*columns)] or (
        [static] * chunk.num_rows
    )


def plain(array: pa.Array) -> list[Any]:
    """As Python has it; of a union with the number of the member, which Arrow leaves out."""
    return [_plain(one) for one in array] if "union" in str(array.type) else array.to_pylist()


def _plain(value: pa.Scalar) -> Any:
    if isinstance(value, pa.UnionScalar):
        return value.type_code, value.as_py()
    if isinstance(value, pa.StructScalar) and value.is_valid:
        return {name: _plain(value[name]) for name in value}
    if isinstance(value, pa.ListScalar) and value.is_valid:
        return plain(value.values)
    return value.as_py()


def difference(theirs: Path, ours: Path) -> str:
    """A row that only one of them has, or nothing where there is none."""
    mine, other = rows(ours), rows(theirs)
    for more, less, whose in ((other, mine, "missing here"), (mine, other, "only here")):
        left = more - less
        if left:
            return f"{left.total()} rows {whose}, such as {str(min(left, key=str))[:300]}"
    return ""
