"""Decoded chunks kept under a budget of bytes: those used last stay, and each is made once at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 60.0
"""Whoever waits so long for another thread to make a value makes it too."""


Value = TypeVar("Value")


class ByteCache(Generic[Value]):
    """Values by number. Room is made before a value is, so that making it does not go over the budget."""

    def __init__(self, budget_bytes: int, size_of: Callable[[Value], int]) -> None:
        """`size_of` says how many bytes of memory a value takes; that may grow while it is used."""
        self.budget_bytes = budget_bytes
        self._size_of = size_of
        self.reset()

    def reset(self) -> None:
        """Forget everything: also what a thread was doing that a fork did not bring along."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, tuple[Value, int]] = OrderedDict()
        self._used: set[int] = set()
        """Numbers of values that may have grown since they were counted."""
        self._making: dict[int, threading.Event] = {}
        self._bytes = self._reserved = 0

    def discard(self, number: int) -> None:
        """Forget one, if it is kept."""
        with self._lock:
            kept = self._kept.pop(number, None)
            self._used.discard(number)
            if kept is not None:
                self._bytes -= kept[1]

    def clear(self) -> None:
        """Forget what is kept."""
        with self._lock:
            self._kept.clear()
            self._used.clear()
            self._bytes = 0

    @property
    def used_bytes(self) -> int:
        """What is kept, as it was counted last, and what is being made."""
        return self._bytes + self._reserved

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def get(self, number: int) -> Value | None:
        """A value that is there, which now was used last."""
        with self._lock:
            kept = self._kept.get(number)
            if kept is None:
                return None
            self._kept.move_to_end(number)
            self._used.add(number)
            return kept[0]

    def get_or_make(self, number: int, expected_bytes: int, make: Callable[[], Value]) -> Value:
        """A value that is there, or is made: by this thread, or by one that has begun already.

        What `make` raises is raised; a thread that waited for it tries itself.
        """
        while (value := self.get(number)) is None:
            with self._lock:
                if number in self._kept:
                    continue
                done = self._making.get(number)
                if done is None:
                    done = self._making[number] = threading.Event()
                    mine = True
                    self._reserved += expected_bytes
                    self._make_room()
                else:
                    mine = False
            if mine:
                return self._make(number, expected_bytes, done, make)
            if not done.wait(WAIT_S):
                return make()
        return value

    def _make(
        self, number: int, expected_bytes: int, done: threading.Event, make: Callable[[], Value]
    ) -> Value:
        value = None
        try:
            value = make()
        finally:
            with self._lock:
                self._reserved -= expected_bytes
                if value is not None:
                    size = self._size_of(value)
                    self._kept[number] = value, size
                    self._bytes += size
                    self._count()
                    self._make_room()
                self._making.pop(number, None)
            done.set()
        return value

    def _count(self) -> None:
        """Count again what was used: columns that were made on demand add to it."""
        for number in self._used:
            kept = self._kept.get(number)
            if kept is not None:
                size = self._size_of(kept[0])
                self._bytes += size - kept[1]
                self._kept[number] = kept[0], size
        self._used.clear()

    def _make_room(self) -> None:
        while self._kept and self._bytes + self._reserved > self.budget_bytes:
            number, (_, size) = self._kept.popitem(last=False)
            self._used.discard(number)
            self._bytes -= size
