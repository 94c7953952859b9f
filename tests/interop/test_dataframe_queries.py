"""Tables of recordings that the real SDK wrote: the same as those that the real program makes of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from rrsdk.dataframe import Recording, batches, load_recording, scan
from rrsdk.errors import UsageError

pytest.importorskip("rerun")
pytest.importorskip("datafusion")
from tests.interop import tables

CONTENTS: list[Any] = [
    "/**",
    "/a/**",
    "/d",
    ["/**", "-/a/b/**"],
    ["/a/**", "-/a/b/**", "/a/b/c"],
    ["-/a", "+/a/**", "/z\\ z"],
    ["/**", "/__properties/**"],
    ["/nothing/**"],
    [],
]


@pytest.fixture(params=["large windows", "small windows"])
def windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read at once, and piece by piece, which must not be seen."""
    if request.param == "small windows":
        monkeypatch.setattr(scan, "WINDOW_CELLS", 1)
        monkeypatch.setattr(batches, "MAX_ROWS", 3)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("seed", range(8))
def test_readers_of_all_kinds(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "recording.rrd"
    tables.write(path, seed)
    real, ours = tables.theirs(path), load_recording(path)
    assert ours.schema().column_names() == real.schema().column_names()
    choose = random.Random(seed)
    for _ in range(8):
        index = choose.choice([*(one.name for one in ours.schema().index_columns()), None])
        kind: dict[str, Any] = {
            "contents": choose.choice(CONTENTS),
            "fill_latest_at": choose.random() < 0.5,
            "include_tombstone_columns": choose.random() < 0.2,
            "include_semantically_empty_columns": choose.random() < 0.2,
        }
        tables.assert_equal(
            ours.reader(index, **kind).to_arrow_table(), real.reader(index, **kind).to_arrow_table()
        )
        if index is not None:
            _compare_filtered(ours, real, index, kind, choose)


def _compare_filtered(ours: Recording, real: Any, index: str, kind: Any, choose: random.Random) -> None:
    view = ours.reader(index, **kind)
    components = [name for name in view.column_names() if ":" in name]
    if not components:
        return
    column = choose.choice(components)
    low, high = sorted((choose.randint(-4, 9), choose.randint(-4, 9)))
    view = view.filter_is_not_null(column)
    view = view.filter_range(low, high) if index == "frame" else view
    columns = [index, column] if choose.random() < 0.5 else []
    view = view.select(*columns) if columns else view
    their = tables.their_filter(
        real.reader(index, **kind),
        not_null=column,
        between=(low, high) if index == "frame" else None,
        columns=columns,
    )
    tables.assert_equal(view.to_arrow_table(), their.to_arrow_table())


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("seed", range(100, 105))
def test_rows_at_given_times(seed: int, tmp_path: Path) -> None:
    # Without recursive Clears: the real program takes wrong rows of them where a range cuts their chunk.
    path = tmp_path / "recording.rrd"
    tables.write(path, seed, recursive=False)
    real, ours = tables.theirs(path), load_recording(path)
    choose = random.Random(seed)
    for _ in range(8):
        index = choose.choice([*(one.name for one in ours.schema().index_columns()), None])
        times = tables.index_values(index, choose.sample(range(-5, 12), choose.randint(0, 6)))
        kind: dict[str, Any] = {
            "contents": choose.choice(CONTENTS),
            "fill_latest_at": choose.random() < 0.7,
            "using_index_values": times,
        }
        tables.assert_equal(
            ours.reader(index, **kind).to_arrow_table(), real.reader(index, **kind).to_arrow_table()
        )


def test_the_server_answers_the_same_but_for_its_segments(tmp_path: Path) -> None:
    server = pytest.importorskip("rerun.server").Server
    path = tmp_path / "recording.rrd"
    tables.write(path, 3, recursive=False)
    ours = load_recording(path)
    with server(host="127.0.0.1", datasets={"one": [str(path)]}) as running:
        dataset = running.client().get_dataset("one")
        for contents in (["/a"], ["/d/**"]):
            real = dataset.filter_contents(contents).reader(index="frame", fill_latest_at=True)
            table = ours.reader("frame", contents=contents, fill_latest_at=True).to_arrow_table()
            names = table.schema.names  # the server orders timelines by chance
            assert set(real.to_arrow_table().schema.names) == {*names, "rerun_segment_id"}
            assert sorted(real.to_arrow_table().select(names).to_pylist(), key=str) == sorted(
                table.to_pylist(), key=str
            )


def test_a_time_named_twice_is_refused_by_both(tmp_path: Path) -> None:
    path = tmp_path / "recording.rrd"
    tables.write(path, 1)
    times = tables.index_values("frame", [1, 1])
    with pytest.raises(ValueError, match="unique"):
        tables.theirs(path).reader("frame", using_index_values=times).to_arrow_table()
    with pytest.raises(UsageError, match="twice"):
        load_recording(path).reader("frame", using_index_values=times)


def test_what_was_cleared_comes_back_in_the_real_program_and_need_not_here(tmp_path: Path) -> None:
    import rerun as rr

    path = tmp_path / "recording.rrd"
    recording = rr.RecordingStream("cleared", recording_id="cleared")
    recording.save(path)
    recording.set_time("frame", sequence=1)
    recording.log("a", rr.Scalars(1.0))
    recording.set_time("frame", sequence=2)
    recording.log("/", rr.Clear(recursive=True))
    recording.set_time("frame", sequence=3)
    recording.log("b", rr.TextLog("x"))
    recording.flush()
    recording.disconnect()
    name = "/a:Scalars:scalars"
    real = tables.theirs(path).reader("frame", fill_latest_at=True).to_arrow_table()
    ours = load_recording(path).reader("frame")
    assert real[name].to_pylist() == [[1.0], [], [1.0]]
    assert ours.fill_latest_at().to_arrow_table()[name].to_pylist() == [[1.0], [], [1.0]]
    strict = ours.fill_latest_at(fill_past_clears=False)
    assert strict.to_arrow_table()[name].to_pylist() == [[1.0], [], []]
    assert strict.filter_range(3, 3).to_arrow_table()[name].to_pylist() == [[]]
