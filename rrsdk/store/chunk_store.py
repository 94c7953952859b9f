"""The chunk store in memory: chunks by entity, timeline and component, decoded or as they came.

    store = ChunkStore()
    store.insert_many(chunk for _, chunk in read_chunks("drive.rrd"))
    latest_at(store, "/car", "frame", 120)

Inserting costs as little as it can: what was inserted is put in order at the next question, of those
entities that are asked for. Small chunks are made larger ones on that occasion.
"""

from __future__ import annotations

import threading
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError, RrError
from rrsdk.identity import format_chunk_id
from rrsdk.ipc.rows import describe
from rrsdk.store.buffers import Held, roots_of
from rrsdk.store.cache import ByteCache
from rrsdk.store.entity_index import EntityIndex
from rrsdk.store.events import Added, Compacted, Dropped
from rrsdk.store.eviction import Moment, Queue
from rrsdk.store.form import Form, Payload, Record
from rrsdk.store.joining import decoded, joined, uncompressed
from rrsdk.store.opened import Opened
from rrsdk.store.packing import Packing
from rrsdk.store.schema import StoreSchema
from rrsdk.store.spans import EMPTY, Spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.store.events import Event
    from rrsdk.store.opened import Best

Insertable: TypeAlias = Chunk | Payload
"""A chunk; or undecoded: a chunk message, or the Arrow stream in one, in one piece or several."""


RECORD_COST: Final = 600
"""Python's objects around a chunk, its id, and its places in indexes; measured."""
_MOST_LAYOUTS: Final = 100_000
_AT_ONCE: Final = 4096


class ChunkStore:
    """Implements `StoreReader`. May be used by any thread."""

    def __init__(
        self,
        *,
        budget_bytes: int | None = None,
        decoded_bytes: int = 256 * 1024 * 1024,
        packing: Packing | None = Packing(),  # noqa: B008  # it never changes
    ) -> None:
        """`budget_bytes`: the oldest temporal chunks go where all take more (see `protect`).

        `decoded_bytes`: so much may be kept, beside that, of what was decoded to be asked.
        `packing`: how large chunks get by being put together; None: they stay as they are.
        """
        self._lock = threading.RLock()
        self._budget = budget_bytes
        self._packing = packing
        self._held = Held()
        self._cache: ByteCache[Opened] = ByteCache(decoded_bytes, attrgetter("cost"))
        self._uncounted: dict[int, Record] = {}
        self._queue: Queue | None = None
        self._protected: Moment | None = None
        self._unsaid: list[Event] = []
        self._evict_above = budget_bytes
        self._entities: dict[str, EntityIndex] = {}
        self._records: dict[int, Record] = {}
        self._ids: set[bytes] = set()
        self._next = 0
        self._generation = 0
        self._schema: StoreSchema | None = None
        self._reader = ChunkReader()
        self._forms: dict[ChunkLayout, Form] = {}
        self._listeners: list[Callable[[Event], None]] = []

    # ---- changing it ----

    def insert(self, chunk: Insertable) -> int | None:
        """One more chunk; its number, or None where a chunk with its id is there already."""
        return next(iter(self.insert_many((chunk,))), None)

    def insert_many(self, chunks: Iterable[Insertable]) -> Sequence[int]:
        """More chunks; the numbers of those that were not there yet.

        Undecoded ones are decoded when they are asked for first, and looked into as far as that tells
        what they are. Bytes are kept, not copied: they must not change. FormatError where one is broken;
        those before it are in.
        """
        numbers: list[int] = []
        rest = iter(chunks)
        while some := list(islice(rest, _AT_ONCE)):
            with self._lock:
                told = len(numbers)
                try:
                    for chunk in some:
                        number = self._insert(chunk)
                        if number is not None:
                            numbers.append(number)
                finally:
                    if len(numbers) > told:
                        self._generation += 1
                        self._say(Added(numbers[told:]))
                        self._keep_budget()
        return numbers

    def _insert(self, chunk: Insertable) -> int | None:
        if isinstance(chunk, Chunk):
            chunk_id = chunk.id.to_bytes()
            if chunk_id in self._ids:
                return None
            index, form = self._form(chunk)
            record = Record(self._next, form, chunk_id, chunk=chunk)
        else:
            laid_out = uncompressed(self._reader, chunk)
            layout = laid_out.shape.layout
            chunk_id = laid_out.chunk_id
            if chunk_id in self._ids:
                return None
            row = describe(laid_out, chunk_id)
            index, form = self._form_of_layout(layout)
            record = Record(self._next, form, chunk_id, payload=chunk, row=row)
        if form.maybe_empty and record.num_rows and form.look_for_instances(record):
            self._schema = None
        self._ids.add(chunk_id)
        self._keep(record)
        index.fresh.append(record)
        return record.number

    def _keep(self, record: Record) -> None:
        self._next += 1
        self._records[record.number] = record
        self._uncounted[record.number] = record
        if self._queue is not None:
            self._queue.add(record)

    def _form(self, chunk: Chunk) -> tuple[EntityIndex, Form]:
        index = self._entities.get(chunk.entity_path)
        if index is None:
            index = self._entities[chunk.entity_path] = EntityIndex(self._packing)
        schema = chunk.to_record_batch().schema
        for form in index.forms:
            if form.has(chunk.index_numbers, chunk.component_numbers, schema):
                return index, form
        form = Form.of_chunk(chunk)
        self._add_form(index, form)
        return index, form

    def _form_of_layout(self, layout: ChunkLayout) -> tuple[EntityIndex, Form]:
        form = self._forms.get(layout)
        if form is None:
            form = Form.of_layout(layout)
            index = self._entities.setdefault(layout.entity, EntityIndex(self._packing))
            same = [other for other in index.forms if other.equals(form)]
            if (
                len(self._forms) >= _MOST_LAYOUTS
            ):  # layouts that are not met again, or the reader has forgotten
                self._forms.clear()
            form = self._forms[layout] = same[0] if same else form
            if not same:
                self._add_form(index, form)
        return self._entities[layout.entity], form

    def _add_form(self, index: EntityIndex, form: Form) -> None:
        index.forms.append(form)
        self._schema = None

    def drop(self, numbers: Iterable[int]) -> None:
        """Take chunks out; numbers that are not there any more are passed over."""
        with self._lock:
            gone = [self._records.pop(number) for number in numbers if number in self._records]
            for record in gone:
                self._uncount(record)
            self._forget(gone)

    def _forget(self, gone: Sequence[Record]) -> None:
        """Chunks that were taken out of `records`, and are not counted any more."""
        by_entity: dict[str, list[Record]] = {}
        for record in gone:
            self._ids.difference_update(record.ids)
            by_entity.setdefault(record.form.entity, []).append(record)
        for entity, records in by_entity.items():
            self._entities[entity].remove(records, self._records)
        if gone:
            self._generation += 1
            self._say(Dropped([record.number for record in gone]))

    def _merge(self, records: Sequence[Record], level: int) -> Record | None:
        """One chunk from several."""
        try:
            chunk = joined(records, self._reader)
        except (RrError, pa.ArrowException):  # what is broken is said where it is asked for
            return None
        whole = Record(self._next, records[0].form, chunk.id.to_bytes(), chunk=chunk)
        whole.level = level
        whole.age = min(record.age for record in records)
        whole.ids = tuple(chunk_id for record in records for chunk_id in record.ids)
        self._keep(whole)
        for record in records:
            del self._records[record.number]
            self._uncount(record)
        self._generation += 1
        self._unsaid.append(Compacted([record.number for record in records], whole.number))
        return whole

    # ---- memory ----

    @property
    def nbytes(self) -> int:
        """What all chunks take: Arrow buffers and payloads, each once and whole, and Python's objects.

        What was decoded only to be asked is not counted here, but in `decoded_bytes`.
        """
        with self._lock:
            self._count()
            return self._held.bytes + RECORD_COST * len(self._records)

    @property
    def decoded_bytes(self) -> int:
        """What was decoded to be asked, and is kept for the next time; where that is a copy."""
        return self._cache.used_bytes

    def _count(self) -> None:
        for record in self._uncounted.values():
            self._held.add(record.roots)
        self._uncounted = {}

    def _uncount(self, record: Record) -> None:
        """Of a chunk that is gone; many are before they were counted."""
        if record.payload is not None:
            self._cache.discard(record.number)
        if self._uncounted.pop(record.number, None) is None:
            self._held.remove(record.roots)

    def protect(self, timeline: str, time: int) -> None:
        """Never evict what `latest_at` needs at this time; the last call holds."""
        with self._lock:
            if self._protected != (timeline, time):
                self._protected = Moment(timeline, time)
                self._evict_above = self._budget

    def evict(self, target_bytes: int) -> Sequence[int]:
        """Let the oldest temporal chunks go until all take no more than that, or none is left that may go.

        Static data stay, and what a protected time needs. Returns the numbers of what is gone.
        """
        with self._lock:
            excess = self.nbytes - target_bytes
            if excess <= 0:
                return []
            if self._queue is None:
                self._queue = Queue(self._records.values())
            gone: list[Record] = []
            needed: dict[str, set[int]] = {}

            def is_needed(record: Record) -> bool:
                moment, entity = self._protected, record.form.entity
                if moment is None or moment.timeline not in record.form.timelines:
                    return False
                if entity not in needed:
                    needed[entity] = self._needed(entity, moment)
                # Where compaction made one of it just now, that comes later.
                return record.number in needed[entity] or record.number not in self._records

            def take(record: Record) -> bool:
                self._uncount(record)
                del self._records[record.number]
                gone.append(record)
                return self._held.bytes + RECORD_COST * len(self._records) <= target_bytes

            self._queue.run(self._records.get, is_needed=is_needed, take=take)
            self._forget(gone)
            return [record.number for record in gone]

    def _needed(self, entity: str, moment: Moment) -> set[int]:
        """The chunks of what is latest at a time."""
        found: set[int] = set()
        index = self._asked(entity)
        assert index is not None
        for component in {name for form in index.forms for name in form.columns}:
            if index.static(component):
                continue
            spans = index.spans(moment.timeline, component)

            def look(number: int, component: str = component) -> Best | None:
                return self.open(number).latest(moment.timeline, component, moment.time)

            best = spans.latest(moment.time, look)
            if best is not None:
                found.add(best[2].number)
        return found

    def _keep_budget(self) -> None:
        """Evict a tenth more than is needed, so that it is not done at every insert."""
        budget, above = self._budget, self._evict_above
        if budget is None or above is None or self.nbytes <= above:
            return
        self.evict(budget - budget // 10)
        # What cannot go is not looked at again before there is as much more.
        self._evict_above = max(budget, self.nbytes + budget // 10)

    def locked(self) -> threading.RLock:
        """To be held while nothing may change but by the thread that holds it."""
        return self._lock

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Have something called at every change, in the thread that makes it; returns what ends that.

        It is called while no other thread can change the store: it should be quick, and not wait.
        """
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _say(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    # ---- what is there ----

    def __len__(self) -> int:
        return len(self._records)

    @property
    def generation(self) -> int:
        """Another number whenever the content is another."""
        return self._generation

    def schema(self) -> StoreSchema:
        """Timelines, entities, components: of all that was ever inserted."""
        schema = self._schema
        if schema is None:
            with self._lock:
                schema = self._schema = self._new_schema()
        return schema

    def _new_schema(self) -> StoreSchema:
        schema = StoreSchema()
        for entity, index in self._entities.items():
            columns = schema.components[entity] = {}
            timelines: set[str] = set()
            for form in index.forms:
                timelines.update(form.timelines)
                for name, kind in form.timelines.items():
                    schema.timelines.setdefault(name, kind)
                for name, column in form.columns.items():
                    is_empty = name in form.maybe_empty
                    known = columns.setdefault(name, column._replace(is_empty=is_empty))
                    columns[name] = known._replace(
                        is_static=known.is_static or column.is_static, is_empty=known.is_empty and is_empty
                    )
            schema.timelines_of[entity] = frozenset(timelines)
        return schema

    def _asked(self, entity: str) -> EntityIndex | None:
        index = self._entities.get(entity)
        if index is not None and index.fresh:
            index.settle(self._merge, self._records)
            unsaid, self._unsaid = self._unsaid, []
            for event in unsaid:  # not before all is in order again: a listener may ask
                self._say(event)
        return index

    def spans(self, entity: str, timeline: str, component: str | None) -> Spans:
        """The temporal chunks of an entity on a timeline with values of a component; None: of any or none."""
        with self._lock:
            index = self._asked(entity)
            return EMPTY if index is None else index.spans(timeline, component)

    def static(self, entity: str, component: str) -> Sequence[int]:
        """The chunks with static data of a component."""
        with self._lock:
            index = self._asked(entity)
            return () if index is None else index.static(component)

    def open(self, number: int) -> Opened:
        """A chunk, decoded; KeyError where it is not there any more."""
        record = self._records[number]
        opened = record.opened
        if opened is not None:
            return opened
        if record.chunk is not None:
            opened = record.opened = Opened(number, record.chunk, is_counted=True)
            return opened
        return self._cache.get_or_make(number, record.own_bytes, lambda: self._decoded(record))

    def _decoded(self, record: Record) -> Opened:
        try:
            chunk = decoded(record)
        except FormatError as error:
            source = format_chunk_id(record.ids[0])
            raise error.located(source=source, entity=record.form.entity) from error.__cause__
        return Opened(record.number, chunk, is_counted=roots_of(chunk).keys() <= record.roots.keys())

    def prefetch(self, numbers: Sequence[int]) -> None:
        """All is in memory: nothing to do."""
