"""Recordings opened as chunk loaders: by footers, by walking, of any release; and what is wrong with them."""

from __future__ import annotations

import gc
import os
from array import array
from collections import defaultdict
from pathlib import Path

import pytest

from rrsdk.chunk import Chunk
from rrsdk.codec.footer import read_footer, write_footer
from rrsdk.errors import FormatError, InputError, TruncatedError, UsageError, VersionError
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.sources.chunk_file import ChunkFile
from rrsdk.sources.chunks import read_chunks
from rrsdk.sources.damage import Damage
from rrsdk.sources.file import FileSource
from rrsdk.sources.memory import MemorySource
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.store.lazy import LazyChunkStore
from rrsdk.stores import open_recording, open_stores
from tests.faults import damage
from tests.sdk.chunk_files import STORE, contents, in_memory, plot, recording
from tests.sdk.manifests import refuse

FIXTURES = Path(__file__).parents[2] / "fixtures"
READABLE = sorted(path for path in FIXTURES.glob("*/*.rrd") if path.parent.name != "too-old")
SCENE = FIXTURES / "sdk-0.41/scene.rrd"

Contents = dict[StoreId, dict[Tuid, Chunk]]


def read_all(path: Path) -> Contents:
    found: Contents = defaultdict(dict)
    for store, chunk in read_chunks(str(path)):
        found[store][chunk.id] = chunk
    return found


@pytest.mark.parametrize("path", READABLE, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_loaded_is_what_reading_all_gives(path: Path) -> None:
    expected = read_all(path)
    with_footer = open_stores(path, budget_bytes=10_000)
    data = path.read_bytes()
    try:
        without = damage.without_footer(data)
    except StopIteration:
        without = data  # before 0.27 there was none
    file = in_memory(without)
    for store in file.stores():
        loaders = [loader for loader in file.loaders if loader.store == store]
        assert contents(LazyChunkStore(loaders)) == expected[store]
    assert {store: contents(lazy) for store, lazy in with_footer.items()} == expected
    assert set(file.infos) >= set(expected)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_is_that_of_the_chunks(path: Path) -> None:
    for store_id, chunks in read_all(path).items():
        schema = open_stores(path)[store_id].schema()
        assert schema.entities == sorted({chunk.entity_path for chunk in chunks.values()})
        described = {(c.entity_path, name) for c in chunks.values() for name in c.components}
        assert {(entity, name) for entity, named in schema.components.items() for name in named} == described
        for chunk in chunks.values():
            for name in chunk.components:
                column, field = schema.components[chunk.entity_path][name], chunk.component_field(name)
                assert column.datatype == field.type
                assert (column.archetype or "").encode() == field.metadata.get(b"rerun:archetype", b"")
                assert column.is_static or not chunk.is_static
                assert not (column.is_empty and len(chunk.component(name).flatten()))
        for column in (column for named in schema.components.values() for column in named.values()):
            mine = [
                c.component(column.component)
                for c in chunks.values()
                if c.entity_path == column.entity and column.component in c.components
            ]
            assert column.is_empty is not any(len(values.flatten()) for values in mine)
        for chunk in chunks.values():
            for timeline, kind in chunk.timelines.items():
                assert schema.timelines[timeline] is kind
                assert timeline in schema.timelines_of[chunk.entity_path]


@pytest.mark.parametrize("name", ["rrf0", "rrf1", "sdk-0.22"])
def test_what_is_too_old_says_so(name: str) -> None:
    with pytest.raises(VersionError, match=r"before Rerun 0\.23|0\.22"):
        ChunkFile.open(str(FIXTURES / f"too-old/{name}.rrd"))


def test_no_chunk_is_read_to_open_a_recording_with_a_footer() -> None:
    data = bytearray(recording([plot(f"/plot/{n}", range(1000)) for n in range(3)]))
    for place in damage.chunks(bytes(data)):
        data[place.header : place.end] = bytes(place.end - place.header)
    file = in_memory(bytes(data))
    assert len(LazyChunkStore(file.loaders)) == 3
    with pytest.raises(FormatError, match="no chunk message of the expected size begins here"):
        file.loaders[0].read(0)


def test_streams_one_after_the_other_and_repeated_chunks() -> None:
    first, second, third = plot("/a", [1, 2]), plot("/a", [3]), plot("/b", [9])
    other = StoreId(StoreKind.RECORDING, "lazy_test", "other")
    data = b"".join(
        (
            recording([first, second]),
            damage.without_footer(recording([third, second])),
            recording([first], store=other),
            recording([second]),
        )
    )
    file = in_memory(data)
    assert file.stores() == [STORE, other]
    mine = LazyChunkStore([loader for loader in file.loaders if loader.store == STORE])
    assert contents(mine) == {chunk.id: chunk for chunk in (first, second, third)}
    assert mine.spans("/a", "step", None).ends.tolist() == [2, 3]
    with pytest.raises(UsageError, match="lazy_test/other, not recording lazy_test/run"):
        LazyChunkStore(file.loaders)


def test_many_files_are_one_store(tmp_path: Path) -> None:
    parts = [plot("/a", [n]) for n in range(5)]
    paths = [tmp_path / f"run.{n:04}.rrd" for n in range(4)]
    for n, path in enumerate(paths):
        path.write_bytes(recording([parts[n], parts[n + 1]]))
    with open_recording(*paths) as store:
        assert contents(store) == {chunk.id: chunk for chunk in parts}
        assert store.spans("/a", "step", "Scalars:scalars").starts.tolist() == [0, 1, 2, 3, 4]


def test_a_choice_of_recordings(tmp_path: Path) -> None:
    runs = [StoreId(StoreKind.RECORDING, "app", name) for name in ("one", "two")]
    path = tmp_path / "both.rrd"
    path.write_bytes(b"".join(recording([plot("/a", [1])], store=run) for run in runs))
    with pytest.raises(UsageError, match="several recordings: app/one, app/two; say which"):
        open_recording(path)
    with pytest.raises(UsageError, match="no such recording: app/one, app/two"):
        open_recording(path, recording_id="three")
    with open_recording(path, recording_id="two") as store:
        assert store.store == runs[1]
        assert len(contents(store)) == 1
    with open_recording(FIXTURES / "sdk-0.41/layout.rrd") as store:
        assert store.store.kind is StoreKind.RECORDING  # its blueprint is none


def test_a_file_is_closed_with_the_last_of_its_stores(tmp_path: Path) -> None:
    def is_open(path: Path) -> bool:
        found = [os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.exists()]
        return str(path) in found

    runs = [StoreId(StoreKind.RECORDING, "app", name) for name in ("one", "two")]
    path = tmp_path / "both.rrd"
    path.write_bytes(b"".join(recording([plot("/a", [1])], store=run) for run in runs))
    stores = open_stores(path)
    stores[runs[0]].close()
    assert len(contents(stores[runs[1]])) == 1
    stores[runs[1]].close()
    assert not is_open(path)
    with pytest.raises(UsageError, match="closed"):
        stores[runs[1]].open(0)
    forgotten = open_stores(path)
    assert is_open(path)
    del forgotten
    gc.collect()
    assert not is_open(path)


def lying(data: bytes, offsets: list[int]) -> bytes:
    """A footer that is right in all but where chunks lie."""
    region = FileSource(MemoryOrigin("in", data), damage=None, warn=refuse).regions()[-1]
    assert region.footer is not None
    footer = [(raw, manifest.moved(array("Q", offsets))) for raw, manifest in read_footer(region.footer)]
    return damage.with_footer(data, write_footer(footer))


@pytest.mark.parametrize(
    ("shift", "says"),
    [
        ([0, 2**63], "where it cannot be"),
        ([0, 2**64 - 1], "where another one is"),
        ([-1, 0], "longer than the footer leaves room for"),
        ([0, -30], "where another one is"),
        ([7, 0], "where another one is"),
    ],
)
def test_a_footer_that_cannot_be_true(shift: list[int], says: str) -> None:
    data = recording([plot("/a", [1]), plot("/a", [2])])
    offsets = [(place.start + by) % 2**64 for place, by in zip(damage.chunks(data), shift, strict=True)]
    broken = lying(data, offsets)
    with pytest.raises(FormatError, match=says) as caught:
        in_memory(broken)
    assert caught.value.source == "in.rrd"
    assert "--continue-on-error" in str(caught.value)
    losses, warnings = Damage(), list[str]()
    source = MemorySource(broken, damage=losses, warn=warnings.append)
    file = ChunkFile(source, damage=losses, warn=warnings.append)
    assert len(contents(LazyChunkStore(file.loaders))) == 2
    assert "going by the messages instead" in warnings[0]


def test_a_footer_that_forgets_a_chunk() -> None:
    data = recording([plot("/a", [1]), plot("/a", [2])])
    region = FileSource(MemoryOrigin("in", data), damage=None, warn=refuse).regions()[-1]
    assert region.footer is not None
    footer = [(raw, manifest.take([1, 0])) for raw, manifest in read_footer(region.footer)]
    with pytest.raises(FormatError, match="does not know of"):
        in_memory(damage.with_footer(data, write_footer(footer)))


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_recording(tmp_path / "none.rrd")
    (tmp_path / "empty.rrd").touch()
    with pytest.raises(FormatError, match="empty"):
        open_recording(SCENE, tmp_path / "empty.rrd")
    (tmp_path / "cut.rrd").write_bytes(SCENE.read_bytes()[:5000])
    with pytest.raises(TruncatedError):
        open_recording(tmp_path / "cut.rrd")
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    with pytest.raises(UsageError, match="only be read once"):
        open_recording(tmp_path / "pipe")
    os.close(writer)


def test_a_file_that_was_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    data = damage.without_footer(SCENE.read_bytes())
    whole = damage.chunks(SCENE.read_bytes())
    (tmp_path / "cut.rrd").write_bytes(data[: whole[-1].end - 1])
    losses = Damage()
    with open_recording(tmp_path / "cut.rrd", damage=losses) as store:
        assert len(contents(store)) == len(whole) - 1
    assert len(losses.losses) == 1
