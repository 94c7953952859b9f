"""Messages of a spool as its journal and its data files have them; for one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rrsdk.broker.spool.lookup import Durable, Lookup
from rrsdk.broker.spool.payloads import Payloads
from rrsdk.codec.payload import read_store_id
from rrsdk.errors import FormatError
from rrsdk.store.entry import BYTES_COST, ENTRY_COST, Entry, Lifetime, Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from rrsdk.broker.spool.state import File
    from rrsdk.broker.spool.stretch import Stretch
    from rrsdk.identity import StoreId
    from rrsdk.sinks.disk import Disk
    from rrsdk.store.history import Fetched

_MOST_SCANNED: Final = 200_000
"""So many messages of other stores are passed over before it is somebody else's turn."""
_COST: Final = ENTRY_COST + BYTES_COST
_NOBODY: Final = bytes(16)
_UNKNOWN: Final = object()


class Question(NamedTuple):
    """Somebody wants to know."""

    lifetime: Lifetime
    position: int
    before: int
    stores: AbstractSet[StoreId] | None
    most_bytes: int
    ready: Callable[[], None]
    answer: Fetched


class Reader:
    """Answers questions, one after the other."""

    def __init__(self, disk: Disk, folder: str, *, cache_bytes: int) -> None:
        self._lookup = Lookup(disk, folder, cache_bytes=cache_bytes)
        self._payloads = Payloads(disk, folder)
        self._stores: dict[bytes, StoreId | object | None] = {b"": None}

    def close(self) -> None:
        """No file is open; those that are needed are opened again."""
        self._payloads.close()

    def answer(self, question: Question, durable: Durable) -> None:
        """Fill in what was asked for. OSError where that may pass."""
        lifetime, position, before, stores, most_bytes, _, answer = question
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
