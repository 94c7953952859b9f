"""rrtool cat and rrtool diff-schema."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result
from tests.faults import damage
from tests.faults.verbs import run_here

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"


def chunks(data: bytes) -> list[bytes]:
    return sorted(data[place.start : place.end] for place in damage.chunks(data))


def test_cat_is_one_recording(
    monkeypatch: pytest.MonkeyPatch, rich: Path, with_blueprint: Path, tmp_path: Path, rerun_binary: Path
) -> None:
    out = tmp_path / "out.rrd"
    ended = run_here(monkeypatch, "cat", rich, with_blueprint, "-o", out)
    assert (ended.code, ended.err) == (0, "")
    data = out.read_bytes()
    assert data.count(b"RRF2FOOT") == 1
    assert chunks(data) == sorted(chunks(rich.read_bytes()) + chunks(with_blueprint.read_bytes()))
    assert run_here(monkeypatch, "verify", "--deep", out).code == 0
    subprocess.run([rerun_binary, "rrd", "verify", out], check=True, capture_output=True)
    kinds = [place.kind for place in damage.places(data)]
    assert kinds.count(damage.STORE_INFO) >= 3


def test_cat_makes_right_what_the_shell_made(rrtool: Rrtool, rich: Path, many: Path, tmp_path: Path) -> None:
    joined = rich.read_bytes() + many.read_bytes()
    done = rrtool("cat", stdin=joined)
    assert done.rc == 0
    assert chunks(done.stdout) == sorted(chunks(rich.read_bytes()) + chunks(many.read_bytes()))
    again = rrtool("cat", stdin=done.stdout)
    assert chunks(again.stdout) == chunks(done.stdout)


def test_cat_keeps_repeats(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    twice, once = tmp_path / "twice.rrd", tmp_path / "once.rrd"
    assert run_here(monkeypatch, "cat", rich, rich, "-o", twice).code == 0
    assert run_here(monkeypatch, "merge", rich, rich, "-o", once).code == 0
    assert len(chunks(twice.read_bytes())) == 2 * len(chunks(once.read_bytes()))


# ---- diff-schema ----


def test_no_difference(monkeypatch: pytest.MonkeyPatch, rich: Path, made: dict[str, Path]) -> None:
    ended = run_here(monkeypatch, "diff-schema", rich, made["bare"])
    assert (ended.code, ended.out, ended.err) == (0, b"", "")


def test_differences(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    less = tmp_path / "less.rrd"
    assert (
        run_here(
            monkeypatch, "filter", "--drop-entity", "/log", "--drop-timeline", "elapsed", rich, "-o", less
        ).code
        == 0
    )
    ended = run_here(monkeypatch, "diff-schema", rich, less)
    assert ended.code == 1
    lines = ended.out.decode().splitlines()
    assert "- timeline elapsed: duration" in lines
    assert any(line.startswith("- /log TextLog:text: List(Utf8), rerun.components.Text") for line in lines)
    assert not [line for line in lines if line.startswith("+")]
    other_way = run_here(monkeypatch, "diff-schema", "--json", less, rich)
    found = json.loads(other_way.out)["differences"]
    assert len(found) == len(lines)
    assert all(one["left"] is None for one in found)
    assert {"what": "timeline", "name": "elapsed", "left": None, "right": "duration"} in found


def test_static_is_a_difference(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import rrsdk as rr

    for name, static in (("a", True), ("b", False)):
        recording = rr.RecordingStream("static", recording_id=name)
        recording.save(tmp_path / f"{name}.rrd")
        recording.set_time("step", sequence=1)
        recording.log("x", rr.Scalars(1.0), static=static)
        recording.disconnect()
    ended = run_here(monkeypatch, "diff-schema", tmp_path / "a.rrd", tmp_path / "b.rrd")
    assert ended.code == 1
    left, right, *_ = ended.out.decode().splitlines()
    assert left.startswith("- /x Scalars:scalars: List(Float64), ")
    assert left.endswith(", static")
    assert right == left.removesuffix(", static").replace("-", "+", 1)


def test_old_against_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migration makes them the same, but for what the SDK of that time did otherwise."""
    for version in ("0.27", "0.40"):
        old, new = FIXTURES / f"sdk-{version}/scene.rrd", FIXTURES / f"sdk-{version}/scene.migrated.rrd"
        assert run_here(monkeypatch, "diff-schema", old, new).out == b""


def test_bad_input(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    assert run_here(monkeypatch, "diff-schema", "-", "-").code == 2
    ended = run_here(monkeypatch, "diff-schema", rich, tmp_path / "none.rrd")
    assert ended.code == 1
    assert "no such file" in ended.err
