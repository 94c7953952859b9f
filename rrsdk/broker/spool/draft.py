"""One batch on its way to the disk: which bytes go to which files, and what the journal will say of it."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.journal import ENTRY
from rrsdk.broker.spool.layout import base_path, folded, free_part
from rrsdk.broker.spool.parts import FileOnDisk, Growing, Place, UnreadableError, carried
from rrsdk.broker.spool.segments import read_segments
from rrsdk.broker.spool.state import Change, File, Phase
from rrsdk.codec.frames import MESSAGE_HEADER, STREAM_HEADER, Kind, stream_header
from rrsdk.codec.payload import read_store_id, write_info, write_store_id
from rrsdk.errors import FormatError, RrError
from rrsdk.identity import StoreId, StoreKind, new_tuid
from rrsdk.store.entry import Lifetime, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.broker.spool.batch import Batch
    from rrsdk.broker.spool.descriptors import Descriptors
    from rrsdk.broker.spool.segments import Writer
    from rrsdk.broker.spool.state import State
    from rrsdk.sinks.disk import Disk
    from rrsdk.sinks.rotation import Rotate

_LARGE: Final = 16 * 1024
_PART: Final = re.compile(r"\.\d{4,}(\.rrd|\.rbl)?$")
_NEVER: Final = 1 << 62
_MOST_STATICS: Final = 4096
"""Of one file, that are remembered."""


class Stores:
    """Which file is the last of each store, and what names are taken."""

    def __init__(self, files: Iterable[File]) -> None:
        self.last: dict[StoreId | None, int] = {}
        self.taken: set[str] = set()
        self.statics: dict[int, list[Place]] = {}
        """Of files that began since: the journal's table of them, where it is short."""
        for file in files:
            try:
                store = read_store_id(file.store) if file.store else None
            except FormatError:
                continue
            self.last[store] = max(file.number, self.last.get(store, 0))
            self.taken.add(folded(base_of(file)))


def base_of(file: File) -> str:
    """The path of the first part of a file's store."""
    return file.path if file.part <= 1 else _PART.sub(r"\1", file.path)


class Draft:
    """What a batch becomes; nothing of it counts until the journal has `change`."""

    def __init__(
        self,
        *,
        disk: Disk,
        folder: str,
        descriptors: Descriptors,
        writer: Writer,
        state: State,
        stores: Stores,
        rotate: Rotate | None,
        next_numbers: tuple[int, int],
        now_s: float,
        wake: Callable[[File], File],
    ) -> None:
        """`next_numbers`: of files and producers. `now_s` counts since 1970. `wake` is told of a file that
        has a footer, before it is cut off, and says what it is then.
        """
        self._disk, self._folder = disk, folder
        self._descriptors, self._writer = descriptors, writer
        self._state, self._stores, self._rotate = state, stores, rotate
        self._next_file, self._next_producer = next_numbers
        self._now_s, self._wake = now_s, wake
        self._current: dict[StoreId | None, Growing] = {}
        self._all: list[Growing] = []
        self._files: dict[int, File] = {}
        self._named: list[str] = []
        self.unreadable: int | None = None
        """A file that was to be carried on, and could not be read."""

    def lay_out(self, batch: Batch, dropped: set[int]) -> tuple[Change, bytes]:
        """Write all data; returns what the journal is to say. OSError where anything was not written.

        Of files in `dropped` nothing is carried into the next part.
        """
        self._dropped = dropped
        numbers = self._state.numbers
        new_numbers: dict[bytes, int] = {}
        entries: list[bytes] = []
        messages, rows_of, bytes_of = [0, 0, 0], [0, 0, 0], [0, 0, 0]
        pack, pack_header = ENTRY.pack, MESSAGE_HEADER.pack
        most = self._rotate.size_bytes if self._rotate is not None else None
        store: StoreId | None = None
        growing: Growing | None = None
        limit = _NEVER
        last_key, producer = b"", -1
        for at, kind, lifetime, its_store, key, seq, rows, size, parts, _ in batch.entries:
            if growing is None or (its_store is not store and its_store != store) or growing.end >= limit:
                store = its_store
                growing = self._growing(store, kind)
                is_rotated = most is not None and store is not None and store.kind is StoreKind.RECORDING
                limit = max(most or 0, 2 * growing.file.head, growing.end + 1) if is_rotated else _NEVER
            if key is not last_key:
                last_key = key
                found = numbers.get(key) or new_numbers.get(key)
                if found is None:
                    found = new_numbers[key] = self._next_producer
                    self._next_producer += 1
                producer = found
            offset = growing.end + 16
            growing.end = offset + size
            growing.pieces.append(pack_header(kind, size))
            growing.pieces += parts
            if size >= _LARGE:
                growing.has_large = True
            if lifetime != 2:
                growing.statics.append(Place(kind, offset, size))
            entries.append(pack(at, seq, offset, size, rows, growing.file.number, producer, kind, lifetime))
            messages[lifetime] += 1
            rows_of[lifetime] += rows
            bytes_of[lifetime] += size
        for each in self._all:
            each.flush(self._descriptors)
        first, second, third = (
            tally + Tally(*more) for tally, *more in zip(self._state.held, messages, rows_of, bytes_of)
        )
        change = Change(
            max(self._state.next_index, batch.end),
            (first, second, third),
            tuple(each.extent for each in self._all if each.end > each.begin),
            tuple(self._signed(file) for file in self._files.values()),
            tuple((number, key) for key, number in new_numbers.items()),
            tuple(batch.marks.items()),
            tuple(batch.forgotten),
        )
        return change, b"".join(entries)

    def _signed(self, file: File) -> File:
        """With the sign that a new one got when it was written."""
        for each in self._all:
            if each.is_new and each.file.number == file.number:
                return file._replace(sign_size=each.file.sign_size, sign=each.file.sign)
        return file

    def take_back(self) -> None:
        """It is not to be: files are as they were before."""
        self._stores.taken.difference_update(self._named)
        for each in self._all:
            if each.is_new:
                self._descriptors.remove(each.file.number)
            elif each.written > each.begin or each.pieces:
                self._descriptors.cut(each.file, each.begin)

    def count(self) -> list[int]:
        """It is so: the journal has it. Returns the files that were begun."""
        stores = self._stores
        stores.last.update((store, growing.file.number) for store, growing in self._current.items())
        for each in self._all:
            known = [] if each.is_new else stores.statics.pop(each.file.number, None)
            if known is not None and len(known) + len(each.statics) <= _MOST_STATICS:
                stores.statics[each.file.number] = known + each.statics if each.statics else known
        for number, file in self._files.items():
            if file.phase != Phase.LIVE:
                stores.statics.pop(number, None)
        return [each.file.number for each in self._all if each.is_new]

    @property
    def next_numbers(self) -> tuple[int, int]:
        """What the next file and the next producer are called."""
        return self._next_file, self._next_producer

    # ---- files ----

    def _growing(self, store: StoreId | None, kind: int) -> Growing:
        """Where a message of this kind goes."""
        growing = self._current.get(store)
        if growing is None:
            number = self._stores.last.get(store)
            known = self._state.files.get(number) if number is not None else None
            if known is None:
                return self._begin(store, None, kind)
            if known.phase == Phase.RESTING:
                known = self._wake(known)
            growing = Growing(known)
            if known.phase in (Phase.CLOSED, Phase.DONE):
                return self._begin(store, growing, kind)
            try:
                self._descriptors.fileno(known)
            except FileNotFoundError:  # taken away, or replaced, while it was not open
                return self._begin(store, growing, kind)
            self._all.append(growing)
            self._current[store] = growing
        if self._is_due(store, growing):
            return self._begin(store, growing, kind)
        return growing

    def _is_due(self, store: StoreId | None, growing: Growing) -> bool:
        if self._rotate is None or store is None or store.kind is not StoreKind.RECORDING:
            return False
        file = growing.file
        size = growing.end if growing.end >= 2 * file.head else 0  # a part is not mostly what was carried
        return growing.end > file.head and self._rotate.is_due(size, self._now_s - file.began)

    def _begin(self, store: StoreId | None, before: Growing | None, kind: int) -> Growing:
        """The next part of a store, or its first, which the message it is begun for may announce."""
        if before is None:
            base, after = base_path(store, self._stores.taken), 0
            self._stores.taken.add(folded(base))
            self._named.append(folded(base))
        else:
            before.flush(self._descriptors)  # what is carried is read from there
            base, after = base_of(before.file), before.file.part
        path, part = free_part(self._folder, base, after)
        raw = write_store_id(store) if store is not None else b""
        number = self._next_file
        self._next_file += 1
        began = ceil(self._now_s)  # rounded down, a part would be old before its time
        file = File(number, path, raw, part, 0, began, self._writer.number)
        self._descriptors.create(number)
        growing = Growing(file, is_new=True)
        self._all.append(growing)
        if store is not None:
            growing.pieces.append(stream_header())
            growing.end = STREAM_HEADER.size
            if before is not None:
                self._carry(store, before, growing)
            elif kind != Kind.STORE_INFO:
                _announce(store, growing)
        self._files[number] = growing.file = growing.file._replace(head=growing.end)
        if before is not None:
            closed = self._files.get(before.file.number, before.file)
            if closed.phase == Phase.LIVE:
                self._files[closed.number] = closed._replace(phase=Phase.CLOSED)
        self._current[store] = growing
        return growing

    def _carry(self, store: StoreId, before: Growing, growing: Growing) -> None:
        file = before.file
        try:
            fileno = None if file.number in self._dropped else self._descriptors.fileno(file)
        except FileNotFoundError:
            fileno = None  # taken away
        if fileno is None:
            _announce(store, growing)
            return
        ranges = [(STREAM_HEADER.size, before.end)]  # a blueprint is small, and all of it is needed
        try:
            if store.kind is StoreKind.RECORDING:
                origin = FileOnDisk(self._disk, fileno, file.path, before.end)
                ranges, has_info = carried(origin, file.head, self._statics(before))
                if not has_info:  # of a part of which no more than its header is believed
                    _announce(store, growing)
            growing.copy(self._descriptors, self._disk, file, ranges)
        except UnreadableError:
            self.unreadable = file.number
            raise
        except RrError as error:
            self.unreadable = file.number
            raise UnreadableError(5, error.what) from error

    def _statics(self, before: Growing) -> Iterator[Place]:
        """Store infos and static chunks behind a file's head: as the journal says, then of this batch."""
        file = before.file
        known = self._stores.statics.get(file.number)
        if known is not None:
            yield from known
            yield from before.statics
            return
        for segment in read_segments(self._disk, self._folder, file.segment, self._writer.number):
            for shelf in segment.shelves[: Lifetime.TEMPORAL]:
                mine = shelf.entries[shelf.entries["file"] == file.number]
                for kind, offset, size in zip(
                    mine["kind"].tolist(), mine["offset"].tolist(), mine["size"].tolist()
                ):
                    if kind in (Kind.STORE_INFO, Kind.CHUNK) and offset + size <= before.begin:
                        yield Place(kind, offset, size)
        yield from before.statics


def _announce(store: StoreId, growing: Growing) -> None:
    """A store info made here, where that of the part before is not to be had: no part goes without."""
    payload = write_info(store, row_id=new_tuid())
    growing.pieces += (MESSAGE_HEADER.pack(Kind.STORE_INFO, len(payload)), payload)
    growing.end += MESSAGE_HEADER.size + len(payload)
