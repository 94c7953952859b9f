"""Recordings of every release open here, and become what the real program makes of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.errors import VersionError
from rrsdk.identity import StoreId, StoreKind, format_chunk_id
from rrsdk.sources.chunks import chunks_of, read_chunks
from rrsdk.sources.damage import Damage
from rrsdk.sources.memory import MemorySource
from tests.conftest import Result
from tests.faults import damage
from tests.interop import peer

Rrtool = Callable[..., Result]
pytestmark = pytest.mark.filterwarnings("ignore:RRD file has no footer")  # the reader of the real SDK
FIXTURES = Path(__file__).parents[2] / "fixtures"


def name_of(path: Path) -> str:
    return str(path.relative_to(FIXTURES))


READABLE = sorted(path for path in FIXTURES.glob("*/*.rrd") if path.parent.name != "too-old")
OLD = [path for path in READABLE if path.with_suffix(".migrated.rrd").exists()]
WITH_FACTS = sorted(FIXTURES.glob("*/expected.json"))
TOO_OLD = sorted((FIXTURES / "too-old").glob("*.rrd"))


def chunks(path: Path) -> dict[StoreId, dict[str, Chunk]]:
    """Ours, by store and id."""
    found: dict[StoreId, dict[str, Chunk]] = {}
    for store, chunk in read_chunks(str(path)):
        own = found.setdefault(store, {})
        chunk_id = format_chunk_id(chunk.id.to_bytes())
        assert chunk_id not in own, "a chunk is there twice"
        own[chunk_id] = chunk
    return found


def named(store: StoreId) -> peer.Store:
    return store.kind.name.lower(), store.application_id, store.recording_id


def test_there_are_some() -> None:
    assert len(READABLE) > 40
    assert len(OLD) >= 24
    assert len(WITH_FACTS) >= 8
    assert len(TOO_OLD) == 3


@pytest.mark.parametrize("path", READABLE, ids=name_of)
def test_they_open(path: Path) -> None:
    """As chunks of the current object model, from the file, from memory, and without the footer."""
    found = list(read_chunks(str(path)))
    assert found
    data = path.read_bytes()
    in_memory = list(chunks_of(MemorySource(data).messages()))
    assert in_memory == found
    plain = list(chunks_of(MemorySource(damage.without_footer(data)).messages()))
    assert sorted(chunk.id for _, chunk in plain) == sorted(chunk.id for _, chunk in found)
    for _, chunk in found:
        chunk.to_record_batch().validate(full=True)
        assert Chunk.from_ipc(chunk.to_ipc()) == chunk


@pytest.mark.parametrize("path", READABLE, ids=name_of)
def test_they_are_what_the_real_reader_reads(path: Path) -> None:
    """Column for column, metadata and all."""
    found = {named(store): own for store, own in chunks(path).items()}
    assert found.keys() == peer.stores(path).keys()
    for store, own in found.items():
        theirs = peer.read(path, store)
        assert own.keys() == theirs.keys()
        for chunk_id, chunk in own.items():
            batch = chunk.to_record_batch()
            about = {**batch.schema.metadata}
            about.pop(b"rerun:heap_size_bytes", None)  # of releases before 0.36; their reader passes over it
            batch = batch.replace_schema_metadata(about)
            # That reader sorts components; migration may have renamed them out of order.
            assert sorted(batch.schema.names) == sorted(theirs[chunk_id].schema.names)
            assert_equal(batch.select(theirs[chunk_id].schema.names), theirs[chunk_id])


@pytest.mark.parametrize("facts", WITH_FACTS, ids=name_of)
def test_they_are_what_was_recorded(facts: Path) -> None:
    """expected.json: stores, entities, rows and columns."""
    for name, expected in json.loads(facts.read_text()).items():
        found = chunks(facts.with_name(name))
        recordings = {
            s.recording_id: summary(own) for s, own in found.items() if s.kind is StoreKind.RECORDING
        }
        assert recordings == expected["recordings"]
        blueprints = [summary(own) for s, own in found.items() if s.kind is StoreKind.BLUEPRINT]
        assert blueprints == expected["blueprints"]


def summary(own: dict[str, Chunk]) -> dict[str, Any]:
    entities: dict[str, dict[str, Any]] = {}
    for chunk in own.values():
        entity = entities.setdefault(chunk.entity_path, {"rows": 0, "columns": set()})
        entity["rows"] += chunk.num_rows
        entity["columns"] |= {*chunk.to_record_batch().schema.names} - {"rerun.controls.RowId"}
    for entity in entities.values():
        entity["columns"] = sorted(entity["columns"])
    return {"chunks": len(own), "entities": dict(sorted(entities.items()))}


@pytest.fixture(scope="module")
def merged(rrtool: Rrtool, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """What `rrtool merge` makes of a fixture, made once."""
    folder = tmp_path_factory.mktemp("merged")

    def run(path: Path) -> Path:
        target = folder / name_of(path).replace("/", "-")
        if not target.exists():
            done = rrtool("merge", path, "-o", target)
            assert (done.rc, done.stdout, done.stderr) == (0, b"", "")
        return target

    return run


@pytest.mark.parametrize("path", OLD, ids=name_of)
def test_merging_migrates(path: Path, merged: Callable[[Path], Path], rerun_binary: Path) -> None:
    """By chunk id and column for column what `rerun rrd migrate` made, metadata too."""
    ours = merged(path)
    peer.verify(rerun_binary, ours)
    theirs = path.with_suffix(".migrated.rrd")
    assert peer.stores(ours).keys() == peer.stores(theirs).keys()
    for store in peer.stores(theirs):
        wanted = peer.read(theirs, store)
        found = peer.read(ours, store)
        assert found.keys() == wanted.keys()
        for chunk_id, batch in found.items():
            assert_equal(batch, wanted[chunk_id])


def assert_equal(batch: pa.RecordBatch, wanted: pa.RecordBatch) -> None:
    assert batch.schema.equals(wanted.schema, check_metadata=True), batch.schema
    for name, ours, theirs in zip(batch.schema.names, batch.columns, wanted.columns, strict=True):
        assert ours.equals(theirs), name


@pytest.mark.parametrize("path", OLD, ids=name_of)
def test_merging_is_what_the_real_merge_does(
    path: Path, merged: Callable[[Path], Path], rerun_binary: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.rrd"
    subprocess.run(
        [rerun_binary, "rrd", "merge", path, "-o", theirs], check=True, capture_output=True, timeout=60
    )
    peer.compare(rerun_binary, theirs, merged(path), tmp_path)


def test_several_releases_in_one(rrtool: Rrtool, rerun_binary: Path, tmp_path: Path) -> None:
    """The same recording id and application: one store, whatever release wrote its parts."""
    scenes = sorted(FIXTURES.glob("sdk-*/scene.rrd"))
    ours = tmp_path / "ours.rrd"
    done = rrtool("merge", *scenes, "-o", ours)
    assert (done.rc, done.stderr) == (0, "")
    peer.verify(rerun_binary, ours)
    found = chunks(ours)
    apart = [chunk for path in scenes for own in chunks(path).values() for chunk in own.values()]
    assert sum(len(own) for own in found.values()) == len(apart)
    assert {named(store) for store in found} == peer.stores(ours).keys()


def test_a_new_header_over_old_chunks_is_seen_through(
    rrtool: Rrtool, rerun_binary: Path, tmp_path: Path
) -> None:
    """`rerun rrd route` passes old chunks on; neither header nor manifest tells."""
    routed, was = FIXTURES / "routed/changed.rrd", FIXTURES / "sdk-0.29/changed.migrated.rrd"
    ours = tmp_path / "ours.rrd"
    done = rrtool("merge", routed, "-o", ours)
    assert (done.rc, done.stderr) == (0, "")
    peer.verify(rerun_binary, ours)
    (found,), (wanted,) = chunks(ours).values(), chunks(was).values()
    assert found.keys() == wanted.keys()
    for chunk_id, chunk in found.items():
        assert_equal(chunk.to_record_batch(), wanted[chunk_id].to_record_batch())


@pytest.mark.parametrize("path", TOO_OLD, ids=name_of)
@pytest.mark.parametrize("verb", ["merge", "compact", "print", "stats", "verify"])
def test_what_is_too_old_is_refused(rrtool: Rrtool, path: Path, verb: str, tmp_path: Path) -> None:
    target = tmp_path / "out.rrd"
    done = rrtool(verb, path, *(["-o", target] if verb in ("merge", "compact") else []))
    assert (done.rc, done.stdout) == (1, b"")
    # verify, which looks at every file it is given, ends with how many were good
    line, *more = done.stderr.splitlines()
    assert len(more) == (verb == "verify")
    assert str(path) in line
    assert "0.23" in line
    assert not target.exists()
    with pytest.raises(VersionError):
        list(read_chunks(str(path)))


# --- read_chunks itself ---


def test_reading_can_stop_early() -> None:
    reading = read_chunks(str(FIXTURES / "demo/car.rrd"))
    assert next(reading)[1].num_rows == 1
    reading.close()  # type: ignore[attr-defined]


def test_a_broken_chunk_is_an_error_with_its_place_or_recorded(tmp_path: Path) -> None:
    data = (FIXTURES / "sdk-0.41/scene.rrd").read_bytes()
    place = damage.chunks(data)[2]
    broken = tmp_path / "broken.rrd"
    broken.write_bytes(damage.overwritten(data, place.end - 200, bytes(range(100))))
    with pytest.raises(Exception, match=f"broken.rrd, byte {place.start}: ") as caught:
        list(read_chunks(str(broken)))
    assert type(caught.value).__module__ == "rrsdk.errors"
    losses = Damage()
    left = list(read_chunks(str(broken), damage=losses))
    assert len(left) == len(damage.chunks(data)) - 1
    (loss,) = losses.losses
    assert (loss.start, loss.end) == (place.start, place.end)
