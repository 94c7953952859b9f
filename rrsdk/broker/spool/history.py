"""What a spool holds, for late subscribers: read by a thread of its own, so that nobody else waits for it."""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rrsdk.broker.spool.lookup import Durable, Lookup
from rrsdk.broker.spool.payloads import Payloads
from rrsdk.broker.spool.segments import PASSING
from rrsdk.codec.payload import read_store_id
from rrsdk.errors import FormatError
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.store.entry import BYTES_COST, ENTRY_COST, Entry, Lifetime, Tally
from rrsdk.store.history import Fetched

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.broker.spool.state import File
    from rrsdk.broker.spool.stretch import Stretch
    from rrsdk.identity import StoreId

_CACHE_BYTES: Final = 32 * 1024 * 1024
_MOST_SCANNED: Final = 200_000
"""So many messages of other stores are passed over before it is somebody else's turn."""
_IDLE_S: Final = 10.0
"""Without a question for so long files are closed: one that was taken away frees its room then."""
_COST: Final = ENTRY_COST + BYTES_COST
_TRIES: Final = 50
_PAUSE_S: Final = 0.1
_NOBODY: Final = bytes(16)
_UNKNOWN: Final = object()


class _Question(NamedTuple):
    lifetime: Lifetime
    position: int
    before: int
    stores: AbstractSet[StoreId] | None
    most_bytes: int
    ready: Callable[[], None]
    answer: Fetched


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
        self._lookup = Lookup(disk, folder, cache_bytes=cache_bytes)
        self._payloads = Payloads(disk, folder)
        self._stores: dict[bytes, StoreId | object | None] = {b"": None}
        self._changed = threading.Condition()
        self._questions: deque[_Question] = deque()
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
        question = _Question(lifetime, position, before, stores, most_bytes, ready, answer)
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
                self._payloads.close()
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
        self._payloads.close()

    def _next(self) -> _Question | None:
        with self._changed:
            while not self._stopping:
                while self._questions:
                    question = self._questions.popleft()
                    if question.answer.is_wanted:
                        return question
                if not self._changed.wait(_IDLE_S):
                    return None
        return None

    def _answer_patiently(self, question: _Question) -> None:
        for _ in range(_TRIES):
            try:
                self._answer(question)
                return
            except OSError as error:
                if error.errno not in PASSING:
                    raise
                answer = question.answer
                answer.entries, answer.lost, answer.cost, answer.is_over = [], [], 0, False
                self._payloads.close()
                time.sleep(_PAUSE_S)
        raise OSError(errno.EIO, "the journal cannot be read")

    def _answer(self, question: _Question) -> None:
        lifetime, position, before, stores, most_bytes, _, answer = question
        durable = self._durable
        end = durable.ends[lifetime]
        scanned = 0
        while position < end and answer.cost < most_bytes and scanned < _MOST_SCANNED:
            run, stretch = self._lookup.find(lifetime, position, durable)
            if run.lost.messages:
                _lose(answer, run.first, run.lost)
            position = run.first
            entries = run.entries
            if stretch is None or not len(entries):
                continue
            count = int(np.searchsorted(entries["at"], np.uint64(min(before, (1 << 64) - 1))))
            answer.is_over = count < len(entries)
            entries = entries[: min(count, _MOST_SCANNED)]
            taken = self._take(answer, position, entries, stretch, lifetime, stores, most_bytes)
            scanned += taken
            position += taken
            if taken < count:
                answer.is_over = False
                if taken < len(entries):
                    break
            elif answer.is_over:
                break
        answer.end = position

    def _take(
        self,
        answer: Fetched,
        first: int,
        entries: np.ndarray[Any, Any],
        stretch: Stretch,
        lifetime: Lifetime,
        stores: AbstractSet[StoreId] | None,
        most_bytes: int,
    ) -> int:
        """Read what fits; how many are dealt with."""
        room = most_bytes - answer.cost
        if stores is None:
            entries = entries[: room // _COST + 2]
            places = np.arange(len(entries))
        else:
            wanted = [
                number
                for number in np.unique(entries["file"]).tolist()
                if self._is_wanted(stretch.files.get(number), stores)
            ]
            places = np.flatnonzero(np.isin(entries["file"], np.array(wanted, np.uint32)))
        all_of_them = len(entries)
        places = places[: room // _COST + 2]
        costs = np.cumsum(entries["size"][places].astype(np.float64) + _COST)
        fitting = int(np.searchsorted(costs, room, side="right"))
        if not fitting and not answer.entries:
            fitting = 1
        if fitting < len(places):
            all_of_them = int(places[fitting])
            places = places[:fitting]
        if len(places):
            self._read(answer, first, entries[places], places, stretch, lifetime)
        return all_of_them

    def _read(
        self,
        answer: Fetched,
        first: int,
        entries: np.ndarray[Any, Any],
        places: np.ndarray[Any, Any],
        stretch: Stretch,
        lifetime: Lifetime,
    ) -> None:
        files = {number: stretch.files.get(number) for number in np.unique(entries["file"]).tolist()}
        store_of = {number: self._store(file) for number, file in files.items()}
        known = {
            number: file
            for number, file in files.items()
            if file is not None and store_of[number] is not _UNKNOWN
        }
        payloads = self._payloads.read(entries, known)
        positions = (places + first).tolist()
        sizes, rows = entries["size"].tolist(), entries["rows"].tolist()
        numbers, seqs = entries["producer"].tolist(), entries["seq"].tolist()
        producers = stretch.producers
        if not all(number in producers for number in set(numbers)):  # damaged: nobody's, and without a number
            seqs = [seq if number in producers else 0 for seq, number in zip(seqs, numbers)]
        costs = [size + _COST for size in sizes]
        made = map(
            Entry._make,
            zip(
                entries["at"].tolist(),
                entries["kind"].tolist(),
                [lifetime] * len(sizes),
                [store_of[number] for number in entries["file"].tolist()],
                [producers.get(number, _NOBODY) for number in numbers],
                seqs,
                rows,
                sizes,
                zip(payloads),
                costs,
            ),
        )
        if None not in payloads:
            answer.entries.extend(zip(positions, made))
            answer.cost += sum(costs)
            return
        for position, entry, payload in zip(positions, made, payloads):
            if payload is None:
                _lose(answer, position + 1, Tally(1, entry.rows, entry.size))
            else:
                answer.entries.append((position, entry))
                answer.cost += entry.cost

    def _is_wanted(self, file: File | None, stores: AbstractSet[StoreId]) -> bool:
        store = self._store(file)
        return store is _UNKNOWN or store in stores  # who knows: it is lost, and that is said to everybody

    def _store(self, file: File | None) -> StoreId | object | None:
        if file is None:
            return _UNKNOWN
        raw = file.store
        if raw not in self._stores:
            try:
                self._stores[raw] = read_store_id(raw)
            except FormatError:
                self._stores[raw] = _UNKNOWN
        return self._stores[raw]


def _lose(answer: Fetched, end: int, tally: Tally) -> None:
    """So much is not to be had; with what was not before it, if nothing is between them."""
    lost, entries = answer.lost, answer.entries
    if lost and (not entries or entries[-1][0] < lost[-1][0]):
        lost[-1] = end, lost[-1][1] + tally
    else:
        lost.append((end, tally))
