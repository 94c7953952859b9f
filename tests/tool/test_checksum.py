"""rrtool checksum, and checksums as other verbs, rrsdk and the real program meet them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import rrsdk as rr
from rrsdk.errors import FormatError
from rrsdk.sources.chunks import read_chunks
from tests.conftest import Result
from tests.faults import damage
from tests.faults.verbs import run_here

Rrtool = Callable[..., Result]


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> Path:
    path = tmp_path / "sealed.rrd"
    ended = run_here(monkeypatch, "checksum", "add", rich, "-o", path)
    assert (ended.code, ended.err) == (0, "")
    return path


def damaged(path: Path) -> damage.Place:
    """Turn a bit over in the middle of a payload."""
    data = path.read_bytes()
    place = damage.chunks(data)[4]
    path.write_bytes(damage.flipped(data, 8 * ((place.start + place.end) // 2) + 3))
    return place


def test_who_notices(monkeypatch: pytest.MonkeyPatch, sealed: Path, tmp_path: Path) -> None:
    for verb in (["verify"], ["verify", "--deep"], ["checksum", "check"]):
        assert run_here(monkeypatch, *verb, sealed).code == 0
    place = damaged(sealed)
    compact = ["compact", "-o", tmp_path / "out.rrd"]
    for verb in (["verify"], ["verify", "--deep"], ["checksum", "check"], ["print", "-vvv"], compact):
        ended = run_here(monkeypatch, *verb, sealed)
        assert ended.code == 1, verb
        assert "it does not match its checksum" in ended.err
    with pytest.raises(FormatError, match="checksum"):
        list(read_chunks(str(sealed)))
    ended = run_here(monkeypatch, "recover", sealed, "-o", tmp_path / "out.rrd")
    assert ended.code == 3
    assert f"bytes {place.header} to {place.end}: lost " in ended.err
    assert run_here(monkeypatch, "checksum", "check", tmp_path / "out.rrd").code == 0


def test_what_is_damaged_is_not_declared_sound(
    monkeypatch: pytest.MonkeyPatch, sealed: Path, tmp_path: Path
) -> None:
    damaged(sealed)
    out = tmp_path / "out.rrd"
    ended = run_here(monkeypatch, "checksum", "add", sealed, "-o", out)
    assert ended.code == 1
    assert not out.exists()
    ended = run_here(monkeypatch, "checksum", "add", "--continue-on-error", sealed, "-o", out)
    assert ended.code == 3
    assert run_here(monkeypatch, "checksum", "check", out).code == 0


def test_copies_keep_them(monkeypatch: pytest.MonkeyPatch, sealed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.rrd"
    for args in (
        ["merge", sealed],
        ["filter", "--drop-entity", "/log", sealed],
        ["recover", sealed],
        ["cat", sealed],
        ["route", "--recording-id", "x", "--application-id", "y", sealed],
    ):
        assert run_here(monkeypatch, *args, "-o", out).code == 0
        assert run_here(monkeypatch, "checksum", "check", out).code == 0


def test_json(monkeypatch: pytest.MonkeyPatch, rich: Path, sealed: Path) -> None:
    ended = run_here(monkeypatch, "checksum", "check", "--json", sealed, rich)
    assert ended.code == 1
    first, second = map(json.loads, ended.out.splitlines())
    chunks = len(damage.chunks(rich.read_bytes()))
    assert first["matching"]["chunks"] == second["without_checksum"]["chunks"] == chunks
    assert not first["problems"]


def test_pipes(rrtool: Rrtool, rich: Path) -> None:
    done = rrtool("checksum", "add", stdin=rich.read_bytes())
    assert done.rc == 0
    assert rrtool("checksum", "check", stdin=done.stdout).rc == 0
    assert rrtool("checksum", "check", stdin=b"nothing").rc == 1


def test_the_real_program_reads_on(sealed: Path, rich: Path, rerun_binary: Path, tmp_path: Path) -> None:
    for args in (["verify", sealed], ["print", "-vvv", sealed], ["compare", "--unordered", sealed, rich]):
        subprocess.run([rerun_binary, "rrd", *args], check=True, capture_output=True)
    out = tmp_path / "merged.rrd"
    subprocess.run([rerun_binary, "rrd", "merge", sealed, "-o", out], check=True, capture_output=True)
    subprocess.run(
        [rerun_binary, "rrd", "compare", "--unordered", out, rich], check=True, capture_output=True
    )


def test_save_writes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "live.rrd"
    recording = rr.RecordingStream("checksums", recording_id="one")
    recording.save(path, checksum=True, rotate="64KiB")
    for step in range(40):
        recording.set_time("step", sequence=step)
        recording.log("a", rr.Points3D(np.random.default_rng(step).random((400, 3))))
        recording.log("static", rr.TextDocument(str(step)), static=True)
        recording.flush()
    recording.disconnect()
    parts = sorted(tmp_path.iterdir())
    assert len(parts) > 2
    ended = run_here(monkeypatch, "checksum", "check", *parts)
    assert ended.code == 0, ended.err
    assert "without" not in ended.err
    assert run_here(monkeypatch, "verify", "--deep", *parts).code == 0
