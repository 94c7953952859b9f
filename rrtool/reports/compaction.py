"""What compaction could gain, from manifests alone: how few chunks would hold what there is.

Chunks can be joined that have the same store, entity, timelines and components. The real program's
`rrd stats` says the same under "Optimization check", but counts as one what has other components,
which neither it nor we join, and leaves static chunks out, which both join.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable


class Limit(NamedTuple):
    """Most that a chunk may hold."""

    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Compaction:
    """Chunks as they are, and how many would be enough."""

    chunks: int
    at_best: int
    """A bound: what does not fit together as it comes, or is not sorted, takes more."""
    max_size: int
    max_rows: int


@dataclass(slots=True)
class _Total:
    chunks: int = 0
    size: int = 0
    rows: int = 0


@dataclass(slots=True)
class Joinable:
    """Adds up chunks that can be joined."""

    limit: Limit
    _totals: defaultdict[Hashable, _Total] = field(default_factory=lambda: defaultdict(_Total))

    def add(self, kind: Hashable, *, chunks: int, size: int, rows: int) -> None:
        """Chunks of one kind: `size` bytes uncompressed, schemas included, and `rows` rows together."""
        total = self._totals[kind]
        total.chunks += chunks
        total.size += size
        total.rows += rows

    def result(self) -> Compaction:
        """What all of them come to."""
        return Compaction(
            chunks=sum(total.chunks for total in self._totals.values()),
            at_best=sum(map(self._at_best, self._totals.values())),
            max_size=self.limit.size,
            max_rows=self.limit.rows,
        )

    def _at_best(self, total: _Total) -> int:
        """Never more than there are: chunks that are too large to be joined are not counted as several."""
        needed = max(-(-total.size // self.limit.size), -(-total.rows // self.limit.rows), 1)
        return min(needed, total.chunks)
