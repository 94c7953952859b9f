"""LazyChunkStore: what it keeps, what it loads ahead, and files that change under it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.chunk import Chunk
from rrsdk.codec.footer import read_footer, write_footer
from rrsdk.errors import ChunkError
from rrsdk.ipc.table import Column
from rrsdk.sources.chunk_file import ChunkFile
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.store.chunk_index import Bounds
from rrsdk.store.lazy import LazyChunkStore
from rrsdk.store.playhead import Playhead
from rrsdk.stores import open_recording
from tests.faults import damage
from tests.sdk.chunk_files import contents, lazy, numbers, plot, recording
from tests.sdk.manifests import refuse

CHUNKS = [plot(f"/plot/{n % 2}", range(100 * n, 100 * n + 100)) for n in range(8)]
DATA = recording(CHUNKS)


def cost_of_one() -> int:
    store = lazy(DATA)
    store.open(0)
    return store.used_bytes


ONE = cost_of_one()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def loaded(store: LazyChunkStore) -> list[int]:
    return [number for number in numbers(store) if store.is_loaded(number)]


# --- what there is, and what is kept ---


def test_spans_and_static_come_from_the_manifest() -> None:
    note = Chunk.from_columns("/note", components={"TextDocument:text": [["hello"]]})
    holes = Chunk.from_columns(
        "/holes",
        indexes={"step": [1, 2, 3], "other": [30, 20, 10]},
        components={"Scalars:scalars": [[1.0], None, [3.0]], "note": [None, ["x"], None]},
    )
    store = lazy(recording([*CHUNKS, note, holes]))
    spans = store.spans("/plot/1", "step", "Scalars:scalars")
    assert list(zip(spans.starts, spans.ends, strict=True)) == [
        (100 * n, 100 * n + 99) for n in range(1, 8, 2)
    ]
    assert store.spans("/plot/1", "step", "Scalars:scalars") is spans
    assert len(store.spans("/plot/1", "other", None)) == 0
    assert [store.open(number).chunk for number in store.static("/note", "TextDocument:text")] == [note]
    assert store.static("/plot/1", "Scalars:scalars") == ()
    partial = store.spans("/holes", "other", "note")
    assert (partial.starts.tolist(), partial.ends.tolist()) == ([20], [20])
    whole = store.spans("/holes", "other", None)
    assert (whole.starts.tolist(), whole.ends.tolist()) == ([10], [30])
    schema = store.schema()
    assert schema is store.schema()
    assert schema.components["/note"]["TextDocument:text"].is_static
    assert schema.timelines_of == {
        "/note": frozenset(),
        "/holes": {"step", "other"},
        "/plot/0": {"step"},
        "/plot/1": {"step"},
    }


def test_what_was_used_last_is_kept_within_the_budget() -> None:
    store = lazy(DATA, budget_bytes=3 * ONE + ONE // 2)
    first = store.open(0)
    for number in (1, 2, 0, 3):
        store.open(number)
    assert loaded(store) == [0, 2, 3]
    assert store.open(0) is first
    assert store.used_bytes <= 3 * ONE + ONE // 2
    store.close()
    assert store.used_bytes == 0


def test_a_chunk_larger_than_the_budget_is_had_and_not_kept() -> None:
    store = lazy(DATA, budget_bytes=10)
    assert contents(store) == {chunk.id: chunk for chunk in CHUNKS}
    assert store.used_bytes == 0


def test_what_no_store_has() -> None:
    for number in (-1, 8):
        with pytest.raises(KeyError):
            lazy(DATA).open(number)


def test_several_readers_and_a_tiny_budget() -> None:
    store = lazy(DATA, budget_bytes=2 * ONE)

    def read(seed: int) -> None:
        random = np.random.default_rng(seed)
        for number in random.integers(0, 8, 200).tolist():
            opened = store.open(number)
            assert opened.number == number
            assert opened.chunk == CHUNKS[number]
            if number == seed:
                store.prefetch(random.integers(0, 8, 3).tolist())

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(read, range(6)))
    store.close()
    assert store.used_bytes == 0


def test_a_forked_child_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "in.rrd"
    path.write_bytes(DATA)
    with open_recording(path) as store:
        store.prefetch(range(4))
        store.open(0)
        pipe, theirs = multiprocessing.Pipe()

        def child() -> None:
            store.prefetch([5])
            theirs.send([store.open(n).chunk.num_rows for n in range(8)])

        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        assert pipe.poll(30)
        assert pipe.recv() == [100] * 8
        process.join(30)
        assert process.exitcode == 0
        assert contents(store) == {chunk.id: chunk for chunk in CHUNKS}


# --- loaded ahead ---


def test_hints_are_loaded_in_the_background_and_the_thread_ends() -> None:
    store = lazy(DATA, budget_bytes=40 * ONE)
    store.prefetch([1, 3])
    wait_until(lambda: loaded(store) == [1, 3])
    store.prefetch(range(8))
    wait_until(lambda: len(loaded(store)) == 8)
    store.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "rrsdk-prefetch"]


def test_no_more_than_a_quarter_of_the_budget_is_loaded_ahead() -> None:
    store = lazy(DATA, budget_bytes=8 * ONE)
    store.prefetch(range(8))
    wait_until(lambda: loaded(store) in ([0], [0, 1]))
    store.close()


def test_what_cannot_be_loaded_ahead_is_met_when_it_is_opened() -> None:
    place = damage.chunks(DATA)[2]
    store = lazy(damage.overwritten(DATA, place.header, b"\xff"), budget_bytes=40 * ONE)
    store.prefetch([2, 3])
    wait_until(lambda: loaded(store) == [3])
    with pytest.raises(ChunkError):
        store.open(2)
    store.close()


def test_play_loads_what_comes_next_in_its_direction() -> None:
    store = lazy(DATA, budget_bytes=10 * ONE)
    store.look_ahead("step", 150)
    wait_until(lambda: loaded(store) == [2, 3])
    for time_, expected in ((650, [2, 3, 7]), (640, [2, 3, 4, 5, 7])):
        store.look_ahead("step", time_)
        wait_until(lambda expected=expected: loaded(store) == expected)  # type: ignore[misc]
    store.look_ahead("no such timeline", 0)
    store.close()


BOUNDS = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 9), st.integers(1, 50)), max_size=12)


@given(BOUNDS, st.lists(st.integers(-8, 25), min_size=1, max_size=6), st.integers(0, 120), st.integers(0, 4))
def test_where_play_comes_next(
    chunks: list[tuple[int, int, int]], path: list[int], most: int, count: int
) -> None:
    starts = np.array([start for start, _, _ in chunks], np.int64)
    ends = starts + np.array([length for _, length, _ in chunks], np.int64)
    sizes = np.array([size for _, _, size in chunks], np.int64)
    head = Playhead(Bounds(np.arange(len(chunks)), starts, ends), sizes)
    backwards, before = False, None
    for moment in path:
        backwards = backwards if before in (None, moment) else moment < before
        before = moment
        if backwards:
            ahead = sorted((n for n in range(len(chunks)) if ends[n] < moment), key=lambda n: -ends[n])
        else:
            ahead = sorted((n for n in range(len(chunks)) if starts[n] > moment), key=lambda n: starts[n])
        while sum(sizes[n] for n in ahead) > most:
            ahead.pop()
        assert head.move(moment, most, count) == ahead[:count]


# --- files that change, and footers that lie ---


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "in.rrd").write_bytes(DATA)
    return tmp_path / "in.rrd"


def rest_is_usable(store: LazyChunkStore, broken: set[int]) -> None:
    for number, chunk in enumerate(CHUNKS):
        if number not in broken:
            assert store.open(number).chunk == chunk


def test_a_file_that_is_cut_off(path: Path) -> None:
    place = damage.chunks(DATA)[5]
    with open_recording(path) as store:
        os.truncate(path, place.end - 1)
        for number in (5, 6):
            with pytest.raises(ChunkError, match=f"had {len(DATA)} bytes when it was opened") as caught:
                store.open(number)
            assert caught.value.source == str(path)
            assert caught.value.chunk == f"chunk_{CHUNKS[number].id}"
            assert caught.value.chunk in str(caught.value)
            assert caught.value.entity == CHUNKS[number].entity_path
            assert caught.value.offset is not None
            assert place.end - 1 <= caught.value.offset <= damage.chunks(DATA)[number].end
            assert "open the file again" in str(caught.value)
        rest_is_usable(store, {5, 6, 7})


def test_a_file_that_is_written_anew_in_place(path: Path) -> None:
    with open_recording(path) as store:
        path.write_bytes(recording([plot(f"/plot/{n % 2}", range(100)) for n in range(8)]))
        for number in range(1, 8):
            with pytest.raises(ChunkError, match=r"instead|no chunk message|when it was opened|missing"):
                store.open(number)


def test_a_file_that_is_replaced_stays_readable(path: Path) -> None:
    with open_recording(path) as store:
        other = path.with_suffix(".other")
        other.write_bytes(recording([plot("/other", [1])]))
        other.replace(path)
        rest_is_usable(store, set())


def test_a_file_that_grows_stays_readable(path: Path) -> None:
    with open_recording(path) as store:
        with path.open("ab") as file:
            file.write(recording([plot("/other", [1])]))
        rest_is_usable(store, set())


def test_bytes_that_change(path: Path) -> None:
    place = damage.chunks(DATA)[3]
    with open_recording(path) as store:
        with path.open("r+b") as file:
            file.seek(place.header)
            file.write(b"\x07")
        with pytest.raises(ChunkError, match="changed since it was opened") as caught:
            store.open(3)
        assert caught.value.offset == place.header
        rest_is_usable(store, {3})


def is_there_or_named(store: LazyChunkStore, number: int, place: damage.Place) -> bool:
    """Whether a chunk is there, with what it should have, or the error says where it is not."""
    try:
        chunk = store.open(number).chunk
    except ChunkError as error:
        at = error.offset if error.offset is not None else -1
        return error.source == "in.rrd" and place.header <= at <= place.end
    return (chunk.entity_path, chunk.num_rows) == (CHUNKS[number].entity_path, CHUNKS[number].num_rows)


@given(st.integers(0, 8 * (len(DATA) - 1) - 1))
def test_any_bit_turned_over_after_opening(bit: int) -> None:
    """Either nobody can tell (a float is a float), or the one chunk it is in cannot be read."""
    data = bytearray(DATA)
    origin = MemoryOrigin("in.rrd", data)
    store = LazyChunkStore(ChunkFile(FileSource(origin, damage=None, warn=refuse)).loaders)
    data[bit // 8] ^= 1 << bit % 8
    for number, place in enumerate(damage.chunks(DATA)):
        if place.header <= bit // 8 < place.end:
            assert is_there_or_named(store, number, place)
        else:
            assert store.open(number).chunk == CHUNKS[number]


@pytest.mark.parametrize(
    ("column", "by", "says"),
    [
        ("chunk_num_rows", 1, "it has 100 rows, not 101"),
        ("step:start", 1, "its times are not those that the manifest says"),
        ("step:end", -1, "its times are not those that the manifest says"),
    ],
)
def test_a_footer_that_lies_is_found_at_the_chunk(column: str, by: int, says: str) -> None:
    region = FileSource(MemoryOrigin("in", DATA), damage=None, warn=refuse).regions()[-1]
    assert region.footer is not None
    ((raw, manifest),) = read_footer(region.footer)
    values = manifest.table.u64(column)
    values[4] += by
    manifest.table.columns[column] = Column(manifest.table.columns[column].field, values)
    store = lazy(damage.with_footer(DATA, write_footer([(raw, manifest)])))
    with pytest.raises(ChunkError, match=says) as caught:
        store.open(4)
    assert caught.value.chunk == f"chunk_{CHUNKS[4].id}"
    rest_is_usable(store, {4})


def test_nothing_keeps_a_store_that_is_let_go_of(path: Path) -> None:
    def used() -> weakref.ref[LazyChunkStore]:
        store = open_recording(path)
        store.prefetch(range(8))
        wait_until(lambda: len(loaded(store)) == 8)
        return weakref.ref(store)

    gone = used()
    wait_until(lambda: gc.collect() >= 0 and gone() is None)
