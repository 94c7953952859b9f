"""What a spool's history says, against what was written to the spool."""

from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from rrsdk.broker.spool.history import SpoolHistory
from rrsdk.broker.spool.journal import SEGMENT, outline, outlines, records, segment_name
from rrsdk.broker.spool.segments import segment_numbers
from rrsdk.broker.spool.volume import Volume
from rrsdk.identity import StoreId
from rrsdk.sinks.disk import DISK, Disk, SystemDisk
from rrsdk.sinks.rotation import Rotate
from rrsdk.store.entry import Entry, Lifetime, Tally
from rrsdk.store.history import Fetched
from tests.faults.lossy_disk import Fault, FaultyDisk
from tests.sdk.spools import (
    KEY,
    KEY2,
    OTHER,
    RUN,
    Log,
    Told,
    a_chunk,
    a_table,
    an_activation,
    an_info,
    payload,
)

ALL = (1 << 64) - 1
DEADLINE_S = 20.0


def said(line: str) -> None:
    """Volumes have nothing to say here that matters."""


def counts(entries: Iterable[Entry]) -> tuple[int, int, int]:
    found = [0, 0, 0]
    for entry in entries:
        found[entry.lifetime] += 1
    return found[0], found[1], found[2]


def opened(folder: Path | str, log: Log, *, disk: Disk = DISK, **options: int) -> SpoolHistory:
    ends = counts(log.entries)
    return SpoolHistory(str(folder), ends=ends, next_index=log.next_index, disk=disk, **options)


def fetched(
    history: SpoolHistory,
    lifetime: Lifetime,
    position: int,
    *,
    before: int = ALL,
    stores: frozenset[StoreId] | None = None,
    most_bytes: int = 1 << 20,
) -> Fetched:
    done = threading.Event()
    answer = history.fetch(
        lifetime, position, before=before, stores=stores, most_bytes=most_bytes, ready=done.set
    )
    assert done.wait(DEADLINE_S)
    assert answer.is_done
    return answer


def read(
    history: SpoolHistory,
    lifetime: Lifetime,
    position: int = 0,
    *,
    before: int = ALL,
    stores: frozenset[StoreId] | None = None,
    most_bytes: Callable[[], int] = lambda: 1 << 20,
) -> tuple[list[tuple[int, Entry]], list[tuple[int, Tally]]]:
    """All from a position on, as a subscriber would ask for it."""
    found: list[tuple[int, Entry]] = []
    lost: list[tuple[int, Tally]] = []
    while position < history.ends[lifetime]:
        answer = fetched(history, lifetime, position, before=before, stores=stores, most_bytes=most_bytes())
        places = [at for at, _ in answer.entries]
        assert places == sorted(set(places))
        assert all(position <= at < answer.end for at in places)
        assert all(position < behind <= answer.end for behind, _ in answer.lost)
        assert answer.cost == sum(entry.cost for _, entry in answer.entries)
        found += answer.entries
        lost += answer.lost
        if answer.is_over:
            break
        assert answer.end > position
        position = answer.end
    return found, lost


def expected(
    log: Log, lifetime: Lifetime, stores: frozenset[StoreId] | None = None
) -> list[tuple[object, ...]]:
    mine = [entry for entry in log.entries if entry.lifetime is lifetime]
    return [
        (at, *entry[:8], payload(entry))
        for at, entry in enumerate(mine)
        if stores is None or entry.store in stores
    ]


def plain(found: Iterable[tuple[int, Entry]]) -> list[tuple[object, ...]]:
    for _, entry in found:
        assert len(entry.parts) == 1
        assert type(entry.parts[0]) is bytes
        assert type(entry.lifetime) is Lifetime
        assert entry.cost > entry.size
    return [(at, *entry[:8], payload(entry)) for at, entry in found]


def some(rng: random.Random, number: int) -> Told:
    which = rng.random()
    store = OTHER if rng.random() < 0.3 else RUN
    if which < 0.05:
        return an_info(store, number + 1)
    if which < 0.07:
        return an_activation()
    if which < 0.1:
        return a_table(number)
    return a_chunk(number, store=store, static=which < 0.3, pad=rng.randrange(4))


def written(
    folder: Path,
    *,
    batches: int = 60,
    opens: int = 3,
    segment_bytes: int = 3000,
    rotate: Rotate | None = None,
    seed: int = 1,
) -> Log:
    rng = random.Random(seed)
    log = Log()
    number = 0
    for _ in range(opens):
        volume = Volume(str(folder), segment_bytes=segment_bytes, rotate=rotate, report=said)
        for _ in range(batches // opens):
            told = [some(rng, number + each) for each in range(rng.randrange(1, 8))]
            number += len(told)
            volume.write(log.batch(told, rng.choice((KEY, KEY2))))
            if rng.random() < 0.7:
                volume.sync()
        volume.close()
    return log


@pytest.mark.parametrize("rotate", [None, Rotate(size_bytes=4000)])
def test_all_that_was_written_comes_back(tmp_path: Path, rotate: Rotate | None) -> None:
    log = written(tmp_path, rotate=rotate)
    assert len(segment_numbers(str(tmp_path))) > 4
    rng = random.Random(2)
    sizes = [1, 300, 2000, 1 << 20]
    history = opened(tmp_path, log, cache_bytes=1)
    try:
        for lifetime in Lifetime:
            assert plain(read(history, lifetime)[0]) == expected(log, lifetime)
            found, lost = read(history, lifetime, most_bytes=lambda: rng.choice(sizes))
            assert plain(found) == expected(log, lifetime)
            assert not lost
            for stores in (frozenset([RUN]), frozenset([OTHER]), frozenset[StoreId]()):
                found, lost = read(history, lifetime, stores=stores, most_bytes=lambda: rng.choice(sizes))
                assert plain(found) == expected(log, lifetime, stores)
                assert not lost
            wanted = expected(log, lifetime)
            for _ in range(30):
                position = rng.randrange(len(wanted))
                before = rng.randrange(log.next_index + 2)
                found, _ = read(history, lifetime, position, before=before)
                assert plain(found) == [each for each in wanted[position:] if int(str(each[1])) < before]
    finally:
        assert history.stop()
    assert not history.fault


def test_a_block_costs_what_it_may_cost_or_is_one_message(tmp_path: Path) -> None:
    log = written(tmp_path)
    history = opened(tmp_path, log)
    try:
        for most in (1, 700, 5000):
            position = 0
            while position < history.ends[2]:
                answer = fetched(history, Lifetime.TEMPORAL, position, most_bytes=most)
                assert answer.cost <= most or len(answer.entries) == 1
                position = answer.end
    finally:
        history.stop()


def test_what_grows_is_read_up_to_what_is_durable(tmp_path: Path) -> None:
    volume = Volume(str(tmp_path), segment_bytes=4000, report=said)
    log = Log()
    history = opened(tmp_path, log)
    try:
        durable = 0
        for number in range(150):
            volume.write(log.batch([a_chunk(number * 10 + each) for each in range(number % 4 + 1)]))
            if number % 3 == 2:
                volume.sync()
                durable = log.next_index
                history.advance((0, 0, durable), durable)
            if durable:
                position = max(0, durable - 20)
                found, lost = read(history, Lifetime.TEMPORAL, position, most_bytes=lambda: 3000)
                assert [at for at, _ in found] == list(range(position, durable))
                assert not lost
        found, _ = read(history, Lifetime.TEMPORAL)
        assert plain(found) == expected(log, Lifetime.TEMPORAL)[:durable]
    finally:
        history.stop()
        volume.close()


@pytest.mark.parametrize("is_cut", [True, False])
def test_what_is_written_again_elsewhere_is_read_there(tmp_path: Path, is_cut: bool) -> None:
    disk = FaultyDisk()
    volume = Volume(str(tmp_path), disk=disk, report=said)
    log = Log()
    history = opened(tmp_path, log)
    try:
        first = log.batch([an_info(), *map(a_chunk, range(20))])
        volume.write(first)
        volume.sync()
        size = os.path.getsize(tmp_path / "app/run.rrd")
        history.advance((1, 0, 20), log.next_index)
        second = log.batch(map(a_chunk, range(20, 40)))
        volume.write(second)
        assert len(read(history, Lifetime.TEMPORAL)[0]) == 20
        disk.faults.append(Fault("sync", error=errno.EIO))
        if not is_cut:
            disk.faults.append(Fault("truncate", lasts=100, error=errno.EIO))
        with pytest.raises(OSError, match="Input/output"):
            volume.sync()
        disk.faults.clear()
        os.truncate(tmp_path / "app/run.rrd", size)  # as it may be after a failed sync
        assert len(read(history, Lifetime.TEMPORAL)[0]) == 20
        half = len(second.entries) // 2
        for part in (second.entries[:half], second.entries[half:]):  # other records than before
            volume.write(second._replace(entries=part))
        third = log.batch(map(a_chunk, range(40, 45)))
        volume.write(third)
        volume.sync()
        history.advance((1, 0, 45), log.next_index)
        later = opened(tmp_path, log)
        for each in (history, later):
            found, lost = read(each, Lifetime.TEMPORAL)
            assert plain(found) == expected(log, Lifetime.TEMPORAL)
            assert not lost
        later.stop()
    finally:
        history.stop()
        volume.close()


def test_parts_that_were_taken_away_are_lost_and_nothing_else(tmp_path: Path) -> None:
    log = written(tmp_path, rotate=Rotate(size_bytes=4000))
    for path in ("app/run.rrd", "app/run.0002.rrd", "app/other.rrd"):
        os.remove(tmp_path / path)
    history = opened(tmp_path, log)
    try:
        for lifetime in Lifetime:
            found, lost = read(history, lifetime, most_bytes=lambda: 5000)
            wanted = expected(log, lifetime)
            assert set(plain(found)) <= set(wanted)
            gone = [each for each in wanted if each not in plain(found)]
            total = sum((each for _, each in lost), Tally())
            assert total == (len(gone), sum(int(str(e[7])) for e in gone), sum(int(str(e[8])) for e in gone))
            if lifetime is Lifetime.TEMPORAL:
                assert 0 < len(gone) < len(wanted)
                runs = [behind for behind, _ in lost]
                assert runs == sorted(set(runs))
                only, lost = read(history, lifetime, stores=frozenset([OTHER]))
                assert {entry.store for _, entry in only} == {OTHER}
                wanted = expected(log, lifetime, frozenset([OTHER]))
                assert sum(each.messages for _, each in lost) + len(only) == len(wanted)
    finally:
        history.stop()


@pytest.mark.parametrize("how", ["gone", "head", "middle", "all"])
def test_segments_that_cannot_be_read_are_lost_and_nothing_else(tmp_path: Path, how: str) -> None:
    log = written(tmp_path)
    numbers = segment_numbers(str(tmp_path))
    path = tmp_path / ".rrkit" / segment_name(numbers[2])
    raw = bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
    else:
        where = {"head": [3], "middle": [len(raw) // 2], "all": list(range(len(raw)))}[how]
        for at in where:
            raw[at] ^= 0xFF
        path.write_bytes(raw)
    history = opened(tmp_path, log)
    try:
        for lifetime in Lifetime:
            found, lost = read(history, lifetime, most_bytes=lambda: 5000)
            wanted = expected(log, lifetime)
            assert set(plain(found)) <= set(wanted)
            gone = [each for each in wanted if each not in plain(found)]
            total = sum((each for _, each in lost), Tally())
            assert total == (len(gone), sum(int(str(e[7])) for e in gone), sum(int(str(e[8])) for e in gone))
            if lifetime is Lifetime.TEMPORAL:
                assert bool(gone) == (how != "head")
                assert len(gone) < len(wanted) / 2
    finally:
        history.stop()
    assert not history.fault


def test_outlines_are_those_of_records(tmp_path: Path) -> None:
    written(tmp_path, batches=12, opens=1, segment_bytes=1 << 20)
    raw = (tmp_path / ".rrkit" / segment_name(1)).read_bytes()
    assert len(list(outlines(raw, SEGMENT.size))) > 5
    rng = random.Random(3)
    for number in range(300):
        broken = bytearray(raw[: rng.randrange(len(raw)) if number % 2 else len(raw)])
        if number and broken:
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        found = list(outlines(bytes(broken), SEGMENT.size))
        assert found == [outline(record) for record in records(bytes(broken), SEGMENT.size)]
        for quick, record in zip(found, records(bytes(broken), SEGMENT.size)):
            change = quick.names(bytes(broken))
            named = (change.files, change.producers) if change else ((), ())
            assert named == (record.change.files, record.change.producers)


def test_no_journal_at_all(tmp_path: Path) -> None:
    log = written(tmp_path, batches=6)
    for number in segment_numbers(str(tmp_path)):
        os.remove(tmp_path / ".rrkit" / segment_name(number))
    history = opened(tmp_path, log)
    try:
        found, lost = read(history, Lifetime.TEMPORAL)
        assert not found
        assert sum(each.messages for _, each in lost) == counts(log.entries)[2]
    finally:
        history.stop()


class Slow(SystemDisk):
    """A disk that hangs until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.hangs = threading.Event()

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        self.hangs.set()
        assert self.go_on.wait(DEADLINE_S)
        return super().pread(fileno, size, offset)


def test_a_disk_that_hangs_holds_nobody(tmp_path: Path) -> None:
    log = written(tmp_path, batches=6)
    disk = Slow()
    history = opened(tmp_path, log, disk=disk)
    done = threading.Event()
    answers = [
        history.fetch(Lifetime.TEMPORAL, 0, before=ALL, stores=None, most_bytes=1000, ready=done.set)
        for _ in range(3)
    ]
    assert disk.hangs.wait(DEADLINE_S)
    answers[1].is_wanted = False
    assert not any(answer.is_done for answer in answers)
    assert not history.stop(0.05)
    disk.go_on.set()
    assert history.stop(DEADLINE_S)


def test_files_are_read_by_the_one_who_needs_them_only(tmp_path: Path) -> None:
    log = written(tmp_path, batches=6)
    history = opened(tmp_path, log)
    first = history.fetch(Lifetime.TEMPORAL, 0, before=ALL, stores=None, most_bytes=1, ready=lambda: None)
    first.is_wanted = False
    assert fetched(history, Lifetime.TEMPORAL, 0).entries
    assert history.stop()


def test_too_many_open_files_is_nothing_that_lasts(tmp_path: Path) -> None:
    log = written(tmp_path, batches=6)
    disk = FaultyDisk(faults=[Fault("open", at, error=errno.EMFILE) for at in (1, 3, 6)])
    history = opened(tmp_path, log, disk=disk)
    try:
        found, lost = read(history, Lifetime.TEMPORAL)
        assert plain(found) == expected(log, Lifetime.TEMPORAL)
        assert not lost
    finally:
        history.stop()


def test_a_fault_with_one_question_is_no_fault_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = written(tmp_path, batches=6)
    history = opened(tmp_path, log)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(history._reader._lookup, "find", lambda *_: 1 / 0)
            answer = fetched(history, Lifetime.TEMPORAL, 3)
            assert (answer.entries, answer.lost, answer.end) == ([], [(4, Tally(1))], 4)
            assert "ZeroDivisionError" in history.fault
        assert plain(read(history, Lifetime.TEMPORAL)[0]) == expected(log, Lifetime.TEMPORAL)
    finally:
        history.stop()
