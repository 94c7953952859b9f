"""A spool's folder: what is written is there, in files that are recordings, also when it is opened again."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from rrsdk.broker.spool.batch import Batch, Mark, UnsureError
from rrsdk.broker.spool.volume import Volume
from rrsdk.errors import BusyError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import Chunks, StoreInfo
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
    a_chunk,
    a_table,
    an_activation,
    an_info,
    data_files,
    expected,
    positions,
    spooled,
)


class Reports(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def reports() -> Reports:
    return Reports()


def messages_of(path: Path) -> list[object]:
    def warn(line: str) -> None:
        raise AssertionError(line)

    source = open_path(str(path), warn=warn)
    try:
        return list(source.messages())
    finally:
        source.close()


def test_what_is_written_is_there_and_there_again(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume._tend_at = float("inf")
    spool = volume.recovered.spool
    assert len(spool) == 16
    assert volume.recovered == (0, ((0, 0, 0),) * 3, {}, (), spool, 0, frozenset())
    volume.write(log.batch([an_info(), a_chunk(1), a_chunk(2, static=True), a_table(1)]))
    volume.write(log.batch([an_info(LOOKS), a_chunk(3, store=LOOKS), an_activation()], KEY2))
    assert data_files(tmp_path) == [], "nothing is in view that may not count"
    volume.sync()
    assert data_files(tmp_path) == ["app/run.rrd", "app/looks.rbl"]
    volume.write(log.batch([a_chunk(4)]))
    assert spooled(tmp_path) == expected(log.entries)
    volume.close()
    assert spooled(tmp_path) == expected(log.entries)

    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.next_index == 8
    assert [tally.messages for tally in again.recovered.held] == [4, 2, 2]
    assert again.recovered.marks[KEY].held == 5
    assert again.recovered.marks[KEY2].held == 3
    assert again.recovered.repairs == ()
    again.write(log.batch([a_chunk(5)]))
    again.sync()
    again.close()
    assert spooled(tmp_path) == expected(log.entries)
    assert positions(tmp_path) == ([0, 1, 2, 3], [0, 1], [0, 1, 2])
    assert data_files(tmp_path) == ["app/run.rrd", "app/looks.rbl"]
    run = messages_of(tmp_path / "app" / "run.rrd")
    assert [type(message) for message in run] == [StoreInfo, Chunks]
    assert len(run[1]) == 4
    assert reports == []


def test_a_killed_broker_loses_nothing_that_was_written(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume.write(log.batch([an_info(), a_chunk(1)]))
    volume.sync()
    volume.write(log.batch([a_chunk(2)]))
    volume.write(log.batch([an_info(OTHER), a_chunk(2, store=OTHER)]))
    volume.abandon()
    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.next_index == 5
    assert again.recovered.marks[KEY].held == 5
    assert spooled(tmp_path) == expected(log.entries)
    assert data_files(tmp_path) == ["app/other.rrd", "app/run.rrd"]
    again.close()


def test_two_do_not_write_one_spool(tmp_path: Path, reports: Reports) -> None:
    volume = Volume(str(tmp_path), report=reports)
    with pytest.raises(BusyError, match="this process"):
        Volume(str(tmp_path), report=reports)
    pid = os.fork()
    if not pid:
        code = 1
        try:
            Volume(str(tmp_path), report=reports)
        except BusyError as error:
            code = 0 if f"process {os.getppid()}" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
    volume.close()
    Volume(str(tmp_path), report=reports).close()


def test_parts_begin_with_what_is_needed(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=20_000), report=reports)
    volume.write(
        log.batch(
            [
                an_info(at=1),
                a_chunk(1, static=True, entity="/map"),
                a_chunk(2, static=True, entity="/map"),
                a_chunk(3, static=True, entity="/other"),
                an_info(at=2),
            ]
        )
    )
    for number in range(60):
        volume.write(log.batch([a_chunk(number)]))
        if number % 7 == 0:
            volume.sync()
        if number == 30:
            volume.close()
            volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=20_000), report=reports)
            assert volume.recovered.repairs == ()
    volume.close()
    names = data_files(tmp_path)
    assert names[:2] == ["app/run.0002.rrd", "app/run.0003.rrd"]
    assert names[-1] == "app/run.rrd"
    temporal = 0
    for name in names:
        found = messages_of(tmp_path / name)
        infos = [message for message in found if isinstance(message, StoreInfo)]
        (chunks,) = (message for message in found if isinstance(message, Chunks))
        assert infos[-1].payload == an_info(at=2)[4]
        raw = (tmp_path / name).read_bytes()
        assert a_chunk(2, static=True, entity="/map")[4] in raw
        assert a_chunk(3, static=True, entity="/other")[4] in raw
        assert (a_chunk(1, static=True, entity="/map")[4] in raw) == (name == "app/run.rrd")
        temporal += len(chunks) - (3 if name == "app/run.rrd" else 2)
    assert temporal == 60
    assert spooled(tmp_path) == expected(log.entries)


def test_no_part_is_without_a_store_info(tmp_path: Path, reports: Reports) -> None:
    """Also where it is lost: after a sync that failed when no more than a header was believed."""
    log = Log()
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=20_000), report=reports)
    for number in range(30):
        volume.write(log.batch([a_chunk(number)]))
    volume.close()
    names = data_files(tmp_path)
    assert len(names) > 1
    for name in names:
        first = messages_of(tmp_path / name)[0]
        assert isinstance(first, StoreInfo)
        assert first.store == RUN
    assert spooled(tmp_path) == expected(log.entries)


def test_a_batch_may_fill_several_parts(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), rotate=Rotate(size_bytes=10_000), report=reports)
    volume.write(log.batch([an_info(), *(a_chunk(number) for number in range(50))]))
    volume.sync()
    assert len(data_files(tmp_path)) > 2
    assert spooled(tmp_path) == expected(log.entries)
    volume.close()


def test_a_full_disk_takes_nothing_half(tmp_path: Path, reports: Reports) -> None:
    for call in ("writev", "open"):
        for at in range(1, 12):
            for short in (False, True) if call == "writev" else (False,):
                folder = tmp_path / f"{call}{at}{short}"
                log, disk = Log(), FaultyDisk()
                volume = Volume(str(folder), rotate=Rotate(size_bytes=3_000), disk=disk, report=reports)
                volume.write(log.batch([an_info(), a_chunk(1), an_info(OTHER)]))
                volume.sync()
                disk.faults = [Fault(call, at=at, short=short)]
                batches = [log.batch([a_chunk(2), a_chunk(3, store=OTHER), a_chunk(4)]) for _ in range(4)]
                for batch in batches:
                    try:
                        volume.write(batch)
                    except OSError:
                        volume.write(batch)
                assert spooled(folder) == expected(log.entries)
                volume.close()
                assert spooled(folder) == expected(log.entries)


def test_a_failed_sync_goes_back_and_on_in_new_files(tmp_path: Path, reports: Reports) -> None:
    for at in range(1, 6):
        folder = tmp_path / str(at)
        log, disk = Log(), FaultyDisk()
        volume = Volume(str(folder), disk=disk, report=reports)
        volume.write(log.batch([an_info(), a_chunk(1)]))
        volume.sync()
        batches = [
            log.batch([a_chunk(2), an_info(OTHER), a_chunk(3, store=OTHER)]),
            log.batch([a_chunk(4)], KEY2),
        ]
        for batch in batches:
            volume.write(batch)
        disk.faults = [Fault("sync" if at < 5 else "sync_folder", at=at if at < 5 else 1, error=errno.EIO)]
        try:
            volume.sync()
        except OSError:
            for batch in batches:
                volume.write(batch)
            volume.sync()
        disk.faults = []
        assert spooled(folder) == expected(log.entries)
        assert positions(folder) == ([0, 1], [], [0, 1, 2, 3][: len(log.entries) - 2])
        volume.close()
        assert "app/run.0002.rrd" in data_files(folder) or at != 1
        again = Volume(str(folder), report=reports, trust_page_cache=False)
        assert again.recovered.next_index == len(log.entries)
        assert again.recovered.repairs == ()
        again.close()


def test_marks_come_without_messages_and_go(tmp_path: Path, reports: Reports) -> None:
    volume = Volume(str(tmp_path), report=reports)
    volume.write(Batch([], {KEY: Mark(7, 3), KEY2: Mark(1)}))
    volume.write(Batch([], {}, (KEY2,)))
    volume.close()
    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.marks == {KEY: Mark(7, 3)}
    again.write(Batch([], {KEY: Mark(5, before=5)}, (KEY,)))  # forgotten, and back before that was written
    again.close()
    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.marks == {KEY: Mark(5, before=5)}
    assert again.recovered.forgot == 2
    again.close()


def test_a_spool_is_the_same_until_nothing_is_known_of_it(tmp_path: Path, reports: Reports) -> None:
    lossy = LossyDisk(tmp_path)
    folder, seen = str(tmp_path / "spool"), set()
    for seed in range(6):
        volume = Volume(folder, disk=lossy, report=reports, never_syncs=True, trust_page_cache=False)
        seen.add(volume.recovered.spool)
        volume.write(Batch([], {KEY: Mark(seed)}))
        volume.abandon()
        lossy.lose_power(random.Random(seed))
    assert len(seen) == 1
    for path in (tmp_path / "spool" / ".rrkit").glob("journal-*"):
        path.unlink()
    volume = Volume(folder, report=reports)
    assert volume.recovered.spool not in seen
    volume.close()


def test_files_that_were_taken_away_are_no_error(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume.write(log.batch([an_info(), a_chunk(1)]))
    volume.close()
    os.remove(tmp_path / "app" / "run.rrd")
    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.next_index == 2
    again.write(log.batch([a_chunk(2)]))
    again.sync()
    assert data_files(tmp_path) == ["app/run.0002.rrd"]
    again.close()
    assert reports == []


def test_a_file_that_was_replaced_is_left_alone(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume.write(log.batch([an_info(), a_chunk(1)]))
    volume.close()
    mine = b"mine" * 5000
    (tmp_path / "app" / "run.rrd").write_bytes(mine)
    again = Volume(str(tmp_path), report=reports)
    assert "another file" in again.recovered.repairs[0]
    again.write(log.batch([a_chunk(2)]))
    again.sync()
    again._descriptors.drop(2)
    (tmp_path / "app" / "run.0002.rrd").write_bytes(mine)
    again.write(log.batch([a_chunk(3)]))
    again.sync()
    again._descriptors.drop(3)
    os.remove(tmp_path / "app" / "run.0003.rrd")
    again.write(log.batch([a_chunk(4)]))
    again.close()
    assert (tmp_path / "app" / "run.rrd").read_bytes() == mine
    assert (tmp_path / "app" / "run.0002.rrd").read_bytes() == mine
    assert data_files(tmp_path) == ["app/run.0002.rrd", "app/run.0004.rrd", "app/run.rrd"]


def test_without_its_journal_nothing_is_overwritten(tmp_path: Path, reports: Reports) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "run.rrd").write_bytes(b"mine")
    (tmp_path / "app2").symlink_to(tmp_path / "app")
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    linked = StoreId(StoreKind.RECORDING, "app2", "run")
    volume.write(log.batch([an_info(), a_chunk(1), an_info(linked)]))
    volume.close()
    assert (tmp_path / "app" / "run.rrd").read_bytes() == b"mine"
    names = data_files(tmp_path)
    assert names[0] == "app/run.0002.rrd"
    assert names[-1].startswith("app2-")
    assert spooled(tmp_path) == expected(log.entries)


def test_segments_follow_one_another(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), segment_bytes=2_000, report=reports)
    for number in range(100):
        volume.write(log.batch([a_chunk(number)] if number else [an_info()]))
        if number % 3 == 0:
            volume.sync()
    segments = len(list((tmp_path / ".rrkit").glob("journal-*")))
    assert segments > 5
    assert spooled(tmp_path) == expected(log.entries)
    volume.abandon()
    again = Volume(str(tmp_path), segment_bytes=2_000, report=reports)
    assert again.recovered.next_index == 100
    again.close()
    assert spooled(tmp_path) == expected(log.entries)
    assert positions(tmp_path)[2] == list(range(99))


def test_a_spool_that_is_only_opened_does_not_grow(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume.write(log.batch([an_info(), a_chunk(1)]))
    volume.close()
    for _ in range(5):
        Volume(str(tmp_path), report=reports).close()
        Volume(str(tmp_path), report=reports).abandon()
    assert len(list((tmp_path / ".rrkit").glob("journal-*"))) == 2
    assert spooled(tmp_path) == expected(log.entries)


def test_many_stores_share_few_descriptors(tmp_path: Path, reports: Reports) -> None:
    log = Log()
    volume = Volume(str(tmp_path), report=reports)
    volume._descriptors._most = 5
    stores = [StoreId(StoreKind.RECORDING, "app", f"run {number}") for number in range(20)]
    for _ in range(3):
        volume.write(log.batch([an_info(store) for store in stores]))
        assert len(volume._descriptors._open) <= 5
    volume.sync()
    volume.abandon()
    again = Volume(str(tmp_path), report=reports, trust_page_cache=False)
    assert again.recovered.next_index == 60
    assert spooled(tmp_path) == expected(log.entries)
    again.close()
    assert reports == []


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_sync_that_fails_to_make_room_leaves_nothing_half(
    tmp_path: Path, reports: Reports, is_killed: bool
) -> None:
    log, lossy = Log(), LossyDisk(tmp_path)
    disk, folder = FaultyDisk(lossy), str(tmp_path / "spool")
    volume = Volume(folder, disk=disk, report=reports)
    volume._descriptors._most = 2
    volume.write(log.batch([an_info()]))
    volume.sync()
    batches = [log.batch([a_chunk(1)]), log.batch([an_info(OTHER)]), log.batch([an_info(LOOKS)])]
    volume.write(batches[0])
    volume.write(batches[1])
    disk.faults = [Fault("sync", error=errno.EIO)]
    with pytest.raises(UnsureError):
        volume.write(batches[2])
    if is_killed:
        volume.abandon()
        volume = Volume(folder, disk=disk, report=reports, trust_page_cache=True)
    assert volume.status()["messages"] == 1
    for batch in batches:
        volume.write(batch)
    volume.sync()
    volume.abandon()
    lossy.lose_power(random.Random(1))
    again = Volume(folder, disk=disk, report=reports, trust_page_cache=False)
    assert again.recovered.next_index == 4
    assert spooled(folder) == expected(log.entries)
    again.close()


def test_what_a_killed_broker_could_not_sync_is_written_once_more(tmp_path: Path, reports: Reports) -> None:
    log, lossy = Log(), LossyDisk(tmp_path)
    disk, folder = FaultyDisk(lossy), str(tmp_path / "spool")
    volume = Volume(folder, disk=disk, report=reports)
    volume.write(log.batch([an_info(), a_chunk(1)]))
    disk.faults = [Fault("sync", error=errno.EIO)]
    with pytest.raises(OSError, match="Input/output"):
        volume._descriptors.sync()  # and it is killed before anything follows from that
    volume.abandon()
    again = Volume(folder, disk=disk, report=reports, trust_page_cache=True)
    assert again.recovered.next_index == 2
    again.abandon()
    lossy.lose_power(random.Random(1))
    last = Volume(folder, disk=disk, report=reports, trust_page_cache=False)
    assert last.recovered.next_index == 2
    assert spooled(folder) == expected(log.entries)
    last.close()


def test_a_spool_that_never_syncs_goes_on_where_a_disk_cannot(tmp_path: Path, reports: Reports) -> None:
    log, disk = Log(), FaultyDisk()
    volume = Volume(str(tmp_path), disk=disk, never_syncs=True, segment_bytes=1_000, report=reports)
    volume.write(log.batch([an_info(), a_chunk(0)]))
    disk.faults = [Fault("sync", lasts=10**9, error=errno.EIO)]
    for number in range(40):
        volume.write(log.batch([a_chunk(number)]))
    assert spooled(tmp_path) == expected(log.entries)
    disk.faults = []
    for number in range(40):
        volume.write(log.batch([a_chunk(number)]))
    volume.abandon()
    again = Volume(str(tmp_path), report=reports)
    assert again.recovered.next_index == 82
    assert spooled(tmp_path) == expected(log.entries)
    again.close()
