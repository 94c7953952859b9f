"""Opening a spool: what of its journal counts, and files cut to that.

Of the journal the last segment is read, which begins with all that was known. What it says up to the place
that was surely durable holds. What it says behind that holds as long as the data are there, record by record,
as their checksums tell. Where the machine has run on since then, they may be there in its memory alone, even
where syncing succeeds: after a sync that has failed the system takes for written what was not. So they are
written once more, in their places, before they are called durable. Of a spool that never syncs neither is
done then: the files' lengths are enough. Everything here can be done twice, and begun again after a crash.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64

from rrsdk.broker.spool import journal
from rrsdk.broker.spool.cutting import Found, cut_files
from rrsdk.broker.spool.journal import SEGMENT, Record, readable
from rrsdk.broker.spool.layout import OURS, open_data
from rrsdk.broker.spool.segments import read_file, segment_numbers, segment_path
from rrsdk.broker.spool.state import Extent, State
from rrsdk.codec.frames import FOOTER_ENTRY, FOOTER_TRAILER
from rrsdk.errors import FormatError, OutputError, UnsupportedError

if TYPE_CHECKING:
    from rrsdk.sinks.disk import Disk

_BLOCK: Final = 4 * 1024 * 1024
_MOST_OPEN: Final = 128
_TRAILER: Final = FOOTER_ENTRY.size + FOOTER_TRAILER.size


def boot_id() -> bytes:
    """Another one each time that the machine starts; empty where there is none."""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            return bytes.fromhex(file.read(64).decode("ascii", "replace").replace("-", "").strip())[:16]
    except (OSError, ValueError):
        return b""


def recover(
    disk: Disk,
    folder: str,
    *,
    boot: bytes,
    trust_page_cache: bool | None = None,
    never_syncs: bool = False,
) -> Found:
    """Read the journal, cut the files. `trust_page_cache` None: if the machine has not been started since."""
    numbers = segment_numbers(folder)
    unsafe: set[int | None] = set()
    while True:
        found = Found(last_segment=numbers[-1] if numbers else 0)
        reading = _Reading(disk, folder, found, boot, trust_page_cache, never_syncs, unsafe)
        try:
            if numbers:
                reading.read(numbers)
            break
        except _NotSyncedError as error:
            if error.number in unsafe:
                raise
            unsafe.add(error.number)
            for number, end in reading.unsure(error.number):  # at once: another try would know nothing of it
                _cut_segment(disk, segment_path(folder, number), end)
    cut_files(disk, folder, found)
    for number, end in found.cuts:
        _cut_segment(disk, segment_path(folder, number), end)
    return found


def _cut_segment(disk: Disk, path: str, end: int) -> None:
    """What does not count now is not to count later, should this opening not succeed."""
    fileno = disk.open(path, os.O_RDWR)
    try:
        disk.truncate(fileno, end)
    finally:
        disk.close(fileno)


class _NotSyncedError(OSError):
    """A sync has failed: what it was about may be there today and not tomorrow, so it does not count."""

    def __init__(self, error: OSError, number: int | None) -> None:
        super().__init__(error.errno, error.strerror)
        self.number = number
        """Of the data file; None: the journal."""


class _Reading:
    """From segments to the state that counts."""

    def __init__(
        self,
        disk: Disk,
        folder: str,
        found: Found,
        boot: bytes,
        trust_page_cache: bool | None,
        never_syncs: bool,
        unsafe: set[int | None],
    ) -> None:
        self._disk, self._folder, self._found = disk, folder, found
        self._boot, self._trust, self._unsafe = boot, trust_page_cache, unsafe
        self._never_syncs = never_syncs
        self._open: dict[int, tuple[int, int, str]] = {}
        """Descriptors, sizes and paths of data files."""
        self._gone: set[int] = set()
        self._durable: set[int] = set()
        """Files that were there when something was last made durable."""
        self._beyond: list[tuple[int, int, set[int]]] = []
        """Records that count though they may not be durable: segment, place, and data files."""
        self._replayed: list[int] = []
        self._touched: dict[int, list[Extent]] = {}
        """By file, data that may not be durable yet."""

    def read(self, numbers: list[int]) -> None:
        try:
            raws: list[tuple[int, bytes]] = []
            for number in reversed(numbers):
                raw = read_file(self._disk, segment_path(self._folder, number))
                if self._begins(number, raw):
                    self._replay(number, raw)
                    break
                raws.append((number, raw))
            else:
                self._found.repairs.append(
                    "the journal cannot be read: what is there stays as it is, and new files are begun"
                )
            for number, raw in reversed(raws):  # damaged, or never completed
                if any(True for _ in readable(raw)):
                    self._say_lost(number, SEGMENT.size)
                    self._replay(number, raw)
            while self._open:
                self._close_one()
            if None not in self._unsafe:
                for number in self._replayed:  # the next segment will say that all this is sure
                    self._sync_segment(number)
        finally:
            for opened in self._open.values():
                self._disk.close(opened[0])

    def unsure(self, file: int | None) -> list[tuple[int, int]]:
        """Where segments are to end so that nothing is said of this file that may not be; None: at all."""
        ends: dict[int, int] = {}
        for number, start, touched in self._beyond:
            if ends or file is None or file in touched:
                ends.setdefault(number, start)
        return list(ends.items())

    def _sync_segment(self, number: int) -> None:
        fileno = self._disk.open(segment_path(self._folder, number), os.O_RDWR)
        try:
            self._disk.sync(fileno)
        except OSError as error:
            if not self._trust:
                raise
            raise _NotSyncedError(error, None) from error
        finally:
            self._disk.close(fileno)

    def _begins(self, number: int, raw: bytes) -> bool:
        try:
            head = journal.read_head(raw)
        except UnsupportedError as error:
            raise OutputError(error.what, source=self._folder, hint=error.hint) from error
        except FormatError:
            return False
        if self._trust is None:
            self._trust = bool(self._boot) and head.boot == self._boot
        return True

    def _replay(self, number: int, raw: bytes) -> None:
        self._replayed.append(number)
        self._found.is_new = False
        found = list(readable(raw))
        if len(raw) == found[-1].end and not any(record.num_entries for record in found):
            self._found.empty_segments.append(number)
        safe = max(record.safe for record in found)
        if found[0].kind is journal.Kind.SNAPSHOT:  # nothing follows one that is not durable
            safe = max(safe, found[0].end)
        at = found[0].start
        for place, record in enumerate(found):
            is_completed = True
            if record.start > at:
                is_completed = at < safe  # however whole the rest looks
                if is_completed:
                    self._say_lost(number, record.start - at)
            if not is_completed or (record.end > safe and not self._is_there(record)):
                self._found.cuts.append((number, at))
                for each in found[place:]:
                    self._found.touched.update(file.number for file in each.change.files)
                return
            self._apply(record)
            if record.end > safe and record.kind is not journal.Kind.SYNCED:
                touched = {extent.file for extent in record.change.extents}
                self._beyond.append((number, record.start, touched))
            if record.end <= safe or record.kind is journal.Kind.SNAPSHOT:
                self._durable.update(self._found.state.files)
            at = record.end
        if at < safe:
            self._say_lost(number, safe - at)

    def _apply(self, record: Record) -> None:
        if record.kind is journal.Kind.SNAPSHOT:
            self._found.state = State()
        self._found.state.apply(record.change)

    def _say_lost(self, number: int, size: int) -> None:
        name = f"{OURS}/{journal.segment_name(number)}"
        self._found.repairs.append(f"{name}: {size} bytes are damaged; what they told of is not replayed")

    def _is_there(self, record: Record) -> bool:
        """Whether the data that a record describes are."""
        if record.kind is journal.Kind.SYNCED:
            return True
        if None in self._unsafe:
            return False
        paths = {file.number: file.path for file in record.change.files}
        for extent in record.change.extents:
            known = self._found.state.files.get(extent.file)
            path = paths.get(extent.file) or (known.path if known else None)
            if path is None:
                return False
            if extent.file in self._unsafe:
                return False
            if self._is_gone(extent.file, path):
                continue
            if not self._holds(extent, path):
                return False
            self._touched.setdefault(extent.file, []).append(extent)
        return True

    def _is_gone(self, number: int, path: str) -> bool:
        """Whether somebody took the file away; one that was not yet durable may never have been there."""
        return self._opened(number, path) is None and (bool(self._trust) or number in self._durable)

    def _holds(self, extent: Extent, path: str) -> bool:
        opened = self._opened(extent.file, path)
        if opened is None or opened[1] < extent.end:
            return False
        if self._trust and self._never_syncs:
            return True
        told = xxh3_64()
        at = extent.start
        while at < extent.end:
            block = self._disk.pread(opened[0], min(_BLOCK, extent.end - at), at)
            if not block:
                return False
            told.update(block)
            at += len(block)
        return told.intdigest() == extent.digest

    def _opened(self, number: int, path: str) -> tuple[int, int, str] | None:
        if number not in self._open and number not in self._gone:
            if len(self._open) >= _MOST_OPEN:
                self._close_one()
            try:
                fileno = open_data(self._disk, self._folder, number, path, os.O_RDWR)
            except FileNotFoundError:  # any other error may pass: nothing is decided on its account
                self._gone.add(number)
                return None
            self._open[number] = fileno, self._disk.size(fileno), path
        return self._open.get(number)

    def _close_one(self) -> None:
        """What it holds is durable then."""
        number, (fileno, _, _) = next(iter(self._open.items()))
        extents = self._touched.get(number)
        if extents is not None:
            try:
                if self._trust and not self._never_syncs:
                    for extent in extents:
                        self._write_again(fileno, extent)
                self._disk.sync(fileno)
            except OSError as error:
                if not self._trust:  # it was read, not believed: it is there when this is tried again
                    raise
                raise _NotSyncedError(error, number) from error
            del self._touched[number]
        del self._open[number]
        self._disk.close(fileno)

    def _write_again(self, fileno: int, extent: Extent) -> None:
        at = extent.start
        self._disk.seek(fileno, at)
        while at < extent.end:
            block = self._disk.pread(fileno, min(_BLOCK, extent.end - at), at)
            at += self._disk.writev(fileno, [block])
