"""rrtool info: a recording on one screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rrtool.reports.overview import Total
from rrtool.reports.overview_text import LINES, _entities, _parts
from tests.conftest import Result
from tests.faults.verbs import run_here

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_text(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run_here(monkeypatch, "info", FIXTURES / "sdk-0.41/scene.rrd")
    text = ended.out.decode()
    assert (ended.code, ended.err) == (0, "")
    assert "9 chunks (1 static), 27 rows" in text
    assert "recording rrkit-fixture0253/scene" in text
    assert "  elapsed   0s to 0.375s  (0.375s)" in text
    assert "  frame     -3 to 9\n" in text
    assert re.search(r"^  captured  2025-03-01T08:30:00Z to ", text, re.MULTILINE)
    assert re.search(r"^  /plot/ +4 rows +1 chunk +1\.5 KiB$", text, re.MULTILINE)
    assert re.search(r"^    speed +4 rows ", text, re.MULTILINE)
    assert "would not make fewer" in text


@pytest.mark.parametrize("name", ["rich", "bare", "blueprint", "many", "tiny"])
def test_json_agrees_with_stats(monkeypatch: pytest.MonkeyPatch, made: dict[str, Path], name: str) -> None:
    info = json.loads(run_here(monkeypatch, "info", "--json", made[name]).out)
    stats = json.loads(run_here(monkeypatch, "stats", "--json", made[name]).out)
    assert info["total_chunks"] == stats["chunks"] == sum(one["chunks"] for one in info["stores"])
    assert info["total_rows"] == stats["rows"]
    assert info["bytes"] == made[name].stat().st_size
    if name == "blueprint":  # of which info shows the recordings only
        assert info["entities"].keys() < stats["chunks_per_entity"].keys()
        assert "blueprint" not in info["timelines"]
        return
    assert {path: one["chunks"] for path, one in info["entities"].items()} == stats["chunks_per_entity"]
    assert {line: one["chunks"] for line, one in info["timelines"].items()} == stats["chunks_per_index"]
    assert sum(one["chunks"] for one in info["chunk_sizes"]) == info["total_chunks"]
    assert info["compact"]["chunks_at_best"] == stats["compaction"]["at_best"]


@pytest.mark.parametrize("version", ["0.23", "0.29", "0.40"])
def test_old_recordings(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    found = json.loads(run_here(monkeypatch, "info", "--json", FIXTURES / f"sdk-{version}/scene.rrd").out)
    assert found["total_rows"] == sum(one["rows"] for one in found["entities"].values()) > 20


def test_from_a_pipe(rrtool: Rrtool, rich: Path) -> None:
    done = rrtool("info", "--json", stdin=rich.read_bytes())
    assert json.loads(done.text)["bytes"] is None
    assert json.loads(done.text)["name"] == "stdin"


def entities(*paths: str) -> dict[str, Total]:
    return {path: Total(1, 2, 300) for path in paths}


def test_many_entities_fit_on_a_screen() -> None:
    wide = entities(*(f"/a/b{i}/c{j}" for i in range(10) for j in range(50)), "/a", "/x")
    lines = list(_entities(wide, LINES))
    assert len(lines) <= LINES + 2
    assert any("b3/** (50)" in line and "100 rows" in line for line in lines)
    assert len(list(_entities(wide, None))) == 1 + 500 + 10 + 2
    flat = entities(*(f"/e{i}" for i in range(1000)))
    lines = list(_entities(flat, LINES))
    assert len(lines) == LINES + 2
    assert lines[-1] == f"  and {1000 - LINES} more (--all shows every entity)"
    assert list(_entities({}, LINES)) == ["0 entities"]


def test_parts_of_paths() -> None:
    assert _parts("/a/b\\/c/d\\\\/e") == ["a", "b\\/c", "d\\\\", "e"]
    assert _parts("/") == []
