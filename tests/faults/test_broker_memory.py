"""Small messages of many producers: memory stays near its limit, and what a burst took is given back."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq

from rrsdk.broker.session import ask
from rrsdk.endpoint import control_port
from tests.faults.pipe_world import free_session
from tests.sdk.plain_client import CHUNK, Producer
from tests.sdk.raw_pipe import chunk

MB = 1 << 20
LIMIT = 32 * MB
PRODUCERS, BYTES = 20, 100 * MB
DEADLINE_S = 120.0


def most(pid: int) -> int:
    """The most that a process ever had of the system."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1]) * 1024


def resident(port: int) -> int:
    said = ask(f"tcp://127.0.0.1:{control_port(port)}", {"t": "status"}, timeout_s=30.0)
    assert said is not None
    assert said["memory"]["used"] <= LIMIT
    return int(said["memory"]["resident"])


def pump(producers: list[Producer], payload: bytes) -> None:
    """As much as credit allows, in turns, until all of it is acknowledged."""
    count = BYTES // len(payload) // len(producers)
    deadline = time.monotonic() + DEADLINE_S
    while any(each.held < count for each in producers):
        assert time.monotonic() < deadline
        for each in producers:
            while each.dealer.poll(0 if each.last < count else 10):
                word = each.hear()
                if word["t"] == "ack":
                    each.held, each.credit = word["held"], word["credit"]
            room = each.credit // len(payload) - (each.last - each.held)
            for _ in range(min(room, count - each.last, 200)):
                stamp = each.stamp(CHUNK, each.last + 1, len(payload))
                try:
                    each.push.send_multipart([stamp, payload], zmq.NOBLOCK)
                except zmq.Again:
                    break
                each.last += 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_burst_of_small_messages() -> None:
    port, _ = free_session()
    command = [sys.executable, "-m", "rrtool", "serve", "--port", str(port), "--memory-limit", "32MiB"]
    server = subprocess.Popen([*command, "-q", "--no-grpc"], stdout=subprocess.PIPE)
    producers: list[Producer] = []
    try:
        assert server.stdout is not None
        server.stdout.readline()
        program = resident(port)
        for _ in range(PRODUCERS):
            producers.append(Producer("127.0.0.1", port))
            producers[-1].connect()
        pump(producers, chunk(1))
        assert most(server.pid) < program + 2 * LIMIT
        deadline = time.monotonic() + DEADLINE_S
        while resident(port) > program + 1.5 * LIMIT:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        for each in producers:
            each.close()
        server.terminate()
        server.wait(30)
        if server.stdout is not None:
            server.stdout.close()
