"""rrtool filter beside the real filter, the real reader and a plain definition of what a cut holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.entity import EntityPattern, parse_path
from rrsdk.errors import FormatError
from rrsdk.sources import open_source
from rrtool import cli
from tests.conftest import Result

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
Row = dict[str, Any]
Rows = dict[tuple[str, bytes], Row]
"""By entity and row id: the times as integers and the components that are not null."""

FIXTURES = Path(__file__).parents[2] / "fixtures"
CLEAR = "Clear:is_recursive"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filter")


@pytest.fixture(scope="module")
def rich(folder: Path) -> Path:
    recordings.rich(folder / "rich.rrd")
    return folder / "rich.rrd"


@pytest.fixture(scope="module")
def with_blueprint(folder: Path) -> Path:
    recordings.blueprint(folder / "blueprint.rrd")
    return folder / "blueprint.rrd"


@pytest.fixture(scope="module")
def many(folder: Path) -> Path:
    recordings.many_stores(folder / "many.rrd")
    return folder / "many.rrd"


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


@pytest.fixture(scope="module")
def large(folder: Path) -> Path:
    """Chunks of more than 128 KiB: noise, which only changes at its head, and what must be opened."""
    recordings.cloud(folder / "cloud.rrd", size=6)
    with recordings.open_stream(folder / "soft.rrd", "soft") as stream:
        for i in range(6):
            stream.set_time("frame", sequence=i)
            stream.log("/soft", rr.Scalars([float(k % 97) * i for k in range(200_000)]))
            stream.log("/few", rr.Scalars(float(i)))
    return folder


def rows(path: Path) -> dict[str, Rows]:
    """Everything in a file, by store, as the real reader has it."""
    from rerun.chunk import RrdReader

    reader = RrdReader(path)
    found: dict[str, Rows] = {}
    for store in (*reader.recordings(), *reader.blueprints()):
        mine = found.setdefault(store.recording_id, {})
        for chunk in reader.stream(store=store):
            batch = chunk.to_record_batch()
            columns: dict[str, list[Any]] = {}
            for name, column in zip(batch.schema.names[1:], batch.columns[1:]):
                kind = batch.schema.field(name).metadata[b"rerun:kind"]
                columns[name] = (column.cast("int64") if kind == b"index" else column).to_pylist()
            for number, row_id in enumerate(batch.column(0).to_pylist()):
                values = {
                    name: column[number] for name, column in columns.items() if column[number] is not None
                }
                key = (chunk.entity_path, row_id)
                assert key not in mine, "a row is there twice"
                mine[key] = values
    return found


def run(*args: str | Path) -> int:
    """The verb in this process."""
    return cli.run(["filter", *map(str, args)])


def real(binary: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, "rrd", *map(str, args)], capture_output=True, text=True, timeout=60)


def accept(binary: Path, path: Path) -> None:
    done = real(binary, "verify", path)
    assert done.returncode == 0, done.stderr + done.stdout


# ---- beside the real filter ----


@pytest.mark.parametrize(
    "args",
    [
        ["--drop-entity", "/world/points"],
        ["--drop-entity", "world/car/box", "--drop-entity", "/plot/speed"],
        ["--drop-entity", r"/drei\ äpfel/\u{262E}"],
        ["--drop-timeline", "captured"],
        ["--drop-timeline", "frame"],
        ["--drop-timeline", "zeit größe", "--drop-timeline", "elapsed", "--drop-entity", "/any"],
        ["--drop-timeline", "frame", "--drop-timeline", "log_time", "--drop-timeline", "elapsed"],
    ],
)
def test_equal_to_the_real_filter(rich: Path, tmp_path: Path, rerun_binary: Path, args: list[str]) -> None:
    ours, theirs = tmp_path / "ours.rrd", tmp_path / "theirs.rrd"
    assert run(*args, rich, "-o", ours) == 0
    assert real(rerun_binary, "filter", *args, rich, "-o", theirs).returncode == 0
    accept(rerun_binary, ours)
    compared = real(rerun_binary, "compare", "--unordered", ours, theirs)
    assert compared.returncode == 0, compared.stdout[-2000:]
    assert rows(ours) == rows(theirs)  # compare takes no notice of log_time


@pytest.mark.parametrize("args", [["--drop-entity", "/shared"], ["--drop-timeline", "log_time"]])
def test_many_stores_equal_to_the_real_filter(
    many: Path, tmp_path: Path, rerun_binary: Path, args: list[str]
) -> None:
    ours, theirs = tmp_path / "ours.rrd", tmp_path / "theirs.rrd"
    assert run(*args, many, "-o", ours) == 0
    assert real(rerun_binary, "filter", *args, many, "-o", theirs).returncode == 0
    accept(rerun_binary, ours)
    assert rows(ours) == rows(theirs)


@pytest.mark.parametrize("name", ["cloud.rrd", "soft.rrd"])
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_large_chunks_equal_to_the_real_filter(
    large: Path, tmp_path: Path, rerun_binary: Path, name: str, jobs: str
) -> None:
    ours, theirs = tmp_path / "ours.rrd", tmp_path / "theirs.rrd"
    args = ["--drop-timeline", "log_time"]
    assert run(*args, "--jobs", jobs, large / name, "-o", ours) == 0
    assert real(rerun_binary, "filter", *args, large / name, "-o", theirs).returncode == 0
    accept(rerun_binary, ours)
    assert real(rerun_binary, "compare", "--unordered", ours, theirs).returncode == 0


def test_without_a_footer(tmp_path: Path, rerun_binary: Path) -> None:
    source, ours, theirs = (tmp_path / name for name in ("in.rrd", "ours.rrd", "theirs.rrd"))
    recordings.rich(source, footer=False)
    args = ["--drop-timeline", "frame", "--drop-entity", "/log"]
    assert run(*args, source, "-o", ours) == 0
    assert real(rerun_binary, "filter", *args, source, "-o", theirs).returncode == 0
    accept(rerun_binary, ours)
    assert rows(ours) == rows(theirs)


@pytest.mark.parametrize("release", ["0.23", "0.29", "0.36", "0.40"])
@pytest.mark.parametrize(
    "args", [["--drop-timeline", "log_time"], ["--drop-timeline", "frame", "--drop-entity", "/points"]]
)
def test_old_files_equal_to_the_real_filter(
    tmp_path: Path, rerun_binary: Path, release: str, args: list[str]
) -> None:
    source = FIXTURES / f"sdk-{release}" / "scene.rrd"
    ours, theirs = tmp_path / "ours.rrd", tmp_path / "theirs.rrd"
    assert run(*args, source, "-o", ours) == 0
    assert real(rerun_binary, "filter", *args, source, "-o", theirs).returncode == 0
    accept(rerun_binary, ours)
    assert rows(ours) == rows(theirs)


def test_blueprints_pass_as_they_are(with_blueprint: Path, tmp_path: Path, rerun_binary: Path) -> None:
    """Unlike with the real filter, where --drop-timeline takes timelines from blueprints too."""
    out = tmp_path / "out.rrd"
    before = rows(with_blueprint)
    cut = ["--time", "frame:3..5", "--no-carry", "--keep-entity", "/world/**", "--drop-timeline", "log_time"]
    assert run(*cut, with_blueprint, "-o", out) == 0
    accept(rerun_binary, out)
    after = rows(out)
    blueprint = next(name for name in before if name != "with_blueprint")
    assert after[blueprint] == before[blueprint]
    assert {entity for entity, _ in after["with_blueprint"]} == {"/__properties", "/world/points"}
    assert sorted(row["frame"] for row in after["with_blueprint"].values() if "frame" in row) == [3, 4, 5]


# ---- patterns ----


@pytest.mark.parametrize(
    "pattern", ["/world/**", "world/*", "/**", "/*", "/**/points*/**", "/drei äpfel/*", "/__properties/**"]
)
@pytest.mark.parametrize("option", ["--drop-entity", "--keep-entity"])
def test_entity_patterns(rich: Path, tmp_path: Path, pattern: str, option: str) -> None:
    out = tmp_path / "out.rrd"
    assert run(option, pattern, rich, "-o", out) == 0
    keeps = option == "--keep-entity"
    glob = EntityPattern(pattern)

    def stays(entity: str) -> bool:
        parts = parse_path(entity)
        if parts[:1] == ("__properties",):
            return keeps or not pattern.startswith("/__properties")
        return glob.matches(parts) is keeps

    before = rows(rich)["rich"]
    assert rows(out).get("rich", {}) == {key: row for key, row in before.items() if stays(key[0])}


@pytest.mark.parametrize(
    ("args", "stays"),
    [
        (["--drop-component", "Points3D:colors"], lambda name: name != "Points3D:colors"),
        (["--drop-component", "Points*:*"], lambda name: not name.startswith("Points")),
        (["--keep-component", "Points3D:*"], lambda name: name.startswith(("Points3D:", "RecordingInfo"))),
        (
            ["--keep-component", "bare", "--keep-component", "Scalars:*"],
            lambda name: name.startswith(("bare", "Scalars:")),
        ),
        (["--drop-component", "RecordingInfo:name"], lambda name: name != "RecordingInfo:name"),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_components(
    rich: Path,
    tmp_path: Path,
    rerun_binary: Path,
    rrtool: Rrtool,
    args: list[str],
    stays: Callable[[str], bool],
    piped: bool,
) -> None:
    out = tmp_path / "out.rrd"
    if piped:
        assert rrtool("filter", *args, "-o", out, stdin=rich.read_bytes()).rc == 0
    else:
        assert run(*args, rich, "-o", out) == 0
    accept(rerun_binary, out)
    times = {"frame", "elapsed", "captured", "backwards", "log_time", "zeit größe"}
    expected = {}
    for key, row in rows(rich)["rich"].items():
        is_property = key[0].startswith("/__properties") and args[0] == "--keep-component"
        left = {name: value for name, value in row.items() if name in times or is_property or stays(name)}
        if left.keys() - times:
            expected[key] = left
    # A row whose components were all dropped or null may stay where others of its chunk do.
    assert {key: row for key, row in rows(out)["rich"].items() if row.keys() - times} == expected


def test_timeline_patterns(rich: Path, tmp_path: Path, rerun_binary: Path) -> None:
    out = tmp_path / "out.rrd"
    assert run("--keep-timeline", "*l*p*", "--keep-timeline", "frame", rich, "-o", out) == 0
    accept(rerun_binary, out)
    dropped = {"captured", "backwards", "log_time", "zeit größe"}
    expected = {
        key: {name: value for name, value in row.items() if name not in dropped}
        for key, row in rows(rich)["rich"].items()
    }
    assert rows(out)["rich"] == expected


# ---- warnings and errors ----


def test_patterns_that_match_nothing_warn(rich: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    args = [
        "--drop-entity",
        "/wurld/points",
        "--keep-entity",
        "/**",
        "--drop-timeline",
        "x",
        "--drop-component",
        "Points3D:color",
    ]
    done = rrtool("filter", *args, rich, "-o", tmp_path / "out.rrd")
    assert (done.rc, done.stdout) == (0, b"")
    assert done.stderr.splitlines() == [
        "rrtool filter: --drop-entity /wurld/points: matches nothing; did you mean /world/points?",
        "rrtool filter: --drop-timeline x: matches nothing",
        "rrtool filter: --drop-component Points3D:color: matches nothing; did you mean Points3D:colors?",
    ]
    assert rows(tmp_path / "out.rrd") == rows(rich)


def test_chunks_that_become_static_warn(rich: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    done = rrtool("filter", "--drop-timeline", "log_time", rich, "-o", tmp_path / "out.rrd")
    assert done.rc == 0
    assert "lost their last timeline" in done.stderr


def test_what_is_not_on_the_timeline_is_said(rich: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    done = rrtool("filter", "--time", "backwards:0..1", rich, "-o", tmp_path / "out.rrd")
    assert done.rc == 0
    assert "rows are not on timeline backwards and were left out" in done.stderr


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("frme:1..2", "there are backwards, captured"),
        ("frame", "TIMELINE:START..END"),
        ("frame:1", "TIMELINE:START..END"),
        ("frame:1.5..2", "not a sequence number"),
        ("frame:7..3", "is after"),
        ("captured:yesterday..", "2024-02-29T12:00:00"),
    ],
)
def test_times_that_make_no_sense(
    rich: Path, tmp_path: Path, rrtool: Rrtool, time: str, expected: str
) -> None:
    done = rrtool("filter", "--time", time, rich, "-o", tmp_path / "out.rrd")
    assert (done.rc, done.stdout) == (2, b"")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.rrd").exists()


def test_a_broken_chunk_is_skipped_only_on_request(many: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    from rrsdk.ipc.manifest import OFFSET, SIZE
    from rrsdk.message import Chunks

    source = open_source(str(many))
    chunks = next(one for one in source.messages() if isinstance(one, Chunks))
    place = chunks.manifest.on_timeline("frame").index(1)
    middle = chunks.manifest.table.u64(OFFSET)[place] + chunks.manifest.table.u64(SIZE)[place] // 2
    source.close()
    data = bytearray(many.read_bytes())
    data[middle - 100 : middle + 100] = bytes(200)
    (tmp_path / "in.rrd").write_bytes(data)
    args = ["filter", "--drop-timeline", "log_time", tmp_path / "in.rrd", "-o", tmp_path / "out.rrd"]
    done = rrtool(*args)
    assert done.rc == FormatError.exit_code
    assert "in.rrd, bytes " in done.stderr
    assert not (tmp_path / "out.rrd").exists()
    done = rrtool(*args, "--continue-on-error")
    assert done.rc == 3
    assert "skipped" in done.stderr
    assert sum(map(len, rows(tmp_path / "out.rrd").values())) == sum(map(len, rows(many).values())) - 1


# ---- input and output ----


def test_output_may_be_the_input(rich: Path, tmp_path: Path, rerun_binary: Path) -> None:
    path, other = tmp_path / "same.rrd", tmp_path / "other.rrd"
    path.write_bytes(rich.read_bytes())
    args = ["--drop-timeline", "frame", "--drop-entity", "/camera"]
    assert run(*args, path, "-o", other) == 0
    assert run(*args, path, "-o", path) == 0
    accept(rerun_binary, path)
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "args",
    [
        ["--drop-entity", "/world/**"],
        ["--drop-timeline", "frame"],
        ["--time", "frame:3..7"],
        ["--time", "frame:3..7", "--drop-timeline", "elapsed", "--drop-component", "TextLog:level"],
        ["--time", "elapsed:0.3.."],
    ],
)
def test_pipes_give_what_files_give(rich: Path, tmp_path: Path, rrtool: Rrtool, args: list[str]) -> None:
    assert run(*args, rich, "-o", tmp_path / "file.rrd") == 0
    done = rrtool("filter", *args, stdin=rich.read_bytes())
    assert done.rc == 0
    (tmp_path / "pipe.rrd").write_bytes(done.stdout)
    assert rows(tmp_path / "pipe.rrd") == rows(tmp_path / "file.rrd")


@pytest.mark.parametrize("args", [["--drop-timeline", "frame"], ["--time", "frame:3..7"]])
def test_twice_the_same_is_the_same(rich: Path, tmp_path: Path, args: list[str]) -> None:
    for name in ("one", "two"):
        assert run(*args, rich, "-o", tmp_path / name) == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_rewritten_chunks_have_ids_of_their_own(rich: Path, tmp_path: Path) -> None:
    """So that merging a part with the whole does not take one for the other."""
    from rerun.chunk import RrdReader

    assert run("--drop-timeline", "frame", rich, "-o", tmp_path / "out.rrd") == 0
    ids = []
    for path in (rich, tmp_path / "out.rrd"):
        chunks = RrdReader(path).stream(store=RrdReader(path).recordings()[0])
        ids.append({(chunk.id, "frame" in chunk.to_record_batch().schema.names) for chunk in chunks})
    had_frame = {chunk_id for chunk_id, had in ids[0] if had}
    now = {chunk_id for chunk_id, _ in ids[1]}
    assert had_frame
    assert not had_frame & now
    assert {chunk_id for chunk_id, had in ids[0] if not had} <= now


# ---- time cuts ----


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


def test_no_heavy_import(rich: Path, tmp_path: Path) -> None:
    """They would cost more than the work."""
    code = (
        "import sys\nfrom rrtool import cli\n"
        "assert cli.run(sys.argv[1:]) == 0\n"
        "print(sorted({'numpy', 'pyarrow', 'google.protobuf', 'zmq'} & set(sys.modules)))"
    )
    args = [
        "--drop-entity",
        "/log",
        "--drop-timeline",
        "frame",
        "--time",
        "elapsed:0.3..1",
        "--drop-component",
        "Wide:*",
    ]
    command = [sys.executable, "-c", code, "filter", *args, rich, "-o", tmp_path / "out.rrd"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
