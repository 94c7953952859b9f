"""Which chunks become one: a plan made from sizes, times and schemas, without moving a byte.

Chunks that share entity, timelines and components are packed in the order of their row ids: each
bin takes what follows it as long as it stays within the limits. What is too large is cut into
slices first. Chunks of several writers, whose row ids interleave, go to bins of their own: so the
rows of a bin are in order, and what becomes of it is known exactly beforehand. Bins are packed
again until nothing changes: then compacting the result changes nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import and_, le
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rrsdk.ipc.rows import Range


@dataclass(frozen=True, slots=True)
class Limits:
    """Where packing stops. FORMAT: `live` and `object-store` are the real program's profiles."""

    max_bytes: int
    max_rows: int
    max_rows_if_unsorted: int
    split_size_ratio: float | None
    """Archetypes of one chunk whose sizes differ by this factor go into chunks of their own."""

    def rows(self, times_sorted: bool) -> int:
        """Most rows in a chunk; one that is not sorted may not have more than one that is."""
        return self.max_rows if times_sorted else min(self.max_rows, self.max_rows_if_unsorted)


PROFILES = {
    "live": Limits(384 * 1024, 4096, 1024, None),
    "object-store": Limits(2 * 1024 * 1024, 65_536, 8_192, 10.0),
}


class Lot(NamedTuple):
    """Rows of one chunk (all, or a slice) as far as packing cares."""

    place: int
    """Which chunk, in the order of the input."""
    key: bytes
    """Lots with one key can be joined."""
    columns: tuple[int, ...] | None
    """Which of the chunk's columns; None for all of them."""
    start: int
    stop: int
    whole: bool
    """Whether this is all of its chunk: then it can be copied as it is."""
    bits: int
    first_row: bytes
    """The least row id; empty where there are no rows."""
    last_row: bytes
    """The greatest row id."""
    rows_sorted: bool
    """Whether the row ids ascend already."""
    times_sorted: bool
    """Whether all timelines ascend, in the order of the row ids."""
    spans: tuple[Range, ...]

    @property
    def rows(self) -> int:
        return self.stop - self.start

    def comes_after(self, before: Lot) -> bool:
        """Whether neither row ids nor times go back from one to the other."""
        return before.last_row <= (self.first_row or before.last_row) and _follow(before.spans, self.spans)

    def join(self, after: Lot, *, of_rows: int) -> Lot:
        """The rows of both, which follow one another in one chunk of so many rows."""
        order = after.comes_after(self)
        return self._replace(
            stop=after.stop,
            whole=self.columns is None and after.stop - self.start == of_rows,
            bits=self.bits + after.bits,
            first_row=min(self.first_row, after.first_row),
            last_row=max(self.last_row, after.last_row),
            rows_sorted=order and self.rows_sorted and after.rows_sorted,
            times_sorted=order and self.times_sorted and after.times_sorted,
            spans=tuple(map(_hull, self.spans, after.spans)),
        )


@dataclass(slots=True)
class Bin:
    """Lots that become one chunk."""

    lots: list[Lot]
    rows: int
    bits: int
    times_sorted: bool
    spans: Sequence[Range]
    first_row: bytes
    last_row: bytes
    in_order: bool
    """Whether each lot's rows are in order; else they have to be sorted (the lots follow one another)."""

    @property
    def untouched(self) -> bool:
        """Whether this is a chunk of the input as it is."""
        return len(self.lots) == 1 and self.lots[0].whole

    @property
    def first(self) -> tuple[int, int]:
        """What of it comes first in the input: place and row."""
        return min([(lot.place, lot.start) for lot in self.lots])

    @classmethod
    def of(cls, lot: Lot) -> Bin:
        return cls(
            [lot],
            lot.rows,
            lot.bits,
            lot.times_sorted,
            lot.spans,
            lot.first_row,
            lot.last_row,
            lot.rows_sorted,
        )

    @property
    def order(self) -> tuple[bytes, bytes, int, int]:
        """What bins of one key are sorted by."""
        return self.first_row, self.last_row, self.lots[0].place, self.lots[0].start

    def take(self, other: Bin, limits: Limits) -> bool:
        """Add what follows in the order of row ids, unless that would go beyond the limits."""
        bits, rows = self.bits + other.bits, self.rows + other.rows
        if bits > 8 * limits.max_bytes:
            return False
        stays_sorted = self.times_sorted and other.times_sorted and _follow(self.spans, other.spans)
        if rows > limits.rows(stays_sorted):
            return False
        if stays_sorted:  # what follows in time only moves the end
            self.spans = [
                two if one is None else one if two is None else (one[0], two[1])
                for one, two in zip(self.spans, other.spans)
            ]
        else:
            self.spans = list(map(_hull, self.spans, other.spans))
        self.in_order = self.in_order and other.in_order
        self.first_row = self.first_row or other.first_row
        self.last_row = other.last_row or self.last_row
        self.times_sorted, self.rows, self.bits = stays_sorted, rows, bits
        self.lots += other.lots
        return True


def _follow(before: Sequence[Range], after: Sequence[Range]) -> bool:
    for one, two in zip(before, after):
        if one is not None and two is not None and one[1] > two[0]:
            return False
    return True


def _hull(one: Range, two: Range) -> Range:
    if one is None or two is None:
        return one or two
    return min(one[0], two[0]), max(one[1], two[1])


def pack(lots: Iterable[Lot], limits: Limits) -> list[Bin]:
    """Bins for all lots, in the order of the first chunk in each."""
    groups: dict[bytes, list[Lot]] = {}
    for lot in lots:
        groups.setdefault(lot.key, []).append(lot)
    bins: list[Bin] = []
    for group in groups.values():
        packed, before = [Bin.of(lot) for lot in group], 0
        while len(packed) != before:
            before = len(packed)
            packed = _chains(packed, limits)
        bins += packed
    return sorted(bins, key=lambda one: one.first)


_OPEN = 16
"""Bins that are considered for what comes next: about as many writers can interleave."""


def _chains(bins: list[Bin], limits: Limits) -> list[Bin]:
    """Let every bin take what follows it; what overlaps it goes to another."""
    found: list[Bin] = []
    for one in sorted(bins, key=lambda one: one.order):
        for current in found[: -_OPEN - 1 : -1]:
            if current.last_row <= one.first_row:
                if not current.take(one, limits):
                    found.append(one)
                break
        else:
            found.append(one)
    return found


def slices(
    weights: Sequence[int], times: Sequence[Sequence[int]], limits: Limits
) -> Iterator[tuple[int, int]]:
    """Cut a chunk that is too large: each slice takes rows as long as it stays within the limits.

    `weights` are the bits of the first 0, 1, 2 … rows, `times` the values of each timeline.
    """
    rows = len(weights) - 1
    follows = [True] * rows
    for column in times:
        follows[1:] = map(and_, follows[1:], map(le, column, column[1:]))
    start = 0
    is_sorted = True
    for row in range(1, rows):
        still = is_sorted and follows[row]
        if weights[row + 1] - weights[start] > 8 * limits.max_bytes or row + 1 - start > limits.rows(still):
            yield start, row
            start, is_sorted = row, True
        else:
            is_sorted = still
    yield start, rows


def tiers(sizes: Sequence[int], ratio: float) -> list[list[int]]:
    """Numbers of the sizes that go together: less than `ratio` times smaller than the largest among them.

    Largest first. Sizes that went together go together when they are added up, column by column.
    """
    groups: list[list[int]] = []
    for number in sorted(range(len(sizes)), key=lambda number: (-sizes[number], number)):
        if not groups or sizes[groups[-1][0]] >= ratio * max(sizes[number], 1):
            groups.append([])
        groups[-1].append(number)
    return [sorted(group) for group in groups]
