"""rrtool split beside a plain definition of what a part holds, and beside the real program."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.timeline import TimeType
from rrtool import cli
from rrtool.transforms.split_plan import part_name
from tests.faults.verbs import run_here
from tests.tool.filtered import Rows, accept, real, rows
from tests.tool.test_filter_time import SPANS, expected_cut

rr = pytest.importorskip("rerun")

from tests import recordings, videos  # noqa: E402  # imports rerun

TIMELINES = {"frame", "elapsed", "captured", "backwards", "log_time", "log_tick", "zeit größe"}
CUTS = {
    ("frame", "--time"): ["3", "7", "20"],
    ("frame", "--num-parts"): ["3"],
    ("captured", "--time"): ["2024-02-29T12:00:00.033Z", "2024-02-29T12:00:00.5Z"],
    ("elapsed", "--num-parts"): ["4"],
}


def split(source: Path, out: Path, timeline: str, *args: str) -> list[Path]:
    """The parts, in their order."""
    assert cli.run(["split", str(source), "-o", str(out), "--timeline", timeline, "-q", *args]) == 0
    found = {int(next(iter(rows(path))).rpartition("-")[2]): path for path in out.iterdir()}
    return [found[number] for number in range(len(found))]


def one(path: Path) -> Rows:
    """The rows of a file that holds one recording."""
    (found,) = rows(path).values()
    return found


def put_together(folder: Path, parts: list[Path], name: str) -> Path:
    """What the parts say in one recording."""
    whole = folder / "whole.rrd"
    assert cli.run(["route", "--recording-id", name, "-q", *map(str, parts), "-o", str(whole)]) == 0
    return whole


def is_elsewhere(row: dict[str, object], timeline: str) -> bool:
    return timeline not in row


# ---- what parts hold ----


@settings(max_examples=12)
@given(st.data(), st.sampled_from(sorted(SPANS)))
def test_parts_are_what_the_definition_says_and_sum_to_the_whole(
    rich: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, timeline: str
) -> None:
    folder = tmp_path_factory.mktemp("split")
    before = one(rich)
    times = [row[timeline] for row in before.values() if timeline in row]
    first, last = min(times), max(times)
    drawn, written = SPANS[timeline]
    cuts = sorted(
        {time for time in data.draw(st.lists(drawn, min_size=1, max_size=4)) if first < time <= last}
    )
    if not cuts:
        return
    args = [text for time in cuts for text in ("--time", written(time))]
    parts = split(rich, folder / "parts", timeline, *args)
    bounds = [first, *cuts, last + 1]
    assert len(parts) == len(bounds) - 1
    for part, (begin, end) in zip(parts, pairwise(bounds)):
        expected = expected_cut(before, timeline, begin, end - 1, carry=True)
        expected |= {key: row for key, row in before.items() if is_elsewhere(row, timeline)}
        assert one(part) == expected
    whole = put_together(folder, parts, "rich")
    assert cli.run(["compare", str(rich), str(whole)]) == 0
    assert {key: row for part in parts for key, row in one(part).items()} == before


@pytest.mark.parametrize(("timeline", "way"), CUTS)
def test_beside_the_real_program(
    rich: Path, tmp_path: Path, rerun_binary: Path, timeline: str, way: str
) -> None:
    """The same files, recordings and rows; what is carried in there we carry too."""
    args = [text for value in CUTS[timeline, way] for text in (way, value)]
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    # The real program's --time reads sequence numbers and nanoseconds as numbers.
    done = real(rerun_binary, "split", "-o", theirs, "--timeline", timeline, *args, rich)
    assert done.returncode == 0, done.stderr
    split(rich, ours, timeline, *args)
    assert sorted(path.name for path in ours.iterdir()) == sorted(path.name for path in theirs.iterdir())
    for path in sorted(ours.iterdir()):
        accept(rerun_binary, path)
        mine, their = rows(path), rows(theirs / path.name)
        assert list(mine) == list(their)
        (mine_rows,), (their_rows,) = mine.values(), their.values()
        kept = [row[timeline] for key, row in their_rows.items() if key in mine_rows and timeline in row]
        begin = min(kept, default=2**63)
        shadowed = {
            (key[0], name) for key, row in mine_rows.items() if not row.keys() & TIMELINES for name in row
        }
        inside = {key for key, row in their_rows.items() if row.get(timeline, begin - 1) >= begin}
        for key in inside:
            assert mine_rows[key] == their_rows[key]
        for key, row in mine_rows.items():  # they leave out what is hidden by static data
            if row.get(timeline, begin - 1) >= begin and not all(
                (key[0], name) in shadowed for name in row.keys() - TIMELINES
            ):
                assert key in inside
        values = {
            (key[0], row.get(timeline), name, repr(row[name]))
            for key, row in mine_rows.items()
            for name in row.keys() - TIMELINES
        }
        for key, row in their_rows.items():
            for name in row.keys() - TIMELINES:
                assert (key[0], row.get(timeline), name, repr(row[name])) in values


@pytest.mark.parametrize("way", [("--every", "7"), ("--num-parts", "3"), ("--max-bytes", "50kB")])
@pytest.mark.parametrize("piped", [False, True])
def test_ways_to_cut(
    many: Path, tmp_path: Path, rerun_binary: Path, rrtool, way: tuple[str, str], piped: bool
) -> None:
    """Several recordings in one file are cut at the same times."""
    out = tmp_path / "out"
    if piped:
        done = rrtool("split", "-o", out, "--timeline", "frame", *way, stdin=many.read_bytes())
        assert done.rc == 0
        assert all(path.name.startswith("stdin_") for path in out.iterdir())
    else:
        split(many, out, "frame", *way)
    before, after = rows(many), {}
    for path in out.iterdir():
        accept(rerun_binary, path)
        if way[0] == "--max-bytes":
            assert path.stat().st_size <= 50_000
        for name, part in rows(path).items():
            after.setdefault(name.rpartition("-")[0], {}).update(part)
    assert len(list(out.iterdir())) >= 3
    assert after == before


def test_one_moment_may_be_larger_than_asked(many: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "out"
    args = ("split", many, "-o", out, "--timeline", "frame", "--max-bytes", "100")
    done = run_here(monkeypatch, *args)
    assert done.code == 0
    assert done.err.count("its rows are of one time") == 20
    assert len(list(out.iterdir())) == 20


def test_blueprints_are_in_every_part(with_blueprint: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        cli.run(["split", str(with_blueprint), "-o", str(out), "--timeline", "frame", "-n", "2", "-q"]) == 0
    )
    before = rows(with_blueprint)
    for path in out.iterdir():
        after = rows(path)
        assert {name for name in after if name not in before} in ({"with_blueprint-0"}, {"with_blueprint-1"})
        for name in before.keys() - {"with_blueprint"}:
            assert after[name] == before[name]


def test_unused_timelines_go(rich: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "out"
    args = ("--timeline", "frame", "-t", "9", "--drop-unused-timelines", "--recording-id", "p")
    done = run_here(monkeypatch, "split", rich, "-o", out, *args)
    assert done.code == 0
    assert "are not on timeline frame and were left out" in done.err
    for number, path in enumerate(sorted(out.iterdir(), key=lambda path: "_9__" in path.name)):
        ((name, found),) = rows(path).items()
        assert name == f"p{number}"
        assert {key for row in found.values() for key in row} & TIMELINES == {"frame"}
        assert any(not row.keys() & TIMELINES for row in found.values()), "static data"


# ---- what must be carried in whole ----


@pytest.mark.parametrize(
    ("codec", "name"), [("libx264", rr.VideoCodec.H264), ("libx265", rr.VideoCodec.H265)], ids=str
)
@pytest.mark.parametrize("one_row_chunks", [False, True])
def test_video_streams_begin_with_a_key_frame(
    tmp_path: Path, rerun_binary: Path, codec: str, name: rr.VideoCodec, one_row_chunks: bool
) -> None:
    pytest.importorskip("av")
    samples = videos.encoded(codec, 24, every=6)
    source = videos.stream(tmp_path / "v.rrd", samples, codec=name, one_row_chunks=one_row_chunks)
    parts = split(source, tmp_path / "ours", "frame", "-t", "8", "-t", "12", "-t", "23")
    (tmp_path / "theirs").mkdir()
    args = ("-o", tmp_path / "theirs", "--timeline", "frame", "-t", "8", "-t", "12", "-t", "23")
    assert real(rerun_binary, "split", *args, source).returncode == 0
    begins = []
    for part in parts:
        frames = [
            sorted(row["frame"] for key, row in one(path).items() if "VideoStream:sample" in row)
            for path in (part, tmp_path / "theirs" / part.name)
        ]
        assert frames[0] == frames[1] == list(range(frames[0][0], frames[0][-1] + 1))
        begins.append(frames[0][0])
    assert begins == [0, 6, 12, 18]
    assert cli.run(["compare", str(source), str(put_together(tmp_path, parts, "video"))]) == 0


def test_streams_of_other_codecs_come_along_whole(tmp_path: Path, monkeypatch) -> None:
    source = videos.stream(tmp_path / "v.rrd", [bytes([n]) * 9 for n in range(9)], codec=rr.VideoCodec.AV1)
    out = tmp_path / "out"
    done = run_here(monkeypatch, "split", source, "-o", out, "--timeline", "frame", "-t", "4", "-t", "8")
    assert done.code == 0
    assert "/video is a video stream in AV1, whose key frames are not known" in done.err
    counts = sorted(sum("VideoStream:sample" in row for row in one(path).values()) for path in out.iterdir())
    assert counts == [4, 8, 9]


def test_named_frames_come_along_whole(tmp_path: Path, rerun_binary: Path) -> None:
    """Many frames share the entity: the latest row is one of them only."""
    source = tmp_path / "f.rrd"
    with recordings.open_stream(source, "f") as stream:
        for number in range(12):
            stream.set_time("frame", sequence=number)
            child = f"frame{number % 3}"
            stream.log(
                "tf", rr.Transform3D(translation=[number, 0, 0], child_frame=child, parent_frame="world")
            )
            if number % 2 == 0:
                stream.log("plain", rr.Transform3D(translation=[number, 0, 0]))
    first, second = split(source, tmp_path / "ours", "frame", "-t", "7")
    (tmp_path / "theirs").mkdir()
    args = ("-o", tmp_path / "theirs", "--timeline", "frame", "-t", "7", source)
    assert real(rerun_binary, "split", *args).returncode == 0

    def frames(path: Path, entity: str) -> list[int]:
        return sorted(row["frame"] for key, row in one(path).items() if key[0] == entity)

    assert frames(first, "/tf") == list(range(7))
    assert frames(second, "/tf") == frames(tmp_path / "theirs" / second.name, "/tf") == list(range(12))
    assert frames(second, "/plain") == [6, 8, 10]


# ---- usage ----


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("--timeline", "frame"), "give one of --time"),
        (("--timeline", "frame", "-n", "2", "-t", "3"), "give one of --time"),
        (("--timeline", "nope", "-n", "2"), "nothing is on timeline 'nope'"),
        (("--timeline", "frame", "-t", "noon"), "'noon' is not a sequence number"),
        (("--timeline", "frame", "--every", "0"), "must be more than nothing"),
        (("--timeline", "frame", "--every", "1"), "more than 10,000 parts"),
        (("--timeline", "elapsed", "--every", "noon"), "is not a duration"),
    ],
)
def test_usage(rich: Path, tmp_path: Path, monkeypatch, args: tuple[str, ...], line: str) -> None:
    done = run_here(monkeypatch, "split", rich, "-o", tmp_path / "out", *args)
    assert done.code == 2
    assert line in done.err
    assert done.err.count("\n") == 1
    assert not list(tmp_path.glob("out/*"))


def test_too_many_parts_and_one_name_for_many(many: Path, tmp_path: Path, monkeypatch) -> None:
    for args, line in (
        (("-n", "100"), "too short for 100 parts"),
        (("-n", "2", "--recording-id", "p"), "3 recordings, which cannot all be called p0"),
    ):
        done = run_here(monkeypatch, "split", many, "-o", tmp_path / "out", "--timeline", "frame", *args)
        assert done.code == 2
        assert line in done.err


def test_cuts_outside_are_said(many: Path, tmp_path: Path, monkeypatch) -> None:
    args = ("--timeline", "frame", "-t", "7", "-t", "900")
    done = run_here(monkeypatch, "split", many, "-o", tmp_path / "out", *args)
    assert done.code == 0
    assert "--time 900: all of" in done.err
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_directories_and_dry_runs(many: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.rrd", "deep/b.rrd"):
        (tmp_path / "in" / name).write_bytes(many.read_bytes())
    args = ("split", tmp_path / "in", "-o", tmp_path / "out", "--timeline", "frame", "-t", "7")
    said = run_here(monkeypatch, *args, "--dry-run")
    assert said.code == 0
    assert not (tmp_path / "out").exists()
    assert run_here(monkeypatch, *args, "--jobs", "2").code == 0
    made = {str(path.relative_to(tmp_path / "out")): path for path in tmp_path.glob("out/**/*.rrd")}
    assert sorted(made) == ["a_0__7.rrd", "a_7__20.rrd", "deep/b_0__7.rrd", "deep/b_7__20.rrd"]
    for path in made.values():
        assert f"would write {path}: {path.stat().st_size:,} bytes" in said.out.decode()


@pytest.mark.parametrize(
    ("begin", "end", "time_type", "name"),
    [
        (-3, 7, TimeType.SEQUENCE, "s_-3__7.rrd"),
        (0, 1_500_000_000, TimeType.DURATION, "s_0ns__1_5s.rrd"),
        (-20_000_000, 1_001_000, TimeType.DURATION, "s_-20ms__1_001ms.rrd"),
        (900, 1_500, TimeType.DURATION, "s_900ns__1_5µs.rrd"),
        (0, 10**9, TimeType.TIMESTAMP, "s_1970-01-01T00_00_00Z__1970-01-01T00_00_01Z.rrd"),
    ],
)
def test_names(begin: int, end: int, time_type: TimeType, name: str) -> None:
    assert part_name("s", begin, end, time_type) == name
