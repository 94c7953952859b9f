"""A spool whose disk fails now and then, read while it grows: what is durable is read as it was written."""

from __future__ import annotations

import errno
import random
from collections import deque
from pathlib import Path

import pytest

from rrsdk.broker.spool.batch import Batch
from rrsdk.broker.spool.volume import Volume
from rrsdk.sinks.rotation import Rotate
from rrsdk.store.entry import Entry, Lifetime, Tally
from tests.faults.lossy_disk import Fault, FaultyDisk
from tests.sdk.spools import KEY, KEY2, Log
from tests.sdk.test_spool_history import counts, expected, opened, plain, read, said, some

CALLS = ("sync", "sync", "writev", "truncate", "open", "rename", "sync_folder")


@pytest.mark.parametrize("seed", range(8))
def test_what_is_durable_is_read_as_it_was_written(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    log = Log()
    history = opened(tmp_path, log, cache_bytes=rng.choice((1, 1 << 20)))
    rotate = Rotate(size_bytes=6000) if seed % 2 else None
    number = durable = 0
    waiting: deque[Batch] = deque()
    kept: list[Batch] = []
    disk = FaultyDisk()
    volume = Volume(str(tmp_path), disk=disk, segment_bytes=2000, rotate=rotate, report=said)
    try:
        for _ in range(100):
            if rng.random() < 0.8:
                told = [some(rng, number + each) for each in range(rng.randrange(1, 6))]
                number += len(told)
                waiting.append(log.batch(told, rng.choice((KEY, KEY2))))
            if rng.random() < 0.2:
                lasts = rng.choice((1, 1, 3))
                disk.faults.append(Fault(rng.choice(CALLS), rng.randrange(1, 5), lasts, errno.EIO))
            while waiting:
                try:
                    volume.write(waiting[0])
                except OSError:
                    break
                kept.append(waiting.popleft())
            if rng.random() < 0.4:
                try:
                    volume.sync()
                except OSError:
                    waiting.extendleft(reversed(kept))
                else:
                    durable = max([durable, *(batch.end for batch in kept)])
                    history.advance(counts(log.entries[:durable]), durable)
                kept.clear()
            if rng.random() < 0.1:
                disk.faults.clear()
                volume.abandon()
                volume = Volume(str(tmp_path), disk=disk, segment_bytes=2000, rotate=rotate, report=said)
                begin = volume.recovered.next_index
                again: list[Entry] = [
                    e for batch in (*kept, *waiting) for e in batch.entries if e.at >= begin
                ]
                marks = waiting[-1].marks if waiting else kept[-1].marks if kept else {}
                waiting = deque([Batch(again, marks)] if again else [])
                kept.clear()
                assert durable <= begin
            for lifetime in Lifetime:
                wanted = expected(log, lifetime)[: history.ends[lifetime]]
                position = rng.randrange(len(wanted) + 1)
                found, lost = read(
                    history, lifetime, position, most_bytes=lambda: rng.choice((1, 2000, 1 << 20))
                )
                assert plain(found) == wanted[position:]
                assert sum((tally for _, tally in lost), Tally()) == (0, 0, 0)
    finally:
        assert history.stop()
        volume.abandon()
    assert not history.fault
    assert durable > 30
