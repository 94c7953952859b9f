"""The black box: what a program logged last is in a file when it ends badly, and only then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk as rr
from rrsdk.message import ChunkMsg, Message, StoreInfo
from rrsdk.sinks.hold import HoldSink
from rrsdk.sinks.live import Amount
from rrsdk.sinks.ring import MESSAGE_BYTES, Ring
from tests.sdk.black_box_program import ROWS

PROGRAM = Path(__file__).with_name("black_box_program.py")
ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")


def begin(way: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), way, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def run(way: str, path: Path) -> tuple[int, str, str]:
    process = begin(way, path)
    try:
        if way in ("term", "own_handler", "term_and_save"):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.terminate()
        out, err = process.communicate(timeout=DEADLINE_S)
    finally:
        process.kill()
    return process.returncode, out, err


def rows(path: Path) -> Counter[str]:
    """Rows by entity."""
    found: Counter[str] = Counter()
    ids: set[bytes] = set()
    for _, chunk in rr.read_chunks(str(path)):
        found[chunk.entity_path] += chunk.num_rows
        ids |= set(chunk.row_ids.to_pylist())
    assert len(ids) == found.total(), "a row is there twice"
    return found


USUAL = {"/__properties": 1, "/fixed": 1, "/a": ROWS}


def usual(path: Path) -> Counter[str]:
    found = rows(path)
    assert {entity: found[entity] for entity in USUAL} == USUAL
    return found


def leftovers(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize(
    ("way", "code", "reason"),
    [
        ("raise", 1, "uncaught ValueError"),
        ("own_hook", 1, "uncaught ValueError"),
        ("thread", 0, "uncaught ValueError"),
        pytest.param("term", -15, "SIGTERM", marks=needs_posix),
        pytest.param("own_handler", 7, "SIGTERM", marks=needs_posix),
    ],
)
def test_bad_ends_write_it(way: str, code: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "crash.rrd"
    returned, out, err = run(way, path)
    assert returned == code, err
    assert err.splitlines()[0] == f"{path}: the last 30 s were written: {reason}"
    assert usual(path).keys() == USUAL.keys()
    assert leftovers(tmp_path) == ["crash.rrd"]
    if way in ("raise", "thread"):
        assert "ValueError: no way" in err
    elif way == "own_hook":
        assert (out, len(err.splitlines())) == ("own hook: ValueError\n", 1)
    elif way == "own_handler":
        assert out == "own handler\n"


@pytest.mark.parametrize(("way", "code"), [("end", 0), ("exit_1", 1), ("raise_not", 1), ("closed", 1)])
def test_other_ends_do_not(way: str, code: int, tmp_path: Path) -> None:
    returned, _, err = run(way, tmp_path / "crash.rrd")
    assert returned == code
    assert "were written" not in err
    assert ("no sink was chosen" in err) == (way == "closed")
    assert leftovers(tmp_path) == []


def test_a_good_end_does_where_that_was_asked_for(tmp_path: Path) -> None:
    assert run("end_asked", tmp_path / "crash.rrd") == (0, "", "")
    assert usual(tmp_path / "crash.rrd").keys() == USUAL.keys()


def test_what_is_written_is_sound(tmp_path: Path, rrtool: object, rerun_binary: Path) -> None:
    path = tmp_path / "crash.rrd"
    run("raise", path)
    done = rrtool("verify", "--deep", path)  # type: ignore[operator]
    assert done.rc == 0, done.text
    real = subprocess.run([rerun_binary, "rrd", "verify", path], capture_output=True, timeout=DEADLINE_S)
    assert real.returncode == 0, real.stderr


def test_it_is_written_as_often_as_one_likes(tmp_path: Path) -> None:
    path = tmp_path / "crash.rrd"
    assert run("twice", path) == (0, f"{path}.second.rrd\n", "")
    assert "/later" not in usual(path)
    assert usual(Path(f"{path}.second.rrd"))["/later"] == 1


@pytest.mark.parametrize("way", ["save_before", "save_after"])
def test_it_stands_beside_a_file(way: str, tmp_path: Path) -> None:
    path = tmp_path / "crash.rrd"
    assert run(way, path) == (0, "", "")
    assert usual(Path(f"{path}.save.rrd")).keys() == USUAL.keys()
    expected = USUAL if way == "save_after" else {"/fixed": 1, "/a": ROWS}
    assert rows(path) == expected


@needs_posix
def test_sigterm_completes_files_beside_it(tmp_path: Path, rrtool: object) -> None:
    path = tmp_path / "crash.rrd"
    code, _, err = run("term_and_save", path)
    assert code == -signal.SIGTERM, err
    assert usual(path) == usual(Path(f"{path}.save.rrd"))
    assert rrtool("verify", f"{path}.save.rrd").rc == 0  # type: ignore[operator]


@needs_posix
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_log_into_it_and_their_end_does_not_write_it(method: str, tmp_path: Path) -> None:
    path = tmp_path / "crash.rrd"
    code, out, err = run(f"child_{method}", path)
    assert (code, out) == (0, "False\n")
    assert "were written" not in err
    assert usual(path)["/child"] == ROWS
    assert leftovers(tmp_path) == ["crash.rrd"]


@needs_posix
def test_a_child_that_is_terminated_ends_as_it_would_have(tmp_path: Path) -> None:
    code, out, err = run("killed_child", tmp_path / "crash.rrd")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "15 False"
    assert leftovers(tmp_path) == []


@needs_posix
@needs_posix
def test_ranks_that_end_together_have_a_file_each(tmp_path: Path) -> None:
    path = tmp_path / "crash.rrd"
    path.write_bytes(b"of an earlier run")
    os.utime(path, (1, 1))
    ranks = [begin("rank", path) for _ in range(4)]
    for rank in ranks:
        assert rank.stdout is not None
        assert rank.stdout.readline() == "ready\n"
    for rank in ranks:
        rank.terminate()
    said = [rank.communicate(timeout=60)[1] for rank in ranks]
    beside = {str(tmp_path / f"crash.{rank.pid}.rrd") for rank in ranks}
    told = {line.split(":")[0] for words in said for line in words.splitlines() if "were written" in line}
    assert len(told) == 4
    assert told <= beside | {str(path)}
    assert str(path) in told
    assert leftovers(tmp_path) == sorted(os.path.basename(name) for name in told)
    for name in told:
        usual(Path(name))


def test_a_child_has_its_own_where_it_asks(tmp_path: Path) -> None:
    code, out, err = run("box_of_child", tmp_path / "crash.rrd")
    assert code == 0, err
    name = out.strip()
    assert name.startswith("crash.")
    assert name != "crash.rrd"
    assert leftovers(tmp_path) == [name]


# ---- in this process ----


def stream() -> rr.RecordingStream:
    return rr.RecordingStream("box", send_properties=False)


def test_sinks_come_and_go_and_each_row_is_where_it_belongs(tmp_path: Path) -> None:
    recording = stream()
    box = recording.save_last(tmp_path / "last.rrd", on_signal=False, on_exception=False)

    def log(name: str) -> None:
        recording.log(name, rr.Scalars(1.0))

    log("held")
    recording.save(tmp_path / "one.rrd")
    log("one")
    recording.disconnect()
    log("between")
    recording.save(tmp_path / "two.rrd")
    log("two")
    box.close()
    log("alone")
    recording.disconnect()
    assert rows(tmp_path / "one.rrd") == {"/held": 1, "/one": 1}
    assert rows(tmp_path / "two.rrd") == {"/between": 1, "/two": 1, "/alone": 1}
    with pytest.raises(rr.UsageError, match="closed"):
        box.write()
    recording.close(DEADLINE_S)


def test_without_another_sink_it_is_what_is_held(tmp_path: Path) -> None:
    recording = stream()
    recording.log("before", rr.Scalars(1.0))
    recording.flush()
    first = recording.save_last(tmp_path / "first.rrd", on_signal=False, on_exception=False)
    recording.log("both", rr.Scalars(1.0))
    recording.flush()
    second = recording.save_last(tmp_path / "second.rrd", on_signal=False, on_exception=False)
    recording.log("last", rr.Scalars(1.0))
    everything = {"/before": 1, "/both": 1, "/last": 1}
    assert rows(first.write()) == rows(second.write()) == everything
    assert first.kept.rows == 3
    first.close()
    second.close()
    recording.save(tmp_path / "run.rrd")
    recording.disconnect()
    assert rows(tmp_path / "run.rrd") == everything
    recording.close(DEADLINE_S)


def test_asked_for_again_it_changes(tmp_path: Path) -> None:
    recording = stream()
    box = recording.save_last(tmp_path / "last.rrd", on_signal=False, on_exception=False)
    assert recording.save_last(tmp_path / "last.rrd", seconds=5, on_signal=False) is box
    assert len(recording.status().sinks) == 1
    recording.close(DEADLINE_S)


def test_a_file_that_grows_is_left_alone(tmp_path: Path) -> None:
    recording = stream()
    recording.save(tmp_path / "run.rrd")
    box = recording.save_last(tmp_path / "run.rrd", on_signal=False, on_exception=False)
    recording.log("a", rr.Scalars(1.0))
    assert box.write() == tmp_path / f"run.{os.getpid()}.rrd"
    recording.disconnect()
    assert rows(tmp_path / "run.rrd") == {"/a": 1}
    recording.close(DEADLINE_S)


@pytest.mark.parametrize(
    ("options", "what"),
    [({"seconds": 0}, "keeps nothing"), ({"max_bytes": "1KiB"}, "64 KiB"), ({"max_bytes": "a lot"}, "size")],
)
def test_nonsense_is_refused(options: dict[str, object], what: str, tmp_path: Path) -> None:
    with pytest.raises(rr.UsageError, match=what):
        stream().save_last(tmp_path / "last.rrd", **options)  # type: ignore[arg-type]


def test_where_it_cannot_be_written_that_is_raised(tmp_path: Path) -> None:
    recording = stream()
    box = recording.save_last(tmp_path / "gone" / "last.rrd", on_signal=False, on_exception=False)
    with pytest.raises(rr.OutputError, match="folder does not exist"):
        box.write()
    with pytest.raises(rr.OutputError, match="directory"):
        recording.save_last(tmp_path)
    recording.close(DEADLINE_S)


def test_switched_off_it_writes_nothing(tmp_path: Path) -> None:
    recording = rr.RecordingStream("box", default_enabled=False)
    box = recording.save_last(tmp_path / "last.rrd")
    box.write()
    box.close()
    assert leftovers(tmp_path) == []


def test_too_little_room_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recording = stream()
    box = recording.save_last(tmp_path / "last.rrd", max_bytes="1MiB", on_signal=False, on_exception=False)
    for _ in range(30):
        recording.log("noise", rr.Image(np.frombuffer(os.urandom(100_000), np.uint8).reshape(250, 400), "L"))
        recording.flush()
    box.write()
    assert "of 30 fit into 1 MiB" in caplog.text
    assert 8 <= rows(tmp_path / "last.rrd")["/noise"] <= 10
    recording.close(DEADLINE_S)


# ---- the ring ----


def _pool() -> list[Message]:
    """Chunks of some entities, static and not, of several sizes; the store's info first."""
    recording = stream()
    sink = HoldSink(compress=True)
    recording.set_sinks(sink)
    for size in (10, 1000, 5000):
        for entity in ("a", "b"):
            recording.log(entity, rr.TextDocument(os.urandom(size // 2).hex()))
            recording.flush()
            recording.log(entity, rr.TextDocument(os.urandom(size // 2).hex()), static=True)
            recording.flush()
    recording.log("a", rr.Scalars(1.0), static=True)
    recording.flush()
    found = sink.take()
    recording.close(DEADLINE_S)
    return found


POOL = _pool()
CHUNKS = [message for message in POOL if isinstance(message, ChunkMsg)]
steps = st.tuples(st.integers(0, len(CHUNKS) - 1), st.sampled_from([0.0, 0.5, 1.0, 4.0, 9.0, 30.0]))


def _key(message: ChunkMsg) -> tuple[object, ...] | None:
    layout = message.row.shape.layout
    return (layout.entity, *(one.name for one in layout.components)) if layout.is_static else None


def _cost(
    static: dict[tuple[object, ...], tuple[int, ChunkMsg]], recent: list[tuple[float, int, ChunkMsg]]
) -> int:
    return sum(
        MESSAGE_BYTES + one.size for one in [one[1] for one in static.values()] + [one[2] for one in recent]
    )


@given(
    coming=st.lists(steps, max_size=60),
    seconds=st.sampled_from([0.5, 5.0, 10.0]),
    room=st.integers(0, 60_000),
)
def test_it_keeps_the_last(coming: list[tuple[int, float]], seconds: float, room: int) -> None:
    now = 0.0
    ring = Ring("ring", seconds=seconds, max_bytes=room, clock=lambda: now)
    ring.put(POOL[0])
    static: dict[tuple[object, ...], tuple[int, ChunkMsg]] = {}
    recent: list[tuple[float, int, ChunkMsg]] = []
    gone = Amount()
    for number, (which, later) in enumerate(coming, 1):
        now += later
        message = CHUNKS[which]
        ring.put(message)
        key = _key(message)
        if key is None:
            recent.append((now, number, message))
        else:
            static.pop(key, None)
            static[key] = number, message
        recent = [one for one in recent if one[0] >= now - seconds]
        while _cost(static, recent) > room:
            oldest = recent.pop(0)[2] if recent else static.pop(next(iter(static)))[1]
            gone += Amount.of(oldest)
        after = max(number - 3, 0)
        numbered = [*static.values(), *((one[1], one[2]) for one in recent)]
        assert isinstance(ring.messages()[0], StoreInfo)
        assert [id(one) for one in ring.messages()[1:]] == [id(one) for _, one in numbered]
        assert [id(one) for one in ring.messages(after=after)[1:]] == [
            id(m) for n, m in numbered if n > after
        ]
        assert ring.used_bytes == _cost(static, recent) <= room
        assert ring.crowded == gone
        assert ring.number == number
    total = Amount.of(POOL[0]) + sum((Amount.of(CHUNKS[which]) for which, _ in coming), Amount())
    assert ring.status().held == total
    assert bool(ring.too_little()) <= bool(gone)
