"""What happened to a store's chunks, said to those who asked to hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence


class Added(NamedTuple):
    """Chunks were inserted."""

    numbers: Sequence[int]


class Dropped(NamedTuple):
    """Chunks are gone: evicted, or taken out."""

    numbers: Sequence[int]


class Compacted(NamedTuple):
    """Small chunks were made one; its rows are theirs, in this order."""

    sources: Sequence[int]
    target: int


Event: TypeAlias = Added | Dropped | Compacted
