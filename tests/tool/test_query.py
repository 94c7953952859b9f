"""rrtool query, schema and get: tables, columns and moments of recordings, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rrsdk
from rrsdk.dataframe import load_recording
from rrtool import cli
from tests.conftest import Result

Rrtool = Callable[..., Result]
SPEED, POSE, NOTE = "/car/speed:Scalars:scalars", "/car:Points3D:positions", "/note:TextDocument:text"


def write(path: Path, recording_id: str, frames: range) -> None:
    stream = rrsdk.RecordingStream("query", recording_id=recording_id)
    stream.save(path)
    stream.disable_timeline("log_time")
    stream.log("/note", rrsdk.TextDocument('a "note",\nin two lines'), static=True)
    for frame in frames:
        stream.set_time("frame", sequence=frame)
        stream.set_time("elapsed", duration=frame / 2)
        stream.set_time("stamp", timestamp=1_709_208_000 + frame)
        stream.log("/car/speed", rrsdk.Scalars(float("nan") if frame == 3 else frame / 4))
        if frame % 2 == 0:
            stream.log("/car", rrsdk.Points3D([[frame, 0, 1], [0, 0, 0]]))
    stream.set_time("frame", sequence=frames.stop)
    stream.log("/car", rrsdk.Clear(recursive=False))
    stream.flush()
    stream.disconnect()


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "drive.rrd"
    write(path, "drive", range(6))
    return path


@pytest.fixture
def ask(capfdbinary: pytest.CaptureFixture[bytes]) -> Rrtool:
    """The command in this process, which need not start."""

    def run(*args: str | Path) -> Result:
        code = cli.run([*map(str, args)])
        out, err = capfdbinary.readouterr()
        return Result(code, out, err.decode())

    return run


def rows(done: Result) -> list[dict[str, str]]:
    assert (done.rc, done.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(done.text)))


def test_csv_holds_json_lists_and_times_as_people_write_them(ask: Rrtool, drive: Path) -> None:
    found = rows(ask("query", drive, "--index", "frame"))
    assert list(found[0]) == ["elapsed", "frame", "log_time", "stamp", POSE, SPEED, NOTE]
    second = found[1]
    assert (second["frame"], second["elapsed"], second["stamp"]) == ("1", "0.5", "2024-02-29T12:00:01Z")
    assert (second[POSE], second[SPEED]) == ("", "[0.25]")
    assert json.loads(second[NOTE]) == ['a "note",\nin two lines']
    assert json.loads(found[2][POSE]) == [[2, 0, 1], [0, 0, 0]]
    assert (found[3][SPEED], found[6][POSE]) == ('["nan"]', "[]")


def test_ndjson_is_an_object_a_row(ask: Rrtool, drive: Path) -> None:
    done = ask("query", drive, "--index", "frame", "--format", "ndjson", "--fill-latest-at")
    found = [json.loads(line) for line in done.text.splitlines()]
    assert [one["frame"] for one in found] == list(range(7))
    assert found[1][POSE] == [[0, 0, 1], [0, 0, 0]]
    assert found[5]["elapsed"] == 2.5


@pytest.mark.parametrize("name", ["out.parquet", "out.arrow", "out.arrows"])
def test_files_hold_the_view(ask: Rrtool, drive: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    done = ask("query", drive, "--index", "stamp", "--contents", "/car/**", "-o", out)
    assert (done.rc, done.stderr, done.stdout) == (0, "", b"")
    if name == "out.parquet":
        table = pq.read_table(out)
    else:
        reader = pa.ipc.open_file(out) if name == "out.arrow" else pa.ipc.open_stream(out.read_bytes())
        table = reader.read_all()
    view = load_recording(drive).reader("stamp", contents="/car/**").to_arrow_table()
    assert str(table.to_pylist()) == str(view.to_pylist())  # a NaN is in it


def test_columns_ranges_and_limits(ask: Rrtool, drive: Path) -> None:
    def frames(*args: str) -> list[str]:
        done = ask("query", drive, "--index", "elapsed", "--columns", f"frame,{SPEED}", *args)
        return [row["frame"] for row in rows(done)]

    assert frames("--range", "500ms..1.5s") == ["1", "2", "3"]
    assert frames("--range", "..PT0.5S") == ["0", "1"]
    assert frames("--range", "2s..") == ["4", "6"]  # two frames at one time: the greater one
    assert frames("--not-null", POSE) == ["0", "2", "4", "6"]
    assert frames("--limit", "2") == ["0", "1"]
    assert frames("--limit", "0") == []
    assert frames("--using-index-values", "1s,0.7", "--fill-latest-at") == ["1", "2"]


def test_what_was_cleared_can_stay_empty(ask: Rrtool, drive: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.rrd"
    write(more, "drive", range(8, 9))
    base = ("query", drive, more, "--index", "frame", "--fill-latest-at", "--columns", f"frame,{POSE}")
    at_7 = ("--using-index-values", "7")
    assert json.loads(rows(ask(*base, *at_7))[0][POSE]) == [[4, 0, 1], [0, 0, 0]]
    assert rows(ask(*base, *at_7, "--forget-cleared"))[0][POSE] == "[]"


def test_standard_input_is_read(rrtool: Rrtool, drive: Path) -> None:
    piped = rrtool("query", "--index", "frame", stdin=drive.read_bytes())
    assert piped.stdout == rrtool("query", drive, "--index", "frame").stdout
    got = rrtool("get", "--at", "frame:2", "/car/speed", stdin=drive.read_bytes())
    assert got.text == "Scalars:scalars  2  [0.5]\n"


def test_static_data_are_one_row(ask: Rrtool, drive: Path) -> None:
    found = rows(ask("query", drive, "--static"))
    assert len(found) == 1
    assert found[0]["frame"] == ""
    assert SPEED not in found[0]


def test_schema_says_what_query_has(ask: Rrtool, drive: Path) -> None:
    text = ask("schema", drive).text.splitlines()
    assert text[0].split(None, 1) == ["elapsed", "timeline, durations"]
    assert [line.split(None, 1) for line in text if line.startswith(SPEED)] == [[SPEED, "double"]]
    told = json.loads(ask("schema", drive, "--json").text)
    assert {one["name"]: one["type"] for one in told["timelines"]}["stamp"] == "timestamp"
    note = next(one for one in told["components"] if one["name"] == NOTE)
    assert (note["static"], note["archetype"]) == (True, "rerun.archetypes.TextDocument")


def test_get_shows_what_was_there(ask: Rrtool, drive: Path) -> None:
    assert ask("get", drive, "--at", "frame:3", "/car", "--component", "Points3D:positions").text == (
        "Points3D:positions  2  [[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]\n"
    )
    told = json.loads(ask("get", drive, "--at", "stamp:2024-02-29T12:00:03Z", "/car/speed", "--json").text)
    assert told["at"] == {"timeline": "stamp", "time": "2024-02-29T12:00:03Z"}
    assert told["components"]["Scalars:scalars"]["values"] == ["nan"]
    cleared = ask("get", drive, "--at", "frame:99", "/car", "--component", "Points3D:positions")
    assert (cleared.rc, cleared.text) == (0, "")
    assert "/car has nothing at frame 99" in cleared.stderr


def test_an_output_appears_whole_or_not_at_all(ask: Rrtool, drive: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.rrd"
    raw = bytearray(drive.read_bytes())
    raw[400 : len(raw) // 2] = b"\xff" * (len(raw) // 2 - 400)
    cut.write_bytes(raw)
    out = tmp_path / "out.csv"
    out.write_text("before")
    done = ask("query", cut, "--index", "frame", "-o", out)
    assert done.rc == 1
    assert "cut.rrd" in done.stderr
    assert out.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [cut, out]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("query",), "rows need a timeline; add --index, one of elapsed, frame, log_time, stamp"),
        (("query", "--index", "fram"), "no timeline 'fram'"),
        (
            ("query", "--index", "frame", "--columns", "/car:Points3D:position"),
            "no component 'Points3D:position'",
        ),
        (("query", "--index", "frame", "--columns", "/cat:Points3D:positions"), "no entity '/cat'"),
        (("query", "--index", "frame", "--range", "5"), "is not A..B"),
        (("query", "--index", "frame", "--range", "1.5..2"), "write a whole number like 42"),
        (("query", "--index", "stamp", "--range", "noon.."), "write it like 2024-02-29T12:00:00.5Z"),
        (("query", "--index", "elapsed", "--range", "noon.."), "write seconds like 1.5"),
        (("query", "--index", "frame", "--using-index-values", "1,1"), "names a time twice"),
        (("query", "--index", "frame", "--static"), "exclude each other"),
        (("query", "--index", "frame", "--forget-cleared"), "add --fill-latest-at"),
        (("query", "--index", "frame", "-o", "table.xls"), "does not tell a format"),
        (("query", "--index", "frame", "--recording", "other"), "no such recording"),
        (("get", "--at", "frame", "/car"), "is not TIMELINE:VALUE"),
        (("get", "--at", "frame:x", "/car"), "write a whole number like 42"),
        (("get", "--at", "fram:1", "/car"), "no timeline 'fram'"),
        (("get", "--at", "frame:1", "/cart"), "no entity '/cart'"),
        (("get", "--at", "frame:1", "/car", "--component", "Points"), "no component 'Points'"),
    ],
)
def test_what_makes_no_sense_is_one_line(ask: Rrtool, drive: Path, args: tuple[str, ...], says: str) -> None:
    done = ask(args[0], drive, *args[1:])
    assert (done.rc, done.stdout) == (2, b"")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_several_recordings_want_one_named(ask: Rrtool, drive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.rrd"
    write(other, "other", range(2))
    done = ask("query", drive, other, "--index", "frame")
    assert done.rc == 2
    assert "say which with --recording ID" in done.stderr
    assert len(rows(ask("query", drive, other, "--index", "frame", "--recording", "other"))) == 3
