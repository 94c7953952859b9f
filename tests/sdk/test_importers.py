"""What cannot be imported is refused in one line that names the file; others may add importers."""

from __future__ import annotations

import io
import os
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk
from rrsdk.errors import FormatError, InputError, LogError, RrError
from rrsdk.importers import File, registry
from rrsdk.importers.importing import entity_of, imported
from rrsdk.sources.chunks import chunks_of

PIL = pytest.importorskip("PIL.Image")
SUFFIXES = sorted(registry.importers(lambda _: None))


def picture(kind: str) -> bytes:
    into = io.BytesIO()
    PIL.effect_noise((16, 16), 50).convert("RGB").save(into, kind)
    return into.getvalue()


def cloud(rows: int) -> bytes:
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {rows}\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz") + "end_header\n"
    return head.encode() + struct.pack(f"<{3 * rows}f", *range(3 * rows))


def recording() -> bytes:
    stream = rrsdk.RecordingStream("imported", recording_id="whole")
    kept = stream.memory_recording()
    stream.log("points", rrsdk.Points3D([[1, 2, 3]]))
    return kept.drain_as_bytes()


# Files that say themselves where they end.
WHOLE = {
    ".png": picture("png"),
    ".jpg": picture("jpeg"),
    ".gif": picture("gif"),
    ".webp": picture("webp"),
    ".bmp": picture("bmp"),
    ".ply": cloud(5),
    ".glb": b"glTF" + struct.pack("<III4s", 2, 24, 4, b"JSON") + b"{}  ",
    ".stl": b"\0" * 80 + struct.pack("<I12fH", 1, *range(12), 0),
    ".gltf": b'{"asset": {"version": "2.0"}}',
    ".dae": b"<COLLADA></COLLADA>",
    ".rrd": recording(),
}


def read(name: str, data: bytes) -> list[object]:
    return list(imported(File(name, "/here", "app", data)))


def read_or_refuse(name: str, data: bytes) -> None:
    said = name
    try:
        read(name, data)
    except RrError as error:
        said = str(error)
    assert said.startswith(name)


@given(st.data())
def test_what_is_cut_off_is_refused_before_anything_comes(data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(sorted(WHOLE)))
    whole = WHOLE[suffix]
    assert read(f"some/file{suffix}", whole)
    # Of .rrd: not where a message ends, which is how a file looks that is being written.
    size = data.draw(st.integers(0, 200 if suffix == ".rrd" else len(whole) - 1))
    got: list[object] = []
    with pytest.raises(RrError, match=rf"^some/file\{suffix}.*: ") as caught:
        got += imported(File(f"some/file{suffix}", "/here", "app", whole[:size]))
    assert not got
    assert "\n" not in str(caught.value)


@given(st.sampled_from(SUFFIXES), st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(suffix: str, data: bytes) -> None:
    read_or_refuse(f"x{suffix}", data)


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_anywhere_is_no_crash(suffix: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[suffix])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(f"x{suffix}", bytes(whole))


@given(st.sampled_from(sorted(WHOLE)), st.sampled_from(sorted(set(WHOLE) - {".stl", ".gltf", ".dae"})))
def test_a_wrong_name_is_refused(really: str, called: str) -> None:
    if really == called:
        return
    with pytest.raises(FormatError):
        read(f"x{called}", WHOLE[really])


def test_what_it_really_is_is_said() -> None:
    with pytest.raises(FormatError, match=r"does not begin as PNG does, but as JPEG: call it \.jpg"):
        read("x.png", WHOLE[".jpg"])


@given(st.text("ply\nformat ascii 1.0element vertex0123propertyfloatxyzend_header \n", max_size=200))
def test_ply_headers_of_all_kinds(text: str) -> None:
    try:
        read("x.ply", b"ply\nformat ascii 1.0\n" + text.encode())
    except RrError:
        pass


def test_a_header_that_promises_much_takes_no_memory() -> None:
    data = cloud(1).replace(b"vertex 1\n", b"vertex 99999999999999\n")
    for one in (data, data.replace(b"binary_little_endian", b"ascii")):
        with pytest.raises(RrError, match="99999999999999 rows of vertex"):
            read("x.ply", one)


@pytest.mark.parametrize(
    ("path", "prefix", "entity"),
    [
        ("a/b.png", None, "/a/b.png"),
        ("/a/../b c/./d!.png", None, "/b\\ c/d\\!.png"),
        ("../../up.txt", "x/y", "/x/y/up.txt"),
        ("a.txt", "/x//y/", "/x/y/a.txt"),
        (os.fsdecode(b"\xff.txt"), None, "/\\u{FFFD}.txt"),
    ],
)
def test_entities_are_paths(path: str, prefix: str | None, entity: str) -> None:
    assert entity_of(path, prefix) == entity


# --- as programs use it ---


@pytest.fixture
def stream() -> rrsdk.RecordingStream:
    return rrsdk.RecordingStream("importing", recording_id="r", send_properties=False)


def logged(kept: rrsdk.MemoryRecording) -> dict[str, rrsdk.Chunk]:
    source = rrsdk.MemorySource(kept.drain_as_bytes())
    return {chunk.entity_path: chunk for _, chunk in chunks_of(source.messages())}


def test_a_folder_is_imported_but_for_what_is_wrong(stream: rrsdk.RecordingStream, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(WHOLE[".png"])
    (tmp_path / "b.png").write_bytes(b"<!DOCTYPE html>")
    (tmp_path / "c.unheard").write_bytes(b"")
    kept = stream.memory_recording()
    with pytest.warns(rrsdk.RerunWarning) as said:
        stream.log_file_from_path(tmp_path, entity_path_prefix="p")
    assert [Path(str(one.message).split(",")[0].split(":")[0]).name for one in said] == ["b.png", "c.unheard"]
    assert "as a web page" in str(said[0].message)
    assert {Path(entity).name for entity in logged(kept)} == {"a.png"}


def test_strict_mode_raises_and_logs_the_rest(stream: rrsdk.RecordingStream, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no")
    (tmp_path / "b.txt").write_text("yes")
    kept = stream.memory_recording()
    rrsdk.set_strict_mode(True)
    try:
        with pytest.raises(LogError, match=r"a\.png"):
            stream.log_file_from_path(str(tmp_path))
    finally:
        rrsdk.set_strict_mode(False)
    assert len(logged(kept)) == 1


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (("absent.png",), "absent.png: no such file"),
        ((3,), "a path is text or a path object, not int"),
        (("x.png", "text"), "contents are bytes, not str"),
        (("x.mcap", b""), "x.mcap: .mcap files are not imported here"),
        (("x", b""), "its name does not end in what it is; known are .aac"),
        (("x.txt", b"a\xff"), "x.txt, byte 1: is no UTF-8 text"),
        (("x.rrd", b"foreign bytes, and no recording"), "x.rrd, byte 0: not an .rrd recording"),
    ],
)
def test_what_is_wrong_is_a_warning_at_the_users_line(
    stream: rrsdk.RecordingStream, call: tuple[str, bytes], why: str
) -> None:
    function = stream.log_file_from_path if len(call) == 1 else stream.log_file_from_contents
    with pytest.warns(rrsdk.RerunWarning, match=why) as said:
        function(*call)
    assert len(said) == 1
    assert said[0].filename == __file__


def test_without_a_recording_nothing_happens() -> None:
    before = rrsdk.set_global_data_recording(None)
    try:
        with warnings.catch_warnings(record=True) as said:
            rrsdk.log_file_from_path("absent.png")
            rrsdk.log_file_from_contents("x.txt", b"")
    finally:
        rrsdk.set_global_data_recording(before)
    assert not said


def test_a_fifo_is_refused_and_not_waited_for(stream: rrsdk.RecordingStream, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    os.mkfifo(tmp_path / "pipe.rrd")
    with pytest.warns(rrsdk.RerunWarning, match="is not a regular file") as said:
        stream.log_file_from_path(tmp_path)
    assert len(said) == 2


def test_video_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(RrError, match=r"x.mp4: .* needs PyAV; pip install 'rrkit\[importers\]'"):
        read("x.mp4", struct.pack(">I4s8x", 16, b"ftyp"))


def test_a_video_that_is_none_says_so() -> None:
    pytest.importorskip("av")
    with pytest.raises(FormatError, match="no video that can be read"):
        read("x.mp4", struct.pack(">I4s8x", 16, b"ftyp"))


# --- importers of others ---

PLUGINS = {
    "good": "suffixes = ['.laser', '.txt']\n"
    "def read(file):\n"
    "    from rrsdk import Chunk, TextLog\n"
    "    yield Chunk.from_columns(file.entity, components={'Scalars:scalars': [[float(file.read())]]})\n",
    "raises": "suffixes = ['.bad']\ndef read(file):\n    return 1 / 0\n",
    "missing": "import nothing_of_that_name\n",
    "wrong": "suffixes = ['PNG']\ndef read(file): pass\n",
    "exits": "import sys\nsys.exit(3)\n",
}


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed distribution that has importers, good ones and others."""
    for name, text in PLUGINS.items():
        (tmp_path / f"importer_{name}.py").write_text(text)
    about = tmp_path / "laser_kit-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: laser-kit\nVersion: 1.2\n")
    lines = [f"{name} = importer_{name}" for name in PLUGINS]
    (about / "entry_points.txt").write_text("\n".join([f"[{registry.GROUP}]", *lines]))
    monkeypatch.syspath_prepend(tmp_path)
    registry.forget()
    yield
    registry.forget()
    for name in PLUGINS:
        sys.modules.pop(f"importer_{name}", None)


@pytest.mark.usefixtures("plugins")
def test_others_add_importers_and_replace_ours() -> None:
    said: list[str] = []
    for name in ("scan.laser", "scan.txt"):
        found = list(imported(File(name, "/scan", contents=b"4.5", warn=said.append)))
        assert found[0].component("Scalars:scalars").to_pylist() == [[4.5]]  # type: ignore[union-attr]
    assert read("x.md", b"still ours")
    package = r"of laser-kit 1\.2 cannot be used: "
    assert len(said) == 3
    for line, why in zip(sorted(said), ("SystemExit", "ModuleNotFoundError", "TypeError"), strict=True):
        assert package.replace("\\", "") + why in line
        assert "\n" not in line


@pytest.mark.usefixtures("plugins")
def test_an_importer_that_fails_is_named() -> None:
    with pytest.raises(
        InputError, match=r"^x.bad: the importer 'raises' .*laser-kit 1.2 failed: ZeroDivision"
    ):
        read("x.bad", b"")
