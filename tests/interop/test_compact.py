"""rrtool compact on recordings of the real SDK, judged by the real Rerun: rows equal, files accepted."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import rerun as rr
import rerun.chunk

from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.payload import write_store_id
from rrsdk.identity import format_chunk_id
from rrsdk.message import StoreInfo
from rrsdk.sinks import open_sink
from rrsdk.sources import open_source
from tests import recordings as make
from tests.conftest import Result
from tests.faults import damage
from tests.interop import peer

Rrtool = Callable[..., Result]
Compact = Callable[..., Path]
pytestmark = pytest.mark.filterwarnings("ignore:RRD file has no footer")  # the reader of the real SDK
NAMES = ("rich", "rich-plain", "blueprint", "many_stores", "tiny", "scalars", "archetypes")
OPTIONS: dict[str, tuple[str, ...]] = {
    "object-store": (),
    "live": ("--profile", "live"),
    "seven rows": ("--max-rows", "7"),
    "few unsorted": ("--max-rows-if-unsorted", "3", "--split-size-ratio", "2"),
    "4 KiB": ("--max-size", "4KiB"),
    "apart": ("--split-size-ratio", "1", "--max-size", "2KiB", "--max-rows", "50"),
}


@pytest.fixture(scope="module")
def inputs(recordings: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("compact")
    more = {name: folder / f"{name}.rrd" for name in ("tiny", "scalars", "archetypes")}
    make.tiny(more["tiny"], size=200)
    make.scalars(more["scalars"], size=4000)
    archetypes(more["archetypes"])
    return recordings | more


def archetypes(path: Path) -> None:
    """Chunks in which two archetypes of one entity lie, thick and thin, of changing size."""
    rng = np.random.default_rng(3)
    with make.open_stream(path, "archetypes") as stream:
        for i in range(40):
            stream.set_time("frame", sequence=i if i % 13 else -i)
            cloud = rr.Points3D(rng.random((i % 7 * 30, 3)))
            stream.log("/both", cloud, rr.Transform3D(translation=[i, 0, 0]), rr.Scalars(float(i)))
            if i % 8 == 7:
                stream.flush()


@pytest.fixture
def compact(rrtool: Rrtool, tmp_path: Path) -> Compact:
    def run(*args: str | Path) -> Path:
        target = tmp_path / f"compacted-{len(list(tmp_path.iterdir()))}.rrd"
        done = rrtool("compact", *args, "-o", target)
        assert (done.rc, done.stdout, done.stderr) == (0, b"", "")
        return target

    return run


def chunks(path: Path) -> Iterator[tuple[peer.Store, pa.RecordBatch]]:
    """Every chunk of every store, as the real reader sees it."""
    for store, entry in peer.stores(path).items():
        for chunk in rerun.chunk.RrdReader(str(path)).stream(store=entry).to_chunks():
            yield store, chunk.to_record_batch()


def rows(*paths: Path) -> tuple[Counter[Any], Counter[Any], set[Any]]:
    """Every cell by store, entity, row id and component; every row's times; how columns are described."""
    cells: Counter[Any] = Counter()
    times: set[Any] = set()
    fields: set[Any] = set()
    for path in paths:
        for store, batch in chunks(path):
            place = (*store, batch.schema.metadata[b"rerun:entity_path"])
            ids = batch.column(0).to_pylist()
            for field, column in zip(batch.schema, batch.columns, strict=True):
                about = dict(field.metadata)
                about.pop(b"rerun:is_sorted", None)
                fields.add((*place, field.name, str(field.type), *sorted(about.items())))
                if about[b"rerun:kind"] == b"index":
                    moments = column.cast(pa.int64()).to_pylist()
                    times |= {
                        (*place, row, field.name, moment) for row, moment in zip(ids, moments, strict=True)
                    }
                elif about[b"rerun:kind"] == b"data":
                    values = map(repr, column.to_pylist())
                    cells.update(
                        (*place, row, field.name, value) for row, value in zip(ids, values, strict=True)
                    )
    return cells, times, fields


def payloads(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[place.start : place.end] for place in damage.chunks(data)]


def is_sorted(batch: pa.RecordBatch) -> bool:
    indexes = [
        column.cast(pa.int64()).to_pylist()
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if field.metadata[b"rerun:kind"] == b"index"
    ]
    return all(values == sorted(values) for values in indexes)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_the_same_and_settled(
    inputs: dict[str, Path], name: str, options: str, compact: Compact, rerun_binary: Path
) -> None:
    source, given = inputs[name], OPTIONS[options]
    packed = compact(*given, source)
    peer.verify(rerun_binary, packed)
    assert rows(packed) == rows(source)
    assert compact(*given, source).read_bytes() == packed.read_bytes(), "the same input, the same output"
    assert compact(*given, packed).read_bytes() == packed.read_bytes(), "compacting twice changes nothing"


@pytest.mark.parametrize("name", ["rich", "scalars", "archetypes"])
def test_limits(inputs: dict[str, Path], name: str, compact: Compact) -> None:
    for given, most, most_unsorted, most_bytes in (
        (("--max-rows", "7"), 7, 7, 2**21),
        (("--max-rows-if-unsorted", "3"), 65_536, 3, 2**21),
        (("--max-size", "4KiB"), 65_536, 8_192, 4096),
    ):
        for _, batch in chunks(compact(*given, inputs[name])):
            assert batch.num_rows <= (most if is_sorted(batch) else most_unsorted)
            # What pyarrow counts includes validity; what the limit counts does not.
            assert batch.num_rows == 1 or batch.nbytes <= 1.1 * most_bytes + 64


def test_many_small_chunks_become_few(inputs: dict[str, Path], compact: Compact) -> None:
    assert len(payloads(inputs["tiny"])) > 200
    assert len(payloads(compact(inputs["tiny"]))) <= 5 + 1  # entities, and the properties
    assert len(payloads(compact(inputs["scalars"]))) <= 5 + 1


def test_large_chunks_are_copied(inputs: dict[str, Path], compact: Compact, tmp_path: Path) -> None:
    source = tmp_path / "large.rrd"
    rng = np.random.default_rng(5)
    with make.open_stream(source, "large", one_row_chunks=True) as stream:
        for i in range(4):
            stream.set_time("frame", sequence=i)
            stream.log("/cam", rr.Image(rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)))
            stream.log("/small", rr.Scalars(float(i)))
    packed = compact("--profile", "live", source)
    large = [raw for raw in payloads(source) if len(raw) > 500_000]
    assert len(large) == 4
    assert [raw for raw in payloads(packed) if len(raw) > 500_000] == large, "byte for byte, in their order"
    assert len(payloads(packed)) == 4 + 1 + 1
    assert rows(packed) == rows(source)


@pytest.mark.parametrize("options", ["object-store", "seven rows"])
def test_archetypes_of_different_size_go_apart(
    inputs: dict[str, Path], compact: Compact, options: str
) -> None:
    packed = compact(*OPTIONS[options], inputs["archetypes"])
    fat = [batch for _, batch in chunks(packed) if "Points3D:positions" in batch.schema.names]
    assert any("Scalars:scalars" not in batch.schema.names for batch in fat)
    whole = compact(*OPTIONS[options], "--profile", "live", inputs["archetypes"])
    assert all(
        "Transform3D:translation" in batch.schema.names
        for _, batch in chunks(whole)
        if "Points3D:positions" in batch.schema.names
    )


def interleaved(folder: Path, *, writers: int = 3, steps: int = 60) -> list[Path]:
    """One store written by several streams at once: their row ids interleave, and so do their chunks."""
    paths = [folder / f"writer-{number}.rrd" for number in range(writers)]
    streams = []
    for path in paths:
        stream = rr.RecordingStream(make.APPLICATION_ID, recording_id="together")
        stream.save(path)
        streams.append(stream)
    for step, (number, stream) in itertools.product(range(steps), enumerate(streams)):
        stream.set_time("frame", sequence=step)
        stream.log("/shared", rr.Scalars(float(step * writers + number)))
        if step % (5 + number) == 4:
            stream.flush()
    for stream in streams:
        stream.flush()
        stream.disconnect()
    return paths


@pytest.mark.parametrize("options", OPTIONS)
def test_one_store_from_several_writers(
    options: str, compact: Compact, rerun_binary: Path, tmp_path: Path
) -> None:
    parts = interleaved(tmp_path)
    packed = compact(*OPTIONS[options], *parts)
    peer.verify(rerun_binary, packed)
    assert rows(packed) == rows(*parts)
    assert compact(*OPTIONS[options], packed).read_bytes() == packed.read_bytes()
    for _, batch in chunks(packed):
        ids = batch.column(0).to_pylist()
        assert ids == sorted(ids), "row ids ascend in every chunk"


def static_rows(path: Path, like: Path, ids: list[int]) -> None:
    """A static chunk with row ids of our choice, which the real SDK would replace by its own."""
    control = {"rerun:kind": "control", "rerun:is_sorted": "true" if ids == sorted(ids) else "false"}
    data = {
        "rerun:kind": "data",
        "rerun:component": "TextLog:text",
        "rerun:archetype": "rerun.archetypes.TextLog",
    }
    about = {
        "rerun:entity_path": "/static",
        "rerun:id": format_chunk_id(ids[0].to_bytes(16, "big")),
        "sorbet:version": "0.1.4",
    }
    schema = pa.schema(
        [
            pa.field("rerun.controls.RowId", pa.binary(16), nullable=False, metadata=control),
            pa.field("TextLog:text", pa.list_(pa.string()), metadata=data),
        ],
        metadata=about,
    )
    rows = pa.array([(one + 2**64).to_bytes(16, "big") for one in ids], pa.binary(16))
    texts = pa.array([[f"row {one}"] for one in ids], pa.list_(pa.string()))
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays([rows, texts], schema=schema))
    payload = bytes(stream.getvalue())
    chunk = ChunkReader().layout(payload)
    sink = open_sink(str(path))
    source = open_source(str(like))
    info = next(message for message in source.messages() if isinstance(message, StoreInfo))
    sink.put(info)
    sink.put(pack_chunk(info.store, write_store_id(info.store), payload, chunk, chunk.chunk_id))
    sink.close()
    source.close()


def test_static_rows_of_several_files(
    inputs: dict[str, Path], compact: Compact, rerun_binary: Path, tmp_path: Path
) -> None:
    """The row ids of a large static chunk lie behind its head: their order is looked up all the same."""
    parts = [tmp_path / "odd.rrd", tmp_path / "even.rrd", tmp_path / "before.rrd"]
    static_rows(parts[0], inputs["tiny"], list(range(1001, 5000, 2)))
    static_rows(parts[1], inputs["tiny"], list(range(1000, 5000, 2)))
    static_rows(parts[2], inputs["tiny"], list(range(999, 0, -1)))
    packed = compact(*parts)
    peer.verify(rerun_binary, packed)
    assert rows(packed) == rows(*parts)
    assert compact(packed).read_bytes() == packed.read_bytes()
    for _, batch in chunks(packed):
        ids = batch.column(0).to_pylist()
        assert batch.schema.field(0).metadata.get(b"rerun:is_sorted") != b"true" or ids == sorted(ids)


def test_a_pipe_gives_what_a_file_gives(inputs: dict[str, Path], compact: Compact) -> None:
    source = inputs["rich"]
    command = [sys.executable, "-m", "rrtool", "compact"]
    done = subprocess.run(command, input=source.read_bytes(), capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(payloads(compact(source))) == sorted(
        done.stdout[place.start : place.end] for place in damage.chunks(done.stdout)
    )


def test_what_the_real_program_compacts_is_left_alone_by_rows(
    inputs: dict[str, Path], compact: Compact, rerun_binary: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.rrd"
    command = [rerun_binary, "rrd", "optimize", inputs["archetypes"], "-o", theirs]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert rows(compact(theirs))[0] == rows(inputs["archetypes"])[0] == rows(theirs)[0]
