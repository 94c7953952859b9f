"""The chunk store itself: what it counts, puts together, lets go of, says, and refuses; under threads."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.errors import FormatError, UsageError
from rrsdk.query import latest_at, latest_at_many
from rrsdk.query import range as range_of
from rrsdk.store import chunk_store, joining
from rrsdk.store.chunk_store import RECORD_COST, ChunkStore
from rrsdk.store.events import Added, Compacted, Dropped, Event
from rrsdk.store.opened import COLUMN_COST
from rrsdk.store.packing import FAN, Packing
from tests.contracts.store_contract import SCALAR, check, static, temporal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rrsdk.store.form import Record


def ones(count: int, start: int = 0, entity: str = "/a") -> list[Chunk]:
    """Chunks of one row."""
    return [
        Chunk.from_columns(entity, {"frame": [frame]}, components={SCALAR: [[float(frame)]]})
        for frame in range(start, start + count)
    ]


# ---- bytes ----


def test_what_slices_share_is_counted_once() -> None:
    large = temporal("/a", range(1000), Scalars__scalars=np.zeros((1000, 1)).tolist())
    whole, parts = ChunkStore(), ChunkStore()
    whole.insert(large)
    parts.insert_many(large.slice(start, start + 10) for start in range(0, 1000, 10))
    assert len(parts) == 100
    assert parts.nbytes - 100 * RECORD_COST == whole.nbytes - RECORD_COST
    parts.drop(range(99))
    assert parts.nbytes == whole.nbytes
    parts.drop([99])
    assert parts.nbytes == 0


def test_a_message_that_columns_lie_in_is_counted_whole_and_once() -> None:
    payload = temporal("/a", range(100), Scalars__scalars=np.zeros((100, 1)).tolist()).to_ipc()
    decoded, encoded = ChunkStore(), ChunkStore()
    decoded.insert(Chunk.from_ipc(payload))
    encoded.insert(payload)
    assert decoded.nbytes == encoded.nbytes == len(payload) + RECORD_COST
    latest_at(encoded, "/a", "frame", 50)
    assert encoded.nbytes == len(payload) + RECORD_COST
    # The columns are where they were; around each are some objects.
    assert encoded.decoded_bytes == COLUMN_COST * Chunk.from_ipc(payload).num_columns


def test_views_of_one_block_are_counted_as_the_block() -> None:
    payloads = [chunk.to_ipc() for chunk in ones(5)]
    block = memoryview(b"".join(payloads))
    store, start = ChunkStore(), 0
    for payload in payloads:
        store.insert(block[start : start + len(payload)])
        start += len(payload)
    assert store.nbytes == len(block) + 5 * RECORD_COST
    check(store, [Chunk.from_ipc(one) for one in payloads], range(6))


def test_decoded_copies_stay_within_their_budget() -> None:
    payloads = [
        temporal("/a", range(n * 100, n * 100 + 100), Scalars__scalars=np.zeros((100, 1)).tolist()).to_ipc()
        for n in range(20)
    ]
    blocks = [memoryview(b"\0" + payload)[1:] for payload in payloads]  # not where Arrow wants them
    store = ChunkStore(decoded_bytes=3 * len(payloads[0]), packing=None)
    store.insert_many(blocks)
    for _ in range(2):
        for number in range(20):
            assert latest_at(store, "/a", "frame", number * 100 + 5)[SCALAR].to_pylist() == [0.0]
            assert store.decoded_bytes <= 4 * len(payloads[0])


# ---- small chunks become one ----


@pytest.mark.parametrize("encoded", [False, True])
def test_small_chunks_become_one(encoded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []
    original = joining.joined

    def counted(records: Sequence[Record], reader: object) -> Chunk:
        joined.append(sum(record.num_rows for record in records))
        return original(records, reader)  # type: ignore[arg-type]

    monkeypatch.setattr(chunk_store, "joined", counted)
    chunks = ones(3000)
    store = ChunkStore(packing=Packing(max_rows=500))
    for number, chunk in enumerate(chunks):
        store.insert(chunk.to_ipc() if encoded else chunk)
        if number % 3 == 0:
            latest_at(store, "/a", "frame", number)
    assert sum(joined) <= 3 * len(chunks)  # each row was copied a few times at most
    assert len(store) <= 2 * FAN + 3000 // 250
    rows = [store.open(int(number)).chunk.num_rows for number in store.spans("/a", "frame", None).numbers]
    assert sum(rows) == 3000
    assert max(rows) <= 500
    assert range_of(store, "/a", "frame", 0, 5000).times.tolist() == list(range(3000))


def test_limits_of_packing() -> None:
    unsorted = [temporal("/u", [5 - n % 2], Scalars__scalars=[[1.0]]) for n in range(100)]
    heavy = [temporal("/h", [n], Blob__blob=[[bytes(100_000)]]) for n in range(40)]
    store = ChunkStore(packing=Packing(max_rows=80, max_rows_if_unsorted=20))
    store.insert_many([*unsorted, *heavy])
    sizes = {}
    for entity in ("/u", "/h"):
        numbers = store.spans(entity, "frame", None).numbers.tolist()
        sizes[entity] = [store.open(number).chunk.num_rows for number in numbers]
    assert sizes == {"/u": [20] * 5, "/h": [3] * 13 + [1]}


@pytest.mark.parametrize("ask_every", [1, 5, 50])
def test_only_neighbours_become_one(ask_every: int) -> None:
    """Some are too large to be put together: what is before and behind them stays apart."""
    store, frame = ChunkStore(packing=Packing(max_rows=100)), 0
    for number in range(400):
        rows = 70 if number % 37 == 5 else 1 + number % 3
        frames = range(frame, frame + rows)
        store.insert(temporal("/a", frames, Scalars__scalars=[[float(one)] for one in frames]))
        frame += rows
        if number % ask_every == 0:
            latest_at(store, "/a", "frame", frame)
    spans = store.spans("/a", "frame", None)
    assert len(spans) < 150
    assert (spans.ends[:-1] < spans.starts[1:]).all()
    assert range_of(store, "/a", "frame", 0, frame).times.tolist() == list(range(frame))


def test_packing_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Packing.from_environment() == Packing() == (393_216, 4096, 1024)
    monkeypatch.setenv("RERUN_CHUNK_MAX_ROWS", "7")
    assert Packing.from_environment() == (393_216, 7, 1024)
    monkeypatch.setenv("RERUN_CHUNK_MAX_BYTES", "many")
    with pytest.raises(UsageError, match="RERUN_CHUNK_MAX_BYTES"):
        Packing.from_environment()


def test_dictionaries_become_one_as_well() -> None:
    kind = pa.list_(pa.dictionary(pa.int8(), pa.utf8()))
    chunks = [
        Chunk.from_columns("/a", {"frame": [n]}, components={"x": pa.array([[word, "b"]], kind)})
        for n, word in enumerate("abcd" * 20)
    ]
    store = ChunkStore()
    store.insert_many(chunks)
    assert latest_at(store, "/a", "frame", 17)["x"].to_pylist() == ["b", "b"]
    assert latest_at(store, "/a", "frame", 18)["x"].to_pylist() == ["c", "b"]


# ---- what goes ----


def test_the_oldest_go_and_the_budget_is_kept() -> None:
    store = ChunkStore(budget_bytes=200_000)
    store.insert(static("/s", TextLog__text=[["stays"]]))
    store.insert(temporal("/slow", [0], Scalars__scalars=[[7.0]]))
    store.protect("frame", 10**6)
    for start in range(0, 5000, 100):
        store.insert_many(ones(100, start))
        assert store.nbytes <= 200_000
        frame = latest_at_many(store, ["/s", "/slow", "/a"], "frame", 10**6)
        assert frame["/s"]["TextLog:text"].to_pylist() == ["stays"]
        assert frame["/slow"][SCALAR].to_pylist() == [7.0]
        assert frame["/a"][SCALAR].to_pylist() == [float(start + 99)]
    times = range_of(store, "/a", "frame", 0, 10**6).times.tolist()
    assert times == list(range(times[0], 5000))
    assert times[0] > 2000


def test_what_cannot_go_is_not_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Static data exceed the budget: every insert would look for what may go."""
    store = ChunkStore(budget_bytes=100_000)
    runs: list[int] = []
    original = ChunkStore.evict
    monkeypatch.setattr(ChunkStore, "evict", lambda self, target: runs.append(1) or original(self, target))
    for number in range(1000):
        store.insert(static(f"/s{number}", TextLog__text=[["x" * 100]]))
    assert len(store) == 1000
    assert len(runs) < 100


def test_evicting_looks_at_each_chunk_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    original = ChunkStore._needed
    monkeypatch.setattr(ChunkStore, "_needed", lambda self, *told: looked.append(1) or original(self, *told))
    store = ChunkStore(budget_bytes=300_000)
    store.protect("frame", 10**9)
    for number in range(6000):
        store.insert(ones(1, number, f"/e{number % 3}")[0])
    assert len(looked) < 600


# ---- events ----


def test_events_tell_what_happened() -> None:
    heard: list[Event] = []
    store = ChunkStore()
    stop = store.subscribe(heard.append)
    numbers = store.insert_many(ones(FAN))
    assert heard == [Added(numbers)]
    latest_at(store, "/a", "frame", 0)
    (target,) = store.spans("/a", "frame", SCALAR).numbers.tolist()
    assert heard[1:] == [Compacted(numbers, target)]
    store.drop([target, 10**6, numbers[0]])
    assert heard[2:] == [Dropped([target])]
    stop()
    store.insert_many(ones(1))
    assert len(heard) == 3


def test_a_chunk_is_there_once() -> None:
    store, (chunk,) = ChunkStore(), ones(1)
    first = store.insert(chunk)
    generation = store.generation
    assert store.insert(chunk) is None
    assert store.insert(chunk.to_ipc()) is None
    assert store.generation == generation
    assert first is not None
    store.drop([first])
    assert store.insert(chunk) not in (None, first)


# ---- what is refused ----


def test_broken_payloads() -> None:
    store = ChunkStore()
    (good,) = ones(1)
    payload = temporal("/b", range(50), TextLog__text=[["text"]] * 50).to_ipc()
    with pytest.raises(FormatError):
        store.insert_many([good, payload[:100], ones(1)[0]])
    assert len(store) == 1
    for bad in (
        b"",
        b"\xff\xff\xff\xff",
        b"junk" * 100,
        payload.replace(b"sorbet:version", b"sorbet:versiom"),
    ):
        with pytest.raises(FormatError):
            store.insert(bad)
    damaged = bytearray(payload)
    offsets = payload.rindex(bytes(np.arange(0, 204, 4, dtype=np.int32)))
    damaged[offsets + 200 : offsets + 204] = b"\x7f" * 4
    number = store.insert(bytes(damaged))
    assert number is not None
    with pytest.raises(FormatError, match=r"chunk_.*entity /b"):
        latest_at(store, "/b", "frame", 3)
    assert latest_at(store, "/a", "frame", 3)[SCALAR].to_pylist() == [0.0]


# ---- threads ----


@pytest.fixture
def often_in_turn() -> Iterator[None]:
    """Threads are exchanged often, so that they meet in the middle of things."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often_in_turn")
def test_others_may_ask_while_it_changes() -> None:
    store = ChunkStore(budget_bytes=300_000, packing=Packing(max_rows=100))
    store.insert_many([*ones(1), *ones(1, entity="/b")])
    store.protect("frame", 10**9)
    problems: list[BaseException] = []
    over = threading.Event()

    def ask() -> None:
        try:
            last = -1.0
            while not over.is_set():
                frame = latest_at_many(store, ["/a", "/b"], "frame", 10**9)
                (value,) = frame["/a"][SCALAR].to_pylist()
                assert value >= last
                last = value
                times = range_of(store, "/b", "frame", 0, 10**9).times
                assert (np.diff(times) == 1).all()
        except BaseException as error:  # noqa: BLE001  # it is told below
            problems.append(error)

    readers = [threading.Thread(target=ask) for _ in range(2)]
    for reader in readers:
        reader.start()
    for start in range(1, 3000, 20):
        store.insert_many([*ones(20, start), *ones(20, start, "/b")])
    over.set()
    for reader in readers:
        reader.join(30)
    assert not problems
