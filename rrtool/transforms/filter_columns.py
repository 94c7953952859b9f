"""Timelines and components dropped from the chunks that have them; all other chunks are copied.

A chunk that loses its last timeline becomes static, as with the real program, and is counted:
static data hide all temporal data of their component. A chunk that loses its last component goes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from rrsdk.errors import RrError
from rrsdk.identity import StoreKind
from rrsdk.ipc.keys import COMPONENT_KEY, ENTITY_KEY
from rrsdk.ipc.manifest import ENTITY, IS_STATIC, NUM_ROWS
from rrsdk.message import ChunkMsg, Chunks, Message
from rrtool.transforms.filter_batch import Batch, without
from rrtool.transforms.filter_names import Choice, is_property
from rrtool.transforms.filter_plan import ColumnPlanner
from rrtool.transforms.filter_read import messages_of, whole_message
from rrtool.transforms.filter_rewrite import Broken, Described, Result, Rewriter, Rewritten

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_LARGE: Final = 128 * 1024
"""From this size on a chunk is worth a thread: most of its time is spent where Python lets others run."""

Skip = Callable[[RrError], None]
"""Hears of a chunk that is broken and was left out."""


class ColumnFilter:
    """Drops columns from the recordings that pass through; blueprints pass as they are."""

    def __init__(
        self, timelines: Choice, components: Choice, *, jobs: int = 1, skip: Skip | None = None
    ) -> None:
        self.made_static = 0
        """How many chunks lost their last timeline."""
        self._timelines, self._components = timelines, components
        self._planner = ColumnPlanner(timelines, components)
        self._rewriter = Rewriter(self._planner)
        self._jobs, self._skip = jobs, skip

    def __call__(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages without the unwanted columns."""
        for message in messages:
            if isinstance(message, Chunks) and message.store.kind is StoreKind.RECORDING:
                yield from self._chunks(message)
            elif isinstance(message, ChunkMsg) and message.store.kind is StoreKind.RECORDING:
                yield from self._chunk(message)
            else:
                yield message

    def warnings(self) -> list[str]:
        """What a user should know of what was done."""
        if not self.made_static:
            return []
        return [
            f"{self.made_static} chunks lost their last timeline and are static now: they hold at all times"
        ]

    def _chunk(self, message: ChunkMsg) -> Iterator[Message]:
        if self._planner.cut(message.row.shape.layout) is None:
            yield message
            return
        result = self._rewriter.rewrite(
            message.store, message.store_raw, whole_message(message), describes=True
        )
        if isinstance(result, Described):
            self.made_static += result.made_static
            yield result.message
        elif isinstance(result, Broken):
            self._broken(result.error)

    def _broken(self, error: RrError) -> None:
        if self._skip is None:
            raise error
        self._skip(error)

    def _chunks(self, chunks: Chunks) -> Iterator[Message]:
        changes, gone = self._classify(chunks)
        if not any(changes) and not any(gone):
            yield chunks
            return
        untouched = bytes([not (a or b) for a, b in zip(changes, gone)])
        if any(untouched):
            yield chunks.take(untouched)
        if any(changes):
            yield from self._rewritten(chunks if all(changes) else chunks.take(changes))

    def _classify(self, chunks: Chunks) -> tuple[bytearray, bytearray]:
        """A byte a chunk: whether columns may go from it, and whether nothing would be left of it.

        The manifest does not tell of columns without values; where it leaves that open, the chunk
        is looked at.
        """
        manifest = chunks.manifest
        table, count = manifest.table, len(manifest)
        changes, gone = bytearray(count), bytearray(count)
        unwanted = [name for name in manifest.timelines() if not self._timelines.wants(name)]
        for timeline in unwanted:
            changes = bytearray(map(int.__or__, changes, manifest.on_timeline(timeline)))
        if unwanted and 0 in table.u64(NUM_ROWS):
            for place, (rows, static) in enumerate(zip(table.u64(NUM_ROWS), table.flags(IS_STATIC))):
                if not rows and not static:
                    changes[place] = 1
        if self._components:
            some, every = self._entities(chunks)
            if some or every:
                for place, raw in enumerate(table.raw(ENTITY)):
                    if raw in every:
                        gone[place], changes[place] = 1, 0
                    elif raw in some:
                        changes[place] = 1
        return changes, gone

    def _entities(self, chunks: Chunks) -> tuple[set[bytes], set[bytes]]:
        """The entities that lose some of their components, and those that lose all."""
        loses: set[str] = set()
        keeps: set[str] = set()
        for field in chunks.manifest.fields.values():
            entity, component = field.metadata.get(ENTITY_KEY), field.metadata.get(COMPONENT_KEY)
            if entity is not None and component is not None:
                stays = self._components.wants(component, of_property=is_property(entity))
                (keeps if stays else loses).add(entity)
        return {name.encode() for name in loses & keeps}, {name.encode() for name in loses - keeps}

    def _rewritten(self, chunks: Chunks) -> Iterator[Message]:
        manifest = without(
            chunks.manifest,
            lambda name: not self._timelines.wants(name),
            lambda name: not self._components.wants(name),
        )
        batch = Batch(replace(chunks, manifest=manifest))
        for place, result in enumerate(self._results(chunks)):
            if isinstance(result, Rewritten):
                batch.add(place, *result)
                if batch.is_full:
                    yield batch.take()
            elif isinstance(result, Described):
                self.made_static += result.made_static
                yield result.message
            elif isinstance(result, Broken):
                start, end = chunks.extent(place)
                self._broken(result.error.located(source=chunks.origin.name, offset=start, end=end))
        if len(batch):
            yield batch.take()

    def _results(self, chunks: Chunks) -> Iterator[Result]:
        """What becomes of each chunk, in order; large ones that must be opened are opened in threads."""
        table = chunks.manifest.table
        # What the manifest says of a component or timeline goes for all entities, but for properties.
        describes = [raw.startswith(b"/__") for raw in table.raw(ENTITY)]
        store, raw = chunks.store, chunks.store_raw
        waiting: deque[Callable[[], Result]] = deque()
        with ExitStack() as stack:
            pool: ThreadPoolExecutor | None = None
            for own_row, message in zip(describes, messages_of(chunks)):
                large = len(message) >= _LARGE
                result = self._rewriter.splice(raw, message) if large and not own_row else None
                if result is None and large and self._jobs > 1:
                    pool = pool or stack.enter_context(_threads(self._jobs))
                    work = partial(
                        self._rewriter.rewrite, store, raw, message, describes=own_row, alone=False
                    )
                    waiting.append(pool.submit(work).result)
                else:
                    if result is None:
                        done = self._rewriter.rewrite(store, raw, message, describes=own_row)
                    else:
                        done = result
                    if not waiting:
                        yield done
                        continue
                    waiting.append(partial(_same, done))
                while len(waiting) > self._jobs:
                    yield waiting.popleft()()
            while waiting:
                yield waiting.popleft()()


def _threads(jobs: int) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(jobs)


def _same(result: Result) -> Result:
    return result
