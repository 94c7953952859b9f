"""A disk that fails at any write, sync or rename: it is said, what was there stays, nothing else does."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

import rrsdk.keys
import rrsdk.sinks.blocks
import rrsdk.sinks.output
import rrsdk.sinks.rrd
from tests.faults import damage
from tests.faults.failing_os import FailingOs
from tests.faults.verbs import CALLS, Call, Ended, run_here

SCENE = Path(__file__).parents[2] / "fixtures/sdk-0.41/scene.rrd"
OLD_SCENE = Path(__file__).parents[2] / "fixtures/sdk-0.29/scene.rrd"
WRITING = [
    *(call for call in CALLS if call.writes),
    Call("recover", ("recover",), True),
    Call("query", ("query", "--index", "frame", "--format", "csv"), True),
    Call("query-parquet", ("query", "--index", "frame", "--format", "parquet"), True),
]
EVERY_WRITING = pytest.mark.parametrize("call", WRITING, ids=[call.label for call in WRITING])
FAULTS = [
    ("write", errno.ENOSPC),
    ("write", errno.EFBIG),
    ("write", errno.EIO),
    ("fsync", errno.EIO),
    ("fsync", errno.ENOSPC),
    ("rename", errno.EIO),
    ("rename", errno.ENOSPC),
    ("close", errno.EIO),
    ("chmod", errno.EPERM),
]
MOST_CALLS = 40


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small recording is written in as many ways and calls as a large one."""
    monkeypatch.setattr(rrsdk.sinks.rrd, "_KERNEL_WORTH_IT", 1024)
    monkeypatch.setattr(rrsdk.sinks.output, "BUFFER", 2048)
    monkeypatch.setattr(rrsdk.sinks.output, "EARLY", 4096)


def runs_with_faults(
    monkeypatch: pytest.MonkeyPatch, kind: str, error: int | None, *args: str | Path
) -> Iterator[Ended]:
    """One run for each call that can fail; ends when there was none any more."""
    for nth in range(1, MOST_CALLS):
        with monkeypatch.context() as patch:
            failing = FailingOs(kind, nth, error)
            for module in (rrsdk.sinks.output, rrsdk.sinks.blocks, rrsdk.keys):
                patch.setattr(module, "os", failing)
            ended = run_here(monkeypatch, *args)
        if not failing.has_failed:
            assert ended.code == 0, ended.err
            assert nth > 1, f"nothing was ever to fail: {args}"
            return
        yield ended
    raise AssertionError("it never came to an end")


def check(monkeypatch: pytest.MonkeyPatch, kind: str, error: int, out: Path, *args: str | Path) -> None:
    before = {path.name: path.read_bytes() for path in out.parent.iterdir()}
    for ended in runs_with_faults(monkeypatch, kind, error, *args):
        assert ended.code == 1, ended.err
        assert "cannot be " in ended.err
        assert ended.err.count("\n") == 1, ended.err
        assert "bug" not in ended.err
        assert {path.name: path.read_bytes() for path in out.parent.iterdir()} == before


@EVERY_WRITING
@pytest.mark.parametrize(("kind", "error"), FAULTS)
def test_the_old_output_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call, kind: str, error: int
) -> None:
    out = tmp_path / "out.rrd"
    out.write_bytes(b"as it was")
    check(monkeypatch, kind, error, out, *call.args, SCENE, "-o", out)


@pytest.mark.parametrize(
    "call", [one for one in WRITING if one.verb not in ("query", "migrate")], ids=lambda one: one.label
)
@pytest.mark.parametrize(
    ("kind", "error"), [("write", errno.ENOSPC), ("fsync", errno.EIO), ("rename", errno.EIO)]
)
def test_an_input_that_is_the_output_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call, kind: str, error: int
) -> None:
    out = tmp_path / "out.rrd"
    out.write_bytes(SCENE.read_bytes())
    check(monkeypatch, kind, error, out, *call.args, out, "-o", out)


@pytest.mark.parametrize(("kind", "error"), FAULTS)
def test_nothing_appears(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, error: int) -> None:
    check(monkeypatch, kind, error, tmp_path / "new.rrd", "merge", SCENE, "-o", tmp_path / "new.rrd")


@pytest.mark.parametrize(
    ("kind", "error"), [("write", errno.ENOSPC), ("fsync", errno.EIO), ("rename", errno.EIO)]
)
def test_migrate_in_place_leaves_no_backup(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, error: int
) -> None:
    old = tmp_path / "old.rrd"
    old.write_bytes(OLD_SCENE.read_bytes())
    check(monkeypatch, kind, error, old, "migrate", old)


@pytest.mark.parametrize(("kind", "error"), [("write", errno.ENOSPC), ("write", errno.EIO)])
def test_blocks_on_two_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, error: int
) -> None:
    monkeypatch.setattr(rrsdk.sinks.output, "WORTH_IT", 1)
    monkeypatch.setattr(rrsdk.sinks.output, "on_a_disk", lambda _: True)
    monkeypatch.setattr(rrsdk.sinks.blocks, "BLOCK", 1024)
    out = tmp_path / "out.rrd"
    out.write_bytes(b"as it was")
    check(monkeypatch, kind, error, out, "merge", SCENE, "-o", out)


@EVERY_WRITING
def test_short_writes_are_gone_on_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call) -> None:
    whole, out = tmp_path / "whole.rrd", tmp_path / "out.rrd"
    assert run_here(monkeypatch, *call.args, SCENE, "-o", whole).code == 0
    for ended in runs_with_faults(monkeypatch, "write", None, *call.args, SCENE, "-o", out):
        assert ended.code == 0, ended.err
        assert out.read_bytes() == whole.read_bytes() or call.label == "query-parquet"


@pytest.mark.parametrize(("kind", "error"), [("fsync", errno.EIO), ("rename", errno.ENOSPC)])
def test_keys_that_were_there_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, error: int
) -> None:
    folder = tmp_path / "keys"
    assert run_here(monkeypatch, "keys", "new", "--keys", folder).code == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for ended in runs_with_faults(monkeypatch, kind, error, "keys", "new", "--force", "--keys", folder):
        assert ended.code == 1, ended.err
        assert "cannot be written" in ended.err
        assert before.keys() == {path.name for path in folder.iterdir()}


def test_what_is_written_is_a_recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The small pieces of these tests change nothing."""
    out = tmp_path / "out.rrd"
    assert run_here(monkeypatch, "merge", SCENE, "-o", out).code == 0
    assert len(damage.chunks(out.read_bytes())) == len(damage.chunks(SCENE.read_bytes()))
    assert run_here(monkeypatch, "verify", out).code == 0
