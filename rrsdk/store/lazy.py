"""A store whose chunks stay where they are until a query needs them: for recordings larger than memory."""

from __future__ import annotations

import os
import threading
import weakref
from operator import attrgetter
from typing import TYPE_CHECKING

from rrsdk.errors import ChunkError, RrError, UsageError
from rrsdk.identity import format_chunk_id
from rrsdk.store.cache import ByteCache
from rrsdk.store.chunk_index import ChunkIndex
from rrsdk.store.decode import decode
from rrsdk.store.manifest_schema import schema_of
from rrsdk.store.opened import COLUMN_COST, Opened
from rrsdk.store.playhead import Playhead
from rrsdk.store.prefetch import Prefetcher
from rrsdk.store.spans import EMPTY, Spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.identity import StoreId
    from rrsdk.store.loader import ChunkLoader
    from rrsdk.store.schema import StoreSchema

BUDGET_BYTES = 512 * 1024 * 1024
_AHEAD = 4
"""Which part of the budget chunks may take that are loaded ahead: a quarter."""
_LIKELY_COST = 4 * COLUMN_COST
_MOST_AHEAD = 256
"""Chunks, where they are small: then there is no hurry."""


class LazyChunkStore:
    """A `StoreReader` over loaders of one store: the same store in many files is one.

    Opening it reads no chunk. What was decoded is kept while the budget holds it, the last used longest; an
    `Opened` that a reader still holds lives on, uncounted. May be used by several threads, and in forked
    children, which begin with nothing loaded.
    """

    generation = 0
    """Nothing is ever added or taken away."""

    def __init__(self, loaders: Sequence[ChunkLoader], *, budget_bytes: int = BUDGET_BYTES) -> None:
        """All loaders must be of the same store. Of chunks that are there twice the first is taken."""
        if not loaders:
            raise UsageError("a store is made of at least one loader")
        self.store: StoreId = loaders[0].store
        for other in loaders[1:]:
            if other.store != self.store:
                raise UsageError(f"holds {other.store}, not {self.store}", source=other.name)
        self._loaders = tuple(loaders)
        self.index = ChunkIndex([loader.manifest for loader in loaders])
        self._cache: ByteCache[Opened] = ByteCache(budget_bytes, attrgetter("cost"))
        self._prefetcher = Prefetcher(self._get)
        self._begin()
        _STORES.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._spans: dict[tuple[str, str, str | None], Spans] = {}
        self._static: dict[tuple[str, str], Sequence[int]] = {}
        self._schema: StoreSchema | None = None
        self._playheads: dict[str, Playhead] = {}

    def begin_anew(self) -> None:
        """In a forked child: locks may be another thread's, and threads are not there."""
        self._cache.reset()
        self._prefetcher.reset()
        self._begin()

    # --- what there is ---

    def __len__(self) -> int:
        """How many chunks there are."""
        return len(self.index)

    def is_loaded(self, number: int) -> bool:
        """Whether a chunk is decoded and kept."""
        return number in self._cache

    @property
    def used_bytes(self) -> int:
        """What is kept of decoded chunks, and what is being decoded."""
        return self._cache.used_bytes

    def schema(self) -> StoreSchema:
        """What the store holds, from its manifests."""
        with self._lock:
            if self._schema is None:
                self._schema = schema_of([loader.manifest for loader in self._loaders], self.index)
            return self._schema

    def spans(self, entity: str, timeline: str, component: str | None) -> Spans:
        """The temporal chunks of an entity with values of a component on a timeline (None: with any row)."""
        key = entity, timeline, component
        found = self._spans.get(key)
        if found is None:
            bounds = self.index.bounds(entity, timeline, component)
            if not len(bounds.numbers):
                return EMPTY
            found = self._spans.setdefault(key, Spans(bounds.starts, bounds.ends, bounds.numbers))
        return found

    def static(self, entity: str, component: str) -> Sequence[int]:
        """The chunks with static data of a component."""
        key = entity, component
        found = self._static.get(key)
        if found is None:
            found = self._static.setdefault(key, tuple(self.index.static(entity, component)))
        return found

    # --- chunks ---

    def open(self, number: int) -> Opened:
        """A chunk, loaded where it is not. ChunkError where it cannot be had: others can."""
        return self._cache.get(number) or self._get(number)

    def _get(self, number: int) -> Opened:
        expected = self.index.size(number) + _LIKELY_COST
        return self._cache.get_or_make(number, expected, lambda: self._load(number))

    def _load(self, number: int) -> Opened:
        expected = self.index.expected(number)
        part, row = self.index.locate(number)
        loader = self._loaders[part]
        try:
            return Opened(number, decode(loader.read(row), expected))
        except UsageError:  # the store was closed
            raise
        except RrError as error:
            chunk = format_chunk_id(expected.chunk_id)
            broken = ChunkError(
                f"{chunk} cannot be read: {error.what}",
                source=error.source or loader.name,
                offset=error.offset if error.offset is not None else loader.place(row),
                entity=expected.entity,
                field=error.field,
                hint=error.hint,
            )
            broken.chunk = chunk
            raise broken from error

    def prefetch(self, numbers: Sequence[int]) -> None:
        """Load these in the background, the first one first; what was asked for before is forgotten."""
        left = self._cache.budget_bytes // _AHEAD
        wanted = []
        for number in numbers:
            left -= self.index.size(number) + _LIKELY_COST
            if left < 0:
                break
            if number not in self._cache:
                wanted.append(number)
        self._prefetcher.want(wanted)

    def look_ahead(self, timeline: str, time: int) -> None:
        """Play is at a time: the chunks that come next in its direction are loaded in the background."""
        with self._lock:
            playhead = self._playheads.get(timeline)
            if playhead is None:
                bounds, sizes = self.index.all_bounds(timeline)
                playhead = self._playheads[timeline] = Playhead(bounds, sizes + _LIKELY_COST)
            numbers = playhead.move(time, self._cache.budget_bytes // _AHEAD, _MOST_AHEAD)
        self._prefetcher.want([number for number in numbers if number not in self._cache])

    def __enter__(self) -> LazyChunkStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop loading, forget what is loaded, close the files."""
        self._prefetcher.close()
        self._cache.clear()
        for loader in self._loaders:
            loader.close()


_STORES: weakref.WeakSet[LazyChunkStore] = weakref.WeakSet()


def _after_fork() -> None:
    for store in _STORES:
        store.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
