"""A history in a list: answers when it is told to, as little as it likes, and loses what a test says."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from rrsdk.identity import StoreId
from rrsdk.store.entry import Entry, Lifetime, Tally
from rrsdk.store.history import Fetched

Question = tuple[Lifetime, int, int, AbstractSet[StoreId] | None, int, Callable[[], None], Fetched]


class FakeHistory:
    """`entries` is what the log ever was, also what is not written yet: a test appends to it."""

    def __init__(self) -> None:
        self.entries: tuple[list[Entry], list[Entry], list[Entry]] = ([], [], [])
        self.written = [0, 0, 0]
        self.lost: set[int] = set()
        """Indexes of messages that cannot be read any more."""
        self.questions: list[Question] = []
        self.looks_at_once = 1 << 30
        self.answered = 0

    @property
    def ends(self) -> tuple[int, int, int]:
        first, second, third = self.written
        return first, second, third

    def add(self, entry: Entry) -> None:
        self.entries[entry.lifetime].append(entry)

    def write(self, before_at: int) -> None:
        """All messages with a lower index are there now."""
        for lifetime, entries in enumerate(self.entries):
            end = self.written[lifetime]
            while end < len(entries) and entries[end].at < before_at:
                end += 1
            self.written[lifetime] = end

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
        assert 0 <= position < self.ends[lifetime], "what is asked for is there"
        assert most_bytes > 0
        fetched = Fetched()
        self.questions.append((lifetime, position, before, stores, most_bytes, ready, fetched))
        return fetched

    @property
    def wanted(self) -> int:
        return sum(question[-1].is_wanted for question in self.questions)

    def answer(self, which: int = 0) -> None:
        lifetime, position, before, stores, most_bytes, ready, fetched = self.questions.pop(which)
        if not fetched.is_wanted:
            return
        at = position
        for at in range(position, self.ends[lifetime] + 1):
            if at == self.ends[lifetime] or at - position >= self.looks_at_once:
                break
            entry = self.entries[lifetime][at]
            if entry.at >= before:
                fetched.is_over = True
                break
            if stores is not None and entry.store not in stores:
                continue
            if entry.at in self.lost:
                fetched.lost.append((at + 1, Tally(1, entry.rows, entry.size)))
                continue
            if fetched.entries and fetched.cost + entry.cost > most_bytes:
                break
            fetched.entries.append((at, entry))
            fetched.cost += entry.cost
        fetched.end = at
        fetched.is_done = True
        self.answered += 1
        ready()
