"""A spool that was damaged by other things than a crash: it opens, and says what is lost."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.broker.spool.segments import segment_numbers, segment_path
from rrsdk.broker.spool.volume import Volume
from rrsdk.errors import OutputError
from tests.sdk.spools import Log, a_chunk, an_info, expected, spooled


def filled(folder: str, *, batches: int = 30, segment_bytes: int = 1 << 20) -> Log:
    """Killed when all was durable."""
    log = Log()
    volume = Volume(folder, segment_bytes=segment_bytes, report=print)
    for number in range(batches):
        volume.write(log.batch([an_info() if number == 0 else a_chunk(number % 5)]))
        if number % 3 == 0:
            volume.sync()
    volume.sync()
    volume.abandon()
    return log


def damage(path: str, at: int, size: int = 3) -> None:
    with open(path, "r+b") as file:
        file.seek(at)
        old = file.read(size)
        file.seek(at)
        file.write(bytes(byte ^ 0xFF for byte in old))


def test_damage_in_the_middle_is_said_and_the_rest_counts(tmp_path: Path) -> None:
    folder = str(tmp_path)
    log = filled(folder)
    path = segment_path(folder, segment_numbers(folder)[-1])
    damage(path, os.path.getsize(path) // 2)
    volume = Volume(folder, report=print)
    assert volume.recovered.next_index == len(log.entries)
    assert volume.recovered.held[2].messages == 29
    (line,) = volume.recovered.repairs
    assert "damaged" in line
    left = spooled(folder)
    assert len(left) == len(log.entries) - 1
    assert set(left) < set(expected(log.entries))
    volume.write(log.batch([a_chunk(9)]))
    volume.close()
    assert spooled(folder)[-1] == expected(log.entries)[-1]


def test_a_head_that_is_damaged_is_made_up_for_by_the_segment_before(tmp_path: Path) -> None:
    folder = str(tmp_path)
    log = filled(folder, batches=60, segment_bytes=1_000)
    numbers = segment_numbers(folder)
    assert len(numbers) > 3
    damage(segment_path(folder, numbers[-1]), 70)
    volume = Volume(folder, report=print)
    assert volume.recovered.next_index == len(log.entries)
    assert volume.recovered.repairs != ()
    volume.write(log.batch([a_chunk(9)]))
    volume.close()
    assert len(spooled(folder)) >= len(log.entries) - 20


def test_a_journal_of_which_nothing_is_left_begins_anew_beside_the_files(tmp_path: Path) -> None:
    folder = str(tmp_path)
    filled(folder)
    before = (tmp_path / "app" / "run.rrd").read_bytes()
    for number in segment_numbers(folder):
        with open(segment_path(folder, number), "wb") as file:
            file.write(os.urandom(5_000))
    volume = Volume(folder, report=print)
    assert volume.recovered.next_index == 0
    assert "cannot be read" in volume.recovered.repairs[0]
    volume.write(Log().batch([an_info(), a_chunk(9)]))
    volume.close()
    assert (tmp_path / "app" / "run.rrd").read_bytes() == before
    assert (tmp_path / "app" / "run.0002.rrd").exists()


def test_a_journal_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    from rrsdk.broker.spool import journal

    folder = str(tmp_path)
    filled(folder)
    path = segment_path(folder, segment_numbers(folder)[-1] + 1)
    raw = journal.pack_segment(9, b"", journal.Change(0, ((0, 0, 0),) * 3))  # type: ignore[arg-type]
    head = raw[:8] + (2).to_bytes(4, "little") + raw[12:48]
    digest = journal.xxh3_64_intdigest(head).to_bytes(8, "little")
    Path(path).write_bytes(head + digest + raw[56:])
    with pytest.raises(OutputError, match="version 2"):
        Volume(folder, report=print)
    os.remove(path)
    Volume(folder, report=print).close()


def test_a_file_that_is_shorter_than_it_was_is_followed_by_another(tmp_path: Path) -> None:
    folder = str(tmp_path)
    log = filled(folder)
    os.truncate(tmp_path / "app" / "run.rrd", 5_000)
    volume = Volume(folder, report=print)
    assert len(log.entries) - 3 <= volume.recovered.next_index <= len(log.entries)
    assert any("5000 bytes of" in line for line in volume.recovered.repairs)
    volume.write(log.batch([a_chunk(9)]))
    volume.close()
    assert (tmp_path / "app" / "run.0002.rrd").exists()


@pytest.mark.campaign
@settings(max_examples=max(60, settings().max_examples))
@given(st.integers(0, 2**32), st.booleans())
def test_whatever_is_damaged_a_spool_opens_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, seed: int, trust: bool
) -> None:
    rng = random.Random(seed)
    folder = str(tmp_path_factory.mktemp("spool"))
    log = filled(folder, batches=rng.randint(1, 40), segment_bytes=rng.choice([500, 2_000, 1 << 20]))
    paths = [segment_path(folder, number) for number in segment_numbers(folder)]
    paths += [str(path) for path in Path(folder).rglob("*.rrd")]
    for path in rng.sample(paths, rng.randint(1, len(paths))):
        size = os.path.getsize(path)
        way = rng.choice(["flip", "flip", "cut", "zero", "remove", "junk", "longer"])
        if way == "flip":
            damage(path, rng.randrange(size), rng.randint(1, 100))
        elif way == "cut":
            os.truncate(path, rng.randrange(size))
        elif way == "zero":
            with open(path, "r+b") as file:
                file.seek(rng.randrange(size))
                file.write(bytes(4096))
        elif way == "remove":
            os.remove(path)
        elif way == "junk":
            Path(path).write_bytes(rng.randbytes(rng.randint(0, 3000)))
        else:
            with open(path, "ab") as file:
                file.write(rng.randbytes(100))
    volume = Volume(folder, report=lambda line: None, trust_page_cache=trust)
    assert volume.recovered.next_index <= len(log.entries)
    more = Log(volume.recovered.next_index)
    for number in range(3):
        volume.write(more.batch([a_chunk(number)]))
        volume.sync()
    volume.close()
    again = Volume(folder, report=lambda line: None)
    assert again.recovered.next_index == more.next_index
    assert again.recovered.repairs == ()
    again.close()
