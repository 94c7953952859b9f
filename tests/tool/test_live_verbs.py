"""record, tail and send against a broker: files that grow, ends that are proper, counts that are right."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rrsdk.broker.service import Broker
from rrsdk.codec.decoder import Decoder
from rrsdk.message import ChunkMsg
from rrsdk.sources import open_source
from rrsdk.sources.chunks import read_chunks
from tests.conftest import Result
from tests.faults.pipe_world import free_session

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"
CAR, CAMERA = FIXTURES / "demo/car.rrd", FIXTURES / "demo/camera.rrd"
OLD = FIXTURES / "sdk-0.24/scene.rrd"
DEADLINE_S = 30.0


@pytest.fixture
def broker() -> Iterator[Broker]:
    port, _ = free_session()
    made = Broker(port=port)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def address(broker: Broker) -> str:
    return f"127.0.0.1:{broker.port}"


def start(*args: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rrtool", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def chunk_ids(path: Path) -> set[str]:
    return {str(chunk.id) for _, chunk in read_chunks(str(path))}


def payloads(name: str) -> list[bytes]:
    source = open_source(name)
    try:
        return [
            b"".join(bytes(part) for part in message.parts)
            for message in source.messages()
            if isinstance(message, ChunkMsg)
        ]
    finally:
        source.close()


def test_send_leaves_payloads_as_they_are(broker: Broker, rrtool: Rrtool, tmp_path: Path) -> None:
    done = rrtool("send", CAR, address(broker))
    assert (done.rc, done.stderr) == (0, "")
    sent = payloads_of_file(CAR)
    assert payloads(address(broker)) == sent
    merged = tmp_path / "merged.rrd"
    assert rrtool("merge", address(broker), "-o", merged).rc == 0  # a session is read like a file
    assert chunk_ids(merged) == chunk_ids(CAR)


def payloads_of_file(path: Path) -> list[bytes]:
    """In the order in which a broker replays them: what is static first."""
    decoder = Decoder(str(path), warn=print)
    decoder.feed(path.read_bytes())
    found = [message for message in decoder if isinstance(message, ChunkMsg)]
    found.sort(key=lambda message: not message.row.shape.layout.is_static)
    return [b"".join(bytes(part) for part in message.parts) for message in found]


def test_record_reads_while_it_grows_and_ends_properly(
    broker: Broker, rrtool: Rrtool, tmp_path: Path
) -> None:
    path = tmp_path / "run.rrd"
    process = start("record", address(broker), "-o", path)
    assert rrtool("send", CAR, address(broker)).rc == 0
    wait_until(lambda: path.exists() and len(chunk_ids_so_far(path)) == len(chunk_ids(CAR)))
    assert rrtool("send", CAMERA, address(broker)).rc == 0
    wait_until(lambda: len(chunk_ids_so_far(path)) == len(chunk_ids(CAR) | chunk_ids(CAMERA)))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert "190 chunks" in said
    assert rrtool("verify", "--deep", path).rc == 0
    assert "no footer" not in rrtool("print", "--footers", path).text
    assert chunk_ids(path) == chunk_ids(CAR) | chunk_ids(CAMERA)


def chunk_ids_so_far(path: Path) -> set[str]:
    from rrsdk.sources.damage import Damage

    if not path.stat().st_size:
        return set()
    return {str(chunk.id) for _, chunk in read_chunks(str(path), damage=Damage())}


@pytest.mark.parametrize("how", ["--until-idle", "--duration", "SIGTERM"])
def test_record_ends(broker: Broker, rrtool: Rrtool, tmp_path: Path, how: str) -> None:
    path = tmp_path / "run.rrd"
    assert rrtool("send", CAR, address(broker)).rc == 0
    if how == "SIGTERM":
        process = start("record", address(broker), "-o", path, "-q")
        wait_until(lambda: path.exists() and path.stat().st_size > 100_000)
        process.terminate()
        _, said = process.communicate(timeout=DEADLINE_S)
        assert (process.returncode, said) == (0, "")
    else:
        assert rrtool("record", address(broker), "-o", path, how, "0.5").rc == 0
    assert chunk_ids(path) == chunk_ids(CAR)
    assert rrtool("verify", path).rc == 0


def test_record_says_what_was_missed(rrtool: Rrtool, tmp_path: Path) -> None:
    """A broker with little memory, and a recorder that stands still for a while."""
    port, _ = free_session()
    broker = Broker(port=port, memory_limit=1024 * 1024)
    broker.start()
    path = tmp_path / "run.rrd"
    try:
        assert rrtool("send", CAR, address(broker)).rc == 0
        process = start("record", address(broker), "-o", path)
        wait_until(lambda: path.exists() and path.stat().st_size > 1000)
        process.send_signal(signal.SIGSTOP)
        assert rrtool("send", *[CAMERA] * 60, address(broker)).rc == 0
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE_S)
    finally:
        broker.stop()
    assert process.returncode == 3, said
    assert "missed" in said
    assert rrtool("verify", path).rc == 0


def test_record_counts_what_was_written(broker: Broker, rrtool: Rrtool, tmp_path: Path) -> None:
    """A file that may not grow as far as it should: as on a disk that is full for a while."""
    assert rrtool("send", CAMERA, address(broker)).rc == 0
    code = """
import resource, signal, sys
from rrtool.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.exit(main(sys.argv[1:]))
"""
    path = tmp_path / "run.rrd"
    arguments = ["record", address(broker), "-o", str(path), "--until-idle", "0.3"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    written = len(list(read_chunks(str(path))))
    assert 0 < written < len(chunk_ids(CAMERA))
    assert f"recorded {written} chunks" in done.stderr


def test_record_in_parts(broker: Broker, rrtool: Rrtool, tmp_path: Path) -> None:
    assert rrtool("send", CAR, CAMERA, address(broker)).rc == 0
    path = tmp_path / "run.rrd"
    arguments = ("record", address(broker), "-o", path, "--until-idle", "0.5", "--rotate")
    refused = rrtool(*arguments, "often")
    assert refused.rc == 2
    assert "'often' is neither a size nor a time; write it like 1GiB" in refused.stderr
    done = rrtool(*arguments, "64KiB")
    assert done.rc == 0, done.stderr
    parts = sorted(tmp_path.iterdir())
    assert len(parts) > 2
    assert f"in {len(parts)} files" in done.stderr
    for part in parts:
        assert rrtool("verify", part).rc == 0
    assert set[str]().union(*map(chunk_ids, parts)) == chunk_ids(CAR) | chunk_ids(CAMERA)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_record_goes_on_elsewhere(broker: Broker, rrtool: Rrtool, tmp_path: Path) -> None:
    assert rrtool("send", CAR, address(broker)).rc == 0
    spare = tmp_path / "spare"
    done = rrtool(
        "record", address(broker), "-o", "/dev/full", "--until-idle", "0.5", "--overflow-dir", spare
    )
    assert done.rc == 0
    (path,) = spare.iterdir()
    assert f"/dev/full: cannot be written: No space left on device; goes on in {path}" in done.stderr
    assert chunk_ids(path) == chunk_ids(CAR)


def test_tail_shows_what_print_shows(broker: Broker, rrtool: Rrtool) -> None:
    assert rrtool("send", CAR, address(broker)).rc == 0
    tailed = rrtool("tail", address(broker), "--until-idle", "0.3")
    assert tailed.rc == 0
    printed = rrtool("print", "-v", CAR).text.splitlines()
    lines = tailed.text.splitlines()
    assert set(lines) == set(printed[1:])
    as_json = rrtool("tail", CAR, "--json", "--entity", "/plot/**", "--until-idle", "0.3").text
    entities = {each["entity"] for each in map(json.loads, as_json.splitlines()) if each["type"] == "chunk"}
    assert entities == {"/plot/speed", "/plot/steering"}


def test_tail_follows_a_file(tmp_path: Path) -> None:
    whole = CAR.read_bytes()
    path = tmp_path / "growing.rrd"
    path.write_bytes(whole[:5000])
    process = start("tail", path)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("StoreInfo")
    with path.open("ab") as file:
        file.write(whole[5000:])
    lines = [process.stdout.readline() for _ in range(len(chunk_ids(CAR)))]
    assert sum(line.startswith("Chunk(") for line in lines) >= len(chunk_ids(CAR)) - 2
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0


def test_tail_into_a_closed_pipe_is_quiet(broker: Broker, rrtool: Rrtool) -> None:
    assert rrtool("send", CAR, address(broker)).rc == 0
    command = (
        f"{sys.executable} -m rrtool tail {address(broker)} --until-idle 1 | head -1; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=DEADLINE_S)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("StoreInfo")


def test_send_at_the_pace_of_a_timeline(broker: Broker, rrtool: Rrtool) -> None:
    began = time.monotonic()
    done = rrtool("send", CAR, address(broker), "--realtime", "--timeline", "time", "--speed", "4")
    assert done.rc == 0, done.stderr
    assert time.monotonic() - began > 1.2  # 5.9 s of driving
    assert sorted(payloads(address(broker))) == sorted(payloads_of_file(CAR))
    wrong = rrtool("send", CAR, address(broker), "--realtime", "--timeline", "nonsense")
    assert (wrong.rc, wrong.stderr.count("\n")) == (2, 1)
    assert "there is frame, time" in wrong.stderr


def test_send_brings_old_chunks_up_to_date(broker: Broker, rrtool: Rrtool, tmp_path: Path) -> None:
    assert rrtool("send", OLD, address(broker)).rc == 0
    path = tmp_path / "new.rrd"
    assert rrtool("record", address(broker), "-o", path, "--until-idle", "0.3").rc == 0
    assert rrtool("verify", path).rc == 0
    assert chunk_ids(path) == chunk_ids(OLD)


def test_send_says_what_was_not_taken(rrtool: Rrtool) -> None:
    port, _ = free_session()
    broker = Broker(port=port, max_message=64 * 1024, memory_limit=64 * 1024 * 1024)
    broker.start()
    try:
        from tests.sdk import raw_pipe

        big = raw_pipe.blob(200_000)
        stream = frames(raw_pipe.info(), raw_pipe.chunk(1), big)
        done = rrtool("send", "-", address(broker), stdin=stream)
    finally:
        broker.stop()
    assert done.rc == 3
    assert "1 messages (1 rows" in done.stderr
    assert "dropped" in done.stderr


def frames(info: bytes, *chunks: bytes) -> bytes:
    from rrsdk.codec.frames import CURRENT_VERSION, Kind, message_header, stream_header

    parts = [stream_header(CURRENT_VERSION), message_header(Kind.STORE_INFO, len(info)), info]
    for chunk in chunks:
        parts += [message_header(Kind.CHUNK, len(chunk)), chunk]
    return b"".join(parts)


def test_nobody_there_is_one_line(tmp_path: Path) -> None:
    port, _ = free_session()
    url, out = f"127.0.0.1:{port}", tmp_path / "out.rrd"
    processes = [start("record", url, "-o", out), start("tail", url), start("send", CAR, url)]
    for process in processes:
        _, said = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 1
        assert said.count("\n") == 1
        assert "rrtool serve" in said
    assert not out.exists()


@pytest.mark.parametrize(
    "args",
    [
        ("record", "ftp://x", "-o", "x"),
        ("record", "localhost", "-o", "-"),
        ("send", "x.rrd", "x:y"),
        ("send", "x.rrd", "localhost", "--timeline", "t"),
        ("send", "localhost:9876"),
    ],
)
def test_usage(rrtool: Rrtool, args: tuple[str, ...]) -> None:
    done = rrtool(*args)
    assert (done.rc, done.stderr.count("\n")) == (2, 1)
