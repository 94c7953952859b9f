"""Every sink keeps the contract; files appear whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.errors import OutputError, TruncatedError
from rrsdk.sinks import Sink, open_sink
from rrsdk.sinks.output import Output, open_output
from rrsdk.sinks.rrd import RrdSink
from rrsdk.sources import open_source
from rrsdk.sources.origin import FileOrigin
from tests.conftest import Result
from tests.contracts.sink_contract import LARGE, SinkContract, messages_of
from tests.contracts.source_contract import SCENE, expected_chunks

Rrtool = Callable[..., Result]
AS_IT_WAS = b"as it was"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and devices are POSIX's")


class TestNewFile(SinkContract):
    def open(self) -> Sink:
        (self.folder / "out.rrd").unlink(missing_ok=True)
        return open_sink(str(self.folder / "out.rrd"))

    def received(self) -> bytes | None:
        path = self.folder / "out.rrd"
        return path.read_bytes() if path.exists() else None


class TestExistingFile(TestNewFile):
    def open(self) -> Sink:
        (self.folder / "out.rrd").write_bytes(AS_IT_WAS)
        return open_sink(str(self.folder / "out.rrd"))

    def received(self) -> bytes | None:
        path = self.folder / "out.rrd"
        return path.read_bytes() if path.exists() else AS_IT_WAS

    def test_nothing_is_left_behind(self) -> None:
        self.open().abort()
        super().test_nothing_is_left_behind()


@POSIX
class TestFifo(SinkContract):
    APPEARS_WHOLE = False

    def open(self) -> Sink:
        path = self.folder / f"fifo-{len(list(self.folder.iterdir()))}"
        os.mkfifo(path)
        self.data = b""
        self.thread = threading.Thread(target=lambda: setattr(self, "data", path.read_bytes()), daemon=True)
        self.thread.start()
        return open_sink(str(path))

    def received(self) -> bytes | None:
        if not hasattr(self, "thread"):
            return None
        self.thread.join(timeout=20)
        return self.data


class TestDescriptor(SinkContract):
    """As standard output: not ours to close."""

    APPEARS_WHOLE = False

    def open(self) -> Sink:
        self.finish()
        path = self.folder / "descriptor.rrd"
        self.fileno = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0))
        return RrdSink(Output("stdout", self.fileno, owned=False))

    def received(self) -> bytes | None:
        os.fstat(self.fileno)  # still open
        return (self.folder / "descriptor.rrd").read_bytes()

    def finish(self) -> None:
        if getattr(self, "fileno", -1) >= 0:
            os.close(self.fileno)
        self.fileno = -1

    def test_nothing_is_left_behind(self) -> None:
        self.open()
        super().test_nothing_is_left_behind()


# ---- whole or not at all ----


def put(path: Path, data: bytes = SCENE) -> None:
    sink = open_sink(str(path))
    for message in messages_of(data):
        sink.put(message)
    sink.close()


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o664, 0o755])
def test_the_mode_is_kept(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "out.rrd"
    target.touch()
    target.chmod(mode)
    put(target)
    assert stat.S_IMODE(target.stat().st_mode) == mode


@POSIX
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_any_program_gives(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        put(tmp_path / "out.rrd")
        (tmp_path / "other").touch()
        assert (tmp_path / "out.rrd").stat().st_mode == (tmp_path / "other").stat().st_mode
        assert os.umask(mask) == mask, "the mask is as it was"
    finally:
        os.umask(before)


@POSIX
def test_symbolic_links_stay_and_lead_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "real.rrd"
    target.write_bytes(AS_IT_WAS)
    (tmp_path / "one.rrd").symlink_to("two.rrd")
    (tmp_path / "two.rrd").symlink_to(target)
    put(tmp_path / "one.rrd")
    assert (tmp_path / "one.rrd").is_symlink()
    assert (tmp_path / "two.rrd").is_symlink()
    assert expected_chunks(target.read_bytes()) == expected_chunks(SCENE)


@POSIX
def test_a_link_to_nothing_makes_the_file(tmp_path: Path) -> None:
    (tmp_path / "link.rrd").symlink_to("new.rrd")
    put(tmp_path / "link.rrd")
    assert (tmp_path / "link.rrd").is_symlink()
    assert expected_chunks((tmp_path / "new.rrd").read_bytes()) == expected_chunks(SCENE)


@POSIX
def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loop.rrd").symlink_to("loop.rrd")
    with pytest.raises(OutputError, match="cannot be written"):
        put(tmp_path / "loop.rrd")


@pytest.mark.parametrize("name", ["x" * 255, "ß" * 127, ".hidden", "-o", "spaces and\ttabs", "☮.rrd"])
def test_every_name_that_a_file_may_have(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@POSIX
def test_a_relative_name_is_taken_when_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output = open_output("out.rrd")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    output.write(b"x")
    output.commit()
    assert (tmp_path / "out.rrd").read_bytes() == b"x"


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    target = str(tmp_path / "out.rrd")
    one, other = open_output(target), open_output(target)
    one.write(b"1" * 100)
    other.write(b"2" * 100)
    one.commit()
    other.commit()
    assert (tmp_path / "out.rrd").read_bytes() == b"2" * 100
    assert len(list(tmp_path.iterdir())) == 1


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a directory"):
        open_sink(str(tmp_path))


@POSIX
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(OutputError, match="Permission denied"):
        open_sink(str(folder / "out.rrd"))


def test_an_input_that_is_cut_while_it_is_copied_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in.rrd"
    path.write_bytes(LARGE)
    source = open_source(str(path))
    messages = list(source.messages())
    os.truncate(path, len(LARGE) // 2)
    sink = open_sink(str(tmp_path / "out.rrd"))
    *infos, chunks = messages
    for message in infos:
        sink.put(message)
    with pytest.raises(TruncatedError, match="cut while it was read"):
        sink.put(chunks)
    sink.abort()
    source.close()
    assert [file.name for file in tmp_path.iterdir()] == ["in.rrd"]


def test_every_byte_is_told_of_once(tmp_path: Path) -> None:
    told: list[int] = []
    sink = open_sink(str(tmp_path / "out.rrd"), on_bytes=told.append)
    for message in messages_of(LARGE):
        sink.put(message)
    sink.close()
    assert sum(told) == (tmp_path / "out.rrd").stat().st_size


@pytest.mark.parametrize("whole", [False, True], ids=["a descriptor", "a file"])
def test_a_long_copy_is_told_of_as_it_goes(tmp_path: Path, whole: bool) -> None:
    size = 80 << 20  # sparse: nothing is on the disk
    with (tmp_path / "in").open("wb+") as source, (tmp_path / "descriptor").open("wb") as target:
        source.truncate(size)
        output = open_output(str(tmp_path / "out")) if whole else Output("out", target.fileno(), owned=False)
        told: list[int] = []
        output.on_bytes = told.append
        output.copy(FileOrigin("in", source.fileno(), size), 0, size)
        output.commit()
    assert sum(told) == size
    assert max(told) < size // 2


# ---- through the command ----


@pytest.mark.parametrize("linked", [False, True])
def test_the_output_may_be_the_input(rrtool: Rrtool, tmp_path: Path, linked: bool) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "link.rrd"
    source.write_bytes(SCENE)
    if linked:
        out.symlink_to(source)
    done = rrtool("merge", source, "-o", out if linked else source)
    assert (done.rc, done.stderr) == (0, "")
    assert expected_chunks(source.read_bytes()) == expected_chunks(SCENE)


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from rrtool.cli import run
sys.exit(run(sys.argv[1:]))
"""


@POSIX
def test_no_room_for_the_output(tmp_path: Path) -> None:
    """As on a full disk: the write fails half-way."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(LARGE)
    out.write_bytes(AS_IT_WAS)
    command = [sys.executable, "-c", LIMITED, "merge", str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"rrtool merge: {out}: cannot be written: File too large\n"
    assert out.read_bytes() == AS_IT_WAS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.rrd", "out.rrd"]


@POSIX
def test_devices_stay_devices(rrtool: Rrtool, tmp_path: Path) -> None:
    source = tmp_path / "in.rrd"
    source.write_bytes(SCENE)
    done = rrtool("merge", source, "-o", "/dev/null")
    assert (done.rc, done.stderr) == (0, "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if Path("/dev/full").exists():
        done = rrtool("merge", source, "-o", "/dev/full")
        assert (done.rc, done.stderr) == (
            1,
            "rrtool merge: /dev/full: cannot be written: No space left on device\n",
        )


@POSIX
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    """`rrtool merge … | head -c 1`"""
    source = tmp_path / "in.rrd"
    source.write_bytes(LARGE)
    command = [sys.executable, "-m", "rrtool", "merge", *[str(source)] * 8]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0


@POSIX
def test_standard_output_may_be_appended_to(tmp_path: Path) -> None:
    """`>>` opens a file in a way that the kernel will not copy into."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(LARGE)
    out.write_bytes(SCENE)
    with out.open("ab") as file:
        done = subprocess.run(
            [sys.executable, "-m", "rrtool", "merge", source], stdout=file, stderr=subprocess.PIPE, timeout=60
        )
    assert (done.returncode, done.stderr) == (0, b"")
    data = out.read_bytes()
    assert data[: len(SCENE)] == SCENE
    assert expected_chunks(data[len(SCENE) :]) == expected_chunks(LARGE)


@POSIX
def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C while input is still coming."""
    import signal

    out = tmp_path / "out.rrd"
    # A shell's background jobs, and what they start, ignore interrupts: not this one.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{heed}; import sys; from rrtool.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", start, "merge", "-", "-o", str(out)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(SCENE)
    process.stdin.flush()
    for _ in range(500):
        if list(tmp_path.iterdir()):
            break
        threading.Event().wait(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, b"rrtool merge: interrupted\n")
    assert list(tmp_path.iterdir()) == []
