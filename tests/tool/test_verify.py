"""rrtool verify: good recordings pass, here as there; a footer that lies is found out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.codec.footer import write_footer
from tests.conftest import SEED, Result
from tests.tool.taken import Taken, problems, the_one_problem

pytest.importorskip("rerun")


Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"
FINE = "1 file verified without error.\n"


# ---- what is fine ----


@pytest.mark.parametrize("name", ["rich", "blueprint", "many", "tiny"])
@pytest.mark.parametrize("options", [[], ["--deep"]])
def test_good_recordings_pass(rrtool: Rrtool, made, name: str, options: list[str]) -> None:
    done = rrtool("verify", *options, made[name])
    assert (done.rc, done.stdout, done.stderr) == (0, b"", FINE)


@pytest.mark.parametrize(
    "fixture", sorted(FIXTURES.glob("sdk-*/*.rrd")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_fixtures_are_judged_as_the_real_verify_does(rerun_binary: Path, fixture: Path) -> None:
    for option in ([], ["--check-footers=false"]):
        real = subprocess.run(
            [rerun_binary, "rrd", "verify", *option, fixture], capture_output=True, timeout=60
        )
        assert (problems(fixture, check_footers=not option) == []) == (real.returncode == 0)


def test_concatenated_recordings_pass(tmp_path: Path, made) -> None:
    path = tmp_path / "both.rrd"
    path.write_bytes(made["rich"].read_bytes() + made["blueprint"].read_bytes())
    assert problems(path) == []
    assert problems(path, deep=True) == []


def test_a_missing_footer_is_wrong_unless_told_otherwise(rrtool: Rrtool, made) -> None:
    done = rrtool("verify", made["bare"])
    assert done.rc == 1
    assert done.stderr == (
        f"{made['bare']}: there is no footer (rrtool merge makes one)\n1 file verified: 1 problem in 1.\n"
    )
    assert rrtool("verify", "--no-check-footers", "--deep", made["bare"]).stderr == FINE


def test_standard_input(rrtool: Rrtool, made) -> None:
    data = made["rich"].read_bytes()
    assert rrtool("verify", stdin=data).stderr == FINE
    assert rrtool("verify", "--deep", "-", stdin=data).stderr == FINE
    done = rrtool("verify", stdin=made["bare"].read_bytes())
    assert (done.rc, "stdin: there is no footer" in done.stderr) == (1, True)
    done = rrtool("verify", stdin=data[:-12] + b"X" + data[-11:])
    assert done.rc == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo(tmp_path: Path, made) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(made["rich"].read_bytes(),))
    writer.start()
    assert problems(fifo) == []
    writer.join()


def test_several_files_are_told_apart(rrtool: Rrtool, made) -> None:
    done = rrtool("verify", made["rich"], made["bare"], made["many"])
    assert done.rc == 1
    assert done.stderr.splitlines() == [
        f"{made['bare']}: there is no footer (rrtool merge makes one)",
        "3 files verified: 1 problem in 1.",
    ]


def test_what_is_no_recording_is_one_line(rrtool: Rrtool, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"not a recording at all")
    for path in (wrong, tmp_path / "missing", tmp_path):
        done = rrtool("verify", path)
        assert done.rc == 1
        assert done.stderr.splitlines()[0].count(str(path)) == 1


# ---- the footer against the chunks ----


def test_every_column_of_the_manifest_is_compared(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    chunk = taken.chunks()[3]
    for name, what in (
        ("chunk_num_rows", "num_rows"),
        ("chunk_byte_size", "size"),
        ("chunk_byte_size_uncompressed", "uncompressed size"),
    ):
        values = manifest.table.u64(name)[:]
        values[3] += 1
        found = problems(taken.with_column(tmp_path / "changed.rrd", name, values))
        assert any(f"says {what} {values[3]}, the chunk {values[3] - 1}" in line for line in found), name
        assert any(f", byte {taken.offset(chunk)}, entity /e" in line for line in found)
    for name, what in (("chunk_id", "id"), ("chunk_entity_path", "entity")):
        raw = list(manifest.table.raw(name))
        raw[3] = raw[3][:-1] + b"x"
        assert f"the footer says {what}" in the_one_problem(taken.with_column(tmp_path / "c.rrd", name, raw))
    flags = manifest.table.flags("chunk_is_static")[:]
    flags[3] ^= 1
    found = the_one_problem(taken.with_column(tmp_path / "static.rrd", "chunk_is_static", flags))
    assert "the footer says is_static True, the chunk False" in found


def test_an_offset_that_leads_nowhere(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    offsets = manifest.table.u64("chunk_byte_offset")[:]
    offsets[3] = 1 << 40
    found = problems(taken.with_column(tmp_path / "far.rrd", "chunk_byte_offset", offsets))
    assert len(found) == 2
    assert f"places a chunk of /e2 at byte {1 << 40}, where none begins" in found[0]
    assert found[1].endswith("the footer does not know of this chunk")


def test_chunks_and_manifests_too_many_or_too_few(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    store, manifest = taken.manifest()
    twice = taken.write(tmp_path / "twice.rrd", write_footer([(store, manifest)] * 2))
    assert "two manifests for recording rrkit_tests/tiny" in the_one_problem(twice)
    none = taken.write(tmp_path / "none.rrd", write_footer([]))
    assert "no manifest for recording rrkit_tests/tiny" in the_one_problem(none)
    fewer = manifest.take([0] + [1] * (len(manifest) - 1))
    found = problems(taken.write(tmp_path / "fewer.rrd", write_footer([(store, fewer)])))
    assert [line.rpartition(": ")[2] for line in found] == ["the footer does not know of this chunk"]


def test_flipped_bytes_in_the_footer_break_its_checksum(tmp_path: Path, made) -> None:
    data = bytearray(made["rich"].read_bytes())
    data[-100] ^= 1
    path = tmp_path / "flipped.rrd"
    path.write_bytes(data)
    first, *_ = problems(
        path
    )  # ids differ from run to run: now and then that byte breaks the LZ4 block as well
    assert "the footer does not match its checksum" in first
    assert problems(path, check_footers=False) == []


def test_times_in_the_manifest_are_made_anew(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    starts = manifest.table.u64("frame:start")[:]
    starts[3] -= 5
    path = taken.with_column(tmp_path / "times.rrd", "frame:start", starts)
    assert problems(path) == []
    found = the_one_problem(path, deep=True)
    assert f"the footer says frame:start {starts[3]}, the chunk {starts[3] + 5}" in found
    assert "entity /e2" in found


# ---- anything ----


@pytest.mark.parametrize("deep", [False, True])
def test_any_flipped_byte_is_a_problem_or_goes_unnoticed(tmp_path: Path, made, deep: bool) -> None:
    """Never an exception; and what is wrong in the framing and the footer is always seen."""
    data = made["tiny"].read_bytes()
    path = tmp_path / "flipped.rrd"
    step = 83 if deep else 29  # some seconds each; other seeds begin, and so look, elsewhere
    for at in range(int(SEED or 0) % step, len(data), step):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        found = problems(path, deep=deep)
        assert all(line.startswith(str(path)) for line in found)
        assert found or at < len(data) - 32


def test_nothing_heavy_is_imported(made) -> None:
    code = (
        "import sys\nfrom rrtool import cli\ncode = cli.run(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    command = [sys.executable, "-c", code, "verify", str(made["rich"])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert not set(done.stderr.split()) & {"numpy", "pyarrow", "google.protobuf"}
