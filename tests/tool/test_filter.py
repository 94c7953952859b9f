"""rrtool filter beside the real filter and the real reader: entities, timelines, components."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.entity import EntityPattern, parse_path
from rrsdk.errors import FormatError
from rrsdk.sources import open_source
from tests.conftest import Result
from tests.tool.filtered import accept, real, rows, run

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filter")


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
