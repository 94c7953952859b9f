"""rrtool stats beside the real stats; what the footer alone tells; sizes from first bytes."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec.wire import write_envelope
from rrtool.reports.peek import Peeker, compressed_size
from tests.conftest import Result

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
NAMES = ("rich", "bare", "blueprint", "many", "tiny", "scalars")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stats")
    paths = {name: folder / f"{name}.rrd" for name in NAMES}
    recordings.rich(paths["rich"])
    recordings.rich(paths["bare"], footer=False)
    recordings.blueprint(paths["blueprint"])
    recordings.many_stores(paths["many"])
    recordings.tiny(paths["tiny"], size=1500)
    recordings.scalars(paths["scalars"], size=5000)
    return paths


def sections(text: str) -> dict[str, list[str]]:
    """The lines under each heading; the sections on footers are laid out differently there."""
    parts = re.split(r"^(.+)\n-{5,}\n", text, flags=re.MULTILINE)[1:]
    found = {title: [*filter(None, body.splitlines())] for title, body in zip(parts[::2], parts[1::2])}
    return {
        title: body
        for title, body in found.items()
        if title not in ("Footers", "Unsorted timelines", "Compaction")
    }


def real(binary: Path, *args: str | Path) -> str:
    done = subprocess.run([binary, "rrd", "stats", *args], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return re.sub(r"(?<=\d)[\u2009\u202f ](?=\d{3}\b)", "", done.stdout)  # thousands


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_the_real_one(rrtool: Rrtool, rerun_binary: Path, made, name: str) -> None:
    done = rrtool("stats", made[name])
    assert (done.rc, done.stderr) == (0, "")
    ours, theirs = sections(done.text), sections(real(rerun_binary, made[name]))
    assert len(ours) == 8
    for title, lines in ours.items():
        assert lines == theirs[title], title


def test_inputs_are_counted_together(rrtool: Rrtool, rerun_binary: Path, made) -> None:
    both = made["rich"], made["blueprint"]
    ours, theirs = sections(rrtool("stats", *both).text), sections(real(rerun_binary, *both))
    assert {title: theirs[title] for title in ours} == ours


def test_unsorted_timelines(rrtool: Rrtool, made) -> None:
    stats = json.loads(rrtool("stats", "--json", made["rich"]).text)
    assert stats["unsorted"]["/unsorted"] == {"backwards": False, "frame": False, "log_time": True}
    assert "/unsorted\n  backwards: UNSORTED\n" in rrtool("stats", made["rich"]).text
    assert json.loads(rrtool("stats", "--json", made["tiny"]).text)["unsorted"] == {}


@pytest.mark.parametrize("name", NAMES)
def test_without_decoding_only_schemas_and_order_are_missing(rrtool: Rrtool, made, name: str) -> None:
    whole, quick = (
        json.loads(rrtool("stats", "--json", *options, made[name]).text) for options in ([], ["--no-decode"])
    )
    assert [quick.pop(key) for key in ("schema", "data", "unsorted")] == [None] * 3
    assert quick == {key: value for key, value in whole.items() if key in quick}


@pytest.mark.parametrize("name", NAMES)
def test_what_compaction_could_gain(rrtool: Rrtool, made, tmp_path: Path, name: str) -> None:
    """A bound on what `compact` makes of it, and what it makes of what is easily joined."""
    out = tmp_path / "out.rrd"
    assert rrtool("compact", made[name], "-o", out).rc == 0
    before, after = (
        json.loads(rrtool("stats", "--json", path).text)["compaction"] for path in (made[name], out)
    )
    assert before["at_best"] <= after["chunks"] <= before["chunks"]
    assert name not in ("tiny", "scalars") or before["at_best"] == after["chunks"]
    assert after["at_best"] <= before["at_best"]
    text = rrtool("stats", made[name]).text
    assert f"num_chunks_at_best = {before['at_best']} (" in text


@pytest.mark.parametrize("name", ["tiny", "scalars"])
def test_compaction_is_what_the_real_one_says_of_one_kind_of_chunks(
    rrtool: Rrtool, rerun_binary: Path, made, name: str
) -> None:
    real_bound = re.findall(r"lower bound: +(\d+)", real(rerun_binary, made[name]))
    found = json.loads(rrtool("stats", "--json", made[name]).text)
    assert found["compaction"]["at_best"] - found["static_chunks"] == int(real_bound[0])


def test_footers(rrtool: Rrtool, rerun_binary: Path, made) -> None:
    footers = json.loads(rrtool("stats", "--json", made["many"]).text)["footers"]
    theirs = real(rerun_binary, made["many"])
    assert [footer["schema_sha256"] for footer in footers] == re.findall(r"sha256 = (\w+)", theirs)
    assert [footer["columns"] for footer in footers] == [
        *map(int, re.findall(r"num_columns = (\d+)", theirs))
    ]
    assert json.loads(rrtool("stats", "--json", made["bare"]).text)["footers"] == []


def test_a_pipe_counts_as_much_as_its_file(rrtool: Rrtool, made) -> None:
    from_file = json.loads(rrtool("stats", "--json", made["rich"]).text)
    from_pipe = json.loads(rrtool("stats", "--json", stdin=made["rich"].read_bytes()).text)
    assert from_file.pop("footers")
    assert from_pipe.pop("footers") == []
    assert from_pipe == from_file


def test_broken_chunks_do_not_count_when_told_to_go_on(rrtool: Rrtool, tmp_path: Path, made) -> None:
    data = bytearray(made["many"].read_bytes())
    at = data.index(b"chunk_", 40_000)
    start = data.rindex(struct.pack("<Q", 2), 0, at) + 16  # a chunk's message begins
    data[start : start + 4] = b"\xff" * 4
    broken = tmp_path / "broken.rrd"
    broken.write_bytes(data)
    done = rrtool("stats", broken)
    assert (done.rc, done.stderr.count("\n")) == (1, 1)
    done = rrtool("stats", "--json", "--continue-on-error", broken)
    assert done.rc == 3
    whole = json.loads(rrtool("stats", "--json", made["many"]).text)
    assert json.loads(done.text)["chunks"] == whole["chunks"] - 1


def test_nothing_heavy_is_imported(made) -> None:
    code = (
        "import sys\nfrom rrtool import cli\ncode = cli.run(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    command = [sys.executable, "-c", code, "stats", str(made["rich"])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert not set(done.stderr.split()) & {"numpy", "pyarrow", "google.protobuf"}


# ---- the first bytes of a message ----


def message(store: bytes, payload: bytes, uncompressed: int, compression: int) -> bytes:
    before, after = write_envelope(
        store,
        compression=compression,
        uncompressed_size=uncompressed,
        payload_size=len(payload),
        chunk_id=bytes(16),
        is_static=False,
    )
    return before + payload + after


@given(st.binary(max_size=200), st.integers(0, 1 << 40), st.integers(0, 40_000))
def test_the_size_of_the_data_follows_from_that_of_the_message(store: bytes, whole: int, size: int) -> None:
    assert compressed_size(len(message(store, bytes(size), whole, 2)), whole, store) == size


@given(st.integers(1, 1 << 20), st.integers(8, 5000), st.binary(max_size=90))
def test_the_schema_is_peeked_from_literals(schema: int, literals: int, rest: bytes) -> None:
    data = struct.pack("<4si", b"\xff" * 4, schema) + bytes(max(literals - 8, 0))
    token = bytes([min(literals, 15) << 4])
    if literals >= 15:
        token += b"\xff" * ((literals - 15) // 255) + bytes([(literals - 15) % 255])
    whole = message(b"store", token + data + rest, 1 << 20, 2)
    found = Peeker(b"store").peek(whole[: Peeker(b"store").size])
    assert found is not None
    assert found == (len(token + data + rest), schema)


@given(st.binary(max_size=300))
def test_peeking_at_anything_is_safe(data: bytes) -> None:
    Peeker(b"store").peek(data)
    Peeker(b"store").peek(message(b"store", data, 7, 2))
