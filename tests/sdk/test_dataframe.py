"""Recordings as tables: which rows and columns there are, what is read for them, and what is refused."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.dataframe import ComponentColumnSelector, IndexColumnSelector, Recording, batches, scan
from rrsdk.errors import UsageError
from rrsdk.store.chunk_store import ChunkStore
from tests.sdk.listed_store import ListedStore

SCALARS = "Scalars:scalars"
A, B = "/a:Scalars:scalars", "/b:Scalars:scalars"


def scalars(entity: str, frames: Any, *, name: str = "frame", **more: Any) -> Chunk:
    values = [[float(frame)] for frame in frames]
    return Chunk.from_columns(entity, {name: frames, **more}, components={SCALARS: values})


def spread(count: int = 10, rows: int = 100) -> ListedStore:
    """Chunk after chunk of /a, and /b beside it, a tenth as dense."""
    chunks = [scalars("/a", range(at * rows, (at + 1) * rows)) for at in range(count)]
    chunks += [scalars("/b", range(at * rows, (at + 1) * rows, 10)) for at in range(count)]
    return ListedStore(chunks)


def test_a_row_for_each_time_and_a_column_for_each_component() -> None:
    recording = Recording(ListedStore([scalars("/a", [1, 3]), scalars("/b", [2, 3])]))
    table = recording.reader("frame").to_arrow_table()
    assert table.to_pydict() == {"frame": [1, 2, 3], A: [[1.0], None, [3.0]], B: [None, [2.0], [3.0]]}
    filled = recording.reader("frame", fill_latest_at=True).to_arrow_table()
    assert filled[A].to_pylist() == [[1.0], [1.0], [3.0]]
    assert filled[B].to_pylist() == [None, [2.0], [3.0]]


def test_a_range_does_not_change_what_rows_are_filled_with() -> None:
    view = Recording(spread()).reader("frame", fill_latest_at=True)
    whole = view.to_arrow_table()
    for first, last in ((0, 5), (355, 362), (995, 2000), (2000, 3000)):
        keep = [first <= frame <= last for frame in whole["frame"].to_pylist()]
        assert view.filter_range(first, last).to_arrow_table().equals(whole.filter(pa.array(keep)))


def test_chunks_outside_a_range_are_not_opened() -> None:
    store = spread()
    contents = {"/a": SCALARS, "/b": SCALARS}  # named, so nothing is looked into to see whether it is empty
    view = Recording(store).reader("frame", contents=contents).filter_range(350, 369)
    assert view.to_arrow_table().num_rows == 20
    assert sorted(set(store.opened)) == [3, 13]


def test_what_is_not_in_the_contents_is_not_opened() -> None:
    store = spread()
    Recording(store).reader("frame", contents={"/b": SCALARS}).to_arrow_table()
    assert set(store.opened) == set(range(10, 20))
    store.opened.clear()
    view = Recording(store).reader("frame", contents={"/a": SCALARS, "/b": SCALARS})
    view.filter_is_not_null(B).select("frame", B).to_arrow_table()
    assert set(store.opened) == set(range(10, 20))


def test_few_given_times_open_few_chunks() -> None:
    store = spread(count=50)
    view = Recording(store).reader("frame", contents={"/a": SCALARS, "/b": SCALARS}, fill_latest_at=True)
    table = view.using_index_values([155, 4321, 90_000]).to_arrow_table()
    assert table[A].to_pylist() == [[155.0], [4321.0], [4999.0]]
    assert table[B].to_pylist() == [[150.0], [4320.0], [4990.0]]
    assert sorted(set(store.opened)) == [1, 43, 49, 51, 93, 99]


def test_a_scan_lets_go_of_what_it_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "WINDOW_CELLS", 150)
    store = spread(count=40)
    reader = Recording(store).reader("frame", fill_latest_at=True, contents={"/a": None, "/b": None})
    seen: list[int] = []
    store.opened.clear()
    for batch in reader.to_arrow_reader():
        seen.append(len(set(store.opened)))
        assert batch.num_rows <= 300
    assert len(seen) > 10
    assert seen[0] <= 8
    assert all(after - before <= 6 for before, after in itertools.pairwise(seen))


def test_batches_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BYTES", 100_000)
    blob = [[1.0] * 5000]
    chunks = [
        Chunk.from_columns("/image", {"frame": [0]}, components={"x": blob}),
        scalars("/a", range(50)),
    ]
    reader = Recording(ListedStore(chunks)).reader("frame", fill_latest_at=True).to_arrow_reader()
    sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == 50
    assert max(sizes) <= 2


def test_static_data_stand_in_every_row_and_alone_in_one() -> None:
    static = Chunk.from_columns("/a", components={SCALARS: [[7.0]]})
    recording = Recording(ListedStore([static, scalars("/a", [1]), scalars("/b", [1, 2])]))
    assert recording.reader("frame").to_arrow_table()[A].to_pylist() == [[7.0], [7.0]]
    assert recording.reader(None).to_arrow_table().to_pydict() == {"frame": [None], A: [[7.0]]}


def test_the_store_may_change_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "WINDOW_CELLS", 1)
    store = spread(count=5)

    def open_once(number: int, original: Any = store.open) -> Any:
        if number == 3 and 3 not in store.gone:
            store.chunks.append(store.chunks[3])  # put elsewhere, as compaction does
            store.gone.add(3)
        if number in store.gone:
            raise KeyError(number)
        return original(number)

    monkeypatch.setattr(store, "open", open_once)
    table = Recording(store).reader("frame", contents={"/a": None, "/b": None}).to_arrow_table()
    assert table["frame"].to_pylist() == list(range(500))
    assert table[A].null_count == 0


def test_times_are_given_as_the_timeline_has_them() -> None:
    start = np.datetime64("2024-02-29T12:00:00", "ns")
    stamps = start + np.arange(5) * np.timedelta64(1, "s")
    elapsed = np.arange(5) * np.timedelta64(500, "ms")
    chunk = Chunk.from_columns(
        "/a",
        {"stamp": stamps, "elapsed": elapsed.astype("m8[ns]")},
        components={SCALARS: [[float(at)] for at in range(5)]},
    )
    recording = Recording(ListedStore([chunk]))

    def values(view: Any) -> Any:
        return view.to_arrow_table()[A].to_pylist()

    stamp, elapsed_view = recording.reader("stamp"), recording.reader("elapsed")
    noon = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
    for first, last in (
        (noon + timedelta(seconds=1), noon + timedelta(seconds=2)),
        ("2024-02-29T12:00:01Z", "2024-02-29T13:00:02+01:00"),
        (stamps[1], stamps[2]),
        (int(stamps[1].astype(int)), int(stamps[2].astype(int))),
    ):
        assert values(stamp.filter_range(first, last)) == [[1.0], [2.0]]
    assert values(stamp.filter_range_secs(1709208001, 1709208002)) == [[1.0], [2.0]]
    assert values(elapsed_view.filter_range_secs(0.5, 1.0)) == [[1.0], [2.0]]
    assert values(elapsed_view.filter_range("500ms", timedelta(seconds=1))) == [[1.0], [2.0]]
    assert values(elapsed_view.using_index_values(["1s", "2s"])) == [[2.0], [4.0]]
    assert values(elapsed_view.filter_index_values(elapsed[[1, 3]])) == [[1.0], [3.0]]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.reader("fram"), "no timeline 'fram'; there are frame"),
        (lambda r: r.reader("frame", contents={"/aa": None}), "no entity '/aa'; there are /a, /b"),
        (lambda r: r.reader("frame", contents={"/a": "Scalar"}), "/a: there is no component 'Scalar'"),
        (lambda r: r.reader("frame").select("/a:Scalars"), "entity /a: there is no component 'Scalars'"),
        (lambda r: r.reader("frame").select("/c:Scalars:scalars"), "there is no entity '/c'"),
        (lambda r: r.reader("frame").select("frame", "frame"), "column frame is selected twice"),
        (lambda r: r.reader("frame").filter_range(1.5, 2), "1.5 is no time on timeline frame"),
        (lambda r: r.reader("frame").filter_range("noon", 2), "'noon' is not a sequence number"),
        (lambda r: r.reader("frame").filter_range_secs(1, 2), "frame counts sequence numbers, not seconds"),
        (lambda r: r.reader("frame").filter_range_nanos(1, 2), "is for durations or timestamps"),
        (lambda r: r.reader(None).filter_range(1, 2), "needs a timeline"),
        (lambda r: r.reader("frame", contents="/a").filter_is_not_null(B), "not in the contents"),
        (lambda r: r.reader("frame", contents="-"), "name no entity"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Any, says: str) -> None:
    recording = Recording(ListedStore([scalars("/a", [1]), scalars("/b", [1])]))
    with pytest.raises(UsageError) as refused:
        ask(recording)
    assert says in str(refused.value)


def test_columns_are_named_by_name_selector_or_descriptor() -> None:
    recording = Recording(ListedStore([scalars("/a", [1]), scalars("/b", [1])]))
    view = recording.reader("frame")
    by_descriptor = recording.schema().column_for("/b", SCALARS)
    chosen = view.select(by_descriptor, ComponentColumnSelector("/a", SCALARS), IndexColumnSelector("frame"))
    assert chosen.column_names() == [B, A, "frame"]
    assert chosen.to_arrow_table().to_pydict() == {B: [[1.0]], A: [[1.0]], "frame": [1]}


def test_entities_stand_in_natural_order_and_properties_last() -> None:
    entities = ["/d/e10", "/__properties/x", "/B", "/d/e9", "/a", "/a/b"]
    recording = Recording(ListedStore([scalars(entity, [1]) for entity in entities]))
    names = [name.removesuffix(f":{SCALARS}") for name in recording.schema().column_names()]
    assert names == ["frame", "/a", "/a/b", "/B", "/d/e9", "/d/e10", "property:x"]


def test_a_view_can_be_read_by_what_takes_arrow_streams() -> None:
    store = ChunkStore()
    store.insert_many(spread().chunks)
    view = Recording(store).reader("frame", fill_latest_at=True)
    rows = view.to_arrow_table()
    assert pa.table(view).equals(rows)
    pandas = pytest.importorskip("pandas")
    assert len(pandas.DataFrame.from_arrow(view)) == len(rows)
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(view).height == len(rows)
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.connect().sql("select count(*) from view where frame < 10").fetchall() == [(10,)]
    datafusion = pytest.importorskip("datafusion")
    frame = datafusion.SessionContext().from_arrow(view)
    assert frame.count() == len(rows)
