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
from typing import TYPE_CHECKING, Final, NamedTuple, Union

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.frames import MESSAGE_HEADER
from rrsdk.codec.splice import HeadSplicer
from rrsdk.codec.wire import COMPRESSION_LZ4, Envelope, read_envelope, write_envelope
from rrsdk.errors import RrError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.keys import COMPONENT_KEY, ENTITY_KEY
from rrsdk.ipc.manifest import ENTITY, IS_STATIC, NUM_ROWS, OFFSET, SIZE
from rrsdk.ipc.rows import describe
from rrsdk.message import Buffer, ChunkMsg, Chunks, Message
from rrtool.transforms.filter_batch import Batch, without
from rrtool.transforms.filter_names import Choice, is_property
from rrtool.transforms.filter_plan import Cut, Planner, derived_id
from rrtool.transforms.filter_read import messages_of, whole_message

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_LARGE: Final = 128 * 1024
"""From this size on a chunk is worth a thread: most of its time is spent where Python lets others run."""

Skip = Callable[[RrError], None]
"""Hears of a chunk that is broken and was left out."""


class Rewritten(NamedTuple):
    """A message in place of another, for a `Batch`; its manifest row is known."""

    chunk_id: bytes
    parts: tuple[Buffer, ...]
    size: int
    uncompressed: int


class Described(NamedTuple):
    """A message that must bring its own manifest row."""

    message: ChunkMsg
    made_static: bool


class Broken(NamedTuple):
    """A chunk that cannot be opened."""

    error: RrError


Result = Union[Rewritten, Described, Broken, None]
"""What becomes of a chunk; None where nothing is left of it."""


class ColumnFilter:
    """Drops columns from the recordings that pass through; blueprints pass as they are."""

    def __init__(
        self, timelines: Choice, components: Choice, *, jobs: int = 1, skip: Skip | None = None
    ) -> None:
        self.made_static = 0
        """How many chunks lost their last timeline."""
        self._timelines, self._components = timelines, components
        self._planner = Planner(timelines, components)
        self._reader = ChunkReader()
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
        return [f"{self.made_static} chunks lost their last timeline and are static now: they hold at all times"]

    def _chunk(self, message: ChunkMsg) -> Iterator[Message]:
        if self._planner.cut(message.row.shape.layout) is None:
            yield message
            return
        result = self._work(message.store, message.store_raw, True, whole_message(message))
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
                offset = chunks.manifest.table.u64(OFFSET)[place] - MESSAGE_HEADER.size
                self._broken(result.error.located(source=chunks.origin.name, offset=offset))
        if len(batch):
            yield batch.take()

    def _results(self, chunks: Chunks) -> Iterator[Result]:
        """What becomes of each chunk, in order; large ones are worked on beside each other."""
        table = chunks.manifest.table
        # What the manifest says of a component or timeline goes for all entities, but for properties.
        own_row = [raw.startswith(b"/__") for raw in table.raw(ENTITY)]
        waiting: deque[Callable[[], Result]] = deque()
        with ExitStack() as stack:
            pool: ThreadPoolExecutor | None = None
            if self._jobs > 1 and any(size >= _LARGE for size in table.u64(SIZE)):
                from concurrent.futures import ThreadPoolExecutor

                pool = stack.enter_context(ThreadPoolExecutor(self._jobs))
            for describes, message in zip(own_row, messages_of(chunks)):
                if pool is not None and len(message) >= _LARGE:
                    work = partial(self._work, chunks.store, chunks.store_raw, describes, message)
                    waiting.append(pool.submit(work).result)
                else:
                    result = self._work(chunks.store, chunks.store_raw, describes, message)
                    if not waiting:
                        yield result
                        continue
                    waiting.append(partial(_same, result))
                while len(waiting) > self._jobs:
                    yield waiting.popleft()()
            while waiting:
                yield waiting.popleft()()

    def _work(self, store: StoreId, store_raw: bytes, describes: bool, message: memoryview) -> Result:
        """Rewrite one chunk. Runs in several threads, but with small messages only in one."""
        try:
            small = len(message) < _LARGE
            envelope = self._reader.envelope(message) if small else read_envelope(message, 0, len(message))
            if not small and not describes:
                result = self._spliced(store_raw, message, envelope)
                if result is not None:
                    return result
            chunk = self._reader.open(message, envelope)
            chunk_id = envelope.chunk_id or chunk.chunk_id
            cut = self._planner.cut(chunk.shape.layout)
            if cut is None:
                size = len(chunk.payload)
                if describes:
                    row = describe(chunk, chunk_id)
                    return Described(ChunkMsg(store, store_raw, row, (message,), size), False)
                return Rewritten(chunk_id, (message,), len(message), size)
            if cut.is_gone:
                return None
            chunk_id = derived_id(chunk_id, cut.seed)
            payload = self._planner.slices(chunk, cut).apply(chunk.payload, chunk_id)
            if describes or cut.becomes_static:
                made = pack_chunk(store, store_raw, payload, self._reader.layout(payload), chunk_id)
                return Described(made, cut.becomes_static)
            return _wrapped(store_raw, cut, chunk_id, (lz4.compress(payload),), len(payload))
        except RrError as error:
            return Broken(error)

    def _spliced(self, store_raw: bytes, message: memoryview, envelope: Envelope) -> Rewritten | None:
        """The chunk where only its head has to change; None where all of it must be opened."""
        if envelope.compression != COMPRESSION_LZ4:
            return None
        block = message[envelope.payload_start : envelope.payload_end]
        splicer = HeadSplicer(block, envelope.uncompressed_size)
        try:
            chunk = self._reader.layout(splicer.head)
        except RrError:
            return None  # the head is longer than what was decoded, or broken
        cut = self._planner.cut(chunk.shape.layout)
        if cut is None or cut.is_gone or cut.becomes_static:
            return None
        chunk_id = derived_id(envelope.chunk_id or chunk.chunk_id, cut.seed)
        found = self._planner.slices(chunk, cut).head(chunk.payload, envelope.uncompressed_size, chunk_id)
        if found is None:
            return None
        old_size, head = found
        parts = splicer.splice(old_size, head)
        if parts is None:
            return None
        size = envelope.uncompressed_size - old_size + len(head)
        return _wrapped(store_raw, cut, chunk_id, parts, size)


def _wrapped(
    store_raw: bytes, cut: Cut, chunk_id: bytes, block: tuple[Buffer, ...], uncompressed: int
) -> Rewritten:
    payload_size = sum(map(len, block))
    before, after = write_envelope(
        store_raw,
        compression=COMPRESSION_LZ4,
        uncompressed_size=uncompressed,
        payload_size=payload_size,
        chunk_id=chunk_id,
        is_static=cut.layout.is_static,
    )
    size = len(before) + payload_size + len(after)
    return Rewritten(chunk_id, (before, *block, after), size, uncompressed)


def _same(result: Result) -> Result:
    return result
