"""Chunks loaded before they are asked for, by a thread that is there only while there is something to do."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from rrsdk.errors import RrError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IDLE_S = 2.0
"""So long the thread waits for another hint before it ends."""


class Prefetcher:
    """Takes hints, the latest of which counts: what an earlier one still waits for is forgotten."""

    def __init__(self, load: Callable[[int], object]) -> None:
        """`load` loads a chunk where it is not loaded; what it raises is met again by who opens the chunk."""
        self._load = load
        self.reset()

    def reset(self) -> None:
        """Begin anew: in a forked child there is no thread."""
        self._changed = threading.Condition()
        self._wanted: deque[int] = deque()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def want(self, numbers: Iterable[int]) -> None:
        """Load these, the first one first."""
        with self._changed:
            self._wanted = deque(numbers)
            if self._is_closed or not self._wanted:
                return
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rrsdk-prefetch", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """Forget what is wanted; wait for a chunk that is being loaded."""
        with self._changed:
            self._is_closed = True
            self._wanted.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._wanted and not self._is_closed:
                    self._changed.wait(IDLE_S)
                if not self._wanted:
                    self._thread = None
                    return
                number = self._wanted.popleft()
            try:
                self._load(number)
            except RrError:
                pass  # whoever opens the chunk meets it again
