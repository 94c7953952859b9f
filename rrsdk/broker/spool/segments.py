"""The journal's files: a segment that grows, and how those before it are read."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool import journal
from rrsdk.broker.spool.index import read_segment
from rrsdk.broker.spool.journal import Kind
from rrsdk.broker.spool.layout import OURS
from rrsdk.errors import FormatError
from rrsdk.sinks.append import Appender

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.broker.spool.index import Segment
    from rrsdk.broker.spool.state import Change
    from rrsdk.sinks.disk import Disk

_BLOCK: Final = 4 * 1024 * 1024
_HEAD_GUESS: Final = 16 * 1024
PASSING: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
"""Errors that say nothing of the file."""
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)


def segment_numbers(folder: str) -> list[int]:
    """The segments of a spool, ascending."""
    names = os.listdir(os.path.join(folder, OURS))
    return sorted(number for name in names if (number := journal.segment_number(name)) is not None)


def segment_path(folder: str, number: int) -> str:
    """Where a segment lies."""
    return os.path.join(folder, OURS, journal.segment_name(number))


def read_file(disk: Disk, path: str, end: int | None = None) -> bytes:
    """What a file holds, or its beginning; as much as is there, whatever anybody says."""
    fileno = disk.open(path, _OPEN)
    try:
        pieces: list[bytes] = []
        at = 0
        while end is None or at < end:
            piece = disk.pread(fileno, _BLOCK if end is None else min(_BLOCK, end - at), at)
            if not piece:
                break
            pieces.append(piece)
            at += len(piece)
        return b"".join(pieces)
    finally:
        disk.close(fileno)


def read_range(disk: Disk, path: str, start: int, size: int) -> bytes:
    """Bytes from a place on, fewer only where the file ends."""
    fileno = disk.open(path, _OPEN)
    try:
        return pread_all(disk, fileno, size, start)
    finally:
        disk.close(fileno)


def pread_all(disk: Disk, fileno: int, size: int, start: int) -> bytes:
    """The same of an open file."""
    size = min(size, max(0, disk.size(fileno) - start))  # what is asked for may be no more than a claim
    raw = disk.pread(fileno, size, start) if size else b""
    if len(raw) in (0, size):
        return raw
    pieces = [raw]
    while piece := disk.pread(fileno, size - sum(map(len, pieces)), start + sum(map(len, pieces))):
        pieces.append(piece)
        if sum(map(len, pieces)) == size:
            break
    return b"".join(pieces)


def read_head(disk: Disk, folder: str, number: int) -> journal.Head:
    """The beginning of a segment, without the rest; FormatError or OSError where that cannot be read."""
    path = segment_path(folder, number)
    raw = read_file(disk, path, _HEAD_GUESS)
    wanted = journal.head_size(raw)
    if wanted > len(raw):
        raw = read_file(disk, path, wanted)
    return journal.read_head(raw)


def read_segments(disk: Disk, folder: str, first: int, last: int) -> Iterator[Segment]:
    """What segments say of messages, from one number to another; what cannot be read is left out."""
    before = 2**64 - 1
    found: list[tuple[int, int, bool]] = []
    for number in reversed([each for each in segment_numbers(folder) if first <= each <= last]):
        limit = before
        try:
            before = min(before, read_head(disk, folder, number).start_index)
        except (OSError, FormatError):
            found.append((number, limit, False))
        else:
            found.append((number, limit, True))
    segment: Segment | None = None
    for number, limit, is_whole in reversed(found):
        try:
            raw = read_file(disk, segment_path(folder, number))
        except OSError:
            continue
        earlier = segment
        segment = read_segment(raw, before=limit)
        if earlier is not None and not is_whole:  # its snapshot is damaged, which would name them
            segment.files.update({**earlier.files, **segment.files})
            segment.producers.update({**earlier.producers, **segment.producers})
        yield segment


class Writer:
    """The segment that grows. All methods raise OSError; what did not succeed may be tried again."""

    def __init__(self, disk: Disk, folder: str, *, last: int, boot: bytes) -> None:
        """`last` is the highest number that is taken."""
        self._disk, self._folder, self._boot = disk, folder, boot
        self.number = last
        self.position = 0
        self.safe = 0
        """So much of it is durable."""
        self.begin_size = self._kept = 0
        self._is_dirty = False
        self.has_failed = False
        """A sync has, so that another one would say nothing."""
        self._fileno: int | None = None
        self._appender: Appender | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a segment to append to."""
        return self._fileno is not None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to be synced."""
        return self._fileno is None or not self._is_dirty

    def begin(self, snapshot: Change) -> None:
        """A new segment, which holds alone from now on: all that the snapshot says must be durable."""
        assert not self.is_open
        self.number += 1
        path = segment_path(self._folder, self.number)
        fileno = self._disk.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0))
        try:
            appender = Appender(fileno, is_regular=True, disk=self._disk)
            appender.append([journal.pack_segment(self.number, self._boot, snapshot)])
            self._disk.sync(fileno)
            self._disk.sync_folder(os.path.join(self._folder, OURS))
        except OSError:
            self._discard(fileno, path)
            raise
        self._fileno, self._appender = fileno, appender
        self.position = self.safe = self.begin_size = self._kept = appender.position

    def _discard(self, fileno: int, path: str) -> None:
        """Only the highest number counts, and the next try has a higher one: this is but tidiness."""
        try:
            self._disk.close(fileno)
        except OSError:
            pass
        try:
            self._disk.remove(path)
        except OSError:
            pass

    def remove(self, numbers: Iterable[int]) -> None:
        """Segments that say nothing which this one does not: a spool that is only opened does not grow."""
        for number in numbers:
            try:
                self._disk.remove(segment_path(self._folder, number))
            except OSError:
                pass

    def append(self, kind: Kind, change: Change, entries: bytes = b"") -> None:
        """One record, whole or not at all."""
        assert self._appender is not None
        if self._appender.is_torn:
            self._cut(self.position)
        self._appender.append([journal.pack_record(kind, change, entries, safe=self.safe)])
        self.position = self._appender.position
        self._is_dirty = True

    def _cut(self, position: int) -> None:
        assert self._fileno is not None
        self._disk.truncate(self._fileno, position)
        self._disk.seek(self._fileno, position)
        self._appender = Appender(self._fileno, is_regular=True, position=position, disk=self._disk)
        self.position = position

    def sync(self) -> None:
        """What was appended is durable."""
        if self.is_settled:
            return
        assert self._fileno is not None
        if self.has_failed:
            raise OSError(5, "what was written before could not be made durable")
        try:
            self._disk.sync(self._fileno)
        except OSError:
            self.has_failed = True
            raise
        self.safe = self.position
        self._is_dirty = False

    def note(self, change: Change) -> None:
        """Say what is safe, which need not be synced itself."""
        self.append(Kind.SYNCED, change)
        self._is_dirty = False

    def hint(self) -> None:
        """What was appended survives, whether or not it will count: the data it tells of may not be there."""
        if self._fileno is not None:
            try:
                self._disk.sync(self._fileno)
            except OSError:
                self.has_failed = True
                raise

    def keep(self) -> None:
        """What was appended up to here is not gone back behind."""
        self._kept = self.position

    def go_back(self) -> bool:
        """What was appended since `keep` is not to count; the segment has ended.

        Whether it is cut off: if not, only the next segment will say so, which begins below it.
        """
        try:
            if self._fileno is not None and self.position > self._kept:
                self._cut(self._kept)
            return True
        except OSError:
            return False
        finally:
            self.end()

    def end(self) -> None:
        """The segment has ended."""
        fileno, self._fileno, self._appender = self._fileno, None, None
        self.has_failed = self._is_dirty = False
        if fileno is not None:
            try:
                self._disk.close(fileno)
            except OSError:
                pass  # nothing is in it that was not synced, or is not to count
