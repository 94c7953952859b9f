"""rrtool print beside the real print and the real reader; values as text; JSON; closed pipes."""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrtool.reports.numbers import float32, float64, float64s
from rrtool.reports.text import lines, one_line
from rrtool.reports.times import date, duration, format_bytes, timestamps
from tests.conftest import Result

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"
SKELETON = str.maketrans("", "", "│┆ ")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("print")
    paths = {name: folder / f"{name}.rrd" for name in ("rich", "bare", "blueprint", "many")}
    recordings.rich(paths["rich"])
    recordings.rich(paths["bare"], footer=False)
    recordings.blueprint(paths["blueprint"])
    recordings.many_stores(paths["many"])
    return paths


def chunks_of(path: Path) -> dict[str, pa.RecordBatch]:
    """What the real reader says of every chunk, by id."""
    reader = rr.chunk.RrdReader(str(path))
    stores = [*reader.recordings(), *reader.blueprints()]
    chunks = [chunk for store in stores for chunk in reader.stream(store=store).to_chunks()]
    return {f"chunk_{chunk.id.removeprefix('chunk_')}": chunk.to_record_batch() for chunk in chunks}


def by_kind(batch: pa.RecordBatch, kind: bytes) -> dict[str, pa.Array]:
    return {
        field.name: column
        for field, column in zip(batch.schema, batch.columns)
        if field.metadata[b"rerun:kind"] == kind
    }


def listed(text: str) -> dict[str, str]:
    """The lines of chunks, by id."""
    found = [line for line in text.splitlines() if line.startswith("Chunk(")]
    return {line[len("Chunk(") : line.index(")")]: line for line in found}


def json_lines(result: Result) -> list[dict]:
    assert (result.rc, result.stderr) == (0, "")
    return [json.loads(line) for line in result.text.splitlines()]


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


def odd_values(path: Path) -> None:
    """Numbers at the edges of how they are written, texts and bytes longer than a cell, nested nulls."""
    rng = np.random.default_rng(3)
    doubles = [0.0, -0.0, 1e16, 123456789012345680.0, 1e15, 1e-5, 1.5e-5, 1e-6, 1e300, -5e-324, 0.1, math.nan]
    doubles += [math.inf, -math.inf, 1e21, 12345.678, 9007199254740993.0]
    singles = [1e13, 1.2345678e13, 1e12, 1e-6, 1e-7, 3.4e38, 1.4e-45, 0.1, 16777216.0, 1 / 3]
    with recordings.open_stream(path, "odd") as stream:
        for value in doubles:
            stream.log("/doubles", rr.AnyValues(doubles=value))
        stream.log("/singles", rr.AnyValues(singles=np.array(singles, np.float32)))
        stream.log("/random", rr.AnyValues(random=rng.random(7, np.float32)))
        for kind in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64):
            about = np.iinfo(kind)
            edges = np.array([about.min, about.max], kind)
            stream.log(f"/{kind.__name__}", rr.AnyValues(**{kind.__name__: edges}))
        for text in ("-", "x" * 98, "x" * 99, "ü" * 98, "漢字" * 60, "two\nlines", "three\n\nlines\n"):
            stream.log("/texts", rr.AnyValues(texts=text))
        stream.log("/bytes", rr.AnyValues(raw=bytes(range(200))))
        stream.log("/flags", rr.AnyValues(flags=[True, False] * 20))
        stream.log("/many", rr.AnyValues(many=list(range(1000))))
        stream.log("/times", rr.AnyValues(times=pa.array([0, -1, 10**18 + 5], pa.timestamp("ns"))))
        stream.set_time("past", duration=-1.5)
        stream.set_time("before", timestamp=np.datetime64("1677-09-22T00:00:00.000000001", "ns"))
        stream.log("/early", rr.Scalars(1.0))


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


# ---- JSON ----


@pytest.mark.parametrize("name", ["rich", "blueprint", "many"])
def test_json_is_what_the_reader_says(rrtool: Rrtool, made, name: str) -> None:
    objects = json_lines(rrtool("print", "--json", made[name]))
    assert objects[0] == {"type": "file", "path": str(made[name])}
    found = {one["id"]: one for one in objects if one["type"] == "chunk"}
    chunks = chunks_of(made[name])
    assert found.keys() == chunks.keys()
    for chunk_id, batch in chunks.items():
        one = found[chunk_id]
        indexes = by_kind(batch, b"index")
        assert one["entity"] == batch.schema.metadata[b"rerun:entity_path"].decode()
        assert (one["rows"], one["static"]) == (batch.num_rows, not indexes)
        assert sorted(one["components"]) == sorted(by_kind(batch, b"data"))
        assert one["timelines"].keys() == indexes.keys()
        for timeline, times in indexes.items():
            numbers = times.cast(pa.int64()).to_numpy()
            assert one["timelines"][timeline]["start"] == numbers.min()
            assert one["timelines"][timeline]["end"] == numbers.max()
        assert one["bytes_uncompressed"] > one["bytes"] / 2 > 0


def test_json_of_stores(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", made["blueprint"]))
    kinds = {one["store"]["kind"] for one in objects if one["type"] == "store_info"}
    assert kinds == {"recording", "blueprint"}
    (activation,) = [one for one in objects if one["type"] == "blueprint_activation"]
    assert (activation["make_active"], activation["make_default"]) == (False, True)
    stores = {one["store"]["recording_id"] for one in objects if one["type"] == "chunk"}
    assert len(stores) == 2
    assert "with_blueprint" in stores


def test_json_with_values(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", "-vvv", made["rich"]))
    found = {one["id"]: one["columns"] for one in objects if one["type"] == "chunk"}
    for chunk_id, batch in chunks_of(made["rich"]).items():
        for field, column in zip(batch.schema, batch.columns):
            if pa.types.is_temporal(field.type):
                column = column.cast(pa.int64())
            expected = json.loads(json.dumps(column.to_pylist(), default=lambda value: value.hex()))
            assert found[chunk_id][field.name] == json.loads(json.dumps(expected)), field.name


def test_json_has_no_numbers_that_json_has_not(rrtool: Rrtool, tmp_path: Path) -> None:
    path = tmp_path / "odd.rrd"
    odd_values(path)
    for line in rrtool("print", "--json", "-vvv", path).text.splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_json_with_schemas(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", "-vv", made["many"]))
    (schema, *_) = [one["schema"] for one in objects if one.get("entity") == "/shared"]
    assert schema["TextLog:text"]["type"] == "List(Utf8)"
    assert schema["TextLog:text"]["metadata"]["rerun:component_type"] == "rerun.components.Text"


@pytest.mark.parametrize("options", [["--footers"], ["--footers", "--json"]])
def test_footers(rrtool: Rrtool, made, options: list[str]) -> None:
    text = rrtool("print", *options, made["many"]).text
    if "--json" in options:
        footers = [one for one in map(json.loads, text.splitlines()) if one["type"] == "footer"]
        chunks = [one for one in map(json.loads, text.splitlines()) if one["type"] == "chunk"]
        rows = [row for footer in footers for row in footer["chunks"]]
        assert {(row["id"], row["bytes"]) for row in rows} == {(one["id"], one["bytes"]) for one in chunks}
        assert len(footers) == 3
    else:
        assert text.count("FixedSizeBinary(16)") == 3
        assert "no footer" in rrtool("print", "--footers", made["bare"]).text


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


# ---- numbers, times, sizes ----


@given(st.floats())
def test_doubles_read_back(value: float) -> None:
    text = float64(value)
    assert float(text) == value or math.isnan(value)
    assert float64s([value, 1.0]) == [text, "1.0"]
    assert "+" not in text


@given(st.floats(width=32))
def test_singles_read_back(value: float) -> None:
    text = float32(value)
    assert math.isnan(value) or np.float32(text) == np.float32(value)
    shortest = (
        np.format_float_scientific(np.float32(value), unique=True, trim="-") if math.isfinite(value) else ""
    )
    digits = "".join(filter(str.isdigit, text.partition("e")[0])).strip("0")
    assert digits == "".join(filter(str.isdigit, shortest.partition("e")[0])).strip("0") or not shortest


@given(st.integers(1 - 2**63, 2**63 - 1))  # the smallest is numpy's "not a time"
def test_timestamps_are_numpys(value: int) -> None:
    text = timestamps([value])[0]
    assert np.datetime64(text, "ns") == np.datetime64(value, "ns")


@given(st.integers(-800_000, 3_000_000))
def test_dates_are_numpys(days: int) -> None:
    assert date(days) == str(np.datetime64(days, "D"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "P0D"), (10**9, "PT1S"), (-(10**8), "-PT0.1S"), (1, "PT0.000000001S"), (90_000 * 10**9, "PT90000S")],
)
def test_durations(value: int, text: str) -> None:
    assert duration(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1016, "1016 B"),
        (1024, "1.0 KiB"),
        (114_688, "112 KiB"),
        (1 << 31, "2.0 GiB"),
        (5 << 50, "5120 TiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert format_bytes(size) == text
