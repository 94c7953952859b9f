"""rrtool convert between recordings and tables: what goes out comes back, and what is refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rrsdk
from rrsdk.dataframe import load_recording
from rrtool import cli
from tests.conftest import Result
from tests.interop import peer

rerun = pytest.importorskip("rerun")

Tool = Callable[..., Result]
SPEED = "/car/speed:Scalars:scalars"
POINTS = "/car:Points3D:positions"
FORMATS = ["csv", "ndjson", "parquet", "arrow", "arrows"]


@pytest.fixture
def tool(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    """The command in this process and in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Result:
        code = cli.run([*map(str, args)])
        out, err = capfdbinary.readouterr()
        return Result(code, out, err.decode())

    return run


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entities on one timeline, on two and on none, a component of an archetype of its own, and gaps."""
    path = tmp_path_factory.mktemp("convert") / "drive.rrd"
    stream = rrsdk.RecordingStream("convert", recording_id="drive")
    stream.save(path)
    stream.disable_timeline("log_time")
    stream.log("/car/speed", rrsdk.SeriesLines(names="speed"), static=True)
    for frame in range(6):
        stream.set_time("frame", sequence=frame)
        if frame % 2:
            stream.set_time("stamp", timestamp=1_709_208_000 + frame / 8)
            stream.log("/car/speed", rrsdk.Scalars(frame / 4))
        else:
            stream.disable_timeline("stamp")
            stream.log("/car", rrsdk.Points3D([[frame, 0, 1], [0, 0, 0]], colors=[frame, 2, 3]))
            stream.log("/ca:r/b c", rrsdk.DynamicArchetype("mine", components={"count": [frame]}))
    stream.flush()
    stream.disconnect()
    return path


def table(path: Path | str, index: str | None) -> pa.Table:
    with load_recording([str(path)]) as recording:
        return recording.reader(index).to_arrow_table()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_table_is_what_query_writes(tool: Tool, drive: Path, kind: str) -> None:
    assert tool("query", "--index", "frame", drive, "-o", f"query.{kind}").rc == 0
    result = tool("convert", drive, "-o", f"convert.{kind}")
    assert (result.rc, result.stdout, result.stderr) == (0, b"", "")
    written = Path(f"convert.{kind}").read_bytes()
    assert written == Path(f"query.{kind}").read_bytes()
    assert tool("convert", drive, "--to", kind).stdout == written


def test_the_index_is_the_timeline_with_most_entities_or_the_one_asked_for(tool: Tool, drive: Path) -> None:
    assert tool("convert", drive, "--to", "csv").stdout.count(b"\n") == 7
    assert tool("convert", drive, "--to", "csv", "--index", "stamp").stdout == (
        tool("query", drive, "--index", "stamp").stdout
    )
    stream = rrsdk.RecordingStream("convert", recording_id="bare")
    stream.save("bare.rrd")
    stream.log("/a", rrsdk.Scalars(1.0))
    stream.disconnect()
    assert tool("convert", "bare.rrd", "--to", "csv").stdout == (
        tool("query", "bare.rrd", "--index", "log_time").stdout
    )
    stream = rrsdk.RecordingStream("convert", recording_id="static")
    stream.save("static.rrd")
    stream.log("/a", rrsdk.Scalars(1.0), static=True)
    stream.disconnect()
    assert tool("convert", "static.rrd", "--to", "csv").stdout == b"/a:Scalars:scalars\n[1.0]\n"


def test_what_goes_out_as_parquet_comes_back(tool: Tool, drive: Path, rerun_binary: Path) -> None:
    assert tool("convert", drive, "-o", "drive.parquet").rc == 0
    result = tool("convert", "drive.parquet", "-o", "back.rrd")
    assert (result.rc, result.stderr) == (0, "")
    with load_recording([str(drive)]) as before, load_recording(["back.rrd"]) as after:
        told = [one for one in before.schema() if not getattr(one, "is_property", False)]
        assert list(after.schema()) == told
        on = before.store.schema().timelines_of
        assert after.store.schema().timelines_of == {one: on[one] for one in on if "__properties" not in one}
    for index in ("frame", "stamp", None):
        before_rows, after_rows = table(drive, index), table("back.rrd", index)
        assert after_rows.schema.equals(before_rows.schema, check_metadata=True)
        assert after_rows == before_rows
    peer.verify(rerun_binary, Path("back.rrd"))
    assert len(peer.stores(Path("back.rrd"))) == 1


def test_names_alone_say_where_columns_belong(tool: Tool) -> None:
    """As another program writes them, in its own types and without metadata."""
    stamps = pa.array([datetime.datetime(2024, 1, 1 + day) for day in range(3)], pa.timestamp("ms", "UTC"))
    pq.write_table(
        pa.table(
            {
                "when": stamps,
                SPEED: pa.array([1, None, 3], pa.int32()),
                POINTS: pa.array([[[1.0, 2.0, 3.0]], [], None], pa.list_(pa.list_(pa.float64()))),
                "/a\\:b:mine": ["x", None, "z"],
                "note": pa.array(["a", "b", "a"]).dictionary_encode(),
            }
        ),
        "log.parquet",
    )
    assert tool("convert", "log.parquet", "--index", "when", "-o", "out.rrd").rc == 0
    found = table("out.rrd", "when")
    assert found.schema.names == ["when", "/a\\:b:mine", POINTS, SPEED, "/log.parquet:note"]
    assert found.schema.field(SPEED).type == pa.list_(pa.float64())
    assert found.schema.field(SPEED).metadata[b"rerun:archetype"] == b"rerun.archetypes.Scalars"
    assert found[SPEED].to_pylist() == [[1.0], None, [3.0]]
    assert found.schema.field(POINTS).type.value_type.value_type == pa.float32()
    assert found[POINTS].to_pylist() == [[[1.0, 2.0, 3.0]], [], None]
    assert found["/log.parquet:note"].to_pylist() == [["a"], ["b"], ["a"]]
    assert found["/a\\:b:mine"].to_pylist() == [["x"], None, ["z"]]
    assert found["when"].type == pa.timestamp("ns")
    assert found["when"].cast(pa.int64())[1].as_py() == 1_704_153_600_000_000_000


def test_rows_are_counted_as_the_real_importer_counts_them(tool: Tool, rerun_binary: Path) -> None:
    pq.write_table(pa.table({"x": [1.5, None, 2.5] * 50_000}), "x.parquet", row_group_size=70_000)
    stream = rerun.RecordingStream("convert", recording_id="theirs")
    stream.save("theirs.rrd")
    stream.log_file_from_path("x.parquet")
    stream.disconnect()
    assert tool("convert", "x.parquet", "-o", "ours.rrd").rc == 0
    peer.verify(rerun_binary, Path("ours.rrd"))
    ours, theirs = table("ours.rrd", "row_index"), table("theirs.rrd", "row_index")
    assert ours["row_index"].to_pylist() == [n for n in range(150_000) if n % 3 != 1]
    cells = zip(theirs["row_index"].to_pylist(), theirs["/x:x"].to_pylist(), strict=True)
    kept = {row: cell for row, cell in cells if cell not in (None, [None])}
    assert dict(zip(ours["row_index"].to_pylist(), ours["/x.parquet:x"].to_pylist(), strict=True)) == kept


@pytest.mark.parametrize(
    ("column", "args", "says"),
    [
        (
            [0.5, 1.5],
            ["--index", "t"],
            "field t: a timeline is whole numbers, dates or durations, not double",
        ),
        ([1, None], ["--index", "t"], "row 1 has no time: null in t"),
        ([1, 2], ["--index", "tt"], "there is no column 'tt'"),
        (pa.array([2**63, 1], pa.uint64()), ["--index", "t"], "field t: cannot be a timeline"),
        ([["a"], ["b"]], [], "field /x:Scalars:scalars: is list"),
    ],
)
def test_what_cannot_be_a_column_is_named(tool: Tool, column: object, args: list[str], says: str) -> None:
    name = "t" if args else "/x:Scalars:scalars"
    pq.write_table(pa.table({name: column, "value": [1, 2]}), "in.parquet")
    result = tool("convert", "in.parquet", *args, "-o", "out.rrd")
    assert result.rc in (1, 2)
    assert result.stderr.startswith("rrtool convert: in.parquet")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("out.rrd").exists()


def test_a_parquet_file_that_is_cut_or_changed_anywhere_is_one_line(tool: Tool) -> None:
    pq.write_table(pa.table({"x": [1.5, 2.5], "name": ["a", "b"]}), "whole.parquet")
    whole = Path("whole.parquet").read_bytes()
    for end in range(0, len(whole), 37):
        Path("in.parquet").write_bytes(whole[:end])
        result = tool("convert", "in.parquet", "-o", "out.rrd")
        assert (result.rc, result.stderr.count("\n")) == (1, 1), result.stderr
        assert result.stderr.startswith("rrtool convert: in.parquet")
        assert not Path("out.rrd").exists()
    for at in range(4, len(whole) - 4, 23):
        Path("in.parquet").write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        result = tool("convert", "in.parquet", "-o", "out.rrd")
        assert "Traceback" not in result.stderr
        assert "bug" not in result.stderr
        assert result.rc in (0, 1)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["-o", "out"], "-o out: its name does not tell a format; end it in .rrd, .csv"),
        (["-o", "out.csv", "--timeline", "t"], "--timeline makes a recording, and csv is a table"),
        (["-o", "out.csv", "--index", "a", "--index", "b"], "on one timeline"),
        (["-o", "out.csv", "--index", "nowhere"], "nowhere"),
    ],
)
def test_what_is_refused(tool: Tool, drive: Path, args: list[str], says: str) -> None:
    result = tool("convert", drive, *args)
    assert (result.rc, result.stderr.count("\n")) == (2, 1)
    assert says in result.stderr
    assert list(Path().iterdir()) == []
