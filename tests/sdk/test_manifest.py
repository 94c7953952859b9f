"""The chunk manifest: what we make of chunks is what the real SDK writes; taking and joining."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec.footer import read_footer, write_footer
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, OFFSET, SIZE, Manifest, join
from rrsdk.message import Chunks
from tests.sdk.manifests import cells, chunks_of, from_chunks, from_footer, messages_of, written

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = [
    "sdk-0.41/scene.rrd",
    "sdk-0.41/shapes.rrd",
    "sdk-0.41/layout.rrd",
    "demo/car.rrd",
    "demo/camera.rrd",
]
SCENE = (FIXTURES / "sdk-0.41/scene.rrd").read_bytes()
(CHUNKS,) = chunks_of(SCENE)


def assert_equal(made: Manifest, read: Manifest, *, nullable: bool = True) -> None:
    """Column by column and field by field, in order."""
    assert list(made.table.columns) == list(read.table.columns)
    for name, column in made.table.columns.items():
        theirs = read.table.columns[name]
        assert column.field.name == theirs.field.name
        assert column.field.type == theirs.field.type
        assert dict(column.field.metadata) == dict(theirs.field.metadata)
        assert not nullable or column.field.nullable == theirs.field.nullable, name
    assert cells(made) == cells(read)
    assert made.fields.keys() == read.fields.keys()
    for name, field in made.fields.items():
        assert field == read.fields[name]


@pytest.mark.parametrize("name", FILES)
def test_a_manifest_made_from_chunks_is_the_sdks(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    made, read = from_chunks(data), from_footer(data)
    assert made.keys() == read.keys()
    for store in made:
        assert_equal(made[store], read[store])


@pytest.mark.parametrize("name", ["rich", "blueprint", "many_stores", "small"])
def test_a_manifest_made_from_chunks_is_the_sdks_today(name: str, tmp_path: Path) -> None:
    """Of recordings that the installed SDK writes now."""
    pytest.importorskip("rerun", reason="rerun-sdk is not installed")
    from tests import recordings

    path = tmp_path / "in.rrd"
    if name == "small":
        recordings.small(path, size=5)
    else:
        recordings.RECORDINGS[name](path)
    data = path.read_bytes()
    made, read = from_chunks(data), from_footer(data)
    assert made.keys() == read.keys()
    for store in made:
        # `rerun rrd route`, which many_stores goes through, lets every column be null.
        assert_equal(made[store], read[store], nullable=name != "many_stores")


@pytest.mark.parametrize("name", FILES)
def test_a_footer_round_trips(name: str) -> None:
    manifests = [(chunks.store_raw, chunks.manifest) for chunks in chunks_of((FIXTURES / name).read_bytes())]
    again = read_footer(write_footer(manifests))
    assert [raw for raw, _ in again] == [raw for raw, _ in manifests]
    for (_, one), (_, other) in zip(again, manifests, strict=True):
        assert_equal(one, other)


KEEP = st.lists(st.integers(0, 1), min_size=len(CHUNKS), max_size=len(CHUNKS))


@given(KEEP)
def test_what_is_taken(keep: list[int]) -> None:
    before, taken = CHUNKS.manifest, CHUNKS.manifest.take(keep)
    assert len(taken) == sum(keep)
    was, now = cells(before), cells(taken)
    for name, column in now.items():
        assert column == [value for value, flag in zip(was[name], keep, strict=True) if flag]
    for name in was.keys() - now.keys():
        left = [value for value, flag in zip(was[name], keep, strict=True) if flag]
        assert not any(value is not None and value != 0 for value in left), f"{name} was still needed"
    assert taken.fields.keys() <= before.fields.keys()


@settings(max_examples=60)
@given(KEEP)
def test_what_is_taken_describes_the_chunks_taken(keep: list[int]) -> None:
    """Against a manifest made from nothing but those chunks."""
    data = written([*messages_of(SCENE)[:1], CHUNKS.take(keep)])
    if not any(keep):
        assert from_footer(data) == {}
        return
    ((store, read),) = from_footer(data).items()
    made = from_chunks(data)[store]
    assert made.fields.keys() <= read.fields.keys()
    found, expected = cells(read), cells(made)
    assert expected == {name: found[name] for name in expected}
    extra = [value for name in found.keys() - expected.keys() for value in found[name]]
    assert not any(value is not None and value != 0 for value in extra)


@settings(max_examples=60)
@given(KEEP)
def test_joining_what_was_taken_apart(keep: list[int]) -> None:
    other = [1 - flag for flag in keep]
    parts = [CHUNKS.manifest.take(keep), CHUNKS.manifest.take(other)]
    joined = join(parts)
    assert len(joined) == len(CHUNKS)
    was, now = cells(CHUNKS.manifest), cells(joined)
    order = sorted(range(len(keep)), key=lambda row: other[row])
    assert now == {name: [was[name][row] for row in order] for name in was}
    assert joined.fields.keys() == CHUNKS.manifest.fields.keys()


@settings(max_examples=30)
@given(KEEP, st.integers(0, 3))
def test_a_sink_writes_one_manifest_of_many_parts(keep: list[int], repeats: int) -> None:
    parts: list[Chunks] = [CHUNKS.take(keep), CHUNKS.take([1 - flag for flag in keep])]
    data = written([*messages_of(SCENE)[:1], *parts, *parts[:1] * repeats])
    ((store, read),) = from_footer(data).items()
    made = from_chunks(data)[store]
    assert cells(read) == cells(made)
    for offset, size in zip(read.table.u64(OFFSET), read.table.u64(SIZE), strict=True):
        assert data[offset - 16 : offset] == (2).to_bytes(8, "little") + size.to_bytes(8, "little")


def test_questions_to_a_manifest() -> None:
    manifest = CHUNKS.manifest
    rows = cells(manifest)
    for timeline in manifest.timelines():
        assert list(manifest.on_timeline(timeline)) == [
            int(start is not None) for start in rows[f"{timeline}:start"]
        ]
    assert set(manifest.timelines()) >= {"log_time"}
    assert manifest.on_timeline("no such timeline") == bytearray(len(manifest))
    assert manifest.total_size() == sum(size for size in rows[SIZE] if isinstance(size, int))
    fields = {field.metadata.get("rerun:component") for field in manifest.fields.values()} - {None}
    assert manifest.components().keys() == fields
    assert len(set(rows[CHUNK_ID])) == len(manifest)
    entities = {field.metadata.get("rerun:entity_path") for field in manifest.fields.values()} - {None}
    assert {entity.encode() for entity in entities} == set(rows[ENTITY])


def test_timelines_are_asked_for_by_their_own_name(tmp_path: Path) -> None:
    """Spaces and the like are replaced in the names of a manifest's columns, not in what they stand for."""
    pytest.importorskip("rerun", reason="rerun-sdk is not installed")
    from tests import recordings

    recordings.rich(tmp_path / "in.rrd")
    data = (tmp_path / "in.rrd").read_bytes()
    for manifests in (from_footer(data), from_chunks(data)):
        (manifest,) = manifests.values()
        assert "zeit größe" in manifest.timelines()
        assert sum(manifest.on_timeline("zeit größe")) == len(recordings.ODD_PATHS)
        assert sum(manifest.on_timeline("zeit_größe")) == 0
        assert any(manifest.components()["Wide:wide"])
