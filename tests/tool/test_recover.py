"""rrtool recover as users meet it: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result
from tests.faults import damage
from tests.faults.verbs import run_here

Rrtool = Callable[..., Result]


def with_a_hole(data: bytes) -> tuple[bytes, damage.Place]:
    """One chunk overwritten, header and all."""
    place = damage.chunks(data)[3]
    return damage.overwritten(data, place.header, bytes(place.end - place.header)), place


def test_nothing_lost(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.rrd"
    ended = run_here(monkeypatch, "recover", rich, "-o", out)
    assert ended.code == 0
    assert re.search(r"rich\.rrd: \d+ chunks \(\d+ rows\) recovered; nothing was lost", ended.err)
    before, after = rich.read_bytes(), out.read_bytes()
    assert [before[place.start : place.end] for place in damage.chunks(before)] == [
        after[place.start : place.end] for place in damage.chunks(after)
    ]
    quiet = run_here(monkeypatch, "recover", "-q", rich, "-o", out)
    assert (quiet.code, quiet.err) == (0, "")


def test_a_hole(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path, rerun_binary: Path) -> None:
    data, place = with_a_hole(rich.read_bytes())
    broken = tmp_path / "broken.rrd"
    broken.write_bytes(data)
    ended = run_here(monkeypatch, "recover", broken, "-o", broken)  # in place
    assert ended.code == 3
    assert f"broken.rrd, bytes {place.header} to {place.end}: lost " in ended.err
    assert re.search(r"broken\.rrd: lost chunk_\w+ of /\S*: \d+ rows?, ", ended.err), ended.err
    assert run_here(monkeypatch, "verify", "--deep", broken).code == 0
    subprocess.run([rerun_binary, "rrd", "verify", broken], check=True, capture_output=True)
    found = broken.read_bytes()
    assert len(damage.chunks(found)) == len(damage.chunks(rich.read_bytes())) - 1


def test_json(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    data, place = with_a_hole(rich.read_bytes())
    broken, out = tmp_path / "broken.rrd", tmp_path / "out.rrd"
    broken.write_bytes(data)
    ended = run_here(monkeypatch, "recover", "--json", "-q", broken, "-o", out)
    assert ended.code == 3
    report = json.loads(ended.out)
    assert report["lost_bytes"] == place.end - place.header
    assert [(one["start"], one["end"]) for one in report["lost_ranges"]] == [(place.header, place.end)]
    (chunk,) = report["lost_chunks"]
    assert chunk["entity"].startswith("/")
    assert chunk["rows"] > 0
    without = run_here(monkeypatch, "recover", "--json", broken)
    assert without.code == 2
    assert "-o" in without.err


def test_through_pipes(rrtool: Rrtool, rich: Path) -> None:
    data, _ = with_a_hole(rich.read_bytes())
    done = rrtool("recover", stdin=data)
    assert done.rc == 3
    assert "stdin, bytes " in done.stderr
    again = rrtool("recover", stdin=done.stdout)
    assert again.rc == 0
    assert again.stdout == done.stdout


@pytest.mark.parametrize("data", [b"", b"RR", b"hello\n" * 50, bytes(5000), b"\x89PNG\r\n\x1a\n" + bytes(99)])
def test_nothing_to_recover(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: bytes) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(data)
    out.write_bytes(b"as it was")
    ended = run_here(monkeypatch, "recover", source, "-o", out)
    assert ended.code == 1
    assert re.fullmatch(
        r"rrtool recover: \S+in\.rrd, byte 0: .*(nothing can be recovered|empty).*\n", ended.err
    )
    assert out.read_bytes() == b"as it was"
    assert len(list(tmp_path.iterdir())) == 2


def test_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("rrf0", "rrf1", "sdk-0.22"):
        source = Path(__file__).parents[2] / f"fixtures/too-old/{name}.rrd"
        ended = run_here(monkeypatch, "recover", source, "-o", tmp_path / "out.rrd")
        assert ended.code == 1
        assert "0.23" in ended.err


def test_no_store_info_is_made_up_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path
) -> None:
    data = rich.read_bytes()
    broken, out = tmp_path / "broken.rrd", tmp_path / "out.rrd"
    broken.write_bytes(data[damage.chunks(data)[0].header :])
    ended = run_here(monkeypatch, "recover", broken, "-o", out)
    assert ended.code == 3
    assert "nothing announces this store" in ended.err
    assert len(damage.chunks(out.read_bytes())) == len(damage.chunks(data))
    assert run_here(monkeypatch, "recover", out, "-o", out).code == 0


def test_one_input_only(monkeypatch: pytest.MonkeyPatch, rich: Path) -> None:
    assert run_here(monkeypatch, "recover", rich, rich).code == 2
