"""`rrtool serve --spool` and its producers, killed, stopped and cut off as a seed says."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from rrsdk.endpoint import control_port
from rrsdk.sinks.live import Amount, SinkStatus
from tests.faults.pipe_world import ROOT, free_session
from tests.faults.proxy import HOST, Proxy, proxied
from tests.faults.spool_folder import opens_everywhere, read_spool
from tests.faults.spool_local import delivered_by
from tests.faults.spool_promise import Told, judge, same_for_subscribers, told_by

COUNT = 1200
PACE_S = 0.002
CHAOS_S = 2.5
PRODUCERS = 3
PATIENCE_S = 120.0
EVENTS = (
    "kill",
    "kill",
    "kill producer",
    "kill footers",
    "stop",
    "hang",
    "cut",
    "reset",
    "half-open",
    "stall",
)


class ProcessWorld:
    """Processes that end with the test."""

    def __init__(self, seed: object, folder: Path) -> None:
        self.chance = random.Random(f"{seed} processes")
        self.folder, self.spool = folder, folder / "spool"
        self.port, self.data_port = free_session()
        self.fsync = self.chance.choice(["always", "interval:20", "interval", "never"])
        self.rotate = self.chance.choice([None, "64KiB", "300KB", "1s"])
        self.memory_limit = self.chance.choice(["1MiB", "8MiB", "1GiB"])
        self.happened = [f"{self.fsync} {self.rotate} {self.memory_limit}"]
        self.broker: subprocess.Popen[str] | None = None
        self.producers: dict[int, subprocess.Popen[str]] = {}
        self.killed: set[int] = set()

    # ---- processes ----

    def start_broker(self) -> None:
        command = [sys.executable, "-m", "rrtool", "serve", "--port", str(self.port), "--no-grpc", "-q"]
        command += ["--data-port", str(self.data_port), "--memory-limit", self.memory_limit]
        command += ["--spool", str(self.spool), "--fsync", self.fsync]
        command += ["--rotate", self.rotate] if self.rotate else []
        self.broker = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.broker.stdout is not None
        assert self.broker.stdout.readline().startswith("tcp://"), self.broker.communicate(timeout=10)

    def end_broker(self, number: signal.Signals) -> None:
        assert self.broker is not None
        self.broker.send_signal(number)
        _, words = self.broker.communicate(timeout=PATIENCE_S)
        self.happened.append(f"{number.name}: {words.strip()}")
        if number is signal.SIGTERM:
            assert self.broker.returncode == 0, words

    def start_producer(self, number: int) -> None:
        buffer = self.chance.choice([1 << 26, 1 << 26, 200_000])
        command = [sys.executable, "-m", "tests.faults.spool_actor", f"{HOST}:{self.port}", str(number)]
        command += [str(COUNT), str(PACE_S), str(buffer), str(self.chance.random()), str(self._told(number))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        self.producers[number] = process
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"

    def _told(self, number: int) -> Path:
        return self.folder / f"told-{number}"

    # ---- what happens ----

    def run(self, rerun: Path) -> None:
        """The whole schedule, and what must hold then."""
        try:
            self.start_broker()
            with proxied(control_port(self.port), self.data_port) as proxy:
                for number in range(PRODUCERS):
                    self.start_producer(number)
                until = time.monotonic() + CHAOS_S
                while time.monotonic() < until:
                    time.sleep(self.chance.random() * 0.4)
                    self.happen(self.chance.choice(EVENTS), proxy)
                said = {number: self.outcome(number) for number in self.producers}
            self.check(said, rerun)
        except BaseException as error:
            error.add_note("\n".join(self.happened))
            raise
        finally:
            self.close()

    def happen(self, event: str, proxy: Proxy) -> None:
        self.happened.append(event)
        assert self.broker is not None
        if event in ("kill", "stop"):
            self.end_broker(signal.SIGKILL if event == "kill" else signal.SIGTERM)
            time.sleep(self.chance.random() * 0.2)
            self.start_broker()
        elif event == "kill producer":
            alive = [number for number in self.producers if number not in self.killed]
            if len(alive) > 1:
                victim = self.chance.choice(alive)
                self.killed.add(victim)
                self.producers[victim].kill()
                self.producers[victim].wait()
        elif event == "kill footers":
            for child in _children(self.broker.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        elif event == "hang":
            self.broker.send_signal(signal.SIGSTOP)
            time.sleep(self.chance.random() * 0.8)
            self.broker.send_signal(signal.SIGCONT)
        elif event == "stall":
            proxy.is_stalled = True
            time.sleep(self.chance.random())
            proxy.is_stalled = False
        else:
            {"cut": proxy.cut, "reset": proxy.reset, "half-open": proxy.swallow}[event]()

    def outcome(self, number: int) -> Told:
        """What a producer that lives on says in the end; of a killed one, what it was told."""
        process = self.producers[number]
        if number in self.killed:
            lines = self._told(number).read_text().split("\n")[:-1]
            return Told(COUNT, int(lines[-1]) if lines else 0, is_alive=False)
        out, _ = process.communicate("end\n", timeout=PATIENCE_S)
        assert process.returncode == 0, out
        said = json.loads(out.splitlines()[-1])
        assert said["done"], said
        return told_by(_status(said["status"]), COUNT)

    def check(self, said: dict[int, Told], rerun: Path) -> None:
        """Files, a late subscriber before and after a restart, and producers agree."""
        url = f"127.0.0.1:{self.port}"
        for _ in range(2):
            delivered = delivered_by(url)
            self.end_broker(signal.SIGTERM)
            found = read_spool(self.spool)
            for number, told in said.items():
                judge(found.get(number, []), told)
            same_for_subscribers(delivered, found)
            opens_everywhere(self.spool, rerun)
            self.start_broker()

    def close(self) -> None:
        for process in [*self.producers.values(), *([self.broker] if self.broker else [])]:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _status(said: dict[str, object]) -> SinkStatus:
    amounts = {name: Amount(**value) for name, value in said.items() if isinstance(value, dict)}
    return SinkStatus(**{**said, **amounts})  # type: ignore[arg-type]


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(text) for text in task.read_text().split()]
    return found
