"""When a client of the pipe says hello, asks whether the broker lives, gives up, and tries again. No clock.

What producers' links and subscriptions have in common; `rrsdk/broker/PROTOCOL.md` has the numbers.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO_EVERY_S: Final = 1.0
PING_EVERY_S: Final = 2.0
SILENCE_S: Final = 3.0
"""Without any word for so long after a ping (or a hello), a new connection."""
BACKOFF_S: Final = 0.1
BACKOFF_MAX_S: Final = 5.0


class Contact:
    """The times of one connection after the other: resting, saying hello, up."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` gives numbers from 0 to 1."""
        self.failures = 0
        """In a row."""
        self.open_at = 0.0
        """When the next connection may begin."""
        self._jitter = jitter
        self._hello_at = self._give_up_at = self._ping_at = 0.0
        self._silent_at: float | None = None  # when an unanswered ping becomes a broken connection

    def rest(self, now: float, *, pause_s: float = 0.0) -> None:
        """It has ended. The next follows at once where this one was good for something."""
        self._silent_at = None
        self.open_at = now + (max(self._backoff(), pause_s) if self.failures or pause_s else 0.0)
        self.failures += 1

    def open(self, now: float) -> None:
        """One begins, and hello is said."""
        self._silent_at = None
        self._hello_at = now + HELLO_EVERY_S
        self._give_up_at = now + SILENCE_S + self._backoff()

    def is_in_vain(self, now: float) -> bool:
        """Whether hello was said often enough: a failure, then."""
        in_vain = now >= self._give_up_at
        self.failures += in_vain
        return in_vain

    def says_hello(self, now: float) -> bool:
        """Whether it is time to say it again, which is done then."""
        if now < self._hello_at:
            return False
        self._hello_at = now + HELLO_EVERY_S
        return True

    def up(self, now: float) -> None:
        """Hello was answered."""
        self._ping_at = now + PING_EVERY_S

    def heard(self) -> None:
        """The broker lives."""
        self._silent_at = None

    def is_silent(self, now: float) -> bool:
        """Whether a ping was not answered."""
        return self._silent_at is not None and now >= self._silent_at

    def pings(self, now: float) -> bool:
        """Whether it is time to ask, which is done then."""
        if now < self._ping_at:
            return False
        self._ping_at = now + PING_EVERY_S
        if self._silent_at is None:
            self._silent_at = now + SILENCE_S
        return True

    @property
    def hello_due(self) -> float:
        """When something is to be done at the latest, while hello is said."""
        return min(self._hello_at, self._give_up_at)

    @property
    def up_due(self) -> float:
        """The same while it is up."""
        return self._ping_at if self._silent_at is None else min(self._ping_at, self._silent_at)

    def _backoff(self) -> float:
        """0.1 s, doubled for each failure in a row, at most 5 s; half of it random."""
        longest = min(BACKOFF_S * 2.0 ** min(self.failures, 10), BACKOFF_MAX_S)
        return longest * (0.5 + 0.5 * self._jitter())
