"""Files of a spool that is opened, cut to what counts of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.layout import OURS, is_ours, open_data, pending_number, pending_path
from rrsdk.broker.spool.state import Phase, State
from rrsdk.codec.footer import read_trailer
from rrsdk.codec.frames import FOOTER_ENTRY, FOOTER_TRAILER, MESSAGE_HEADER, STREAM_HEADER, Kind
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

_TRAILER: Final = FOOTER_ENTRY.size + FOOTER_TRAILER.size


@dataclass
class Found:
    """What a spool held."""

    state: State = field(default_factory=State)
    is_new: bool = True
    """Nothing is known of what was there before, if anything was."""
    last_segment: int = 0
    announced: set[int] = field(default_factory=set)
    """Files that begin with a store info, or whose next part will."""
    pending: set[int] = field(default_factory=set)
    """Files that have no name of their own yet."""
    touched: set[int] = field(default_factory=set)
    """Files of which a record spoke that does not count: they may be other than what counts says."""
    cuts: list[tuple[int, int]] = field(default_factory=list)
    """Segments, and where what counts of them ends."""
    empty_segments: list[int] = field(default_factory=list)
    """Those that were read and have no messages."""
    repairs: list[str] = field(default_factory=list)


def cut_files(disk: Disk, folder: str, found: Found) -> None:
    """Leave of each file what counts; correct `found` where there is less."""
    _Cutting(disk, folder, found).cut()


class _Cutting:
    """From the state to files that hold just that."""

    def __init__(self, disk: Disk, folder: str, found: Found) -> None:
        self._disk, self._folder, self._found = disk, folder, found

    def cut(self) -> None:
        ours = os.path.join(self._folder, OURS)
        files = self._found.state.files
        for name in os.listdir(ours):
            number = pending_number(name)
            if number is None:
                continue
            if number in files:
                self._found.pending.add(number)
            else:  # it was begun, and nothing of it counts
                self._disk.remove(os.path.join(ours, name))
        for file in list(files.values()):
            if file.phase != Phase.DONE:
                files[file.number] = self._cut_file(file)
            if files[file.number].phase == Phase.DONE:
                self._found.announced.add(file.number)

    def _cut_file(self, file: File) -> File:
        if file.phase == Phase.RESTING and file.number in self._found.touched:
            file = file._replace(phase=Phase.LIVE)  # its footer may be cut off, or half of it
        place = pending_path(file.number) if file.number in self._found.pending else file.path
        try:
            fileno = open_data(self._disk, self._folder, file.number, file.path, os.O_RDWR)
        except FileNotFoundError:
            return file._replace(phase=Phase.DONE)  # taken away: the next part begins beside it
        try:
            if not is_ours(self._disk, fileno, file):
                self._found.repairs.append(
                    f"{place} is another file than was written there: it stays, and the next part is begun"
                )
                return file._replace(phase=Phase.DONE)
            size = self._disk.size(fileno)
            if size < file.end:
                self._found.repairs.append(
                    f"{place} has {size} bytes of {file.end}; the rest is lost, and the next part is begun"
                )
                return file._replace(phase=Phase.DONE)
            if file.end > STREAM_HEADER.size and self._begins_with_info(fileno):
                self._found.announced.add(file.number)
            if file.phase == Phase.RESTING and not self._has_footer(fileno, file.end, size):
                file = file._replace(phase=Phase.LIVE)
            if size > file.end and file.phase in (Phase.LIVE, Phase.CLOSED):
                self._disk.truncate(fileno, file.end)
                self._disk.sync(fileno)
                if file.phase == Phase.LIVE:  # else it is a footer that was not finished
                    self._found.repairs.append(
                        f"{place}: the last {size - file.end} bytes were not whole, and were cut off"
                    )
            return file
        finally:
            self._disk.close(fileno)

    def _begins_with_info(self, fileno: int) -> bool:
        header = self._disk.pread(fileno, MESSAGE_HEADER.size, STREAM_HEADER.size)
        return len(header) == MESSAGE_HEADER.size and MESSAGE_HEADER.unpack(header)[0] == Kind.STORE_INFO

    def _has_footer(self, fileno: int, start: int, size: int) -> bool:
        """Whether one lies between what counts and the file's end, by its trailer."""
        tail = self._disk.pread(fileno, _TRAILER, max(size - _TRAILER, start))
        try:
            places = read_trailer(tail)
        except FormatError:
            return False
        if places is None or len(places) != 1:
            return False
        payload = start + MESSAGE_HEADER.size
        return places[0].start == payload and payload + places[0].size + _TRAILER == size
