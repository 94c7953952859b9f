"""scripts/bench store: inserting into a chunk store, asking it, and letting go; beside Rerun's ChunkStore.

Rerun's store in Python takes decoded chunks and answers tables: a latest-at is a row of one, filled.
Times are of the processor, medians of all repetitions, ours and theirs in turn.
"""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.chunk import Chunk
from rrsdk.chunk.check import Parts
from rrsdk.identity import reserve_tuids
from rrsdk.query import latest_at, latest_at_many
from rrsdk.store.chunk_store import ChunkStore
from tests.benchmarks.measure import median
from tests.benchmarks.report import finish, measured

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = ("what", "ours", "Rerun", "Rerun ÷ ours", "asked for")
WIDTHS = (44, 12, 12, 13, 0)
SCALAR = "Scalars:scalars"
INSERTED = 30_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
ENTITIES, FRAMES = 1000, 200
ASKED = 400


def one_row_chunks(count: int, entities: int = 5) -> list[Chunk]:
    """Chunks of one row, slices of a large one each, so that a million of them can be held."""
    frames = np.arange(count)
    found: list[Chunk] = []
    for number in range(entities):
        mine = frames[number::entities]
        large = Chunk.from_columns(
            f"/e{number}",
            {"frame": mine, "log_tick": mine, "log_time": mine.astype("datetime64[ns]")},
            components={SCALAR: mine.astype(np.float64).reshape(-1, 1).tolist()},
        )
        batch, ids = large.to_record_batch(), reserve_tuids(len(mine))
        parts = Parts(large.id, f"/e{number}", dict(large.index_numbers), dict(large.component_numbers))
        for row in range(len(mine)):
            chunk_id = type(ids)(ids.time_ns, ids.inc + row)
            found.append(Chunk(batch.slice(row, 1), parts._replace(chunk_id=chunk_id)))
    each = len(found) // entities  # as they are logged: one entity after the other, again and again
    return [found[each * number + row] for row in range(each) for number in range(entities)]


def payloads(count: int, entities: int = 5) -> list[bytes]:
    """The same, encoded."""
    chunks = one_row_chunks(count, entities)
    return [chunk.slice(0, 1, chunk_id=chunk.id).to_ipc() for chunk in chunks]


def own_chunks(count: int, entities: int = 5) -> list[Chunk]:
    """Chunks of one row with buffers of their own, as they come from a program."""
    return [Chunk.from_ipc(payload) for payload in payloads(count, entities)]


def cpu_s(what: Callable[[], object]) -> float:
    """The processor time that something takes."""
    gc.collect()
    begun = time.process_time()
    what()
    return time.process_time() - begun


def insert(share: int, repeat: int) -> dict[str, Any]:
    """Decoded chunks of one row; theirs are decoded, too."""
    import rerun as rr

    count = INSERTED // share
    chunks = own_chunks(count)
    theirs = [one for chunk in chunks for one in rr.chunk.Chunk.from_record_batch(chunk.to_record_batch())]
    runs: dict[str, list[float]] = {"ours": [], "and_first_query": [], "peer": []}
    for _ in range(repeat + 1):
        store = ChunkStore()
        runs["ours"].append(cpu_s(lambda store=store: store.insert_many(chunks)))  # type: ignore[misc]

        assert len(store) == count

        def ask(store: ChunkStore = store) -> None:
            for number in range(5):
                latest_at(store, f"/e{number}", "frame", count)

        runs["and_first_query"].append(cpu_s(ask) + runs["ours"][-1])
        runs["peer"].append(cpu_s(lambda: rr.chunk.ChunkStore.from_chunks(theirs)))
    middle = {name: median(some[1:]) / count for name, some in runs.items()}
    return {
        "what": f"insert_many, {count:,} decoded one-row chunks",
        "peer": middle["peer"],
        "ours": middle["ours"],
    } | {
        "more": {"and the first query": middle["and_first_query"]},
        "target": 10e-6,
    }


def insert_encoded(share: int, repeat: int) -> dict[str, Any]:
    """The payloads of the same chunks."""
    count = INSERTED // share
    chunks = payloads(count)
    runs, more = [], []
    for _ in range(repeat + 1):
        store = ChunkStore()
        runs.append(cpu_s(lambda store=store: store.insert_many(chunks)))  # type: ignore[misc]

        assert len(store) == count

        def ask(store: ChunkStore = store) -> None:
            for number in range(5):
                latest_at(store, f"/e{number}", "frame", count)

        more.append(cpu_s(ask) + runs[-1])
    return {
        "what": f"insert_many, {count:,} encoded one-row chunks",
        "ours": median(runs[1:]) / count,
        "more": {"and the first query": median(more[1:]) / count},
    }


def latest(share: int, repeat: int, size: int) -> dict[str, Any]:
    """One component among so many chunks, none put together; at times that jump about."""
    size //= share
    chunks = one_row_chunks(size, 1)
    store = ChunkStore(packing=None)
    store.insert_many(chunks)
    times = np.random.default_rng(0).integers(0, size, ASKED).tolist()

    def ask() -> None:
        for when in times:
            assert latest_at(store, "/e0", "frame", when, (SCALAR,))[SCALAR].time == when

    runs = [cpu_s(ask) / ASKED for _ in range(repeat + 1)]
    row = {"what": f"latest_at among {size:,} chunks", "ours": median(runs[1:])}
    return row | ({"target": 30e-6} if size == 100_000 else {})


def frame(share: int, repeat: int) -> dict[str, Any]:
    """A thousand entities, time moving by a frame: every one has something new."""
    entities = ENTITIES // share
    chunks = [
        Chunk.from_columns(
            f"/robot/part{number}",
            {"frame": np.arange(FRAMES)},
            components={SCALAR: np.arange(FRAMES, dtype=np.float64).reshape(-1, 1).tolist()},
        )
        for number in range(entities)
    ]
    store = ChunkStore()
    store.insert_many(chunks)
    names = store.schema().entities

    def ask() -> None:
        for when in range(0, FRAMES, 10):
            assert len(latest_at_many(store, names, "frame", when)) == entities

    runs = [cpu_s(ask) / (FRAMES // 10) for _ in range(repeat + 1)]
    return {"what": f"latest_at_many of {entities:,} entities", "ours": median(runs[1:]), "target": 10e-3}


def one_question(share: int, repeat: int) -> dict[str, Any]:
    """What Rerun's store offers of it: a table of one row, of one column."""
    import rerun as rr

    count = INSERTED // share
    chunks = own_chunks(count, 1)
    ours = ChunkStore()
    ours.insert_many(chunks)
    theirs = rr.chunk.ChunkStore.from_chunks(
        [one for chunk in chunks for one in rr.chunk.Chunk.from_record_batch(chunk.to_record_batch())]
    )
    times = np.random.default_rng(0).integers(0, count, 5).tolist()

    def ask() -> None:
        for when in times:
            latest_at(ours, "/e0", "frame", when, (SCALAR,))[SCALAR].to_pylist()

    def ask_them() -> None:
        for when in times:
            at = np.array([when], np.int64)
            theirs.reader(index="frame", contents="/e0", fill_latest_at=True, using_index_values=at).collect()

    runs = [(cpu_s(ask) / len(times), cpu_s(ask_them) / len(times)) for _ in range(repeat + 1)][1:]
    return {
        "what": f"one value at a time, {count:,} inserted one by one",
        "ours": median([one for one, _ in runs]),
        "peer": median([other for _, other in runs]),
    }


def evict(share: int, repeat: int, size: int) -> dict[str, Any]:
    """So many chunks through a store that holds few; each should cost what it did where there were fewer."""
    size //= share
    runs, chunks = [], own_chunks(size)
    for _ in range(repeat):
        store = ChunkStore(budget_bytes=2_000_000)
        store.protect("frame", size)

        def fill(store: ChunkStore = store) -> None:
            for start in range(0, size, 1000):
                assert len(store.insert_many(chunks[start : start + 1000])) == 1000

        runs.append(cpu_s(fill) / size)
    return {"what": f"insert and evict, {size:,} chunks", "ours": median(runs)}


PARTS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "insert": insert,
    "encoded": insert_encoded,
    **{
        f"latest{size}": (lambda share, repeat, size=size: latest(share, repeat, size))  # type: ignore[misc]
        for size in SIZES
    },
    "frame": frame,
    "question": one_question,
    **{
        f"evict{size}": (lambda share, repeat, size=size: evict(share, repeat, size))  # type: ignore[misc]
        for size in (20_000, 200_000)
    },
}


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table, with what was asked for."""
    ours, peer, target = row["ours"], row.get("peer"), row.get("target")
    if target is not None:
        row["asked_for"] = [{"asked": f"≤ {shown(target)}", "reached": ours <= target}]
    if peer is not None:
        row["peer_over_ours"] = peer / ours
    asked = "" if target is None else f"{'✓' if ours <= target else '✗'} ≤ {shown(target)}"
    more = ", ".join(f"{name}: {shown(value)}" for name, value in row.get("more", {}).items())
    return [
        row["what"],
        shown(ours),
        "" if peer is None else shown(peer),
        "" if peer is None else f"{peer / ours:.1f}×",
        "; ".join(part for part in (asked, more) if part),
    ]


def shown(seconds: float) -> str:
    """A time as people read it."""
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def main(arguments: list[str]) -> int:
    """Measure, print the table row by row, write the JSON file."""
    parser = argparse.ArgumentParser(prog="scripts/bench store", description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help=f"[{','.join(PARTS)}]")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs that count  [5]")
    parser.add_argument("--quick", action="store_true", help="little, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    parts = given.parts.split(",")
    for part in parts:
        if part not in PARTS:
            parser.error(f"no part {part}; there is {', '.join(PARTS)}")
    share, repeat = (20, 1) if given.quick else (1, given.repeat)
    rows = measured(parts, lambda part: PARTS[part](share, repeat), cells, COLUMNS, WIDTHS)
    return finish("store", rows, given.json, quick=given.quick)
