"""rrtool convert: files and folders as recordings, beside what the real SDK makes of the same files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.dataframe import load_recording
from rrtool import cli
from tests.conftest import Result
from tests.interop import importable, peer

rerun = pytest.importorskip("rerun")

Convert = Callable[..., Result]
PNG = importable.images()["png"]
HERE = ("--application-id", "importing", "--recording-id", "one")


@pytest.fixture
def convert(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Convert:
    """The command in this process and in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Result:
        code = cli.run(["convert", *map(str, args)])
        out, err = capfdbinary.readouterr()
        return Result(code, out, err.decode())

    return run


def put(path: str, data: bytes) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)


def rows(path: Path | str) -> dict[str, list[dict[str, object]]]:
    """The rows of each entity but properties, in the order of their ids, without these."""
    found: dict[str, list[tuple[bytes, dict[str, object]]]] = {}
    for store in peer.stores(Path(path)):
        for batch in peer.read(Path(path), store).values():
            entity = batch.schema.metadata[b"rerun:entity_path"].decode()
            for row in batch.to_pylist():
                if not entity.startswith("/__properties"):
                    row_id = row.pop("rerun.controls.RowId")
                    row = {name: value for name, value in row.items() if name not in ("log_time", "log_tick")}
                    found.setdefault(entity, []).append((row_id, row))
    return {
        entity: [row for _, row in sorted(each, key=lambda one: one[0])] for entity, each in found.items()
    }


def frames(path: Path | str, timeline: str = "frame") -> dict[str, list[int]]:
    return {entity: [row.get(timeline, -1) for row in each] for entity, each in rows(path).items()}  # type: ignore[misc]


def test_files_become_what_the_real_sdk_makes_of_them(convert: Convert, rerun_binary: Path) -> None:
    groups = {"image": importable.images(), "mesh": importable.meshes(), "sound": importable.sounds()}
    for name, files in groups.items():
        for suffix, data in files.items():
            put(f"in/{name}.{suffix}", data)
    put("in/clip.mp4", importable.video(3, 30, 0))
    put("in/below/cloud.ply", importable.plies()["little"])
    put("in/below/notes.md", b"# a heading")
    put("in/note.txt", b"text")
    stream = rerun.RecordingStream("importing", recording_id="one")
    stream.save("theirs.rrd")
    stream.log_file_from_path("in", static=True)
    stream.disconnect()
    result = convert("in", "--one-by-one", "-o", "ours.rrd", *HERE)
    assert (result.rc, result.stderr) == (0, "")
    ours, theirs = rows("ours.rrd"), rows("theirs.rrd")
    assert ours.keys() == theirs.keys()
    assert "/in/below/cloud.ply" in ours
    for entity, each in theirs.items():
        assert [sorted(row.items()) for row in ours[entity]] == [sorted(row.items()) for row in each], entity
    assert set(peer.stores(Path("ours.rrd"))) == set(peer.stores(Path("theirs.rrd")))
    peer.verify(rerun_binary, Path("ours.rrd"))


def test_a_folder_of_images_is_a_sequence_as_if_they_were_logged(
    convert: Convert, rerun_binary: Path
) -> None:
    names = ["1.png", "2.jpg", "10.png"]
    for name in names:
        put(f"shots/{name}", importable.images()[name.rpartition(".")[2]])
    stream = rerun.RecordingStream("importing", recording_id="one")
    stream.save("theirs.rrd")
    for number, name in enumerate(names):
        stream.set_time("shot", sequence=number)
        stream.log("shots", rerun.EncodedImage(path=f"shots/{name}"))
    stream.disconnect()
    assert convert("shots/", "--timeline", "shot", "-o", "ours.rrd", *HERE).rc == 0
    assert rows("ours.rrd") == rows("theirs.rrd")
    peer.verify(rerun_binary, Path("ours.rrd"))


def test_each_folder_counts_its_own_images(convert: Convert) -> None:
    for name in ("cams/left/a.png", "cams/left/b.png", "cams/right/a.png", "cams/.hidden.png"):
        put(name, PNG)
    put("cams/right/notes.txt", b"text")
    assert convert("cams", "--entity", "/world", "-o", "out.rrd").rc == 0
    assert frames("out.rrd") == {
        "/world/cams/left": [0, 1],
        "/world/cams/right": [0],
        "/world/cams/right/notes.txt": [-1],
    }


def test_images_that_are_named_are_counted_where_a_timeline_is_given(convert: Convert) -> None:
    for name in ("in/b.png", "in/a.png"):
        put(name, PNG)
    assert convert("in/b.png", "in/a.png", "-o", "out.rrd").rc == 0
    assert frames("out.rrd") == {"/in/b.png": [-1], "/in/a.png": [-1]}
    assert convert("in/b.png", "in/a.png", "--timeline", "t", "-o", "out.rrd").rc == 0
    assert frames("out.rrd", "t") == {"/in": [0, 1]}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (PNG[:-20], "is cut off or damaged: its end is missing"),
        (b"<!doctype html><html></html>", "does not begin as PNG does, but as a web page"),
        (b"", "is empty"),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_written(convert: Convert, bad: bytes, why: str) -> None:
    for name in ("0.png", "2.png"):
        put(f"in/{name}", PNG)
    put("in/1.png", bad)
    put("out.rrd", b"what was there")
    result = convert("in", "-o", "out.rrd")
    assert (result.rc, result.stdout) == (1, b"")
    assert result.stderr.startswith("rrtool convert: in/1.png")
    assert why in result.stderr
    assert result.stderr.endswith("run with --continue-on-error to leave it out\n")
    assert Path("out.rrd").read_bytes() == b"what was there"
    assert sorted(one.name for one in Path().iterdir()) == ["in", "out.rrd"]


def test_with_continue_on_error_the_others_keep_their_numbers(convert: Convert) -> None:
    for name in ("0.png", "2.png"):
        put(f"in/{name}", PNG)
    put("in/1.png", PNG[:50])
    result = convert("in", "-o", "out.rrd", "--continue-on-error")
    assert result.rc == 3
    assert result.stderr == ("in/1.png, byte 50: is cut off or damaged: its end is missing; left out\n")
    assert frames("out.rrd") == {"/in": [0, 2]}


def test_where_nothing_is_sound_nothing_is_written(convert: Convert) -> None:
    put("in/1.png", PNG[:50])
    result = convert("in", "-o", "out.rrd", "--continue-on-error")
    assert (result.rc, result.stderr.count("\n")) == (1, 1)
    assert not Path("out.rrd").exists()


def test_what_no_importer_knows_is_passed_over_in_folders_alone(convert: Convert) -> None:
    put("in/1.png", PNG)
    put("in/meta.json", b"{}")
    result = convert("in", "-o", "out.rrd")
    assert result.rc == 0
    assert result.stderr == "passed over, because no importer knows what they are: 1 (in/meta.json)\n"
    result = convert("in/meta.json", "-o", "other.rrd")
    assert result.rc == 1
    assert "in/meta.json: no importer knows .json files; known are" in result.stderr
    assert not Path("other.rrd").exists()


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["nowhere"], 1, "nowhere: no such file"),
        (["empty"], 1, "empty: holds no file that an importer knows"),
        (["-"], 2, "standard input has no name"),
        (["--one-by-one", "--timeline", "t", "empty"], 2, "--timeline counts images; --one-by-one does not"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_is_refused(convert: Convert, args: list[str], code: int, says: str) -> None:
    Path("empty").mkdir()
    result = convert(*args, "-o", "out.rrd")
    assert (result.rc, result.stderr.count("\n")) == (code, 1)
    assert says in result.stderr
    assert not Path("out.rrd").exists()


def test_a_recording_among_the_inputs_stays_itself(convert: Convert, rich: Path) -> None:
    put("a.txt", b"text")
    assert convert("a.txt", rich, "-o", "out.rrd", *HERE).rc == 0
    assert set(peer.stores(rich)) < set(peer.stores(Path("out.rrd")))
    with load_recording("out.rrd", recording_id="one") as recording:
        assert recording.schema().entity_paths() == ["/a.txt"]
