"""Rows that wait: a list for each entity, appended to without a lock, taken from in slices.

Appending a tuple to a list is one step that no thread can interrupt, and so is cutting off its
front. So the threads that log need nothing but the bound `extend` of a list, which is looked up
under the path as the program writes it. What must be known of every row (how many wait, whether a
slow sink must be waited for, that somebody sleeps) is known without counting rows: where it
matters, the table of those methods is taken away for a while, and callers come by the slow way.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rrsdk.batcher.convert import EntityRows, Flat, size_of
from rrsdk.entity import format_path, parse_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Extend: TypeAlias = "Callable[[tuple[Any, ...]], None]"

ROW_OVERHEAD: Final = 150
"""About what a waiting row takes besides its values."""

_MAX_PATHS: Final = 20_000
_MAX_IDLE: Final = 256
_IDLE_ROUNDS: Final = 5
_HOLDERS: Final = 2
"""References to a list that nobody is about to append to: its entity's, and the one that asks."""


class Pending:
    """The waiting rows of one recording."""

    def __init__(self) -> None:
        self.paths: dict[str, Extend] = {}
        """By paths as programs write them: what appends to the list of their entity."""
        self._entities: dict[str, EntityRows] = {}
        self._retiring: list[EntityRows] = []
        self._round = 0
        self._last_ns = 0
        """Of all entities that were let go: should they come back, their row ids have to ascend still."""

    def extend(self, path: str) -> Extend:
        """What appends to the list of a path's entity; raises UsageError for what is no path.

        To be called by one thread at a time.
        """
        found = self.paths.get(path)
        if found is None:
            entity = format_path(parse_path(path))
            rows = self._entities.get(entity)
            if rows is None:
                rows = self._entities[entity] = EntityRows(entity, self._last_ns)
                rows.seen = self._round
            if len(self.paths) >= _MAX_PATHS:
                self.paths.clear()
                for one in self._entities.values():
                    one.names.clear()
            rows.names.append(path)
            found = self.paths[path] = rows.rows.extend
        return found

    def entities(self) -> list[EntityRows]:
        """All that may have rows."""
        return [*self._entities.values(), *self._retiring]

    def clear(self) -> None:
        """Forget all rows, in place: the lists are known to those who log."""
        for entity in self.entities():
            entity.rows.clear()

    def end_of_round(self) -> None:
        """Let go of entities that nothing was logged to lately, where there are many.

        All that there are have to be looked at in each round.
        To be called by one thread at a time, with nobody in `extend`.
        """
        self._round += 1
        if self._retiring:
            self._retiring = [
                one for one in self._retiring if one.rows or sys.getrefcount(one.rows) > _HOLDERS
            ]
        if len(self._entities) <= _MAX_IDLE:
            return
        oldest = self._round - _IDLE_ROUNDS
        for one in [one for one in self._entities.values() if one.seen < oldest and not one.rows]:
            for name in one.names:
                self.paths.pop(name, None)
            del self._entities[one.path]
            self._last_ns = max(self._last_ns, one.last_ns)
            self._retiring.append(one)  # a thread may hold the method still: it is looked at until none does

    def slices(self, *, max_rows: int, max_bytes: int) -> Iterator[tuple[EntityRows, Flat]]:
        """All rows that are there now (and few that come meanwhile), taken out a slice at a time."""
        for entity in self.entities():
            rows = entity.rows
            left = len(rows) // 3
            if left:
                entity.seen = self._round
            while left > 0:
                count = _fitting(rows, min(left, max_rows), max_bytes)
                flat = rows[: 3 * count]
                del rows[: 3 * count]
                left -= count
                yield entity, flat

    def weigh(self) -> tuple[int, int]:
        """How many rows wait, and about how many bytes they take."""
        count = size = 0
        for entity in self.entities():
            rows = entity.rows
            waiting = len(rows) // 3
            if waiting:
                try:
                    sample = size_of(rows[-1])
                except IndexError:
                    continue
                count += waiting
                size += waiting * (ROW_OVERHEAD + sample)
        return count, size


def _fitting(rows: Flat, count: int, max_bytes: int) -> int:
    """How many of the first `count` rows make `max_bytes`, at least one."""
    # Values of one entity are mostly of one size: two of them are asked for theirs.
    size = max(size_of(rows[2]), size_of(rows[3 * count - 1]), 1)
    return max(min(count, max_bytes // size), 1)
