"""The disks of the spool's tests do lose what was not synced, and keep what was."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from tests.faults.lossy_disk import PAGE, Fault, FaultyDisk, LossyDisk

CREATE = os.O_CREAT | os.O_RDWR


def test_what_was_synced_survives_and_the_rest_may_not(tmp_path: Path) -> None:
    seen = set()
    for seed in range(60):
        root = tmp_path / str(seed)
        disk = LossyDisk(root)
        disk.make_folder(str(root / "in"))
        disk.sync_folder(str(root))
        fileno = disk.open(str(root / "in" / "file"), CREATE)
        disk.writev(fileno, [b"a" * PAGE, b"a"])
        disk.sync(fileno)
        disk.sync_folder(str(root / "in"))
        disk.writev(fileno, [b"b" * (2 * PAGE)])
        never = disk.open(str(root / "in" / "never"), CREATE)
        disk.lose_power(random.Random(seed))
        disk.close(fileno)
        disk.close(never)
        found = (root / "in" / "file").read_bytes()
        assert found[: PAGE + 1] == b"a" * (PAGE + 1)
        assert set(found[PAGE + 1 :]) <= {0, ord("b")}
        seen.add((len(found), found.count(b"b"), (root / "in" / "never").exists()))
    assert {PAGE + 1, 3 * PAGE + 1} <= {size for size, _, _ in seen}
    assert {False, True} == {there for _, _, there in seen}
    assert any(0 < count < size - PAGE - 1 for size, count, _ in seen), "pages are lost one by one"


def test_a_descriptor_is_its_owners_to_close(tmp_path: Path) -> None:
    disk = LossyDisk(tmp_path)
    old = disk.open(str(tmp_path / "file"), CREATE)
    disk.lose_power(random.Random(1))
    new = disk.open(str(tmp_path / "new"), CREATE)
    with pytest.raises(OSError, match="Bad file descriptor"):
        disk.writev(old, [b"x"])
    disk.close(old)  # late, and of no consequence for what came since
    assert disk.writev(new, [b"y"]) == 1
    disk.close(new)


def test_a_name_that_was_not_synced_may_vanish(tmp_path: Path) -> None:
    kinds = set()
    for seed in range(40):
        root = tmp_path / str(seed)
        disk = LossyDisk(root)
        fileno = disk.open(str(root / "old"), CREATE)
        disk.writev(fileno, [b"x"])
        disk.sync(fileno)
        disk.sync_folder(str(root))
        disk.rename(str(root / "old"), str(root / "new"))
        disk.lose_power(random.Random(seed))
        disk.close(fileno)
        (name,) = os.listdir(root)
        assert (root / name).read_bytes() == b"x"
        kinds.add(name)
    assert kinds == {"old", "new"}


def test_a_sync_after_a_failed_one_brings_nothing_back(tmp_path: Path) -> None:
    disk = LossyDisk(tmp_path)
    faulty = FaultyDisk(disk, [Fault("sync", error=errno.EIO)])
    fileno = faulty.open(str(tmp_path / "file"), CREATE)
    faulty.sync_folder(str(tmp_path))
    faulty.writev(fileno, [b"x" * PAGE])
    with pytest.raises(OSError, match="Input/output"):
        faulty.sync(fileno)
    faulty.writev(fileno, [b"y" * PAGE])
    faulty.sync(fileno)
    disk.lose_power(random.Random(1))
    disk.close(fileno)
    assert (tmp_path / "file").read_bytes() == bytes(PAGE) + b"y" * PAGE


def test_a_write_is_short_and_fails_then(tmp_path: Path) -> None:
    faulty = FaultyDisk(faults=[Fault("writev", at=2, short=True)])
    fileno = faulty.open(str(tmp_path / "file"), CREATE)
    assert faulty.writev(fileno, [b"abcd"]) == 4
    assert faulty.writev(fileno, [b"ef", b"gh"]) == 2
    with pytest.raises(OSError, match="No space"):
        faulty.writev(fileno, [b"gh"])
    assert faulty.writev(fileno, [b"gh"]) == 2
    faulty.close(fileno)
    assert (tmp_path / "file").read_bytes() == b"abcdefgh"
