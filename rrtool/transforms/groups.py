"""Video streams packed by whole groups of pictures: a chunk begins with a key frame.

So whoever wants one picture has to load one chunk. As in the real program a group is never divided, however
large it is; what comes before the first key frame is a group of its own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rrtool.transforms.packing import Bin, Limits, Lot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ANY = 1 << 62
_NO_LIMITS = Limits(_ANY, _ANY, _ANY, None)


class GroupLot(NamedTuple):
    """Rows of one chunk up to its next key frame."""

    lot: Lot
    opens: bool
    """Whether they begin with one."""
    of_rows: int
    """How many rows the chunk has."""


def groups_of(lots: Iterable[GroupLot], limits: Limits) -> list[Bin] | None:
    """Whole groups, as many a bin as stay within the limits.

    None where rows and times do not ascend together, or those of several chunks interleave.
    """
    ordered = sorted(lots, key=lambda one: (one.lot.first_row, one.lot.place, one.lot.start))
    if not all(one.lot.rows_sorted and one.lot.times_sorted for one in ordered):
        return None
    if not all(two.lot.comes_after(one.lot) for one, two in pairwise(ordered)):
        return None
    groups: list[list[GroupLot]] = []
    for one in ordered:
        if one.opens or not groups:
            groups.append([])
        groups[-1].append(one)
    found: list[list[GroupLot]] = []
    bits = rows = 0
    for group in groups:
        more_bits, more_rows = sum(one.lot.bits for one in group), sum(one.lot.rows for one in group)
        if found and bits + more_bits <= 8 * limits.max_bytes and rows + more_rows <= limits.max_rows:
            found[-1] += group
            bits, rows = bits + more_bits, rows + more_rows
        else:
            found.append(list(group))
            bits, rows = more_bits, more_rows
    return [_bin(taken) for taken in found]


def _bin(lots: Iterable[GroupLot]) -> Bin:
    first, *rest = map(Bin.of, wholes_of(lots))
    for one in rest:
        first.take(one, _NO_LIMITS)
    return first


def wholes_of(lots: Iterable[GroupLot]) -> Iterator[Lot]:
    """The rows of one chunk that follow one another as one lot."""
    current: Lot | None = None
    for lot, _, rows in lots:
        if current is not None and (current.place, current.stop) == (lot.place, lot.start):
            current = current.join(lot, of_rows=rows)
            continue
        if current is not None:
            yield current
        current = lot
    if current is not None:
        yield current
