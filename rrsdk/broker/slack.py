"""Memory that is free, but that the allocator has not given back to the system.

What comes over the network lies in blocks of ZeroMQ's thread until the broker's thread has copied it:
after a burst they are free and stay the process's, with holes wherever something still lives. glibc
gives back all pages that are free when it is told to.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

_WORTH_BYTES = 8 * 1024 * 1024
"""So much must have come since the last time."""
_PAUSE_S = 10.0
_PATIENCE = 500
"""Giving back may take one part in so many of the time."""


class Slack:
    """Decides when free memory is given back: soon after a burst, and now and then while much comes."""

    def __init__(self) -> None:
        self._stored = self._trimmed_at = 0
        self._next = 0.0

    def tick(self, stored_bytes: int, now: float) -> None:
        """Called about once a second with how much was ever stored."""
        is_quiet, self._stored = stored_bytes == self._stored, stored_bytes
        if stored_bytes - self._trimmed_at < _WORTH_BYTES or (not is_quiet and now < self._next):
            return
        self._trimmed_at = stored_bytes
        before = time.perf_counter()
        give_back()
        self._next = now + max(_PAUSE_S, _PATIENCE * (time.perf_counter() - before))


def give_back() -> bool:
    """Return free pages to the system; False where there is no way to."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another libc
        return False
    trim(0)
    return True


def resident_bytes() -> int:
    """How much memory this process has of the system, with all that it does besides; 0 where nobody knows."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
