"""One verb over many recordings: directories, --in-place, --dry-run, several at a time."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from rrsdk.errors import FormatError, UsageError
from rrtool.many import planned
from tests.faults.verbs import run_here
from tests.tool.filtered import rows

pytest.importorskip("rerun")

WRITE_MANY = {
    "compact": (),
    "filter": ("--drop-timeline", "log_time"),
    "route": ("--recording-id", "r"),
    "rename": ("--timeline", "log_time=t"),
    "migrate": (),
    "checksum": ("add",),
}
EVERY = pytest.mark.parametrize("verb", WRITE_MANY)


@pytest.fixture
def tree(made: dict[str, Path], tmp_path: Path) -> Path:
    """Two recordings, one of them deep, and what is none."""
    root = tmp_path / "in"
    (root / "deep" / "er").mkdir(parents=True)
    shutil.copy(made["rich"], root / "a.rrd")
    shutil.copy(made["tiny"], root / "deep" / "er" / "b.rrd")
    (root / "notes.txt").write_text("no recording")
    (root / ".hidden.rrd").write_text("nor this")
    return root


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@EVERY
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_directory_is_mirrored(
    monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path, verb: str, jobs: int
) -> None:
    out = tmp_path / "out"
    done = run_here(monkeypatch, verb, *WRITE_MANY[verb], tree, "-o", out, "--jobs", str(jobs))
    assert done.code == 0
    assert done.err.count("static now") == (1 if verb == "filter" else 0), (
        "as said of each, by whichever process"
    )
    assert sorted(files(out)) == ["a.rrd", "deep/er/b.rrd"]
    one = tmp_path / "one.rrd"
    assert run_here(monkeypatch, verb, *WRITE_MANY[verb], tree / "a.rrd", "-o", one).code == 0
    assert (out / "a.rrd").read_bytes() == one.read_bytes(), "as if it had been alone"


@EVERY
def test_in_place(monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path, verb: str) -> None:
    out = tmp_path / "out"
    assert run_here(monkeypatch, verb, *WRITE_MANY[verb], tree, "-o", out).code == 0
    assert run_here(monkeypatch, verb, *WRITE_MANY[verb], "--in-place", "-q", tree).code == 0
    after = files(tree)
    assert after.pop("notes.txt") == b"no recording"
    assert after.pop(".hidden.rrd") == b"nor this"
    if verb != "migrate":  # these are current: there they stay as they are
        assert after == files(out)


@EVERY
def test_a_dry_run_says_what_would_be(
    monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path, verb: str
) -> None:
    out, before = tmp_path / "out", files(tree)
    said = run_here(monkeypatch, verb, *WRITE_MANY[verb], "--dry-run", "-q", tree, "-o", out)
    assert said.code == 0
    assert not out.exists()
    assert run_here(monkeypatch, verb, *WRITE_MANY[verb], tree, "-o", out).code == 0
    for name, data in files(out).items():
        line = f"would write {out / name}: {len(data):,} bytes, from {len(before[name]):,}\n"
        assert line.encode() in said.out
    assert files(tree) == before


def test_one_bad_file_among_many(monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path) -> None:
    bad = tree / "b.rrd"
    bad.write_bytes(b"no recording at all")
    for jobs in ("1", "2"):
        stopped = run_here(monkeypatch, "compact", tree, "-o", tmp_path / f"stopped{jobs}", "--jobs", jobs)
        assert stopped.code == 1
        assert stopped.err.startswith("rrtool compact: ")
        assert str(bad) in stopped.err
        assert stopped.err.count("\n") == 1
        on = tmp_path / f"on{jobs}"
        gone_on = run_here(monkeypatch, "compact", tree, "-o", on, "--jobs", jobs, "--continue-on-error")
        assert gone_on.code == 3
        assert str(bad) in gone_on.err
        assert sorted(files(on)) == ["a.rrd", "deep/er/b.rrd"]
    assert bad.read_bytes() == b"no recording at all"


def test_an_output_that_is_a_directory_gets_a_file_for_each_input(
    monkeypatch: pytest.MonkeyPatch, made: dict[str, Path], tmp_path: Path
) -> None:
    for out in (tmp_path, tmp_path / "new" / ""):
        target = str(out) + (os.sep if "new" in str(out) else "")
        assert run_here(monkeypatch, "compact", made["rich"], made["tiny"], "-o", target).code == 0
        assert rows(out / "tiny.rrd") == rows(made["tiny"])
        assert (out / "rich.rrd").exists()


def test_what_cannot_be_planned(tree: Path, tmp_path: Path) -> None:
    here = str(tree)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for inputs, output, in_place, what in (
        ((here,), None, False, "name one with -o"),
        ((here,), str(tmp_path / "file"), False, "is a file"),
        ((here, "-"), str(tmp_path / "o"), False, "standard input has no name"),
        (("-",), None, True, "wants files"),
        ((here,), "o", True, "does not go with -o"),
        ((f"{here}/a.rrd", f"{here}/deep/../a.rrd"), here, False, "would both be written"),
    ):
        with pytest.raises(UsageError, match=what):
            planned(inputs, output, in_place=in_place)
    with pytest.raises(FormatError, match="without recordings"):
        planned((str(tmp_path / "empty"),), "o", in_place=False)
    assert planned((f"{here}/a.rrd",), "o.rrd", in_place=False) is None


# ---- verbs that only report ----

REPORTING = (("print",), ("print", "--json"), ("stats", "--json"), ("verify",), ("verify", "--json"))


@pytest.mark.parametrize("verb", REPORTING, ids="-".join)
def test_a_directory_is_all_recordings_below(
    monkeypatch: pytest.MonkeyPatch, tree: Path, verb: tuple[str, ...]
) -> None:
    by_name = run_here(monkeypatch, *verb, tree / "a.rrd", tree / "deep" / "er" / "b.rrd")
    assert by_name.code == 0
    assert run_here(monkeypatch, *verb, tree) == by_name
    (tree / "empty").mkdir()
    nothing = run_here(monkeypatch, *verb, tree / "empty")
    assert nothing.code == 1
    assert "is a directory without recordings" in nothing.err


def test_verify_says_it_to_programs(monkeypatch: pytest.MonkeyPatch, tree: Path) -> None:
    data = (tree / "a.rrd").read_bytes()
    (tree / "a.rrd").write_bytes(data[: len(data) // 2])
    done = run_here(monkeypatch, "verify", "--json", tree)
    first, second = map(json.loads, done.out.splitlines())
    assert done.code == 1
    assert (first["path"], second) == (str(tree / "a.rrd"), {**second, "problems": 0, "shown": []})
    assert first["problems"] == len(first["shown"]) > 0
    assert first["shown"][0]["source"] == str(tree / "a.rrd")


def test_a_directory_is_recovered(monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole = (tree / "a.rrd").read_bytes()
    (tree / "a.rrd").write_bytes(whole[: len(whole) // 2])
    (tree / "deep" / "none.rrd").write_bytes(b"no recording at all")
    done = run_here(monkeypatch, "recover", tree, "-o", out)
    assert done.code == 3
    assert f"{tree / 'deep' / 'none.rrd'}" in done.err
    assert sorted(files(out)) == ["a.rrd", "deep/er/b.rrd"]
    assert run_here(monkeypatch, "verify", out).code == 0
    two = run_here(
        monkeypatch, "recover", tree / "a.rrd", tree / "deep" / "er" / "b.rrd", "-o", tmp_path / "x.rrd"
    )
    assert two.code == 2
    assert "-o DIR/" in two.err
