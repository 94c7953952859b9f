"""rrtool serve and status, as processes: what they say, when, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rrsdk as rr
from rrsdk.endpoint import control_port
from tests.conftest import Result
from tests.sdk.raw_pipe import RawProducer, Sockets, chunk, free_port, info

Rrtool = Callable[..., Result]
TIMEOUT_S = 60


@contextmanager
def serving(*args: str, cwd: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A broker in a process of its own, and its URL."""
    command = [sys.executable, "-m", "rrtool", "serve", "--memory-limit", "64MiB", *args]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def ended(process: subprocess.Popen[str], how: int = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(how)
    _, stderr = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, stderr


def produce(port: int, messages: int) -> None:
    sockets = Sockets()
    producer = RawProducer(sockets, f"tcp://127.0.0.1:{control_port(port)}")
    producer.hello(name="trainer\x1b[2J", pid=42, host="here")
    producer.send(1, info())
    for number in range(messages - 2):
        producer.send(2, chunk(number, rows=2))
    producer.send(2, b"garbage")
    producer.until_held()
    sockets.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_session_from_begin_to_end(rrtool: Rrtool, how: int) -> None:
    port = free_port()
    with serving("--port", str(port), "--no-grpc") as (process, url):
        assert url == f"tcp://127.0.0.1:{port}"
        produce(port, 52)
        shown = rrtool("status", url)
        assert shown.rc == 0
        assert "51 messages, 100 rows" in shown.text
        assert "trainer\ufffd[2J" in shown.text
        assert "refused:" in shown.text
        assert "\x1b" not in shown.text
        said = json.loads(rrtool("status", f"localhost:{port}", "--json").text)
        assert said["stored"]["rows"] == 100
        assert said["producers"][0]["pid"] == 42
        assert said["memory"]["limit"] == 64 << 20
        code, stderr = ended(process, how)
    assert code == 0
    first, last = stderr.splitlines()
    assert "keeps 64.0 MiB" in first
    assert last.startswith("rrtool serve: 1 producer, 51 messages (100 rows, ")
    assert last.endswith("1 refused")


def test_quiet(rrtool: Rrtool) -> None:
    port = free_port()
    with serving("--port", str(port), "--no-grpc", "-q") as (process, url):
        assert url
        assert ended(process) == (0, "")


def test_the_second_says_that_the_first_runs(rrtool: Rrtool) -> None:
    port = free_port()
    with serving("--port", str(port), "--no-grpc") as (process, url):
        second = rrtool("serve", "--port", str(port))
        assert (second.rc, second.text) == (0, url + "\n")
        assert f"runs on port {port} already" in second.stderr
        assert str(process.pid) in second.stderr
        assert second.stderr.count("\n") == 1
        produce(port, 5)  # and the first goes on


@pytest.mark.parametrize("which", ["session", "control"])
def test_a_stranger_on_the_port_is_named(rrtool: Rrtool, which: str) -> None:
    port = free_port()
    number = port if which == "session" else control_port(port)
    with socket.create_server(("127.0.0.1", number)):
        done = rrtool("serve", "--port", str(port), "--no-grpc")
    assert (done.rc, done.stdout) == (1, b"")
    assert str(number) in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_auto_finds_a_port_and_neighbours_do_not_collide(rrtool: Rrtool) -> None:
    with (
        serving("--port", "auto", "--no-grpc") as (_, first),
        serving("--port", "auto", "--no-grpc") as (_, second),
    ):
        assert first != second
        for url in (first, second):
            assert rrtool("status", url).rc == 0


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        (["--bind", "0.0.0.0"], 2, "--insecure"),
        (["--bind", "192.0.2.1", "--insecure", "--no-grpc"], 1, "cannot listen on"),
        (["--port", "x"], 2, "auto"),
        (["--port", "0"], 2, "no port"),
        (["--port", "70000"], 2, "no port"),
        (["--memory-limit", "x"], 2, "not a size"),
        (["--memory-limit", "0%"], 2, "75%"),
        (["--memory-limit", "x%"], 2, "75%"),
        (["--memory-limit", "1kB"], 2, "too small"),
    ],
)
def test_wrong_usage_of_serve(rrtool: Rrtool, args: list[str], code: int, expected: str) -> None:
    if "--port" not in args:
        args = ["--port", str(free_port()), *args]
    done = rrtool("serve", *args)
    assert (done.rc, done.stdout) == (code, b"")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_status_of_nobody_of_strangers_and_of_grpc(rrtool: Rrtool) -> None:
    port = free_port()
    done = rrtool("status", f"localhost:{port}")
    assert done.rc == 1
    assert "nobody listens there; start a session with rrtool serve" in done.stderr
    with socket.create_server(("127.0.0.1", control_port(port))):
        done = rrtool("status", f"localhost:{port}")
    assert done.rc == 1
    assert "does not answer as a session does" in done.stderr
    assert rrtool("status", "rerun+http://localhost:9876/proxy").rc == 2
    assert rrtool("status", "not a url").rc == 2


def test_watching(rrtool: Rrtool) -> None:
    port = free_port()
    with serving("--port", str(port), "--no-grpc") as (_, url):
        command = [sys.executable, "-m", "rrtool", "status", url, "--watch", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            lines = [json.loads(watching.stdout.readline()) for _ in range(2)]
            watching.send_signal(signal.SIGINT)
            _, stderr = watching.communicate(timeout=TIMEOUT_S)
    assert lines[1]["up_s"] > lines[0]["up_s"]
    assert (watching.returncode, stderr) == (0, "")


def test_a_program_that_started_it_may_go(rrtool: Rrtool) -> None:
    """Nobody reads what it says to standard error: that ends nothing."""
    port = free_port()
    with serving("--port", str(port), "--no-grpc") as (process, _):
        assert process.stderr is not None
        process.stderr.close()
        produce(port, 5)
        process.terminate()
        assert process.wait(TIMEOUT_S) == 0


# ---- as a black box ----


def _rows(path: Path) -> int:
    return sum(found.num_rows for _, found in rr.read_chunks(str(path)))


def test_what_is_kept_is_written_at_the_end(tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    port, path = free_port(), tmp_path / "crash.rrd"
    with serving("--port", str(port), "--no-grpc", "--keep-last", "1h", "--keep-last-to", str(path)) as (
        process,
        _,
    ):
        produce(port, 52)
        assert not path.exists()
        code, stderr = ended(process)
    assert code == 0
    assert f"rrtool serve: {path}: 100 rows (" in stderr
    assert _rows(path) == 100
    assert rrtool("verify", "--deep", path).rc == 0
    real = subprocess.run([rerun_binary, "rrd", "verify", path], capture_output=True, timeout=TIMEOUT_S)
    assert real.returncode == 0, real.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no SIGUSR1")
def test_and_whenever_it_is_asked_for(tmp_path: Path) -> None:
    port = free_port()
    with serving("--port", str(port), "--no-grpc", "--keep-last", "64KiB", cwd=tmp_path) as (process, _):
        assert process.stderr is not None
        process.stderr.readline()
        for ask in (1, 2):
            produce(port, 22)
            process.send_signal(signal.SIGUSR1)
            line = process.stderr.readline()
            assert line.startswith("rrtool serve: last-")
            assert len(list(tmp_path.glob("last-*Z*.rrd"))) == ask
            written = tmp_path / line.split(": ")[1]
            assert _rows(written) == int(line.split(": ")[2].split()[0]) > 0
        assert ended(process)[0] == 0
    assert len(list(tmp_path.iterdir())) == 3


def test_and_from_elsewhere(tmp_path: Path, rrtool: Rrtool) -> None:
    port, path = free_port(), tmp_path / "now.rrd"
    with serving("--port", str(port), "--no-grpc", "--keep-last", "1h", cwd=tmp_path):
        produce(port, 52)
        assert rrtool("merge", f"localhost:{port}", "-o", path).rc == 0
    assert _rows(path) == 100


def test_a_failure_to_write_is_said_and_is_no_end(tmp_path: Path) -> None:
    port, gone = free_port(), tmp_path / "gone" / "crash.rrd"
    with serving("--port", str(port), "--no-grpc", "--keep-last", "1h", "--keep-last-to", str(gone)) as (
        process,
        _,
    ):
        produce(port, 22)
        if hasattr(signal, "SIGUSR1"):
            assert process.stderr is not None
            process.stderr.readline()
            process.send_signal(signal.SIGUSR1)
            assert "folder does not exist" in process.stderr.readline()
        gone.parent.mkdir()
        assert ended(process)[0] == 0
    assert _rows(gone) == 40


_DIES = """
import sys
from rrsdk.broker.service import Broker
from rrtool.cli import main
tick, ticks = Broker._tick, []
def fail(broker, now):
    ticks.append(tick(broker, now))
    if broker._store.next_index >= 21:
        raise SystemError("the broker's end")
Broker._tick = fail
main()
"""


def test_a_broker_that_dies_leaves_what_it_had(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "crash.rrd"
    arguments = ["serve", "--port", str(port), "--no-grpc", "--keep-last", "1h", "--keep-last-to", str(path)]
    process = subprocess.Popen(
        [sys.executable, "-c", _DIES, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        produce(port, 22)
        _, stderr = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "the broker ended by itself" in stderr
    assert _rows(path) == 40


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--keep-last", "5m"], "neither"),
        (["--keep-last-to", "x.rrd"], "wants --keep-last"),
        (["--keep-last", "5s", "--spool", "x"], "choose one"),
    ],
)
def test_keeping_nonsense_is_refused(options: list[str], what: str, rrtool: Rrtool) -> None:
    done = rrtool("serve", "--port", str(free_port()), *options)
    assert done.rc == 2
    assert what in done.stderr
