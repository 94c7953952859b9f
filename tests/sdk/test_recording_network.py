"""Recordings that leave the process: acknowledged by a broker, from children too, and by being the broker."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import rrsdk as rr
from rrsdk.broker.service import Broker
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Kind
from rrsdk.recording.outlets import Outlets
from rrsdk.sources.chunks import decode
from tests.sdk.forking_program import CHILDREN, ROWS
from tests.sdk.test_recording_fork import DEADLINE_S, EXPECTED, PROGRAM, run


def free_port() -> int:
    """A session's port whose control port is free as well."""
    for _ in range(100):
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port > 55_535:
                port -= 10_000
            try:
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return int(port)
    raise AssertionError("no free port")


@pytest.fixture
def broker() -> Iterator[Broker]:
    found = Broker(port=free_port(), memory_limit=64 * 1024 * 1024)
    found.start()
    yield found
    found.stop()


def held(broker: Broker) -> Counter[tuple[str, float]]:
    """The scalars that a broker holds."""
    found: Counter[tuple[str, float]] = Counter()
    subscription, reader = broker.subscription(live=False), ChunkReader()
    deadline = time.monotonic() + DEADLINE_S
    while True:
        event = subscription.get(1.0)
        assert time.monotonic() < deadline
        if getattr(event, "kind", None) == Kind.CHUNK:
            chunk = decode(reader, event.payload())  # type: ignore[union-attr]
            if "Scalars:scalars" in chunk.components:
                values = chunk.component("Scalars:scalars").flatten().to_pylist()
                found.update((chunk.entity_path, value) for value in values)
        elif repr(event) == "END":
            subscription.close()
            return found


def test_connected_it_is_acknowledged(broker: Broker) -> None:
    stream = rr.RecordingStream("rrkit_net", recording_id="one")
    stream.log("early", rr.Scalars(0.0))
    stream.connect(broker.url)
    for number in range(100):
        stream.log("a", rr.Scalars(float(number)))
    assert stream.flush(timeout_sec=DEADLINE_S)
    (sink,) = stream.status().sinks
    assert sink.state == "connected"
    assert sink.held.rows == 102  # with the start time
    stream.close(10.0)
    assert held(broker) == Counter({("/early", 0.0): 1, **{("/a", float(n)): 1 for n in range(100)}})


@pytest.mark.parametrize(
    ("kind", "method"),
    [("raw", "-"), ("nested", "-"), ("pool", "fork"), ("pool", "spawn"), ("executor", "forkserver")],
)
def test_children_have_links_of_their_own(kind: str, method: str, broker: Broker) -> None:
    done = run([str(PROGRAM), kind, method, broker.url])
    assert (done.returncode, done.stderr) == (0, "")
    found = held(broker)
    assert Counter({key: n for key, n in found.items() if key[0].startswith("/w/")}) == EXPECTED
    assert len(EXPECTED) == CHILDREN * ROWS


def test_a_process_may_be_the_broker_and_its_children_connect_to_it(tmp_path: Path) -> None:
    port = free_port()
    code = f"""
import os, subprocess, sys
import rrsdk as rr
rr.init("rrkit_serving")
url = rr.serve(port={port}, memory_limit="64MiB")
rr.log("w", rr.Scalars(0.0))
if os.fork() == 0:
    rr.log("w", rr.Scalars(1.0))
    os._exit(0)
os.wait()
rr.flush()
out = {str(tmp_path / "out.rrd")!r}
record = [sys.executable, "-m", "rrtool", "record", url, "-o", out, "-q", "--until-idle", "0.5"]
subprocess.run(record, check=True)
"""
    done = run(["-c", code])
    assert (done.returncode, done.stderr) == (0, "")
    values = [
        value
        for _, chunk in rr.read_chunks(str(tmp_path / "out.rrd"))
        if chunk.entity_path == "/w"
        for value in chunk.component("Scalars:scalars").flatten().to_pylist()
    ]
    assert sorted(values) == [0.0, 1.0]


def test_what_was_not_acknowledged_is_said_at_exit_and_kept(tmp_path: Path) -> None:
    code = f"""
import rrsdk as rr
rr.init("rrkit_alone")
rr.connect("127.0.0.1:{free_port()}", overflow_dir={str(tmp_path)!r})
for number in range(10):
    rr.log("w", rr.Scalars(float(number)))
"""
    start = time.monotonic()
    done = run(["-c", code])
    assert done.returncode == 0
    assert time.monotonic() - start < 30
    (kept,) = tmp_path.glob("*.rrd")
    assert "at exit" in done.stderr
    assert str(kept) in done.stderr
    assert sum(chunk.num_rows for _, chunk in rr.read_chunks(str(kept)) if chunk.entity_path == "/w") == 10


def test_spawn_starts_a_broker_that_stays(tmp_path: Path) -> None:
    port = free_port()
    code = f"""
import rrsdk as rr
rr.init("rrkit_spawn")
rr.spawn(port={port})
rr.log("w", rr.Scalars(1.0))
assert rr.flush(timeout_sec=30)
rr.spawn(port={port})
"""
    done = run(["-c", code])
    assert done.returncode == 0, done.stderr
    assert "no viewer yet" in done.stderr
    status = subprocess.run(
        [sys.executable, "-m", "rrtool", "status", f"localhost:{port}", "--json"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    os.kill(json.loads(status.stdout)["pid"], signal.SIGTERM)


def test_addresses_that_are_none_are_refused() -> None:
    stream = rr.RecordingStream("rrkit_net")
    with pytest.raises(rr.UsageError):
        stream.connect("nowhere:port")
    with pytest.raises(rr.UsageError):
        stream.connect("rerun+http://localhost:9876/proxy")
    with pytest.raises(rr.UsageError):
        stream.serve(port=free_port(), memory_limit="a lot")
    stream.close(1.0)


@pytest.mark.parametrize("amount", ["much", "-1", -1, "1 XB"])
def test_an_amount_that_is_none_is_refused(amount: int | str) -> None:
    stream = rr.RecordingStream("rrkit_amount")
    with pytest.raises(rr.UsageError, match="no amount of memory"):
        stream.connect("127.0.0.1:1", buffer_bytes=amount)
    stream.close(1.0)


def test_a_broker_that_has_got_no_row_is_left_without_a_word(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Outlets.replace.__kwdefaults__, "timeout_s", 0.2)
    stream = rr.RecordingStream("rrkit_empty", send_properties=False)
    stream.connect(f"127.0.0.1:{free_port()}", buffer_bytes="1MiB")
    stream.disconnect()
    assert caplog.messages == []
    stream.close(1.0)


def test_what_a_policy_dropped_is_said_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    stream = rr.RecordingStream("rrkit_dropped", send_properties=False)
    stream.connect(f"127.0.0.1:{free_port()}", policy="drop-oldest", buffer_bytes="100KiB")
    for _ in range(20):
        stream.log("p", rr.Points3D(np.zeros((2000, 3), np.float32)))
        stream.flush(timeout_sec=0.01)
    left = stream.close(0.1)
    said = re.fullmatch(r"recording \S+: (\d+) rows were dropped: .* \(tcp://\S+\)", caplog.messages[0])
    assert said is not None
    assert int(said[1]) + left.rows == 20
