"""A spool before disks that fail, kills, and power losses: what was durable is there, in order, once."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.broker.spool.batch import Batch, UnsureError
from rrsdk.broker.spool.parts import FileOnDisk, walk
from rrsdk.broker.spool.segments import read_segments, segment_numbers
from rrsdk.broker.spool.volume import Volume
from rrsdk.codec.frames import Kind
from rrsdk.errors import OutputError
from rrsdk.sinks.disk import DISK
from rrsdk.sinks.rotation import Rotate
from rrsdk.sources.opening import open_path
from tests.faults.lossy_disk import Fault, FaultyDisk, LossyDisk
from tests.sdk.spools import (
    KEY,
    KEY2,
    LOOKS,
    OTHER,
    RUN,
    Log,
    Told,
    a_chunk,
    a_table,
    an_activation,
    an_info,
    data_files,
    expected,
    payload,
    positions,
    spooled,
)

TOLD = st.one_of(
    st.builds(partial, st.just(a_chunk), st.integers(0, 20), store=st.sampled_from([RUN, RUN, OTHER])),
    st.builds(
        partial,
        st.just(a_chunk),
        st.integers(0, 3),
        static=st.just(True),
        entity=st.sampled_from(["/a", "/b"]),
    ),
    st.builds(partial, st.just(a_chunk), st.integers(0, 2), pad=st.just(600)),
    st.builds(partial, st.just(an_info), st.sampled_from([RUN, OTHER, LOOKS]), st.integers(1, 3)),
    st.builds(partial, st.just(a_chunk), st.integers(0, 3), store=st.just(LOOKS)),
    st.builds(partial, st.just(an_activation)),
    st.builds(partial, st.just(a_table), st.integers(0, 3)),
)
FAULTS = st.builds(
    Fault,
    st.sampled_from(
        ["writev"] * 4
        + ["sync"] * 3
        + [
            "sync_folder",
            "open",
            "truncate",
            "seek",
            "rename",
            "remove",
            "close",
            "pread",
            "make_folder",
            "size",
        ]
    ),
    at=st.integers(1, 8),
    lasts=st.sampled_from([1, 1, 2, 5]),
    error=st.sampled_from([errno.ENOSPC, errno.EIO]),
    short=st.booleans(),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from([KEY, KEY2]), st.lists(TOLD, max_size=6)),
        st.tuples(st.just("write"), st.sampled_from([KEY, KEY2]), st.lists(TOLD, max_size=6)),
        st.tuples(st.just("sync"), st.none(), st.none()),
        st.tuples(st.just("kill"), st.none(), st.none()),
        st.tuples(st.just("power"), st.none(), st.integers(0, 2**32)),
        st.tuples(st.just("close"), st.none(), st.none()),
        st.tuples(st.just("tend"), st.none(), st.none()),
        st.tuples(st.just("fault"), st.none(), FAULTS),
    ),
    min_size=3,
    max_size=25,
)


class World:
    """An owner of a volume, who does what the spool's thread does, on a disk to be afraid of."""

    def __init__(self, folder: str, rotate: Rotate | None, most_open: int) -> None:
        self.folder, self.rotate, self.most_open = folder, rotate, most_open
        self.lossy = LossyDisk(Path(folder).parent)
        self.disk = FaultyDisk(self.lossy)
        self.log = Log()
        self.queue: list[Batch] = []
        self.kept: list[Batch] = []
        self.durable = 0
        self.volume = self.open(trust=True)

    def open(self, *, trust: bool) -> Volume:
        """Also where it fails, and its power is lost amid it."""
        for _ in range(40):
            try:
                volume = Volume(
                    self.folder,
                    rotate=self.rotate,
                    disk=self.disk,
                    trust_page_cache=trust,
                    segment_bytes=3_000,
                    report=lambda line: None,
                )
            except OutputError:
                if not trust:
                    self.lossy.lose_power(random.Random(len(self.disk.calls)))
                continue
            volume._descriptors._most = self.most_open
            volume._footers.start = lambda due: None  # type: ignore[method-assign]  # not in this world
            return volume
        raise AssertionError("the spool cannot be opened any more")

    def write(self) -> None:
        while self.queue:
            try:
                self.volume.write(self.queue[0])
            except UnsureError:
                self.queue, self.kept = self.kept + self.queue, []
                return
            except OSError:
                return
            self.kept.append(self.queue.pop(0))

    def sync(self) -> None:
        try:
            self.volume.sync()
        except OSError:
            self.queue = self.kept + self.queue
            self.kept = []
            return
        self.kept = []
        self.durable = len(self.log.entries) - sum(len(batch.entries) for batch in self.queue)

    def close(self) -> None:
        self.write()
        self.sync()
        try:
            self.volume.close()
        except OSError:
            pass

    def reopen(self, *, trust: bool) -> None:
        self.volume = self.open(trust=trust)
        there = self.volume.recovered.next_index
        assert there >= self.durable, "what was durable is there"
        assert there <= len(self.log.entries)
        del self.log.entries[there:]
        held: dict[bytes, int] = {}
        for entry in self.log.entries:
            held[entry.producer] = entry.seq
        marks = self.volume.recovered.marks
        assert {key: mark.held for key, mark in marks.items() if mark.held} == held
        self.log.held = held
        self.queue, self.kept, self.durable = [], [], there
        self.check()

    def check(self) -> None:
        """Journal and files say what was written, once and in order."""
        faults, self.disk.faults = self.disk.faults, []
        written = self.log.entries[: len(self.log.entries) - sum(len(batch.entries) for batch in self.queue)]
        assert spooled(self.folder) == expected(written)
        for lifetime, found in enumerate(positions(self.folder)):
            assert found == list(range(sum(entry.lifetime == lifetime for entry in written)))
        self.disk.faults = faults

    def real_program_reads(self, rerun: Path) -> None:
        """What is left of the files, as it is, before anything follows."""
        paths = [os.path.join(self.folder, name) for name in data_files(self.folder)]
        for path in paths:
            done = subprocess.run(
                [rerun, "rrd", "print", path],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "RERUN_ANALYTICS": "0"},
            )
            assert done.returncode == 0, f"{path}: {done.stderr[-1000:]}"

    def check_files(self) -> None:
        """Each store's parts, read as recordings, hold its messages, behind what was carried."""
        numbers = segment_numbers(self.folder)
        heads = {
            file.path: file.head
            for segment in read_segments(DISK, self.folder, numbers[0], numbers[-1])
            for file in segment.files.values()
        }
        for store in (RUN, OTHER, LOOKS):
            suffix = ".rbl" if store is LOOKS else ".rrd"
            found: list[bytes] = []
            names = [
                name for name in data_files(self.folder) if name.split("/")[1].startswith(store.recording_id)
            ]
            for name in sorted(names, key=lambda name: (len(name), name)):
                assert name.endswith(suffix)
                path = os.path.join(self.folder, name)
                source = open_path(path, warn=lambda line: None)
                for _ in source.messages():
                    pass
                source.close()
                fileno = os.open(path, os.O_RDONLY)
                size = os.path.getsize(path)
                origin = FileOnDisk(DISK, fileno, name, size)
                for place in walk(origin, heads[name], size):
                    if place.kind == Kind.END:
                        break
                    found.append(bytes(origin.read(place.offset, place.size)))
                os.close(fileno)
            mine = [payload(entry) for entry in self.log.entries if entry.store == store]
            assert mine == found


def run(
    steps: list[tuple[str, Any, Any]], rotate: Rotate | None, most_open: int, seen: Sample | None = None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.join(folder, "spool"), rotate, most_open)
        for step, key, more in steps:
            if step == "write":
                told: list[Told] = [make() for make in more]  # by their names in what Hypothesis prints
                world.queue.append(world.log.batch(told, key))
                world.write()
            elif step == "sync":
                world.write()
                world.sync()
            elif step == "tend":
                world.volume.tend()
            elif step == "fault":
                world.disk.faults.append(Fault(**vars(more)))
            elif step == "close":
                world.close()
                world.reopen(trust=True)
            else:
                world.volume.abandon()
                if step == "power":
                    world.lossy.lose_power(random.Random(more))
                world.reopen(trust=step == "kill")
                if step == "power" and seen is not None and seen.wants(data_files(world.folder)):
                    world.real_program_reads(seen.rerun)
        world.disk.faults = []
        for _ in range(3):
            world.write()
            world.sync()
        assert not world.queue, "a disk that is well again is written to"
        world.check()
        assert world.durable == len(world.log.entries)
        world.volume.close()
        world.check()
        world.check_files()


class Sample:
    """Which survivors of a power loss the real program opens: a process for each takes its time."""

    def __init__(self, rerun: Path) -> None:
        self.rerun = rerun
        self.opened = self._met = 0

    def wants(self, names: list[str]) -> bool:
        """Of those with files the first, the second, the fourth, … and so on."""
        if not names:
            return False
        self._met += 1
        if self._met & (self._met - 1):
            return False
        self.opened += 1
        return True


@pytest.fixture(scope="module")
def sample(request: pytest.FixtureRequest) -> Iterator[Sample | None]:
    try:
        made = Sample(request.getfixturevalue("rerun_binary"))
    except pytest.skip.Exception:  # the rest can be told without it
        yield None
        return
    yield made
    assert made.opened >= 3, "the power failed too seldom"


ROTATE = st.sampled_from([None, Rotate(size_bytes=4_000), Rotate(size_bytes=20_000)])


@pytest.mark.campaign
@settings(max_examples=max(150, settings().max_examples))
@given(STEPS, ROTATE, st.sampled_from([2, 128]))
def test_whatever_happens_what_is_durable_is_there_once(
    sample: Sample | None, steps: list[tuple[str, Any, Any]], rotate: Rotate | None, most_open: int
) -> None:
    run(steps, rotate, most_open, sample)
