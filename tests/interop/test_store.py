"""What our store says is latest, the real store says, too: of its own recordings, and of hard cases."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.identity import Tuid
from rrsdk.query import latest_at
from rrsdk.query.latest_at import CLEAR
from rrsdk.sources.chunks import read_chunks
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.timeline import TimeType
from tests import recordings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

rr = pytest.importorskip("rerun")
pytest.importorskip("datafusion")

DTYPES = {TimeType.SEQUENCE: "i8", TimeType.DURATION: "m8[ns]", TimeType.TIMESTAMP: "M8[ns]"}
SCALAR, RADII, TEXT = "Scalars:scalars", "Points3D:radii", "TextLog:text"


def theirs(chunks: Iterable[Chunk]) -> Any:
    """The real store of the same chunks."""
    batches = [made.sorted_by_row_id().to_record_batch() for made in chunks]  # others it refuses
    found = [one for batch in batches for one in rr.chunk.Chunk.from_record_batch(batch)]
    return rr.chunk.ChunkStore.from_chunks(found)


def check(chunks: Sequence[Chunk], timeline: str, times: Sequence[int]) -> int:
    """Ask both of every component that has a column there; how many answers were compared."""
    ours, real = ChunkStore(), theirs(chunks)
    ours.insert_many(chunks)
    schema, compared = ours.schema(), 0
    values = np.array(sorted(times), "i8").view(DTYPES[schema.timelines[timeline]])
    reader = real.reader(index=timeline, fill_latest_at=True, using_index_values=pa.array(values))
    table = reader.to_arrow_table().sort_by(timeline)
    assert table.num_rows == len(times)
    for entity in schema.entities:
        for component in schema.components[entity]:
            name = f"{entity}:{component}"
            if name not in table.column_names:
                continue
            column = table.column(name).to_pylist()
            for when, expected in zip(sorted(times), column, strict=True):
                hit = latest_at(ours, entity, timeline, when, [component]).get(component)
                found = None if hit is None else hit.to_pylist()
                assert repr(found) == repr(expected), (name, when)
                compared += 1
    return compared


def test_a_recording_of_every_shape(tmp_path: Path) -> None:
    path = tmp_path / "rich.rrd"
    recordings.rich(path)
    # Their tables do not see a Clear when they fill in what is not of its time: see below.
    chunks = [made for _, made in read_chunks(str(path)) if CLEAR not in made.components]
    assert check(chunks, "frame", [-10, -4, 0, 1, 3, 5, 9, 12, 23, 24, 99, 100, 2**41]) > 300
    logged = np.concatenate(
        [made.times("log_time").cast("int64") for made in chunks if "log_time" in made.timelines]
    )
    first, last = int(logged.min()), int(logged.max())
    assert check(chunks, "log_time", [first - 1, first, (first + last) // 2, last, last + 10**9]) > 100
    assert check(chunks, "elapsed", [-1, 0, 10**8, 2 * 10**9, 10**12]) > 100


@pytest.mark.parametrize("seed", range(6))
def test_chunks_in_any_order(seed: int) -> None:
    """Unsorted, overlapping, equal times, rows without a component, empty lists, static data besides."""
    rng = random.Random(seed)
    ids = list(range(1000))
    rng.shuffle(ids)

    def row_ids(count: int) -> list[Tuid]:
        return [Tuid(5, ids.pop()) for _ in range(count)]

    def lists(count: int) -> list[list[float] | None]:
        some = [[float(rng.randrange(100))], [], None, [1.0, 2.0]]
        return [rng.choice(some) for _ in range(count)]

    chunks = []
    for _ in range(12):
        count = rng.randrange(1, 6)
        frames = [rng.randrange(12) for _ in range(count)]
        components = {name: lists(count) for name in rng.choice([[SCALAR], [SCALAR, RADII], [RADII]])}
        entity = rng.choice(["/a", "/a/b"])
        chunks.append(
            Chunk.from_columns(entity, {"frame": frames}, components=components, row_ids=row_ids(count))
        )
    for entity, component, value in (("/a", TEXT, "x"), ("/a", TEXT, "y"), ("/a/b", RADII, 9.0)):
        chunks.append(Chunk.from_columns(entity, components={component: [[value]]}, row_ids=row_ids(1)))
    assert check(chunks, "frame", range(-1, 14)) >= 30


@pytest.mark.parametrize("recursive", [False, True])
def test_clears(recursive: bool) -> None:
    """At the time of a Clear their tables show what it hides."""
    chunks = [
        Chunk.from_columns(
            entity, {"frame": [0, 4]}, components={SCALAR: [[1.0], [2.0]], RADII: [[1.0], [2.0]]}
        )
        for entity in ("/a", "/a/b")
    ]
    chunks += [
        Chunk.from_columns("/a", components={TEXT: [["static"]]}),
        Chunk.from_columns("/a", {"frame": [7]}, components={CLEAR: [[recursive]]}),
        Chunk.from_columns("/a", {"frame": [7]}, components={RADII: [[3.0]]}),
    ]
    ours = ChunkStore()
    ours.insert_many(chunks)
    table = theirs(chunks).reader(index="frame", fill_latest_at=True).to_arrow_table().to_pylist()
    rows = [row for row in table if row["frame"] == 7]
    for entity, component in (("/a", SCALAR), ("/a", RADII), ("/a/b", SCALAR), ("/a/b", RADII)):
        expected = rows[-1][f"{entity}:{component}"]
        hit = latest_at(ours, entity, "frame", 7).get(component)
        # What is cleared is an empty list in a table.
        assert ([] if hit is None else hit.to_pylist()) == expected, (entity, component)
    assert rows[-1][f"/a:{TEXT}"] == latest_at(ours, "/a", "frame", 7)[TEXT].to_pylist() == ["static"]
