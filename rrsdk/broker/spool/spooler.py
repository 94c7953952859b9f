"""The spool's thread: has batches written and made durable, and tells how far it is.

The broker's thread never waits for a disk. What is put here is kept until it is durable, so that nothing
depends on what a failed fsync left in the page cache; a batch that cannot be written is tried again until it
can. Whoever puts looks at `waiting_bytes`, and takes nothing more in where that is too much.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from rrsdk.broker.spool.batch import Batch, Mark, UnsureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.broker.spool.policy import Fsync
    from rrsdk.store.entry import Entry

_AT_ONCE_ENTRIES: Final = 8192
_AT_ONCE_BYTES: Final = 32 * 1024 * 1024
_RETRY_S: Final = (0.05, 0.2, 0.5, 1.0)
_KEEP_BYTES: Final = 64 * 1024 * 1024
_TEND_S: Final = 1.0
_PER_ENTRY: Final = 200


class Store(Protocol):
    """What the thread writes to: a `Volume`."""

    def write(self, batch: Batch) -> None:
        """All of it or, with an OSError, nothing; with an UnsureError as `sync`."""

    def sync(self) -> None:
        """All that was written is durable; with an OSError what was written since last time must be again."""

    def tend(self) -> None:
        """What is due when there is time: files whose time is up, footers."""

    def close(self, *, footers_s: float) -> None:
        """Complete the files, with footers as far as there is time; called once, at the end."""

    def status(self) -> dict[str, Any]:
        """For people; called by any thread."""


class Progress(NamedTuple):
    """How far the disk is."""

    durable: int
    """Messages whose index in the log is lower are durable."""
    counts: tuple[int, int, int]
    """How many of each lifetime those are, with all that were there before."""
    marks: dict[bytes, Mark]
    """How far producers are durable, that are further than the last word of this said."""


class Spooler:
    """One thread around one volume."""

    def __init__(
        self,
        volume: Store,
        *,
        fsync: Fsync,
        begin: int,
        counts: tuple[int, int, int],
        keep_bytes: int = _KEEP_BYTES,
        retry_s: tuple[float, ...] = _RETRY_S,
        progress: Callable[[Progress], None],
        trouble: Callable[[str, bool], None],
    ) -> None:
        """`progress` and `trouble` (a line; whether it lasts) are called by this thread.

        `begin` and `counts`: as in `Progress`. `keep_bytes`: above it the next group fsync is not waited for.
        `retry_s`: pauses before a write is tried again; the last one holds.
        """
        self._volume, self._fsync, self._keep_bytes = volume, fsync, keep_bytes
        self._retry_s = retry_s
        self._progress, self._trouble = progress, trouble
        self._changed = threading.Condition()
        self._queue: deque[Batch] = deque()
        self._kept: deque[Batch] = deque()
        """Written, not yet durable."""
        self._kept_bytes = 0
        self._waiting_bytes = 0
        self._written = self._durable = begin
        self._counts = list(counts)
        self._marks: dict[bytes, Mark] = {}
        """Of what was written since the last durable point."""
        self._stopping = self._closed = False
        self._give_up_at = float("inf")
        self._error: str | None = None
        self._is_writing = False
        """Whether writing failed last, rather than syncing: what failed must work again."""
        self._failures = 0
        self._retry_at = 0.0
        self._busy_since: float | None = None
        self._syncs = 0
        self._sync_s = self._slowest_sync_s = 0.0
        self._synced_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="rrkit-spool", daemon=True)
        self._thread.start()

    # ---- called by the broker's thread ----

    @property
    def waiting_bytes(self) -> int:
        """What was put and is not yet written."""
        return self._waiting_bytes

    def put(self, batch: Batch) -> None:
        """Have it written."""
        size = _cost(batch)
        with self._changed:
            self._queue.append(batch)
            self._waiting_bytes += size
            self._changed.notify()

    def stop(self, timeout_s: float) -> bool:
        """Write and sync what was put, complete the files; whether all that was done in time."""
        with self._changed:
            self._stopping = True
            self._give_up_at = time.monotonic() + timeout_s
            self._changed.notify()
        self._thread.join(timeout_s)
        return self._closed and not self._queue and not self._kept

    def status(self) -> dict[str, Any]:
        """How it stands; called by any thread."""
        now = time.monotonic()
        with self._changed:
            busy = self._busy_since
            said: dict[str, Any] = {
                "fsync": str(self._fsync),
                "state": "closed" if self._closed else "broken" if self._error else "open",
                "error": self._error or "",
                "waiting_bytes": self._waiting_bytes,
                "unsynced_bytes": self._kept_bytes,
                "written": self._written,
                "durable": self._durable,
                "syncs": self._syncs,
                "sync_ms": round(1000 * self._sync_s / max(1, self._syncs), 3),
                "slowest_sync_ms": round(1000 * self._slowest_sync_s, 3),
                "busy_s": round(now - busy, 1) if busy is not None else 0.0,
            }
        return {**said, **self._volume.status()}

    # ---- the thread ----

    def _run(self) -> None:
        while not self._is_over():
            batch = self._next()
            self._busy_since = time.monotonic()
            try:
                try:
                    if batch is not None:
                        self._write(batch)
                finally:  # what was written before counts, whatever became of this
                    if self._sync_is_due():
                        self._sync()
                if batch is None and self._error is None:
                    self._volume.tend()
            except Exception as error:  # noqa: BLE001  # a fault of ours, too: it is tried again, and said
                self._fail(error)
            self._busy_since = None
        try:
            self._volume.close(footers_s=max(0.0, self._give_up_at - time.monotonic()))
        except Exception as error:  # noqa: BLE001
            self._fail(error)
        self._closed = True

    def _is_over(self) -> bool:
        if not self._stopping:
            return False
        return time.monotonic() > self._give_up_at or not (self._queue or self._kept)

    def _next(self) -> Batch | None:
        """What is to be written now, several batches as one; None where it is time for something else."""
        with self._changed:
            while (left := self._sleep_s()) > 0:
                if not self._changed.wait(left):
                    return None
            return self._gathered() if self._queue and time.monotonic() >= self._retry_at else None

    def _gathered(self) -> Batch:
        first = self._queue.popleft()
        if not self._queue:
            return first
        entries: list[Entry] = list(first.entries)
        marks, forgotten = dict(first.marks), dict.fromkeys(first.forgotten)
        size = _cost(first)
        while self._queue and len(entries) < _AT_ONCE_ENTRIES and size < _AT_ONCE_BYTES:
            more = self._queue.popleft()
            size += _cost(more)
            entries += more.entries
            for key in more.forgotten:
                marks.pop(key, None)
                forgotten[key] = None
            marks.update(more.marks)
        return Batch(entries, marks, tuple(forgotten))

    def _sleep_s(self) -> float:
        now = time.monotonic()
        if now < self._retry_at:
            return self._retry_at - now
        if self._queue or self._stopping:
            return 0.0
        return self._synced_at + self._fsync.interval_s - now if self._kept else _TEND_S

    def _write(self, batch: Batch) -> None:
        try:
            self._volume.write(batch)
        except Exception as error:
            self._is_writing = True
            with self._changed:
                self._queue.appendleft(batch)
            if isinstance(error, UnsureError):
                self._write_again()
            raise
        size = _cost(batch)
        with self._changed:
            self._waiting_bytes -= size
            if batch.entries:
                self._written = batch.end
            self._marks.update(batch.marks)
            if not self._kept and not self._fsync.is_never:
                self._synced_at = max(self._synced_at, time.monotonic() - self._fsync.interval_s)
            self._kept.append(batch)
            self._kept_bytes += size
        if self._is_writing:
            self._over()
        if self._fsync.is_never:
            self._is_durable()
        else:
            self._tell({})

    def _sync_is_due(self) -> bool:
        if not self._kept or time.monotonic() < self._retry_at:
            return False
        if self._stopping or self._kept_bytes > self._keep_bytes:
            return not self._queue or self._kept_bytes > self._keep_bytes
        return time.monotonic() >= self._synced_at + self._fsync.interval_s

    def _sync(self) -> None:
        began = time.monotonic()
        try:
            self._volume.sync()
        except Exception:
            self._is_writing = False
            self._write_again()
            raise
        now = time.monotonic()
        self._synced_at = now
        self._syncs += 1
        self._sync_s += now - began
        self._slowest_sync_s = max(self._slowest_sync_s, now - began)
        if not self._is_writing:
            self._over()
        self._is_durable()

    def _write_again(self) -> None:
        """Nobody knows what of that is there which is not durable: all of it again."""
        with self._changed:
            self._queue.extendleft(reversed(self._kept))
            self._waiting_bytes += self._kept_bytes
            self._written = self._durable
            self._kept.clear()
            self._kept_bytes = 0
            self._marks.clear()

    def _is_durable(self) -> None:
        with self._changed:
            marks, self._marks = self._marks, {}
            for batch in self._kept:
                for entry in batch.entries:
                    self._counts[entry.lifetime] += 1
            self._kept.clear()
            self._kept_bytes = 0
            self._durable = self._written
        self._tell(marks)

    def _tell(self, marks: dict[bytes, Mark]) -> None:
        first, second, third = self._counts
        self._progress(Progress(self._durable, (first, second, third), marks))

    def _fail(self, error: Exception) -> None:
        what = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        pause_s = self._retry_s[min(self._failures, len(self._retry_s) - 1)]
        self._failures += 1
        self._retry_at = time.monotonic() + pause_s
        is_new, self._error = self._error is None, what  # before it is said: whoever hears of it looks there
        if is_new:
            at = time.strftime("%H:%M:%S")
            self._trouble(f"the spool cannot be written since {at}: {what}; what is logged waits", True)

    def _over(self) -> None:
        if self._error is not None:
            self._error, self._failures = None, 0
            self._trouble(f"the spool can be written again since {time.strftime('%H:%M:%S')}", False)


def _cost(batch: Batch) -> int:
    """Of the messages alone, so that it stays the same when batches become one."""
    return sum(entry.size for entry in batch.entries) + _PER_ENTRY * len(batch.entries)
