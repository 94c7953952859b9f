"""Bad input: one line that names the file, the byte and what is wrong; nothing written, memory bounded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.codec import rrd_pb2
from tests.conftest import Result
from tests.faults import damage
from tests.faults.verbs import CALLS, DECODES, EVERY, EVERY_TOLERANT, Call, Ended, run_here

FIXTURES = Path(__file__).parents[2] / "fixtures"
WHOLE = (FIXTURES / "sdk-0.41/scene.rrd").read_bytes()
PLAIN = damage.without_footer(WHOLE)
MIDDLE = damage.chunks(PLAIN)[len(damage.chunks(PLAIN)) // 2]
FOOTER = next(place for place in damage.places(WHOLE) if place.kind == damage.END)


def arrow_msg(place: damage.Place, **changes: object) -> bytes:
    """The chunk message at `place` with other values in its envelope."""
    message = rrd_pb2.ArrowMsg.FromString(PLAIN[place.start : place.end])
    for name, value in changes.items():
        setattr(message, name, value)
    return bytes(message.SerializeToString())


def lie(size: int) -> bytes:
    return damage.with_payload(PLAIN, MIDDLE, arrow_msg(MIDDLE, uncompressed_size=size))


def truncated(data: bytes) -> bytes:
    return data[: MIDDLE.start + 100]


BROKEN: dict[str, tuple[bytes, str]] = {
    # what it is: the bytes, and what the line must say
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(1000), r"not an \.rrd recording"),
    "text": (b"hello\n", r"not an \.rrd recording"),
    "two bytes": (b"RR", r"ends inside"),
    "RRF0": ((FIXTURES / "too-old/rrf0.rrd").read_bytes(), r"0\.23.*; "),
    "RRF1": ((FIXTURES / "too-old/rrf1.rrd").read_bytes(), r"0\.23.*; "),
    "0.22": ((FIXTURES / "too-old/sdk-0.22.rrd").read_bytes(), r"0\.23.*; "),
    "cut in a message": (truncated(PLAIN), r"ends inside a message"),
    "cut in a message of a file with footer": (truncated(WHOLE), r"ends inside a message"),
    "cut in a header": (PLAIN[: MIDDLE.header + 7], r"ends inside a message header"),
    "cut in the trailer": (WHOLE[:-9], r"ends inside the trailer"),
    "a length 2^40 too large": (
        damage.overwritten(PLAIN, MIDDLE.header, damage.HEADER.pack(2, 2**40)),
        r"ends inside a message",
    ),
    "a length of 2^64 - 1": (
        damage.overwritten(PLAIN, MIDDLE.header, damage.HEADER.pack(2, 2**64 - 1)),
        r"ends inside a message",
    ),
    "a length one too small": (
        damage.overwritten(PLAIN, MIDDLE.header, damage.HEADER.pack(2, MIDDLE.end - MIDDLE.start - 1)),
        r".",
    ),
    "a flipped length, with footer": (
        damage.overwritten(WHOLE, MIDDLE.header, damage.HEADER.pack(2, MIDDLE.end - MIDDLE.start ^ 64)),
        r".",
    ),
    "an unknown kind": (
        damage.overwritten(PLAIN, MIDDLE.header, damage.HEADER.pack(77, MIDDLE.end - MIDDLE.start)),
        r"unknown message kind 77",
    ),
    "an unknown kind, with footer": (
        damage.overwritten(WHOLE, MIDDLE.header, damage.HEADER.pack(77, MIDDLE.end - MIDDLE.start)),
        r".",
    ),
    "an uncompressed size of 2^40": (lie(2**40), r"cannot hold"),
    "an uncompressed size of 2^63": (lie(2**63), r"cannot hold"),
    "an uncompressed size of 10": (lie(10), r"."),
    "an unknown compression": (
        damage.with_payload(PLAIN, MIDDLE, arrow_msg(MIDDLE, compression=9)),
        r"compression 9",
    ),
    "an unknown encoding": (damage.with_payload(PLAIN, MIDDLE, arrow_msg(MIDDLE, encoding=5)), r"encoding 5"),
    "Arrow that is none": (
        damage.with_payload(
            PLAIN, MIDDLE, arrow_msg(MIDDLE, payload=b"\xff" * 4 + b"rubbish" * 30, compression=1)
        ),
        r"Arrow",
    ),
    "LZ4 that is none": (
        damage.with_payload(PLAIN, MIDDLE, arrow_msg(MIDDLE, payload=b"\xf7rubbish" * 50)),
        r"LZ4",
    ),
    "protobuf that is none": (damage.with_payload(PLAIN, MIDDLE, b"\xff" * 50), r"varint|protobuf"),
    "a footer past the end": (damage.with_footer_entry(WHOLE, start=2**40), r"footer"),
    "a footer of 2^40 bytes": (damage.with_footer_entry(WHOLE, size=2**40), r"footer"),
    "a footer that begins elsewhere": (damage.with_footer_entry(WHOLE, start=100), r"footer"),
    "a footer with a flipped bit": (damage.flipped(WHOLE, 8 * (FOOTER.start + 99)), r"checksum"),
    "a footer that is none": (damage.with_footer(WHOLE, b"\xff" * 64), r"."),
    "2^32 - 1 footers": (WHOLE[:-4] + b"\xff" * 4, r"4294967295 footers"),
}


def assert_one_line(ended: Ended | Result, verb: str, name: str, expected: str, code: int = 1) -> None:
    found = ended.code if isinstance(ended, Ended) else ended.rc
    text = ended.err if isinstance(ended, Ended) else ended.stderr
    assert found == code, text
    if verb == "verify" and not text.startswith("rrtool verify: "):
        assert_report(text, name)
        return
    last = text.splitlines()[-1]
    assert text.count("\n") == 1, text
    assert last.startswith(f"rrtool {verb}: "), text
    assert name in last, text
    assert re.search(expected, last), text
    assert "bug" not in last


def assert_report(text: str, name: str) -> None:
    """What verify says: a line for each problem, then one that counts them."""
    *problems, last = text.splitlines()
    assert problems, text
    assert all(line.startswith(f"{name.removesuffix(', byte ')}") for line in problems), text
    assert re.fullmatch(r"1 file verified: \d+ problems? in 1\.", last), text
    assert "Traceback" not in text


def called(call: Call, source: Path | str, out: Path) -> list[str | Path]:
    return [*call.args, source, *(["-o", out] if call.writes else [])]


# ---- contents ----


@EVERY
@pytest.mark.parametrize("kind", BROKEN)
def test_broken_contents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, call: Call) -> None:
    data, expected = BROKEN[kind]
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(data)
    out.write_bytes(b"as it was")
    ended = run_here(monkeypatch, *called(call, source, out))
    assert_one_line(ended, call.verb, str(source), expected)
    assert re.search(r", byte \d+: ", ended.err), ended.err
    assert out.read_bytes() == b"as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.rrd", "out.rrd"]


def broken_behind_footer(**changes: object) -> bytes:
    """Another chunk message that is as long as the old one, so that the footer still holds."""
    size = MIDDLE.end - MIDDLE.start
    message = arrow_msg(MIDDLE, **changes)
    rest = size - len(message) - 3
    assert 128 <= rest < 1 << 14
    message += b"\x7a" + bytes((0x80 | rest & 0x7F, rest >> 7)) + bytes(rest)  # a field that nobody knows
    return damage.overwritten(WHOLE, MIDDLE.start, message)


LEFT_OUT = re.compile(r"in\.rrd, bytes (\d+) to (\d+)(, entity [^:]+)?: .+")
BEHIND_FOOTER = {
    "Arrow that is none": broken_behind_footer(payload=b"\xff" * 4 + b"rubbish" * 9, compression=1),
    "LZ4 that is none": broken_behind_footer(payload=b"\xf7rubbish" * 9),
    "an uncompressed size of 2^40": broken_behind_footer(payload=b"\xf7rubbish", uncompressed_size=2**40),
}


@EVERY
@pytest.mark.parametrize("kind", BEHIND_FOOTER)
def test_broken_chunks_behind_a_footer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, call: Call
) -> None:
    """What only copies may not notice; what decodes must."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(BEHIND_FOOTER[kind])
    ended = run_here(monkeypatch, *called(call, source, out))
    if ended.code or call.label in DECODES:
        assert_one_line(ended, call.verb, str(source), r", bytes? \d+")
        assert not out.exists()


@EVERY_TOLERANT
@pytest.mark.parametrize("kind", BEHIND_FOOTER)
def test_continue_behind_a_footer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, call: Call
) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(BEHIND_FOOTER[kind])
    ended = run_here(monkeypatch, *called(call, source, out), "--continue-on-error")
    assert ended.code in ((3,) if call.label in DECODES else (0, 3)), ended.err
    found = [match for line in ended.err.splitlines() if (match := LEFT_OUT.search(line))]
    assert bool(found) == (ended.code == 3), ended.err
    assert {int(match[1]) for match in found} <= {MIDDLE.header, MIDDLE.start}


@EVERY
def test_from_a_pipe(rrtool: Callable[..., Result], tmp_path: Path, call: Call) -> None:
    out = tmp_path / "out.rrd"
    done = rrtool(*called(call, "-", out), stdin=truncated(WHOLE))
    assert_one_line(done, call.verb, "stdin, byte ", r"ends inside a message")
    assert not out.exists()


# ---- names ----


@EVERY
@pytest.mark.parametrize("what", ["missing", "a directory", "empty", "no permission"])
def test_inputs_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str, call: Call
) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    expected = {
        "missing": r"no such file",
        "a directory": r"is a directory",
        "empty": r"is empty",
        "no permission": r"Permission denied",
    }[what]
    if what == "a directory":
        source.mkdir()
    elif what != "missing":
        source.write_bytes(b"" if what == "empty" else WHOLE)
    if what == "no permission":
        source.chmod(0)
        if os.access(source, os.R_OK):
            pytest.skip("this user may read everything")
    ended = run_here(monkeypatch, *called(call, source, out))
    assert_one_line(ended, call.verb, str(source), expected)
    assert not out.exists()


ONE_OUTPUT = ("merge", "recover", "cat")


@pytest.mark.parametrize("call", [one for one in CALLS if one.writes], ids=lambda one: one.label)
@pytest.mark.parametrize("what", ["in no folder", "a directory", "no permission", "in a file"])
def test_outputs_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str, call: Call
) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(WHOLE)
    if what == "in no folder":
        out = tmp_path / "none" / "out.rrd"
    elif what == "a directory":
        if call.verb not in ONE_OUTPUT:
            pytest.skip("writes a file for each input in it")
        out.mkdir()
    elif what == "in a file":
        out = source / "out.rrd"
    else:
        out.touch()
        out.chmod(0o400)
        if os.access(out, os.W_OK):
            pytest.skip("this user may write everything")
    ended = run_here(monkeypatch, *called(call, source, out))
    assert_one_line(ended, call.verb, str(out), r"cannot be written")


# ---- newer than what is known ----


@EVERY
def test_a_newer_release_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    for data in (PLAIN, WHOLE):
        source.write_bytes(damage.overwritten(data, 5, bytes((99,))))
        ended = run_here(monkeypatch, *called(call, source, out))
        footerless = call.verb == "verify" and data is PLAIN  # which is a problem to verify
        assert ended.code == int(footerless), ended.err
        assert re.search(r"in\.rrd: written by Rerun 0\.99\.\d+, newer than", ended.err), ended.err


# ---- memory ----

LIMIT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
sys.argv[0] = "rrtool"
from rrtool.cli import run
code = run(sys.argv[1:])
# Not ru_maxrss: that counts what the parent had when it started this process.
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"peak {peak}", file=sys.stderr)
sys.exit(code)
"""
PEAK_KIB = 250_000


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA and kilobytes are Linux's")
@EVERY
@pytest.mark.parametrize(
    "kind", ["an uncompressed size of 2^40", "a length of 2^64 - 1", "a footer of 2^40 bytes"]
)
def test_memory_is_bounded_by_the_input(tmp_path: Path, kind: str, call: Call) -> None:
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(BROKEN[kind][0])
    command = [sys.executable, "-c", LIMIT, *map(str, called(call, source, out))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    line, *_, peak = done.stderr.splitlines()
    assert done.returncode == 1
    assert str(source) in line
    assert "out of memory" not in line
    assert int(peak.split()[1]) < PEAK_KIB


# ---- going on ----

LOSS = re.compile(r"in\.rrd, bytes (\d+) to (\d+): skipped (\d+) bytes: .+")


@EVERY_TOLERANT
@pytest.mark.parametrize(
    "kind",
    [
        "an unknown kind",
        "an unknown kind, with footer",
        "a length one too small",
        "a flipped length, with footer",
        "cut in a message",
        "cut in a message of a file with footer",
        "cut in a header",
        "protobuf that is none",
        "an uncompressed size of 2^40",
        "LZ4 that is none",
        "Arrow that is none",
    ],
)
def test_continue_on_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, call: Call) -> None:
    """What is broken is named byte by byte, everything else is there."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    data, _ = BROKEN[kind]
    source.write_bytes(data)
    ended = run_here(monkeypatch, *called(call, source, out), "--continue-on-error")
    assert ended.code == 3, ended.err
    losses = [match for line in ended.err.splitlines() if (match := LOSS.search(line))]
    assert losses, ended.err
    spans = [(int(match[1]), int(match[2])) for match in losses]
    assert all(int(match[3]) == int(match[2]) - int(match[1]) > 0 for match in losses)
    assert spans[0][0] <= MIDDLE.header < spans[-1][1], "the damage lies in what was skipped"
    assert spans == sorted(spans)
    assert sum(end - start for start, end in spans) <= MIDDLE.end - MIDDLE.header + 300, "no more than that"
    if call.label == "merge":
        merged = out.read_bytes()
        before = {PLAIN[place.start : place.end] for place in damage.chunks(PLAIN)}
        found = {merged[place.start : place.end] for place in damage.chunks(merged)}
        if kind.startswith("cut"):
            assert found == {
                PLAIN[place.start : place.end] for place in damage.chunks(PLAIN) if place.end <= MIDDLE.header
            }
        else:
            assert before - found == {PLAIN[MIDDLE.start : MIDDLE.end]}


@EVERY_TOLERANT
@pytest.mark.parametrize(
    "kind", ["a footer past the end", "a footer with a flipped bit", "cut in the trailer"]
)
def test_continue_without_the_footer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, call: Call
) -> None:
    """Where only the footer is broken every chunk is found by walking."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    source.write_bytes(BROKEN[kind][0])
    ended = run_here(monkeypatch, *called(call, source, out), "--continue-on-error")
    assert ended.code in (0, 3), ended.err
    assert str(source) in ended.err
    if call.label == "merge":
        merged = out.read_bytes()
        assert [merged[place.start : place.end] for place in damage.chunks(merged)] == [
            PLAIN[place.start : place.end] for place in damage.chunks(PLAIN)
        ]
