"""Queues that are full: when a connection breaks libzmq aborts the process if a heartbeat is due then."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rrsdk.broker import sockets
from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind, pack_word
from rrsdk.endpoint import control_port
from tests.sdk.raw_pipe import RawProducer, Sockets, blob, free_port

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys, time
import zmq
from rrsdk.broker.sockets import Place, bind

context = zmq.Context()
control, data, _ = bind(context, Place(None, "", None, sys.argv[1]), max_message=1 << 20)
for kind, name in ((zmq.PUSH, "data"), (zmq.DEALER, "control")):
    theirs = zmq.Context()
    sender = theirs.socket(kind)
    sender.heartbeat_ivl = 100
    sender.sndhwm = 10
    sender.sndtimeo = 200
    sender.connect(f"ipc://{sys.argv[1]}/{name}")
    try:
        for _ in range(30_000):
            sender.send(bytes(64))
    except zmq.Again:
        pass  # nobody reads: the broker's queue is full, and so is ours
    time.sleep(0.5)
    theirs.destroy(linger=0)
time.sleep(1.5)
received = 0
while data.poll(200):
    data.recv()
    received += 1
while control.poll(200):
    control.recv_multipart()
    received += 1
print(received)
"""


def test_a_client_that_leaves_with_a_heartbeat_unread_does_not_take_the_broker_along(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30_000


def exactly(link: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += link.recv(size - len(found)) or pytest.fail("hung up")
    return found


def test_a_subscriber_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the kernel, which would otherwise keep what waits for it until it gives up by itself."""
    monkeypatch.setattr(sockets, "_UNREAD_MS", 1000)
    broker = Broker(port=free_port(), memory_limit=64 << 20)
    broker.start()
    context = Sockets()
    assert broker.port is not None
    control = control_port(broker.port)
    producer = RawProducer(context, f"tcp://127.0.0.1:{control}")
    producer.hello()
    for _ in range(20):
        producer.send(Kind.CHUNK, blob(500_000))
    producer.until_held()
    with socket.create_connection(("127.0.0.1", control), timeout=10) as link:
        link.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(55, b"\0"))
        exactly(link, 64)
        ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x11S" + bytes(16)
        link.sendall(b"\x04" + bytes([len(ready)]) + ready)
        exactly(link, exactly(link, 2)[1])
        word = pack_word({"t": "subscribe", "v": 1, "credit": 1 << 26})
        link.sendall(b"\x00" + bytes([len(word)]) + word)
        deadline = time.monotonic() + 30
        while not broker.status()["subscribers"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        try:
            while time.monotonic() < deadline:
                link.sendall(b"\x00\x01\x80")  # no word, which nobody minds
                time.sleep(0.05)
        except OSError:
            pass  # reset, or a broken pipe
        assert time.monotonic() < deadline
    context.close()
    broker.stop()
