"""Room for names that all share, so that nobody gets more than half of what the others leave. Pure.

A name counts for as long as something of it is in memory: each time that it comes up it is told at which
index of the log, and on which shelf, and it may go when that shelf begins behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

_OWNER_AT: Final = 64
_LAST: Final = (1 << _OWNER_AT) - 1


class Shares:
    """Who named what first, and when it came up last: one number a name."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._seen: dict[Hashable, int] = {}
        self._counts: dict[Hashable, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._owners: dict[int, Hashable] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._seen)

    def touch(self, name: Hashable, at: int, shelf: int) -> bool:
        """It comes up again; False where it is not known."""
        seen = self._seen.get(name)
        if seen is None:
            return False
        self._seen[name] = (seen & ~_LAST) | at << 2 | shelf
        return True

    def admit(self, owner: Hashable, name: Hashable, at: int, shelf: int) -> bool:
        """One more name; whether there is room for one more of this owner's."""
        mine = self._counts.get(owner, 0)
        if mine >= (self.most - len(self._seen) + mine + 1) // 2:
            return False
        number = self._numbers.get(owner)
        if number is None:
            number = self._numbers[owner] = self._next
            self._owners[number] = owner
            self._next += 1
        self._counts[owner] = mine + 1
        self._seen[name] = number << _OWNER_AT | at << 2 | shelf
        return True

    def release(self, oldest: Sequence[int]) -> list[Hashable]:
        """Names of which nothing is left, where each shelf begins with that index."""
        gone = [name for name, seen in self._seen.items() if (seen & _LAST) >> 2 < oldest[seen & 3]]
        for name in gone:
            owner = self._owners.get(self._seen.pop(name) >> _OWNER_AT)
            if owner is not None:
                self._counts[owner] -= 1
        return gone

    def forget(self, owner: Hashable) -> None:
        """An owner is no more; what it named stays, and is nobody's."""
        self._counts.pop(owner, None)
        number = self._numbers.pop(owner, None)
        if number is not None:
            del self._owners[number]
