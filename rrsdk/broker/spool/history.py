"""What a spool holds, for late subscribers: read by a thread of its own, so that nobody else waits for it."""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.lookup import Durable
from rrsdk.broker.spool.reader import Question, Reader
from rrsdk.broker.spool.segments import PASSING
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.store.entry import Tally
from rrsdk.store.history import Fetched

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Lifetime

_CACHE_BYTES: Final = 32 * 1024 * 1024
_IDLE_S: Final = 10.0
"""Without a question for so long files are closed: one that was taken away frees its room then."""
_TRIES: Final = 50
_PAUSE_S: Final = 0.1


class SpoolHistory:
    """A `History` over a spool's folder. Questions are answered one after the other."""

    def __init__(
        self,
        folder: str,
        *,
        ends: tuple[int, int, int],
        next_index: int,
        disk: Disk = DISK,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        """`ends` and `next_index`: what is durable now. `cache_bytes`: for what was read of the journal."""
        self._durable = Durable(ends, next_index)
        self._reader = Reader(disk, folder, cache_bytes=cache_bytes)
        self._changed = threading.Condition()
        self._questions: deque[Question] = deque()
        self._stopping = False
        self.fault = ""
        """What went wrong last that should not have."""
        self._thread = threading.Thread(target=self._run, name="rrkit-history", daemon=True)
        self._thread.start()

    # ---- called by the broker's thread ----

    @property
    def ends(self) -> tuple[int, int, int]:
        """By lifetime: how many messages (the first ones) are there."""
        return self._durable.ends

    def advance(self, ends: tuple[int, int, int], next_index: int) -> None:
        """More is durable: so many messages by lifetime, whose indexes are lower than `next_index`."""
        self._durable = Durable(ends, next_index)

    def fetch(
        self,
        lifetime: Lifetime,
        position: int,
        *,
        before: int,
        stores: AbstractSet[StoreId] | None,
        most_bytes: int,
        ready: Callable[[], None],
    ) -> Fetched:
        """See `History`."""
        answer = Fetched()
        question = Question(lifetime, position, before, stores, most_bytes, ready, answer)
        with self._changed:
            self._questions.append(question)
            self._changed.notify()
        return answer

    def stop(self, timeout_s: float = 1.0) -> bool:
        """No more is answered; whether the thread has ended in time (a disk may hold it)."""
        with self._changed:
            self._stopping = True
            self._questions.clear()
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # ---- the thread ----

    def _run(self) -> None:
        while not self._stopping:
            question = self._next()
            if question is None:
                self._reader.close()
                continue
            answer = question.answer
            try:
                self._answer_patiently(question)
            except Exception as error:  # noqa: BLE001  # of the journal, or a fault of ours: the others go on
                self.fault = f"{type(error).__name__}: {error}"
                answer.entries, answer.cost = [], 0
                answer.end = question.position + 1
                answer.lost = [(answer.end, Tally(1))]
            answer.is_done = True
            question.ready()
        self._reader.close()

    def _next(self) -> Question | None:
        with self._changed:
            while not self._stopping:
                while self._questions:
                    question = self._questions.popleft()
                    if question.answer.is_wanted:
                        return question
                if not self._changed.wait(_IDLE_S):
                    return None
        return None

    def _answer_patiently(self, question: Question) -> None:
        for _ in range(_TRIES):
            try:
                self._reader.answer(question, self._durable)
                return
            except OSError as error:
                if error.errno not in PASSING or self._stopping:
                    raise
                answer = question.answer
                answer.entries, answer.lost, answer.cost, answer.is_over = [], [], 0, False
                self._reader.close()
                time.sleep(_PAUSE_S)
        raise OSError(errno.EIO, "the journal cannot be read")
