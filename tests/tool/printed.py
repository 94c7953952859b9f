"""What `rrtool print` wrote, taken apart, and what the real reader says of the same."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import Result

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun


def chunks_of(path: Path) -> dict[str, pa.RecordBatch]:
    """What the real reader says of every chunk, by id."""
    reader = rr.chunk.RrdReader(str(path))
    stores = [*reader.recordings(), *reader.blueprints()]
    chunks = [chunk for store in stores for chunk in reader.stream(store=store).to_chunks()]
    return {f"chunk_{chunk.id.removeprefix('chunk_')}": chunk.to_record_batch() for chunk in chunks}


def by_kind(batch: pa.RecordBatch, kind: bytes) -> dict[str, pa.Array]:
    return {
        field.name: column
        for field, column in zip(batch.schema, batch.columns)
        if field.metadata[b"rerun:kind"] == kind
    }


def listed(text: str) -> dict[str, str]:
    """The lines of chunks, by id."""
    found = [line for line in text.splitlines() if line.startswith("Chunk(")]
    return {line[len("Chunk(") : line.index(")")]: line for line in found}


def json_lines(result: Result) -> list[dict]:
    assert (result.rc, result.stderr) == (0, "")
    return [json.loads(line) for line in result.text.splitlines()]


def odd_values(path: Path) -> None:
    """Numbers at the edges of how they are written, texts and bytes longer than a cell, nested nulls."""
    rng = np.random.default_rng(3)
    doubles = [0.0, -0.0, 1e16, 123456789012345680.0, 1e15, 1e-5, 1.5e-5, 1e-6, 1e300, -5e-324, 0.1, math.nan]
    doubles += [math.inf, -math.inf, 1e21, 12345.678, 9007199254740993.0]
    singles = [1e13, 1.2345678e13, 1e12, 1e-6, 1e-7, 3.4e38, 1.4e-45, 0.1, 16777216.0, 1 / 3]
    with recordings.open_stream(path, "odd") as stream:
        for value in doubles:
            stream.log("/doubles", rr.AnyValues(doubles=value))
        stream.log("/singles", rr.AnyValues(singles=np.array(singles, np.float32)))
        stream.log("/random", rr.AnyValues(random=rng.random(7, np.float32)))
        for kind in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64):
            about = np.iinfo(kind)
            edges = np.array([about.min, about.max], kind)
            stream.log(f"/{kind.__name__}", rr.AnyValues(**{kind.__name__: edges}))
        for text in ("-", "x" * 98, "x" * 99, "ü" * 98, "漢字" * 60, "two\nlines", "three\n\nlines\n"):
            stream.log("/texts", rr.AnyValues(texts=text))
        stream.log("/bytes", rr.AnyValues(raw=bytes(range(200))))
        stream.log("/flags", rr.AnyValues(flags=[True, False] * 20))
        stream.log("/many", rr.AnyValues(many=list(range(1000))))
        stream.log("/times", rr.AnyValues(times=pa.array([0, -1, 10**18 + 5], pa.timestamp("ns"))))
        stream.set_time("past", duration=-1.5)
        stream.set_time("before", timestamp=np.datetime64("1677-09-22T00:00:00.000000001", "ns"))
        stream.log("/early", rr.Scalars(1.0))
