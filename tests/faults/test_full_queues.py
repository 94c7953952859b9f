"""Queues that are full when a connection breaks: libzmq aborts the process if a heartbeat is due then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
