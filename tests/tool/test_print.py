"""rrtool print beside the real print and the real reader; closed pipes."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rrtool.reports.text import lines, one_line
from tests.conftest import Result
from tests.tool.printed import by_kind, chunks_of, json_lines, listed, odd_values

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"
SKELETON = str.maketrans("", "", "│┆ ")


# ---- the listing ----


@pytest.mark.parametrize("name", ["rich", "blueprint", "many"])
def test_a_line_for_every_chunk_says_what_the_reader_says(rrtool: Rrtool, made, name: str) -> None:
    done = rrtool("print", made[name])
    assert (done.rc, done.stderr) == (0, "")
    shown, chunks = listed(done.text), chunks_of(made[name])
    assert shown.keys() == chunks.keys()
    for chunk_id, batch in chunks.items():
        entity = batch.schema.metadata[b"rerun:entity_path"].decode()
        head, _, columns = shown[chunk_id].partition(" - data columns: ")
        assert f") with {batch.num_rows} rows (" in head
        assert head.endswith(f" - {entity}")
        assert (", static)" in head) == (not by_kind(batch, b"index"))
        assert sorted(columns[1:-1].split()) == sorted(by_kind(batch, b"data"))


@pytest.mark.parametrize("name", ["rich", "blueprint", "many"])
def test_lines_are_those_of_the_real_print_but_for_sizes(rrtool, rerun_binary, made, name: str) -> None:
    theirs = subprocess.run([rerun_binary, "rrd", "print", made[name]], capture_output=True, text=True)

    def without_size(line: str) -> str:
        head, _, tail = line.partition(" rows (")
        return head + tail[tail.index(")") :]

    ours = listed(rrtool("print", made[name]).text)
    expected = listed(theirs.stdout)
    assert {key: without_size(line) for key, line in ours.items()} == {
        key: without_size(line) for key, line in expected.items()
    }


def test_names_in_full_and_times(rrtool: Rrtool, made) -> None:
    found = [
        line for line in listed(rrtool("print", "-v", made["rich"]).text).values() if "/unsorted" in line
    ]
    assert len(found) == 1
    assert "[/unsorted@Scalars:scalars]" in found[0]
    assert f"frame -4..{2**40}" in found[0]
    assert f"backwards -{2**40}..4" in found[0]


@pytest.mark.parametrize("options", [[], ["-v"], ["-vv"], ["-vvv"], ["--json"], ["--json", "-vvv"]])
def test_a_file_with_a_footer_a_file_without_and_a_pipe_print_the_same(
    rrtool: Rrtool, tmp_path: Path, made, options: list[str]
) -> None:
    whole = made["rich"].read_bytes()
    bare = tmp_path / "bare.rrd"
    bare.write_bytes(_cut_before_footer(whole))
    texts = [
        rrtool("print", *options, made["rich"]).text.splitlines(),
        rrtool("print", *options, bare).text.splitlines(),
        rrtool("print", *options, stdin=whole).text.splitlines(),
    ]
    assert len(texts[0]) > 30
    assert [text[1:] for text in texts[1:]] == [texts[0][1:]] * 2  # the first line names the file


def _cut_before_footer(data: bytes) -> bytes:
    start, _, _ = struct.unpack_from("<QQI", data, len(data) - 32)
    return data[: start - 16]


def test_stores_and_activations_and_files_are_shown(rrtool: Rrtool, made) -> None:
    text = rrtool("print", made["blueprint"], made["rich"]).text
    assert f"File({made['blueprint']})\n" in text
    assert f"\nFile({made['rich']})\n" in text
    assert "StoreInfo(recording rrkit_tests/rich) written by Python SDK (Python 3." in text
    assert ", Rerun 0.41." in text
    assert "make_active: false, make_default: true" in text


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("sdk-*/*.rrd")), ids=lambda path: path.parent.name)
def test_older_recordings_are_shown_as_migrated(rrtool: Rrtool, fixture: Path) -> None:
    done = rrtool("print", "-vvv", fixture)
    assert (done.rc, done.stderr) == (0, "")
    assert "* version: 0.1.4 " in done.text


def test_only_one_entity_or_a_pattern(rrtool: Rrtool, made) -> None:
    def entities(pattern: str) -> set[str]:
        objects = json_lines(rrtool("print", "--json", "--entity", pattern, made["rich"]))
        return {one["entity"] for one in objects if one["type"] == "chunk"}

    assert entities("/world/car") == {"/world/car"}
    assert entities("world/car") == {"/world/car"}
    assert entities("/world/car/**") == {"/world/car", "/world/car/box"}
    done = rrtool("print", "--entity", "/nowhere", made["rich"])
    assert (done.rc, done.stderr) == (0, "no chunk belongs to /nowhere\n")


# ---- tables ----


def tables(text: str) -> dict[str, list[list[str]]]:
    """The lines of every chunk's table as cells, by chunk; rules and spacing do not count."""
    found: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("Chunk("):
            current = found.setdefault(line[len("Chunk(") : line.index(")")], [])
        elif line.startswith("│") and not set(line.translate(SKELETON)) <= set("╌═─┼╪┬┴├┤╞╡┌┐└┘"):
            current.append([cell.strip() for cell in line.strip("│ ").split("┆")])
    return found


@pytest.mark.parametrize("name", ["rich", "blueprint", "many"])
@pytest.mark.parametrize("options", [["-vv"], ["-vvv"], ["-vvv", "--transposed=true"]], ids=" ".join)
def test_tables_are_those_of_the_real_print(
    rrtool, rerun_binary, made, name: str, options: list[str]
) -> None:
    theirs = subprocess.run(
        [rerun_binary, "rrd", "print", *options, made[name]], capture_output=True, text=True
    )
    ours = rrtool("print", *[option.removesuffix("=true") for option in options], made[name])
    expected, found = tables(theirs.stdout), tables(ours.text)
    assert found.keys() == expected.keys()
    for chunk in expected:
        assert found[chunk] == expected[chunk]


def test_odd_values_are_written_as_the_real_print_does(rrtool, rerun_binary, tmp_path: Path) -> None:
    path = tmp_path / "odd.rrd"
    odd_values(path)
    theirs = subprocess.run([rerun_binary, "rrd", "print", "-vvv", path], capture_output=True, text=True)
    expected, found = tables(theirs.stdout), tables(rrtool("print", "-vvv", path).text)
    assert len(expected) > 15
    for chunk in expected:
        assert found[chunk] == expected[chunk]


def test_only_what_is_seen_of_a_large_array_is_read(rrtool: Rrtool, tmp_path: Path) -> None:
    path = tmp_path / "large.rrd"
    with recordings.open_stream(path, "large") as stream:
        stream.log("/cloud", rr.Points3D(np.ones((200_000, 3), np.float32)))
    text = rrtool("print", "-vvv", path).text
    assert f"[{', '.join(['[1.0, 1.0, 1.0]'] * 20)}"[:99] + "…" in text


def test_texts_cannot_move_the_cursor(rrtool: Rrtool, tmp_path: Path) -> None:
    path = tmp_path / "escapes.rrd"
    with recordings.open_stream(path, "escapes") as stream:
        stream.log("/log", rr.TextLog("\x1b[2Jgone\x07\r\tback"))
    out = rrtool("print", "-vvv", path).stdout
    assert b"\\x1b[2Jgone\\x07\\r\\tback" in out
    assert not set(out) & (set(range(0x20)) - {0x0A})
    assert one_line("a\nb\x9b") == "a\\nb\\x9b"
    assert lines("a\nb\x1f") == "a\nb\\x1f"


# ---- how it ends ----


@pytest.mark.parametrize("options", [[], ["-vvv"]])
def test_a_closed_pipe_ends_quietly(tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "tiny.rrd"
    recordings.tiny(path, size=3000)
    command = [sys.executable, "-m", "rrtool", "print", *options, str(path)]
    printing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    head = subprocess.run(["head", "-n", "1"], stdin=printing.stdout, capture_output=True)
    assert head.stdout.startswith(b"File(")
    printing.stdout.close()
    with printing.stderr:
        assert printing.stderr.read() == b""
    assert printing.wait(60) == 0


def test_broken_chunks_are_passed_over_when_told_to(rrtool: Rrtool, tmp_path: Path, made) -> None:
    data = bytearray(made["many"].read_bytes())
    at = data.index(b"chunk_", 40_000) - 30  # in the compressed schema of some chunk
    data[at : at + 8] = b"\xff" * 8
    broken = tmp_path / "broken.rrd"
    broken.write_bytes(data)
    done = rrtool("print", "-vvv", broken)
    assert done.rc == 1
    assert done.stderr.startswith(f"rrtool print: {broken}, byte ")
    assert done.stderr.count("\n") == 1
    done = rrtool("print", "-vvv", "--continue-on-error", broken)
    assert done.rc == 3
    assert len(tables(done.text)) == len(chunks_of(made["many"])) - 1
    assert rrtool("print", broken).rc == 0  # the footer suffices


@pytest.mark.parametrize("options", [[], ["-v"], ["-vv"], ["-vvv"]])
def test_nothing_heavy_is_imported(made, options: list[str]) -> None:
    code = (
        "import sys\nfrom rrtool import cli\ncode = cli.run(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    command = [sys.executable, "-c", code, "print", *options, str(made["rich"])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert not set(done.stderr.split()) & {"numpy", "pyarrow", "google.protobuf"}
