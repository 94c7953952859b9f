"""Which chunks become one: a plan made from sizes, times and schemas, without moving a byte.

Chunks that share entity, timelines and components are packed in the order of their row ids: each
bin takes what follows as long as it stays within the limits. What is too large is cut into slices
first. Greedy packing in order settles at once: packed again, every bin stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
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
    last_row: bytes
    rows_sorted: bool
    times_sorted: bool
    spans: tuple[Range, ...]

    @property
    def rows(self) -> int:
        return self.stop - self.start


@dataclass(slots=True)
class Bin:
    """Lots that become one chunk."""

    lots: list[Lot]
    rows: int
    bits: int
    times_sorted: bool
    spans: Sequence[Range]
    in_order: bool
    """Whether the lots' row ids follow one another; else the rows have to be sorted."""
    last_row: bytes = field(default=b"")

    @classmethod
    def of(cls, lot: Lot) -> Bin:
        return cls([lot], lot.rows, lot.bits, lot.times_sorted, lot.spans, lot.rows_sorted, lot.last_row)

    def take(self, lot: Lot, limits: Limits) -> bool:
        """Add the lot, unless that would go beyond the limits."""
        bits, rows = self.bits + lot.bits, self.rows + lot.stop - lot.start
        if bits > 8 * limits.max_bytes:
            return False
        stays_sorted = self.times_sorted and lot.times_sorted and _follow(self.spans, lot.spans)
        if rows > (limits.max_rows if stays_sorted else limits.max_rows_if_unsorted):
            return False
        if stays_sorted:  # what follows in time only moves the end
            self.spans = [
                two if one is None else one if two is None else (one[0], two[1])
                for one, two in zip(self.spans, lot.spans)
            ]
        else:
            self.spans = list(map(_hull, self.spans, lot.spans))
        self.in_order = self.in_order and lot.rows_sorted and self.last_row <= lot.first_row
        self.last_row = max(self.last_row, lot.last_row)
        self.times_sorted, self.rows, self.bits = stays_sorted, rows, bits
        self.lots.append(lot)
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
        group.sort(key=lambda lot: (lot.first_row, lot.place, lot.start))
        current: Bin | None = None
        for lot in group:
            if current is None or not current.take(lot, limits):
                current = Bin.of(lot)
                bins.append(current)
    return sorted(bins, key=lambda one: min((lot.place, lot.start) for lot in one.lots))


def slices(
    weights: Sequence[int], times: Sequence[Sequence[int]], limits: Limits
) -> Iterator[tuple[int, int]]:
    """Cut a chunk that is too large: each slice takes rows as long as it stays within the limits.

    `weights` are the bits of the first 0, 1, 2 … rows, `times` the values of each timeline.
    """
    rows = len(weights) - 1
    start = 0
    is_sorted = True
    for row in range(1, rows):
        still = is_sorted and all(column[row - 1] <= column[row] for column in times)
        most = limits.max_rows if still else limits.max_rows_if_unsorted
        if weights[row + 1] - weights[start] > 8 * limits.max_bytes or row + 1 - start > most:
            yield start, row
            start, is_sorted = row, True
        else:
            is_sorted = still
    yield start, rows


def tiers(sizes: Sequence[int], ratio: float) -> list[list[int]]:
    """Split sizes into groups at every gap of at least `ratio`, largest first; numbers of each group."""
    order = sorted(range(len(sizes)), key=lambda number: (-sizes[number], number))
    groups = [[order[0]]]
    for before, number in pairwise(order):
        if sizes[before] >= ratio * max(sizes[number], 1):
            groups.append([])
        groups[-1].append(number)
    return [sorted(group) for group in groups]
