"""The batcher: a thread that turns waiting rows into chunks and hands them to the sinks.

It wakes by time, by bytes, by rows, or because a flush is asked for; where nothing comes it parks,
and the next row wakes it. It never dies of an exception: what went wrong is counted, and said once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from rrsdk.batcher.convert import Converter
from rrsdk.batcher.gate import Gate
from rrsdk.batcher.pending import ROW_OVERHEAD, Extend, Pending
from rrsdk.batcher.seal import SealedChunk
from rrsdk.components.storage import rest
from rrsdk.message import ChunkMsg, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.batcher.config import Thresholds
    from rrsdk.batcher.convert import EntityRows, Flat
    from rrsdk.identity import StoreId

WAITING_BYTES: Final = 128 * 1024 * 1024
"""How much may wait before `log` waits too."""
WAIT_S: Final = 10.0
"""How long `log` waits for room; after that what finds none is dropped, and counted."""

_LONGEST_NAP_S: Final = 0.1
_PARKED_NAP_S: Final = 1.0
_ROUNDS_BEFORE_PARKING: Final = 3
_MAX_ROWS: Final = 16_384
_UNLIMITED: Final = 2**62

Item: TypeAlias = "SealedChunk | Message"


class Outlet(Protocol):
    """What the batcher must know of a sink."""

    name: str
    compress: bool

    def put(self, message: Message) -> None:
        """Take one message; may block for a while, never raises for what goes wrong out there."""


def message_for(outlet: Outlet, item: Item) -> Message:
    """As this sink takes it: chunks compressed, or not."""
    return item.message(compress=outlet.compress) if isinstance(item, SealedChunk) else item


class Batcher:
    """The waiting rows of one recording, and the thread that works them off."""

    def __init__(
        self,
        store: StoreId,
        thresholds: Thresholds,
        *,
        report: Callable[[str, str], None],
        waiting_bytes: int = WAITING_BYTES,
        wait_s: float = WAIT_S,
    ) -> None:
        """`report` is told what people should hear: a key for what is to be said once, and a line."""
        self.pending = Pending()
        self.gate = Gate(self.pending.paths, waiting_bytes=waiting_bytes, wait_s=wait_s)
        self.converter = Converter(
            store, max_rows_if_unsorted=thresholds.max_rows_if_unsorted, refused=self._refused
        )
        self.refused_rows = 0
        self.lost_rows = 0
        self.prepare: Callable[[], None] | None = None
        """Called before the thread is started: once in a process, and again in forked children."""
        self._report = report
        self._outlets: tuple[Outlet, ...] = ()
        self._queue: deque[tuple[Item, int, Callable[[], None] | None]] = deque()
        self.configure(thresholds)
        self._renew()

    def _renew(self) -> None:
        """What belongs to this process and its threads alone."""
        self._lock = threading.RLock()  # a signal's handler may log amid a call of log
        self._changed = threading.Condition(self._lock)
        self._turn = threading.Lock()  # held by whoever works rows off
        self.quiet = threading.Lock()  # held while in the middle of a slice: nobody should fork then
        self._bell: SimpleQueue[None] = SimpleQueue()  # unlike an event, it may be rung amid a ring
        self._is_rung = False
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._parked = True
        self._prepared = False
        self._wanted = self._done = 0

    def configure(self, thresholds: Thresholds) -> None:
        """Other thresholds, from now on."""
        self._tick_s = thresholds.flush_tick_s
        self._max_bytes = thresholds.flush_num_bytes
        self._max_rows = thresholds.flush_num_rows
        self.converter.max_rows_if_unsorted = thresholds.max_rows_if_unsorted
        self.gate.count_rows = self._max_rows < _UNLIMITED or self._max_bytes < ROW_OVERHEAD

    # --- called by those who log ---

    def enter(self, path: str, size: int = 0) -> Extend | None:
        """The slow way to a path's `extend`; None where there is no room for the row, which is then counted.

        Raises UsageError where the path is none. `size` is that of a value too large not to be counted.
        """
        with self._lock:
            extend = self.pending.extend(path)
        if not self.gate.enter(ROW_OVERHEAD + size):
            self._report(
                "dropped", f"no room for more rows: {self.gate.name_of_crowd}; rows are dropped and counted"
            )
            return None
        self._start()
        if self._parked or self.gate.waiting >= self._max_bytes or self.gate.rows >= self._max_rows:
            self._parked = False
            self._ring()
        return extend

    def submit(self, item: Item, size: int, *, done: Callable[[], None] | None = None) -> bool:
        """Hand over a message made elsewhere; False where there is no room for it, which is then counted.

        `done` is called when the sinks have it.
        """
        if not self.gate.enter(size):
            self._report(
                "dropped", f"no room for more chunks: {self.gate.name_of_crowd}; they are dropped and counted"
            )
            return False
        self._queue.append((item, size, done))
        self._start()
        self._parked = False
        self._ring()
        return True

    def flush(self, timeout_s: float) -> bool:
        """Whether all that was logged before is with the sinks now."""
        deadline = time.monotonic() + timeout_s
        if threading.current_thread() is self._thread:
            return False
        if self._thread is None and not self._queue and not self.pending.weigh()[0]:
            return True
        if not self._start():
            return self.work_off(timeout_s)
        with self._changed:
            self._wanted += 1
            mine = self._wanted
            self._ring()
            while self._done < mine:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(min(left, threading.TIMEOUT_MAX)):
                    return self._done >= mine
        return True

    # --- called by the recording ---

    def set_outlets(
        self,
        outlets: Sequence[Outlet],
        *,
        before: Callable[[], None] | None = None,
        timeout_s: float = WAIT_S,
    ) -> bool:
        """Where chunks go from now on; False where the thread cannot be interrupted in time.

        `before` is called when nothing goes to the old ones any more and nothing to the new ones yet.
        """
        if not self._turn.acquire(timeout=timeout_s):
            return False
        try:
            if before is not None:
                before()
            self._outlets = tuple(outlets)
        finally:
            self._turn.release()
        return True

    def stop(self, timeout_s: float) -> bool:
        """Work everything off and end the thread; True where nothing is left."""
        deadline = time.monotonic() + timeout_s
        done = self.flush(timeout_s)
        with self._lock:
            self._stopping = True
            thread = self._thread
        self._ring()
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(deadline - time.monotonic(), 0.0))
        return done

    def reopen(self) -> None:
        """After `stop`: begin again."""
        with self._lock:
            self._stopping = False

    def forked(self) -> None:
        """In a forked child: what waits is the parent's to send; nothing inherited is touched but memory."""
        self.pending.clear()
        self._queue.clear()
        self._outlets = ()
        self.converter.reset_ids()
        self.gate.renew()
        self._renew()

    def left(self) -> int:
        """How many rows wait."""
        return self.pending.weigh()[0] + sum(_rows(item) for item, _, _ in list(self._queue))

    # --- the thread ---

    def _start(self) -> bool:
        """Whether there is a thread that works."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            return True
        if not self._prepared and not self._stopping:
            self._prepared = True
            if self.prepare is not None:
                self.prepare()
        with self._lock:
            if self._stopping:
                return False
            if self._thread is not None and self._thread.is_alive():
                return True
            thread = threading.Thread(target=self._run, name="rrsdk batcher", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down
                return False
            self._thread = thread
        return True

    def _run(self) -> None:
        idle = 0
        last = 0.0
        while not self._stopping:
            nap = _PARKED_NAP_S if self._parked else max(min(self._tick_s, _LONGEST_NAP_S), 0.001)
            if self._rung(nap):
                self._parked, idle = False, 0  # who woke us may be about to append still
            try:
                rows, size = self.pending.weigh()
                self.gate.weighed(rows, size + sum(size for _, size, _ in list(self._queue)))
                if rows or self._queue:
                    idle = 0
                else:
                    idle += 1
                now = time.monotonic()
                if (
                    self._wanted > self._done
                    or now - last >= self._tick_s
                    or size >= self._max_bytes
                    or rows >= self._max_rows
                    or self._queue
                    or size >= WAITING_BYTES // 4
                ):
                    last = now
                    self._work(self._wanted)
                if idle >= _ROUNDS_BEFORE_PARKING and not self._parked:
                    self._parked = True
                    self.gate.shut(parked=True)
                    rest()
                elif not self._parked:
                    self.gate.open()
            except BaseException as error:  # noqa: BLE001  # whatever it is, the next rows must have a chance
                self._report(
                    "batcher", f"the batcher met an error and goes on: {type(error).__name__}: {error}"
                )

    def _ring(self) -> None:
        if not self._is_rung:
            self._is_rung = True
            self._bell.put(None)

    def _rung(self, timeout_s: float) -> bool:
        """Whether somebody woke us."""
        try:
            self._bell.get(timeout=timeout_s)
        except Empty:
            return False
        self._is_rung = False
        return True

    def work_off(self, timeout_s: float) -> bool:
        """Work off what waits, in the thread of the caller: where there is no other."""
        return self._work(self._wanted, timeout_s=timeout_s)

    def _work(self, wanted: int, *, timeout_s: float = -1) -> bool:
        if not self._turn.acquire(timeout=timeout_s):
            return False
        try:
            for _ in range(len(self._queue)):
                item, size, done = self._queue.popleft()
                self._hand_out(item)
                if done is not None:
                    done()
                self.gate.leave(size)
            for entity, flat in self.pending.slices(
                max_rows=self._slice_rows(), max_bytes=self._slice_bytes()
            ):
                with self.quiet:
                    chunks = self._convert(entity, flat)
                for chunk in chunks:
                    self._hand_out(chunk)
                self.gate.leave_rows(len(flat) // 3)
            with self._lock:
                self.pending.end_of_round()
        finally:
            self._turn.release()
        with self._changed:
            self._done = max(self._done, wanted)
            self._changed.notify_all()
        return True

    def _slice_rows(self) -> int:
        return max(min(self._max_rows, _MAX_ROWS), 1)

    def _slice_bytes(self) -> int:
        return min(self._max_bytes, 16 * 1024 * 1024)

    def _convert(self, entity: EntityRows, flat: Flat) -> list[SealedChunk]:
        try:
            return self.converter.convert(entity, flat)
        except Exception as error:  # noqa: BLE001  # the rows are gone, those of other entities are not
            self._refused(entity.path, len(flat) // 3, error)
            return []

    def _refused(self, entity: str, rows: int, error: Exception) -> None:
        self.refused_rows += rows
        self._report(
            f"refused {entity}",
            f"entity {entity}: {rows} rows cannot be encoded: {type(error).__name__}: {error}",
        )

    def _hand_out(self, item: Item) -> None:
        outlets = self._outlets
        if not outlets:
            self.lost_rows += _rows(item)
            return
        for outlet in outlets:
            try:
                message = message_for(outlet, item)
                self.gate.shut(parked=False)  # it may block; until it does not, every row is counted
                outlet.put(message)
            except Exception as error:  # noqa: BLE001  # a sink's fault must not be another sink's loss
                self.lost_rows += _rows(item)
                self._report(f"sink {outlet.name}", f"{outlet.name}: {type(error).__name__}: {error}")
        self.gate.open()


def _rows(item: Item) -> int:
    if isinstance(item, SealedChunk):
        return item.num_rows
    return item.row.shape.batch.num_rows if isinstance(item, ChunkMsg) else 0
