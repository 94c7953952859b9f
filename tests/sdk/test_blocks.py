"""Large ranges are copied by two threads: every byte in its place, and errors of either thread are heard."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from rrsdk.errors import OutputError, TruncatedError
from rrsdk.sinks import output
from rrsdk.sinks.blocks import BLOCK, BlockCopy
from rrsdk.sinks.output import WholeFile
from rrsdk.sources.origin import FileOrigin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies so")

DATA = b"".join(number.to_bytes(4, "little") for number in range(9 * BLOCK // 4)) + b"end"


@pytest.fixture
def origin(tmp_path: Path) -> FileOrigin:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return FileOrigin("source", os.open(path, os.O_RDONLY), len(DATA))


@pytest.fixture
def whole(tmp_path: Path) -> WholeFile:
    found = WholeFile(str(tmp_path / "out"))
    found._by_blocks = True  # wherever the tests' files lie
    return found


def test_a_range_between_other_bytes(origin: FileOrigin, whole: WholeFile, tmp_path: Path) -> None:
    whole.write(b"before")
    whole.copy(origin, 7, len(DATA) - 1)
    whole.write(b"behind")
    assert whole.position == len(DATA) - 8 + 12
    whole.commit()
    assert (tmp_path / "out").read_bytes() == b"before" + DATA[7:-1] + b"behind"


def test_what_was_written_is_told_once(origin: FileOrigin, tmp_path: Path) -> None:
    told: list[int] = []
    target = os.open(tmp_path / "target", os.O_RDWR | os.O_CREAT)
    assert origin.fileno is not None
    BlockCopy(origin.fileno, target, 5, len(DATA), 0).run(told.append)
    os.close(target)
    assert sum(told) == len(DATA) - 5
    assert (tmp_path / "target").read_bytes() == DATA[5:]


def test_a_source_that_ends_early(origin: FileOrigin, whole: WholeFile, tmp_path: Path) -> None:
    os.truncate(tmp_path / "source", len(DATA) // 2)
    with pytest.raises(TruncatedError, match="cut while it was read") as caught:
        whole.copy(origin, 0, len(DATA))
    assert caught.value.offset == len(DATA) // 2
    whole.abort()
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("fails_at", [0, 4 * BLOCK, 8 * BLOCK])
def test_a_full_disk_is_heard_of_whichever_thread_meets_it(
    origin: FileOrigin, whole: WholeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    real = os.pwrite

    def pwrite(fileno: int, data: bytes, offset: int) -> int:
        if offset == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fileno, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    with pytest.raises(OutputError, match="No space left"):
        whole.copy(origin, 0, len(DATA))
    whole.abort()
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


def test_an_interrupt_ends_the_other_thread_too(
    origin: FileOrigin, whole: WholeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_self: object, _size: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output.EarlyFlush, "wrote", interrupted)
    with pytest.raises(KeyboardInterrupt):
        whole.copy(origin, 0, len(DATA))
    whole.abort()
    assert [file.name for file in tmp_path.iterdir()] == ["source"]
