"""A broker with a spool, its producers and what happens to its disk, in one process; a seed says all of it.

The broker dies without a word at some call to its disk, starts again on the same folder, stops in an
orderly way; between lives the power may fail, which takes along what was not synced.
"""

from __future__ import annotations

import errno
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from rrsdk.broker.keeper import SpoolOptions
from rrsdk.broker.service import Broker
from rrsdk.broker.spool.footers import Footers
from rrsdk.broker.spool.policy import Fsync
from rrsdk.errors import RrError
from rrsdk.message import ChunkMsg
from rrsdk.sinks.rotation import Rotate
from rrsdk.sinks.zmq.sink import ZmqSink
from rrsdk.sources.zmq import ZmqSource
from tests.faults.lossy_disk import Fault, FaultyDisk, LossyDisk
from tests.faults.mortal_disk import MortalDisk
from tests.faults.pipe_world import free_session
from tests.faults.spool_folder import opens_everywhere, read_spool
from tests.faults.spool_labels import Label, announced, label_of, labelled
from tests.faults.spool_promise import Told, judge, same_for_subscribers, told_by

FLUSH_S = 40.0
_TRIES = 40
KINDS = ("kill", "power", "faults", "all")
CALLS = (
    "open",
    "writev",
    "writev",
    "writev",
    "sync",
    "sync",
    "truncate",
    "rename",
    "sync_folder",
    "pread",
    "seek",
    "size",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed says."""

    kind: str
    fsync: Fsync
    rotate: Rotate | None
    memory_limit: int
    producers: int
    count: int
    floats: int
    recordings: int
    buffer_bytes: int
    lives: int

    @classmethod
    def draw(cls, chance: random.Random, kind: str) -> Plan:
        ways = [Fsync(0.0), Fsync(0.02), Fsync(0.02), Fsync(0.15)]
        if kind != "all":
            ways.append(Fsync(None))
        if kind == "power":
            ways.append(Fsync(None))
        return cls(
            kind=kind,
            fsync=chance.choice(ways),
            rotate=chance.choice([None, Rotate(65_536), Rotate(200_000), Rotate(None, 1.0)]),
            memory_limit=chance.choice([1 << 20, 4 << 20, 1 << 28]),
            producers=chance.randint(1, 4),
            count=chance.randint(50, 400),
            floats=chance.choice([1, 1, 1, 200, 3000]),
            recordings=chance.choice([1, 1, 2]),
            buffer_bytes=chance.choice([1 << 26, 1 << 26, 300_000]),
            lives=chance.randint(1, 4),
        )


class MortalBroker(Broker):
    """One that can end as if its process were killed."""

    is_dead = False

    def kill(self) -> None:
        """Its disk is dead already; the sockets close without a word."""
        self.is_dead = True
        self.stop(10.0)

    def _end(self) -> None:
        if not self.is_dead:
            super()._end()
            return
        assert self._keeper is not None
        self._keeper.stop(0.0)
        assert self._keeper._spooler is not None
        self._keeper._spooler._thread.join(20.0)
        assert not self._keeper._spooler._thread.is_alive()


class Producer(threading.Thread):
    """Logs numbered messages at an uneven pace."""

    def __init__(self, number: int, url: str, plan: Plan, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.number, self._plan, self._chance = number, plan, chance
        self.recording = f"run{number % plan.recordings}"
        self.sink = ZmqSink(url, policy="block(30)", buffer_bytes=plan.buffer_bytes, name=f"p{number}")
        self.put = 0

    def run(self) -> None:
        plan, chance = self._plan, self._chance
        self.sink.put(announced(self.recording))
        pause_s = chance.choice([0.0005, 0.001, 0.003])
        for self.put in range(plan.count):
            self._log(self.put)
            if chance.random() < 0.3:
                time.sleep(chance.random() * 4 * pause_s)
        self.put = plan.count

    def _log(self, number: int) -> None:
        self.sink.put(labelled(self.recording, self.number, number, floats=self._plan.floats))

    def end(self) -> Told:
        """Wait until all is acknowledged, after one message that nothing else can happen to."""
        self.join(60)
        assert not self.is_alive(), f"producer {self.number} hangs; {self.sink.status()}"
        self._log(self.put)
        self.put += 1
        flushed = self.sink.flush(FLUSH_S)
        assert flushed.done, f"producer {self.number}: {flushed}; {self.sink.status()}"
        told = told_by(self.sink.status(), self.put)
        self.sink.close(5)
        return told


class LocalWorld:
    """All of one schedule."""

    def __init__(self, seed: object, kind: str, folder: Path) -> None:
        self.chance = random.Random(f"{seed} {kind}")
        self.plan = Plan.draw(self.chance, kind)
        self.folder = folder
        self.lossy = LossyDisk(folder)
        self.faulty = FaultyDisk(self.lossy)
        self.boots = 0
        """How often the power failed."""
        self.port, self.data_port = free_session()
        self.told: list[str] = []
        self.happened: list[str] = [repr(self.plan)]
        self.broker: MortalBroker | None = None
        self.disk = MortalDisk(self.faulty, self.chance)
        self.producers: list[Producer] = []

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    def boot_id(self) -> bytes:
        """What the system calls its start."""
        return b"boot %d" % self.boots

    # ---- what happens ----

    def run(self, rerun: Path) -> None:
        """The whole schedule, and what must hold then."""
        patches = [mock.patch("rrsdk.broker.spool.volume.boot_id", self.boot_id)]
        if self.plan.kind in ("power", "all"):  # of what a process of its own syncs this disk knows nothing
            patches.append(mock.patch.object(Footers, "start", return_value=None))
        try:
            for patch in patches:
                patch.start()
            self.start()
            for number in range(self.plan.producers):
                self.producers.append(
                    Producer(number, self.url, self.plan, random.Random(self.chance.random()))
                )
                self.producers[-1].start()
            for _ in range(self.plan.lives):
                self.live()
            self.heal()
            self.finish(rerun)
        except BaseException as error:
            error.add_note("\n".join([*self.happened, *self.told]))
            raise
        finally:
            self.close()
            for patch in patches:
                patch.stop()

    def live(self) -> None:
        """A while of life, and its end."""
        if self.plan.kind in ("faults", "all"):
            self.break_something()
        time.sleep(self.chance.random() * 0.15)
        ends = {
            "kill": ["kill"],
            "power": ["power"],
            "faults": ["stop", "none"],
            "all": ["kill", "power", "stop"],
        }
        end = self.chance.choice(ends[self.plan.kind] + ["stop"] * (self.chance.random() < 0.2))
        if end == "none":
            return
        if end == "stop":
            self.stop()
        else:
            self.kill(power=end == "power")
        time.sleep(self.chance.random() * 0.1)
        self.start()

    def break_something(self) -> None:
        """One of the next calls of some name fails, and perhaps a few that follow."""
        for _ in range(self.chance.randint(1, 3)):
            call = self.chance.choice(CALLS)
            fault = Fault(
                call,
                at=self.chance.randint(1, 25 if call in ("writev", "pread") else 6),
                lasts=self.chance.choice([1, 1, 1, 2, 5]),
                error=self.chance.choice([errno.ENOSPC, errno.EIO]),
                short=call == "writev" and self.chance.random() < 0.5,
            )
            self.happened.append(str(fault))
            self.faulty.faults.append(fault)

    def heal(self) -> None:
        """From here on the disk works."""
        self.faulty.faults.clear()

    def kill(self, *, power: bool) -> None:
        """At one of the next calls, or between two."""
        if self.chance.random() < 0.8:
            self.disk.die_in(self.chance.randint(0, 12))
            self.disk.died.wait(0.5)
        self.disk.die()
        assert self.broker is not None
        self.broker.kill()
        self.happened.append(f"killed after {self.disk.calls} calls" + ", power lost" * power)
        if power:
            self.lossy.lose_power(self.chance)
            self.boots += 1

    def stop(self) -> None:
        assert self.broker is not None
        self.broker.stop(30.0)
        assert self.broker._keeper is not None
        assert self.broker._keeper._spooler is not None
        self.broker._keeper._spooler._thread.join(30.0)  # a process would end now, whatever the disk does
        self.broker = None
        self.happened.append("stopped")

    def start(self) -> None:
        """A broker on the folder; where the disk fails it says so, and is started again."""
        for _ in range(_TRIES):
            self.disk = MortalDisk(self.faulty, self.chance)
            options = SpoolOptions(
                str(self.folder), fsync=self.plan.fsync, rotate=self.plan.rotate, disk=self.disk
            )
            self.broker = MortalBroker(
                port=self.port,
                data_port=self.data_port,
                memory_limit=self.plan.memory_limit,
                spool=options,
                report=self.told.append,
            )
            try:
                self.broker.start()
            except RrError as error:
                self.happened.append(f"did not start: {error}")
                self.broker = None
                continue
            self.happened.append("started")
            return
        raise AssertionError(f"no start in {_TRIES} tries")

    # ---- what must hold ----

    def finish(self, rerun: Path) -> None:
        """Everybody ends in good order; what was delivered, what is on disk, what was told agree."""
        said = {producer.number: producer.end() for producer in self.producers}
        assert self.broker is not None
        assert not (mishaps := list(self.broker.mishaps)), mishaps
        is_never, kind = self.plan.fsync.is_never, self.plan.kind
        is_counted = not is_never or kind in ("kill", "power")
        must_stay = is_counted and not (is_never and kind == "power")
        delivered = delivered_by(self.url, may_miss=not is_counted)
        self.stop()
        found = read_spool(self.folder)
        for number, told in said.items():
            judge(found.get(number, []), told, is_counted=is_counted)
            assert not (told.gone and must_stay and self.plan.buffer_bytes > 1_000_000), told
        same_for_subscribers(delivered, found, may_miss=not is_counted)
        opens_everywhere(self.folder, rerun)
        self.start()
        same_for_subscribers(delivered_by(self.url, may_miss=not is_counted), found, may_miss=not is_counted)
        self.stop()
        assert read_spool(self.folder) == found
        opens_everywhere(self.folder, rerun)

    def close(self) -> None:
        for producer in self.producers:
            producer.sink.close(0.1)
        if self.broker is not None:
            self.disk.die()
            self.broker.kill()


def delivered_by(url: str, *, may_miss: bool = False) -> list[Label]:
    """What a late subscriber gets; `may_miss`: files were damaged, which it is told."""
    warnings: list[str] = []
    source = ZmqSource(url, warn=warnings.append)
    try:
        labels = [label_of(m.row.chunk_id) for m in source.messages() if isinstance(m, ChunkMsg)]
    finally:
        source.close()
    assert may_miss or not source.missed.messages, (source.missed, warnings)
    return labels
