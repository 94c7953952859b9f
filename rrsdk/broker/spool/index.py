"""What one segment of the journal says of messages: a table of them by lifetime, with their positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rrsdk.broker.spool.journal import ENTRIES, readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.broker.spool.state import File


class Shelf(NamedTuple):
    """The entries of one lifetime in one segment."""

    positions: np.ndarray[Any, np.dtype[np.uint64]]
    """On the shelf; ascending. Without damage there are no gaps."""
    entries: np.ndarray[Any, Any]
    """Of dtype ENTRIES."""


class Segment(NamedTuple):
    """All that a segment says of messages."""

    shelves: tuple[Shelf, Shelf, Shelf]
    files: dict[int, File]
    producers: dict[int, bytes]


def read_segment(raw: bytes | memoryview, *, before: int = 2**64 - 1) -> Segment:
    """The entries whose index is lower than `before`: the start index of the next segment.

    A bad segment has fewer of them, or none; what is named by entries may be missing in `files`.
    """
    files: dict[int, File] = {}
    producers: dict[int, bytes] = {}
    pieces: list[np.ndarray[Any, Any]] = []
    places: list[tuple[int, tuple[int, int, int], int]] = []
    """Where among the entries a run without gaps ends, which positions follow it, and which index."""
    count = 0
    last_end = -1
    for record in readable(raw):
        change = record.change
        files.update((file.number, file) for file in change.files)
        producers.update(change.producers)
        if record.num_entries:
            pieces.append(np.frombuffer(raw, ENTRIES, record.num_entries, record.entries_at))
            count += record.num_entries
        first, second, third = change.held
        place = count, (first.messages, second.messages, third.messages), change.next_index
        if places and last_end == record.start:
            places[-1] = place
        else:
            places.append(place)
        last_end = record.end
    entries = np.concatenate(pieces) if pieces else np.empty(0, ENTRIES)
    first_shelf, second_shelf, third_shelf = (
        _shelf(entries, lifetime, places, before) for lifetime in range(3)
    )
    return Segment((first_shelf, second_shelf, third_shelf), files, producers)


def _shelf(
    entries: np.ndarray[Any, Any],
    lifetime: int,
    places: Iterable[tuple[int, tuple[int, int, int], int]],
    before: int,
) -> Shelf:
    mine = np.flatnonzero(entries["lifetime"] == lifetime)
    positions = np.empty(len(mine), np.uint64)
    begin = 0
    for count, ends, _ in places:
        end = int(np.searchsorted(mine, count))
        first = max(ends[lifetime] - (end - begin), 0)
        positions[begin:end] = np.arange(first, first + end - begin, dtype=np.uint64)
        begin = end
    found = entries[mine]
    keep = found["at"] < before
    if not keep.all():
        found, positions = found[keep], positions[keep]
    return Shelf(positions, found)
