"""Who may log the quick way, and who must wait: bounds what waits to be worked off, in bytes.

`fast` is the table that `log` looks paths up in. Where it is the real one, nothing is counted.
Where it is empty, callers come to `enter`: while a sink is being written to (it may block), while
too much waits, while the batcher sleeps, or because every row has to be counted.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rrsdk.batcher.pending import Extend

_NOBODY: Final[dict[str, Extend]] = {}


class Gate:
    """Counts what waits, where it has to be counted."""

    def __init__(self, paths: dict[str, Extend], *, waiting_bytes: int, wait_s: float) -> None:
        self.fast = _NOBODY
        self.count_rows = False
        """Whether every row must be counted: a threshold of rows is set."""
        self.stamp_rows = False
        """Whether every row is numbered."""
        self.dropped_rows = 0
        self.dropped_bytes = 0
        self._paths = paths
        self._limit, self._wait_s = waiting_bytes, wait_s
        self.renew()

    def renew(self) -> None:
        """Nothing waits."""
        self.fast = _NOBODY
        self.waiting = 0
        """About how many bytes wait."""
        self.rows = 0
        """How many rows came by here and wait."""
        self._parked = True
        self._shut = False
        self._gave_up = False
        self._since = 0.0
        self._room = threading.Condition(threading.RLock())  # a signal's handler may log amid a call of log

    @property
    def name_of_crowd(self) -> str:
        """Why there is no room, for people."""
        return f"{self.waiting // 1024} KiB wait, and the sink has taken none for {self._wait_s:g} s"

    def enter(self, size: int) -> bool:
        """Let one row in, or wait for room; False: there is none, and it has been counted as dropped."""
        with self._room:
            if self.waiting + size > self._limit and self.waiting:
                deadline = time.monotonic() + (0.0 if self._gave_up else self._wait_s)
                while self.waiting + size > self._limit and self.waiting:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        self._gave_up = True  # those who come next need not wait as long again
                        self.dropped_rows += 1
                        self.dropped_bytes += size
                        return False
                    self._room.wait(left)
            self.waiting += size
            self.rows += 1
            self._parked = False
            self._reopen()
        return True

    def weighed(self, rows: int, size: int) -> None:
        """So much waits: what was logged the quick way is now known too."""
        with self._room:
            self.rows, self.waiting = rows, size
            self._reopen()

    def leave(self, size: int) -> None:
        """So many bytes wait no more."""
        with self._room:
            self.waiting = max(self.waiting - size, 0)
            self._gave_up = False
            self._room.notify_all()

    def leave_rows(self, rows: int) -> None:
        """So many rows, of those that were weighed, wait no more."""
        with self._room:
            if self.rows > 0:
                self.waiting = max(self.waiting - self.waiting * rows // max(self.rows, rows), 0)
            self.rows = max(self.rows - rows, 0)
            self._gave_up = False
            self._room.notify_all()

    def shut(self, *, parked: bool) -> None:
        """From now on everybody comes by here."""
        with self._room:
            self._shut = not parked
            self._parked = parked
            self.fast = _NOBODY

    def open(self) -> None:
        """Nothing is in the way any more, unless too much waits."""
        with self._room:
            self._shut = False
            self._reopen()

    def _reopen(self) -> None:
        crowded = self.waiting > self._limit // 2
        closed = self._shut or self._parked or crowded or self.count_rows or self.stamp_rows
        self.fast = _NOBODY if closed else self._paths
