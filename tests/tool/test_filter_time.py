"""rrtool filter --time beside a plain definition of what a cut holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Result
from tests.tool.filtered import Rows, accept, rows, run

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]

CLEAR = "Clear:is_recursive"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filter")


@pytest.fixture(scope="module")
def clears(folder: Path) -> Path:
    """A flat clear after a recursive one, and static data beside temporal."""
    with recordings.open_stream(folder / "clears.rrd", "clears") as stream:
        for frame, path, what in (
            (1, "/a/b", rr.Points3D([[1, 1, 1]], labels="one")),
            (2, "/a", rr.Clear(recursive=True)),
            (3, "/a", rr.Clear(recursive=False)),
            (4, "/a", rr.Points3D([[4, 4, 4]])),
            (9, "/a/b", rr.Points3D([[9, 9, 9]])),
        ):
            stream.set_time("frame", sequence=frame)
            stream.log(path, what)
        stream.set_time("frame", sequence=2)
        stream.log("/shadowed", rr.TextLog("temporal"))
        stream.log("/shadowed", rr.TextLog("static"), static=True)
    return folder / "clears.rrd"


def expected_cut(all_rows: Rows, timeline: str, start: int, end: int, *, carry: bool) -> Rows:
    """By the definition: rows in the span, static ones, and of each component what holds at the start."""
    indexes = {"frame", "elapsed", "captured", "backwards", "log_time", "zeit größe"}
    kept: Rows = {}
    shadowed: set[tuple[str, str]] = set()
    best: dict[tuple[str, str], tuple[int, bytes]] = {}
    for (entity, row_id), row in all_rows.items():
        if not row.keys() & indexes:
            kept[entity, row_id] = row
            shadowed.update((entity, name) for name in row)
        elif timeline in row:
            time = row[timeline]
            if start <= time <= end:
                kept[entity, row_id] = row
            if time <= start:
                for name in row.keys() - indexes:
                    best[entity, name] = max(best.get((entity, name), (time, row_id)), (time, row_id))
                if row.get(CLEAR) == [True]:
                    key = (entity, "recursive")
                    best[key] = max(best.get(key, (time, row_id)), (time, row_id))
    if carry:
        for (entity, name), (_, row_id) in best.items():
            if (entity, name) not in shadowed:
                kept[entity, row_id] = all_rows[entity, row_id]
    return kept


SPANS = {
    "frame": (st.integers(-6, 30), str),
    "backwards": (st.integers(-12, 6), str),
    "elapsed": (st.integers(0, 3_000_000_000), lambda ns: f"{ns}ns"),
    "captured": (
        st.integers(0, 900_000_000).map(lambda ns: 1_709_208_000 * 10**9 + ns),
        lambda ns: f"{ns}ns",
    ),
}


@settings(max_examples=40)
@given(st.data(), st.sampled_from(sorted(SPANS)), st.booleans())
def test_cuts_are_what_the_definition_says(
    rich: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, timeline: str, carry: bool
) -> None:
    times, written = SPANS[timeline]
    start, end = sorted((data.draw(times), data.draw(times)))
    out = tmp_path_factory.mktemp("cut") / "out.rrd"
    args = ["--time", f"{timeline}:{written(start)}..{written(end)}", *([] if carry else ["--no-carry"])]
    assert run(*args, rich, "-o", out) == 0
    assert rows(out)["rich"] == expected_cut(rows(rich)["rich"], timeline, start, end, carry=carry)


@pytest.mark.parametrize("span", ["3..7", "..7", "20..", "..", "100000..", "-100..-50"])
def test_cuts_are_accepted_and_open_ends_are_endless(
    rich: Path, tmp_path: Path, rerun_binary: Path, span: str
) -> None:
    out = tmp_path / "out.rrd"
    assert run("--time", f"frame:{span}", rich, "-o", out) == 0
    accept(rerun_binary, out)
    first, last = span.split("..")
    start, end = int(first or -(2**63)), int(last or 2**63 - 1)
    assert rows(out)["rich"] == expected_cut(rows(rich)["rich"], "frame", start, end, carry=bool(first))


def test_stores_are_cut_each_on_its_own(many: Path, tmp_path: Path, rerun_binary: Path) -> None:
    out = tmp_path / "out.rrd"
    assert run("--time", "frame:7..9", many, "-o", out) == 0
    accept(rerun_binary, out)
    before = rows(many)
    assert rows(out) == {name: expected_cut(one, "frame", 7, 9, carry=True) for name, one in before.items()}


def test_carry_over_several_files(many: Path, clears: Path, tmp_path: Path) -> None:
    """The state is that of a store, wherever its chunks come from; what comes twice counts once."""
    early, late, out = tmp_path / "early.rrd", tmp_path / "late.rrd", tmp_path / "out.rrd"
    assert run("--time", "frame:..5", many, "-o", early) == 0
    assert run("--time", "frame:6..", "--no-carry", many, "-o", late) == 0
    assert run("--time", "frame:6..8", early, late, early, "-o", out) == 0
    before = rows(many)
    assert rows(out) == {name: expected_cut(one, "frame", 6, 8, carry=True) for name, one in before.items()}


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("start", range(11))
def test_clears_hide_what_they_hid(
    clears: Path, tmp_path: Path, rrtool: Rrtool, start: int, piped: bool
) -> None:
    out = tmp_path / "out.rrd"
    args = ["--time", f"frame:{start}..20"]
    if piped:
        assert rrtool("filter", *args, "-o", out, stdin=clears.read_bytes()).rc == 0
    else:
        assert run(*args, clears, "-o", out) == 0
    assert rows(out)["clears"] == expected_cut(rows(clears)["clears"], "frame", start, 20, carry=True)
    if start == 5:
        paths = [
            (entity, row.get("frame"))
            for entity, row in ((key[0], row) for key, row in rows(out)["clears"].items())
        ]
        assert ("/a", 2) in paths, "the recursive clear still hides what is below"
        assert ("/shadowed", 2) not in paths, "static data hide it"


def test_carry_takes_no_notice_of_dropped_components(clears: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.rrd"
    assert run("--time", "frame:9..9", "--keep-component", "Points3D:positions", clears, "-o", out) == 0
    found = sorted((key[0], row["frame"]) for key, row in rows(out)["clears"].items() if "frame" in row)
    assert found == [("/a", 4), ("/a/b", 9)]
