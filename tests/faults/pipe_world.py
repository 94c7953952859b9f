"""Brokers, producers and subscribers as processes that may be killed, and what must hold whatever happens."""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from rrsdk.endpoint import control_port
from rrsdk.message import ChunkMsg, Message
from rrsdk.sources.zmq import ZmqSource

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0


def free_session() -> tuple[int, int]:
    """A session's port and one for data, with nobody on them on either loopback address."""
    for _ in range(200):
        port = random.randint(20_000, 30_000)
        data = port + 20_000
        try:
            for host in ("127.0.0.1", "127.0.0.2"):
                for number in (port, control_port(port), data):
                    with socket.socket() as probe:
                        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        probe.bind((host, number))
        except OSError:
            continue
        return port, data
    raise AssertionError("no free ports")


class World:
    """Processes that end with the test."""

    def __init__(self) -> None:
        self.port, self.data_port = free_session()
        self.ports = control_port(self.port), self.data_port
        self._processes: list[subprocess.Popen[str]] = []
        self._broker: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def proxied_url(self) -> str:
        return f"127.0.0.2:{self.port}"

    def start(self, *args: str) -> subprocess.Popen[str]:
        """A process of ours that has said that it is up."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.pipe_actor", *args],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    def start_broker(self) -> None:
        self._broker = self.start("broker", str(self.port), str(self.data_port))

    def kill_broker(self) -> None:
        assert self._broker is not None
        self._broker.kill()
        self._broker.wait()

    def signal_broker(self, number: signal.Signals) -> None:
        assert self._broker is not None
        self._broker.send_signal(number)

    def producer(
        self,
        entity: str,
        *,
        count: int,
        pace_s: float,
        url: str = "",
        policy: str = "block(30)",
        buffer_bytes: int = 64 * 1024 * 1024,
        seed: int = 0,
    ) -> subprocess.Popen[str]:
        return self.start(
            "producer", url or self.url, entity, str(count), str(pace_s), policy, str(buffer_bytes), str(seed)
        )

    def stored(self) -> dict[str, list[int]]:
        """What the broker holds, by entity."""
        source = ZmqSource(self.url, warn=print)
        try:
            return by_entity(list(source.messages()))
        finally:
            source.close()

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


class Listener:
    """A live subscriber in a thread of the test."""

    def __init__(self, url: str) -> None:
        self.warnings: list[str] = []
        self.source = ZmqSource(url, live=True, warn=self.warnings.append)
        self.messages: list[Message] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for message in self.source.messages():
            self.messages.append(message)

    def wait_for(self, count: int) -> None:
        """Until so many chunks have come."""
        deadline = time.monotonic() + DEADLINE_S
        while sum(isinstance(each, ChunkMsg) for each in list(self.messages)) < count:
            assert time.monotonic() < deadline, f"{len(self.messages)} of {count}; {self.warnings}"
            time.sleep(0.05)

    def close(self) -> dict[str, list[int]]:
        self.source.close()
        self._thread.join(10)
        assert not self._thread.is_alive()
        return by_entity(self.messages)


def by_entity(messages: list[Message]) -> dict[str, list[int]]:
    """The numbers of chunks in the order they came."""
    found: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        if isinstance(message, ChunkMsg):
            span = message.row.spans[0]
            assert span is not None
            found[message.row.shape.layout.entity].append(span[0])
    return found


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Let a producer come to its end; what it said."""
    out, _ = process.communicate("end\n", timeout=2 * DEADLINE_S)
    assert process.returncode == 0, out
    return dict(json.loads(out.splitlines()[-1]))


def in_order_and_once(numbers: list[int]) -> bool:
    return numbers == sorted(set(numbers))
