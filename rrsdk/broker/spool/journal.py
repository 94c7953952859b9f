"""The journal's bytes, without I/O: what of a spool's data files counts, in records that add up to a state.

A segment is a header, a snapshot, and records behind one another. A record is a header, extents (which bytes
of which files it has written), entries (messages, 64 bytes each), and what else changed. It carries an xxh3
of itself, and its extents carry those of the data. All numbers in it hold *behind* it and are absolute, so
that what follows a damaged record can still be used.

    segment   magic 8, version u32, 0 u32, number u64, boot 16, 0 u64, xxh3 of that u64, 0 u64
    record    magic 4, kind u8, 0 u24, entries u32, extents u32, rest u32, 0 u32, safe u64, next index u64,
              (messages, rows, bytes) by lifetime 9 × u64, xxh3 of all else u64
"""

from __future__ import annotations

import re
import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgpack
import numpy as np
from xxhash import xxh3_64_intdigest

from rrsdk.broker.spool.batch import Mark
from rrsdk.broker.spool.state import Change, Extent, File
from rrsdk.errors import FormatError, UnsupportedError
from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRY: Final = struct.Struct("<QQQQQIIBB14x")
ENTRIES: Final = np.dtype(
    {
        "names": ["at", "seq", "offset", "size", "rows", "file", "producer", "kind", "lifetime"],
        "formats": ["<u8", "<u8", "<u8", "<u8", "<u8", "<u4", "<u4", "u1", "u1"],
        "offsets": [0, 8, 16, 24, 32, 40, 44, 48, 49],
        "itemsize": 64,
    }
)
"""`offset` and `size` are those of the payload in its data file; the message's header is before it."""

SEGMENT: Final = struct.Struct("<8sI4xQ16s8xQ8x")
RECORD: Final = struct.Struct("<4sB3xIII4xQQ9QQ")
_EXTENT: Final = struct.Struct("<I4xQQQ")
_MAGIC: Final = b"RRSPOOL\n"
_RECORD_MAGIC: Final = b"RRj\x01"
_VERSION: Final = 1
_ALIGN: Final = 8
_MOST_TRIES: Final = 10_000
"""So many places behind damage are looked at, at most, that look like a record and are none."""
_NAME: Final = re.compile(r"journal-(\d{8,19})")


class Kind(IntEnum):
    """What a record is."""

    SNAPSHOT = 1
    WRITTEN = 2
    SYNCED = 3
    """Says nothing but what is safe. Not waited for: a killed broker leaves it, a lost power may take it."""
    CLOSED = 4
    """More is known of files; no messages."""


_KINDS: Final = frozenset(Kind)


class Record(NamedTuple):
    """One record, where it stands, and where its entries do."""

    kind: Kind
    start: int
    end: int
    safe: int
    """So much of the segment was known to be durable when this was written."""
    change: Change
    entries_at: int
    num_entries: int


class Head(NamedTuple):
    """What the beginning of a segment says."""

    number: int
    boot: bytes
    """The machine's boot id when it was written; empty where that is not known."""
    snapshot: Change
    end: int

    @property
    def start_index(self) -> int:
        """Entries before this segment are below it: where an earlier one has more, those do not count."""
        return self.snapshot.next_index

    @property
    def positions(self) -> tuple[int, int, int]:
        """By lifetime: how many messages are in the segments before."""
        first, second, third = self.snapshot.held
        return first.messages, second.messages, third.messages


def segment_name(number: int) -> str:
    """What a segment's file is called."""
    return f"journal-{number:08}"


def segment_number(name: str) -> int | None:
    """The number in a file's name; None where it is no segment's."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def pack_segment(number: int, boot: bytes, snapshot: Change) -> bytes:
    """How a segment begins."""
    head = SEGMENT.pack(_MAGIC, _VERSION, number, boot, 0)[:-16]
    head += xxh3_64_intdigest(head).to_bytes(8, "little") + bytes(8)
    return head + pack_record(Kind.SNAPSHOT, snapshot)


def pack_record(kind: Kind, change: Change, entries: bytes = b"", *, safe: int = 0) -> bytes:
    """One record; `entries` were packed with ENTRY."""
    extents = b"".join([_EXTENT.pack(*extent) for extent in change.extents])
    rest = _pack_rest(change)
    rest += bytes(-len(rest) % _ALIGN)
    held = change.held
    head = RECORD.pack(
        _RECORD_MAGIC,
        kind,
        len(entries) // ENTRY.size,
        len(change.extents),
        len(rest),
        safe,
        change.next_index,
        *held[0],
        *held[1],
        *held[2],
        0,
    )[:-8]
    digest = xxh3_64_intdigest(b"".join((head, extents, entries, rest)))
    return b"".join((head, digest.to_bytes(8, "little"), extents, entries, rest))


def _pack_rest(change: Change) -> bytes:
    said: dict[str, Any] = {}
    if change.files:
        said["files"] = change.files
    if change.producers:
        said["producers"] = change.producers
    if change.marks:
        said["marks"] = [(key, mark[0], mark[1], *mark[2], *mark[3], mark[4]) for key, mark in change.marks]
    if change.forgotten:
        said["forgotten"] = change.forgotten
    if change.forgot:
        said["forgot"] = change.forgot
    packed: bytes = msgpack.packb(said) if said else b""
    return packed


def read_head(raw: bytes | memoryview) -> Head:
    """The beginning of a segment; FormatError where it is none, or `raw` has not enough of it."""
    if len(raw) < SEGMENT.size:
        raise FormatError("a segment of the journal has no header")
    magic, version, number, boot, digest = SEGMENT.unpack_from(raw)
    if magic != _MAGIC or digest != xxh3_64_intdigest(raw[: SEGMENT.size - 16]):
        raise FormatError("a segment of the journal has a damaged header")
    if version != _VERSION:
        raise UnsupportedError(
            f"the journal has version {version}, which is not known", hint="use a newer rrkit"
        )
    snapshot = read_record(raw, SEGMENT.size)
    if snapshot is None or snapshot.kind is not Kind.SNAPSHOT:
        raise FormatError("a segment of the journal has a damaged snapshot")
    return Head(number, boot.rstrip(b"\0"), snapshot.change, snapshot.end)


def head_size(raw: bytes | memoryview) -> int:
    """How much of a segment `read_head` needs, as its first kilobyte claims; 0 where that is no segment's."""
    if len(raw) < SEGMENT.size + RECORD.size or raw[:8] != _MAGIC:
        return 0
    return SEGMENT.size + _size(RECORD.unpack_from(raw, SEGMENT.size))


def _size(fields: tuple[Any, ...]) -> int:
    size: int = RECORD.size + fields[2] * ENTRY.size + fields[3] * _EXTENT.size + fields[4]
    return size


def read_record(raw: bytes | memoryview, at: int) -> Record | None:
    """The record at a place; None where there is none that is whole."""
    if at + RECORD.size > len(raw):
        return None
    fields = RECORD.unpack_from(raw, at)
    if fields[0] != _RECORD_MAGIC:
        return None
    end = at + _size(fields)
    if end > len(raw):
        return None
    view = memoryview(raw)
    body = at + RECORD.size
    if xxh3_64_intdigest(b"".join((view[at : body - 8], view[body:end]))) != fields[-1]:
        return None
    _, kind, num_entries, num_extents, _, safe, next_index, *held, _ = fields
    entries_at = body + num_extents * _EXTENT.size
    try:
        extents = tuple(map(Extent._make, _EXTENT.iter_unpack(view[body:entries_at])))
        tallies = Tally(*held[0:3]), Tally(*held[3:6]), Tally(*held[6:9])
        rest = view[entries_at + num_entries * ENTRY.size : end]
        change = Change(next_index, tallies, extents)
        if len(rest):
            change = _with_rest(change, rest)
        return Record(Kind(kind), at, end, safe, change, entries_at, num_entries)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, FormatError):
        return None  # whole, and yet nothing that we write


def _with_rest(change: Change, rest: memoryview) -> Change:
    unpacker = msgpack.Unpacker(max_buffer_size=len(rest), strict_map_key=True, use_list=False)
    unpacker.feed(rest)
    said = unpacker.unpack()  # what follows it fills up to a multiple of eight
    return change._replace(
        files=tuple(_file(fields) for fields in said.get("files", ())),
        producers=tuple((_number(number), _key(key)) for number, key in said.get("producers", ())),
        marks=tuple((_key(key), _mark(*numbers)) for key, *numbers in said.get("marks", ())),
        forgotten=tuple(_key(key) for key in said.get("forgotten", ())),
        forgot=_number(said.get("forgot", 0)),
    )


def _mark(*numbers: object) -> Mark:
    held, refused, a, b, c, d, e, f, before = map(_number, numbers)
    return Mark(held, refused, Tally(a, b, c), Tally(d, e, f), before)


def _file(fields: tuple[Any, ...]) -> File:
    number, path, store, *numbers = fields
    if type(path) is not str or type(store) is not bytes or not is_inside(path):
        raise FormatError("a data file of the journal is none")
    return File(_number(number), path, store, *map(_number, numbers))


def is_inside(path: str) -> bool:
    """Whether a path names something in the folder that it begins at."""
    names = path.split("/")
    return not any(name in ("", ".", "..") or "\0" in name or "\\" in name for name in names)


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise FormatError("a number of the journal is none")
    return value


def _key(value: object) -> bytes:
    if type(value) is not bytes:
        raise FormatError("a producer of the journal is none")
    return value


class Outline(NamedTuple):
    """A whole record of which only the fixed fields were looked at: a tenth of the time."""

    start: int
    end: int
    next_index: int
    held: tuple[int, ...]
    """Messages, rows and bytes, by lifetime: nine numbers."""
    num_entries: int
    entries_at: int
    rest_at: int

    def names(self, raw: bytes) -> Change | None:
        """What it says of files and producers that entries name; None where it says nothing."""
        if self.rest_at == self.end or not any(
            raw.find(name, self.rest_at, self.end) >= 0 for name in (b"files", b"producers")
        ):
            return None
        record = read_record(raw, self.start)
        return record.change if record is not None else None


def outlines(raw: bytes, at: int) -> Iterator[Outline]:
    """What `records` yields, as far as that is enough."""
    unpack, size, entry_size, extent_size = RECORD.unpack_from, RECORD.size, ENTRY.size, _EXTENT.size
    while at + size <= len(raw):
        fields = unpack(raw, at)
        magic, kind, num_entries, num_extents, num_rest, _, next_index, *held, digest = fields
        body = at + size
        entries_at = body + num_extents * extent_size
        rest_at = entries_at + num_entries * entry_size
        end = rest_at + num_rest
        if magic != _RECORD_MAGIC or end > len(raw) or kind not in _KINDS:
            return
        if xxh3_64_intdigest(raw[at : body - 8] + raw[body:end]) != digest:
            return
        yield Outline(at, end, next_index, tuple(held), num_entries, entries_at, rest_at)
        at = end


def outline(record: Record) -> Outline:
    """The same of a record."""
    held = tuple(number for tally in record.change.held for number in tally)
    rest_at = record.entries_at + record.num_entries * ENTRY.size
    return Outline(
        record.start,
        record.end,
        record.change.next_index,
        held,
        record.num_entries,
        record.entries_at,
        rest_at,
    )


def records(raw: bytes | memoryview, at: int) -> Iterator[Record]:
    """The records from a place on, up to the first that is damaged or not whole."""
    while (record := read_record(raw, at)) is not None:
        yield record
        at = record.end


def readable(raw: bytes | memoryview, at: int = SEGMENT.size) -> Iterator[Record]:
    """All records that can be read, also those behind damage."""
    tries = _MOST_TRIES
    whole: bytes | None = None
    while True:
        for record in records(raw, at):
            yield record
            at = record.end
        if at >= len(raw):
            return
        whole = bytes(raw) if whole is None else whole
        at += 1
        while (at := whole.find(_RECORD_MAGIC, at)) >= 0:
            if read_record(raw, at) is not None:
                break
            at, tries = at + 1, tries - 1
            if not tries:
                return
        if at < 0:
            return
