"""From a log of messages to stores that can be asked: one for each recording, of what the log holds.

    feed = Feed()
    broker = Broker(port=9876, observer=feed)
    ...
    latest_at(feed.stores[recording], "/car", "frame", 120)

A store shares the log's payloads and decodes what it is asked for. What the log evicts goes from the store
when a second has passed at most; where small chunks were made one, with the last of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from rrsdk.codec.envelope import Kind
from rrsdk.errors import RrError
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.events import Compacted
from rrsdk.store.packing import Packing

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry
    from rrsdk.store.events import Event

_WORTH_DROPPING: Final = 256


class LogObserver(Protocol):
    """Hears what a log does, in its thread and before the next message: it must be quick."""

    def appended(self, entry: Entry) -> None:
        """A message was taken in."""

    def evicted(self, entry: Entry) -> None:
        """A message is not in memory any more."""

    def tick(self) -> None:
        """About a second has passed."""


class Feed:
    """Implements `LogObserver`."""

    def __init__(
        self,
        *,
        packing: Packing | None = Packing(),  # noqa: B008  # it never changes
        begun: Callable[[StoreId, ChunkStore], None] | None = None,
    ) -> None:
        """`begun` hears, in the log's thread, of each recording and blueprint whose data begin."""
        self.stores: dict[StoreId, ChunkStore] = {}
        self.failed = 0
        """How many chunks could not be taken in."""
        self._packing = packing
        self._begun = begun
        self._parts: dict[StoreId, _Parts] = {}

    def appended(self, entry: Entry) -> None:
        """A message was taken in."""
        if entry.kind != Kind.CHUNK or entry.store is None:
            return
        parts = self._parts.get(entry.store)
        if parts is None:
            store = self.stores[entry.store] = ChunkStore(packing=self._packing)
            parts = self._parts[entry.store] = _Parts(store)
            if self._begun is not None:
                self._begun(entry.store, store)
        payload = entry.parts[0] if len(entry.parts) == 1 else entry.parts
        try:
            number = parts.store.insert(payload)
        except RrError:
            self.failed += 1
            return
        if number is not None:
            parts.number_of[entry.at] = number

    def evicted(self, entry: Entry) -> None:
        """A message is not in memory any more."""
        if entry.store in self._parts:
            self._parts[entry.store].gone(entry.at)

    def tick(self) -> None:
        """Let go of what was evicted."""
        for parts in self._parts.values():
            parts.drop()


class _Parts:
    """Of which messages a store's chunks are made."""

    def __init__(self, store: ChunkStore) -> None:
        self.store = store
        self.number_of: dict[int, int] = {}
        """The chunk that a message became, by its index in the log."""
        self._became: dict[int, int] = {}
        """Where chunks were made one: which one."""
        self._left: dict[int, int] = {}
        """Of those made of several: how many messages are left."""
        self._inner: dict[int, list[int]] = {}
        """Of those made of several that were made of several: which."""
        self._leaving: list[int] = []
        store.subscribe(self._hear)

    def _hear(self, event: Event) -> None:
        """Called by the thread that asks, too, while the store is locked."""
        if isinstance(event, Compacted):
            left, inner = 0, []
            for source in event.sources:
                if source in self._left:
                    inner += [source, *self._inner.pop(source, ())]
                left += self._left.pop(source, 1)
                self._became[source] = event.target
            self._left[event.target] = left
            if inner:
                self._inner[event.target] = inner

    def gone(self, at: int) -> None:
        """A message was evicted; its chunk goes with the last of its messages."""
        number = self.number_of.pop(at, None)
        if number is not None:
            self._leaving.append(number)
            if len(self._leaving) >= _WORTH_DROPPING + len(self.store) // 16:
                self.drop()

    def drop(self) -> None:
        """Let go of what was evicted: of many chunks at once, which costs no more than of one."""
        if not self._leaving:
            return
        with self.store.locked():  # so that none of them is made part of another meanwhile
            leaving, self._leaving = self._leaving, []
            over = []
            for first in leaving:
                number = first
                while number in self._became:
                    number = self._became[number]
                self._became.pop(first, None)
                if number in self._left:
                    self._left[number] -= 1
                    if self._left[number]:
                        continue
                    del self._left[number]
                    for inner in self._inner.pop(number, ()):
                        del self._became[inner]
                over.append(number)
            self.store.drop(over)
