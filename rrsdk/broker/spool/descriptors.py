"""The data files that are open: not too many at once, and none closed before it was synced."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.batch import UnsureError
from rrsdk.broker.spool.layout import is_ours, open_data, open_inside, pending_path
from rrsdk.sinks.append import Appender

if TYPE_CHECKING:
    from rrsdk.broker.spool.state import File
    from rrsdk.message import Buffer
    from rrsdk.sinks.disk import Disk

_MOST: Final = 128


class Descriptors:
    """Open data files by their number."""

    def __init__(self, disk: Disk, folder: str, *, most: int = _MOST, never_syncs: bool = False) -> None:
        """`never_syncs`: one that cannot be synced is closed all the same. Else everything that opens a file
        may raise UnsureError.
        """
        self._disk, self._folder, self._most = disk, folder, most
        self._never_syncs = never_syncs
        self._open: dict[int, tuple[int, Appender]] = {}
        """The one that was used last is the last."""
        self.dirty: set[int] = set()
        """Written to since they were synced."""
        self.failed: set[int] = set()
        """Of those: a sync has failed, so that syncing them again would say nothing."""

    def create(self, number: int) -> None:
        """A new file, which has no name of its own yet."""
        self._make_room()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        fileno = open_inside(self._disk, self._folder, pending_path(number), flags)
        self._open[number] = fileno, Appender(fileno, is_regular=True, disk=self._disk)

    def fileno(self, file: File) -> int:
        """A descriptor to read by."""
        return self._get(file)[0]

    def append(self, file: File, end: int, pieces: list[Buffer]) -> None:
        """Write behind `end`; whatever is there is cut off."""
        fileno, appender = self._get(file)
        if appender.is_torn or appender.position != end:
            appender = self._cut(file.number, fileno, end)
        self.dirty.add(file.number)
        appender.append(pieces)

    def _get(self, file: File) -> tuple[int, Appender]:
        found = self._open.pop(file.number, None)
        if found is None:
            self._make_room()
            fileno = open_data(self._disk, self._folder, file.number, file.path, os.O_RDWR)
            if not is_ours(self._disk, fileno, file):
                self._disk.close(fileno)
                raise FileNotFoundError(errno.ENOENT, "is another file than it was", file.path)
            found = fileno, Appender(fileno, is_regular=True, position=-1, disk=self._disk)
        self._open[file.number] = found
        return found

    def _cut(self, number: int, fileno: int, end: int) -> Appender:
        if self._disk.size(fileno) < end:
            raise OSError(5, "the file has become shorter than it was")
        self._disk.truncate(fileno, end)
        self._disk.seek(fileno, end)
        appender = Appender(fileno, is_regular=True, position=end, disk=self._disk)
        self._open[number] = fileno, appender
        return appender

    def cut(self, file: File, end: int) -> None:
        """Take back what was written behind `end`; where that fails it is tried again later."""
        try:
            fileno, appender = self._get(file)
            if appender.is_torn or appender.position != end:
                self._cut(file.number, fileno, end)
        except OSError:
            if file.number in self._open:
                self._open[file.number][1].is_torn = True

    def sync(self) -> None:
        """All that was written is durable."""
        for number in list(self.dirty):
            self._sync(number)

    def _sync(self, number: int) -> None:
        if number in self.failed:
            raise OSError(5, "what was written before could not be made durable")
        try:
            self._disk.sync(self._open[number][0])
        except OSError:
            self.failed.add(number)
            raise
        self.dirty.discard(number)

    def drop(self, number: int) -> None:
        """Close it, without caring for what was written."""
        self.dirty.discard(number)
        self.failed.discard(number)
        found = self._open.pop(number, None)
        if found is not None:
            try:
                self._disk.close(found[0])
            except OSError:
                pass

    def remove(self, number: int) -> None:
        """Have it never been, one that has no name of its own yet; what remains goes at the next opening."""
        self.drop(number)
        try:
            self._disk.remove(os.path.join(self._folder, *pending_path(number).split("/")))
        except OSError:
            pass

    def close(self) -> None:
        """Close all, without caring for what was written."""
        for number in list(self._open):
            self.drop(number)

    def _make_room(self) -> None:
        while len(self._open) >= self._most:
            number = next(iter(self._open))
            if number in self.dirty:
                try:
                    self._sync(number)
                except OSError as error:
                    if not self._never_syncs:
                        raise UnsureError(error.errno, error.strerror) from error
            self.drop(number)
