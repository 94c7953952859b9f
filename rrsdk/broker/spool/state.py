"""What a spool is at one moment: its files and how far they count, its producers, where they stand."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from rrsdk.broker.spool.batch import Mark

NOTHING = (Tally(), Tally(), Tally())


class Phase(IntEnum):
    """What becomes of a data file."""

    LIVE = 0
    """Its recording's messages go there."""
    CLOSED = 1
    """Nothing more goes there; it has no footer yet."""
    DONE = 2
    """Nothing more goes there; it has its footer, or can have none."""
    RESTING = 3
    """It has its footer, which is cut off when there is more to be written."""


class File(NamedTuple):
    """A data file; `end` and `phase` change, all else is said when it begins."""

    number: int
    path: str
    """From the spool's folder on, with `/`."""
    store: bytes
    """The serialized id of the store that it is of; empty for tables."""
    part: int
    """1, 2, 3, … among the files of its store."""
    head: int
    """So long is what stands before its first message: the stream's header, and what was copied there."""
    began: int
    """When, in seconds since 1970."""
    segment: int
    """The journal's segment in which it begins: no earlier one speaks of it."""
    end: int = 0
    """What counts of it ends here; behind that there may be a footer, or what is left of a crash."""
    phase: int = Phase.LIVE
    sign_size: int = 0
    """So many of its first bytes have the xxh3 `sign`: what has not was put there by somebody else."""
    sign: int = 0


class Extent(NamedTuple):
    """Bytes that one record has written to one file, and their xxh3."""

    file: int
    start: int
    end: int
    digest: int


class Change(NamedTuple):
    """What one record says: `next_index` and `held` hold behind it, the rest is what is new."""

    next_index: int
    held: tuple[Tally, Tally, Tally]
    extents: tuple[Extent, ...] = ()
    files: tuple[File, ...] = ()
    """New ones, and those of which more than `end` changed."""
    producers: tuple[tuple[int, bytes], ...] = ()
    """Numbers that entries name producers by."""
    marks: tuple[tuple[bytes, Mark], ...] = ()
    forgotten: tuple[bytes, ...] = ()
    forgot: int = 0
    """Of a snapshot: how many were forgotten before."""


class State:
    """Records add up to it; a snapshot is one record that makes it anew."""

    def __init__(self) -> None:
        self.next_index = 0
        self.held: tuple[Tally, Tally, Tally] = NOTHING
        self.files: dict[int, File] = {}
        self.numbers: dict[bytes, int] = {}
        """What entries call producers."""
        self.marks: dict[bytes, Mark] = {}
        self.forgot = 0
        """How many producers were forgotten, ever."""

    def apply(self, change: Change) -> None:
        """What a record says."""
        self.next_index, self.held = change.next_index, change.held
        for file in change.files:
            self.files[file.number] = file
        for number, _, end, _ in change.extents:
            known = self.files.get(number)  # not there where the record that tells of it is damaged
            if known is not None:
                self.files[number] = known._replace(end=end)
        for key in change.forgotten:  # first: who was forgotten may have come back since
            self.marks.pop(key, None)
            self.numbers.pop(key, None)
        self.forgot += change.forgot + len(change.forgotten)
        for producer, key in change.producers:
            self.numbers[key] = producer
        for key, mark in change.marks:
            self.marks.pop(key, None)  # those that changed last are to stand at the end
            self.marks[key] = mark

    def snapshot(self, keep: Container[int] = ()) -> Change:
        """All that later records build upon: files that are complete and followed by others are left out,
        but for those to `keep`.
        """
        last = last_parts(self.files.values())
        files = tuple(
            file
            for file in self.files.values()
            if file.phase != Phase.DONE or file.number in keep or last[file.store].number == file.number
        )
        known = tuple((number, key) for key, number in self.numbers.items() if key in self.marks)
        return Change(
            self.next_index, self.held, (), files, known, tuple(self.marks.items()), (), self.forgot
        )


def last_parts(files: Iterable[File]) -> dict[bytes, File]:
    """Of each store the file that began last."""
    found: dict[bytes, File] = {}
    for file in files:
        if file.store not in found or found[file.store].number < file.number:
            found[file.store] = file
    return found
