"""What the journal says of messages while it grows, decoded as far as somebody wanted to know.

A stretch is a segment whose beginning can be read, and those behind it whose cannot, up to the next one.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rrsdk.broker.spool.journal import ENTRIES, ENTRY, SEGMENT, outline, outlines, readable
from rrsdk.broker.spool.segments import PASSING, read_head, read_range, segment_path
from rrsdk.broker.spool.state import NOTHING
from rrsdk.errors import RrError
from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.broker.spool.journal import Outline
    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

_STEP: Final = 256 * 1024
_SMALL: Final = 1024
_BESIDES: Final = 4096


class Start(NamedTuple):
    """Where a segment begins."""

    next_index: int
    held: tuple[Tally, Tally, Tally]
    """All that is in those before, by lifetime."""


class Run(NamedTuple):
    """Messages of one lifetime without a gap."""

    first: int
    """The position of the first one."""
    entries: np.ndarray[Any, Any]
    lost: Tally = Tally()
    """What is missing before it."""


class Stretch:
    """Messages by position. What was decoded once stays as it is."""

    def __init__(self, disk: Disk, folder: str, number: int, start: Start | None) -> None:
        """`start` None: of the journal's first segment, whose beginning cannot be read."""
        self._disk, self._folder = disk, folder
        self.numbers = [number]
        """Its segments."""
        self.has_head = start is not None
        self.start_index, self.held = start or Start(0, NOTHING)
        self.limit_index = 1 << 64
        """Where the next stretch begins: what this one has from there on does not count."""
        first, second, third = self.held
        self.starts = first.messages, second.messages, third.messages
        """By lifetime, its first position."""
        self.forget()

    def forget(self) -> None:
        """Nothing is decoded any more."""
        self.files: dict[int, File] = {}
        self.producers: dict[int, bytes] = {}
        self._reached = list(self.held)
        self._place, self._at = 0, 0
        """Which of the segments is read, and from where on."""
        self._tried = -1
        """Up to which index there is no more to be decoded."""
        self._runs: tuple[list[Run], list[Run], list[Run]] = [], [], []
        self._firsts: tuple[list[int], list[int], list[int]] = [], [], []
        self.size = _BESIDES

    def find(self, lifetime: int, position: int, *, durable: int) -> Run | None:
        """The messages from a position on, or from the next one that is known; None where there is none.

        Read is what has an index below `durable`; nothing below it changes any more.
        """
        while position >= self._reached[lifetime].messages:
            if not self._decode(min(durable, self.limit_index)):
                break
        runs, place = self._runs[lifetime], bisect_right(self._firsts[lifetime], position) - 1
        if place >= 0:
            first, entries, _ = runs[place]
            if position < first + len(entries):
                return Run(position, entries[position - first :])
        if place + 1 == len(runs):
            return None
        first, entries, lost = runs[place + 1]
        begins = first - lost.messages
        missing = lost if begins == position else Tally(first - position)
        return Run(first, entries, missing)

    def has(self, lifetime: int, position: int) -> bool:
        """Whether it is decoded up to there."""
        return position < self._reached[lifetime].messages

    def reached(self, lifetime: int) -> Tally:
        """All that was before the place that is decoded."""
        return self._reached[lifetime]

    # ---- decoding ----

    def _decode(self, limit: int) -> bool:
        """A little more; False where there is no more below that index."""
        if self._tried >= limit:
            return False
        if not self._at:
            self._begin()
        while self._place < len(self.numbers):
            behind, is_whole = self._read(limit)
            if behind > self._at:
                self._at = behind
                return True
            if not is_whole or self._place + 1 == len(self.numbers):
                break
            self._place, self._at = self._place + 1, SEGMENT.size
        self._tried = limit
        return False

    def _begin(self) -> None:
        at = SEGMENT.size
        if self.has_head:
            try:
                head = read_head(self._disk, self._folder, self.numbers[0])
                self.files.update((file.number, file) for file in head.snapshot.files)
                self.producers.update(head.snapshot.producers)
                at = head.end
            except RrError:
                pass  # it has been damaged meanwhile
            except OSError as error:
                if error.errno in PASSING:
                    raise
        self._at = at

    def _read(self, limit: int) -> tuple[int, bool]:
        """Where the last record with messages ends, and whether the segment was read to its end.

        Those behind it, which have none, may still be taken back, and others be at their place.
        """
        path = segment_path(self._folder, self.numbers[self._place])
        size = _STEP
        while True:
            try:
                raw = read_range(self._disk, path, self._at, size)
            except OSError as error:
                if error.errno in PASSING:
                    raise
                return self._at, True
            is_rest = len(raw) < size
            found, is_over = _below(outlines(raw, 0), limit)
            behind = found[-1].end if found else 0
            has_messages = any(each.num_entries for each in found)
            if (
                is_rest and not is_over and not has_messages and behind < len(raw)
            ):  # damaged, if not unwritten
                more, is_over = _below(map(outline, readable(raw, behind)), limit)
                found += more
                has_messages = any(each.num_entries for each in more)
            if has_messages or is_rest or is_over:
                break
            size *= 4
        for record in found:
            change = record.names(raw)
            if change is not None:
                self.files.update((file.number, file) for file in change.files)
                self.producers.update(change.producers)
        while found and not found[-1].num_entries:
            found.pop()
        self._take(raw, found)
        return self._at + (found[-1].end if found else 0), is_rest and not is_over

    def _take(self, raw: bytes, found: list[Outline]) -> None:
        """Records go to the shelves, those without a gap between them at once."""
        begin = 0
        for at in range(1, len(found) + 1):
            if at == len(found) or found[at].start != found[at - 1].end:
                self._take_run(raw, found[begin:at])
                begin = at

    def _take_run(self, raw: bytes, found: list[Outline]) -> None:
        pieces = [
            raw[record.entries_at : record.entries_at + record.num_entries * ENTRY.size] for record in found
        ]
        all_of_them = np.frombuffer(b"".join(pieces), ENTRIES)
        lifetimes = all_of_them["lifetime"]
        held = found[-1].held
        for lifetime in range(3):
            entries = all_of_them[lifetimes == lifetime]
            count = len(entries)
            if not count:
                continue  # what is missing before the next ones is noticed there
            behind = Tally(*held[3 * lifetime : 3 * lifetime + 3])
            before = behind.minus(Tally(count, int(entries["rows"].sum()), int(entries["size"].sum())))
            reached = self._reached[lifetime]
            again = min(max(reached.messages - before.messages, 0), count)
            lost = before.minus(reached) if before.messages > reached.messages else Tally()
            self._put(lifetime, Run(before.messages + again, entries[again:], lost))
            self._reached[lifetime] = behind

    def _put(self, lifetime: int, run: Run) -> None:
        runs, firsts = self._runs[lifetime], self._firsts[lifetime]
        self.size += run.entries.nbytes
        if runs and not run.lost.messages and len(runs[-1].entries) < _SMALL:
            last = runs[-1]
            runs[-1] = last._replace(entries=np.concatenate((last.entries, run.entries)))
        elif len(run.entries):
            runs.append(run)
            firsts.append(run.first)


def _below(found: Iterable[Outline], limit: int) -> tuple[list[Outline], bool]:
    """Records up to an index; whether one beyond it followed."""
    kept: list[Outline] = []
    for record in found:
        if record.next_index > limit:
            return kept, True
        kept.append(record)
    return kept, False
