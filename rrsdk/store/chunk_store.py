"""The chunk store in memory: chunks by entity, timeline and component, decoded or as they came.

    store = ChunkStore()
    store.insert_many(chunk for _, chunk in read_chunks("drive.rrd"))
    latest_at(store, "/car", "frame", 120)

Inserting costs as little as it can: what was inserted is put in order at the next question, of those
entities that are asked for. Small chunks are made larger ones on that occasion.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, TypeAlias

from rrsdk.chunk import Chunk
from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError
from rrsdk.identity import format_chunk_id
from rrsdk.ipc.rows import describe
from rrsdk.ipc.stream import CONTINUATION
from rrsdk.store.entity_index import EntityIndex
from rrsdk.store.events import Added, Dropped
from rrsdk.store.form import Form, Record
from rrsdk.store.opened import Opened
from rrsdk.store.schema import StoreSchema
from rrsdk.store.spans import EMPTY, Spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.message import Buffer
    from rrsdk.store.events import Event

Insertable: TypeAlias = Chunk | bytes | memoryview
"""A chunk; or undecoded: a chunk message, or the Arrow stream in one."""


_MOST_LAYOUTS: Final = 100_000


class ChunkStore:
    """Implements `StoreReader`. May be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
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
        with self._lock:
            try:
                for chunk in chunks:
                    number = self._insert(chunk)
                    if number is not None:
                        numbers.append(number)
            finally:
                if numbers:
                    self._generation += 1
                    self._say(Added(numbers))
        return numbers

    def _insert(self, chunk: Insertable) -> int | None:
        if isinstance(chunk, Chunk):
            chunk_id = chunk.id.to_bytes()
            if chunk_id in self._ids:
                return None
            index, form = self._form(chunk)
            record = Record(self._next, form, chunk_id, chunk=chunk)
        else:
            laid_out = self._reader.layout(chunk) if chunk[:4] == CONTINUATION else self._reader.open(chunk)
            layout = laid_out.shape.layout
            chunk_id = laid_out.chunk_id
            if chunk_id in self._ids:
                return None
            row = describe(laid_out, chunk_id)
            index, form = self._form_of_layout(layout)
            record = Record(self._next, form, chunk_id, payload=chunk, row=row)
        self._next += 1
        self._ids.add(chunk_id)
        self._records[record.number] = record
        index.fresh.append(record)
        return record.number

    def _form(self, chunk: Chunk) -> tuple[EntityIndex, Form]:
        index = self._entities.get(chunk.entity_path)
        if index is None:
            index = self._entities[chunk.entity_path] = EntityIndex()
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
            index = self._entities.setdefault(layout.entity, EntityIndex())
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
            by_entity: dict[str, list[Record]] = {}
            for record in gone:
                self._ids.difference_update(record.ids)
                by_entity.setdefault(record.form.entity, []).append(record)
            for entity, records in by_entity.items():
                index = self._entities[entity]
                index.take_fresh()
                index.remove(records)
            if gone:
                self._generation += 1
                self._say(Dropped([record.number for record in gone]))

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
                    known = columns.setdefault(name, column)
                    if column.is_static and not known.is_static:
                        columns[name] = known._replace(is_static=True)
            schema.timelines_of[entity] = frozenset(timelines)
        return schema

    def _asked(self, entity: str) -> EntityIndex | None:
        index = self._entities.get(entity)
        if index is not None and index.fresh:
            index.take_fresh()
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
        if opened is None:
            opened = record.opened = Opened(number, self._decoded(record))
        return opened

    def _decoded(self, record: Record) -> Chunk:
        if record.chunk is not None:
            return record.chunk
        assert record.payload is not None
        payload: Buffer = record.payload
        try:
            if payload[:4] != CONTINUATION:
                about = ChunkReader().envelope(payload)
                block = memoryview(payload)[about.payload_start : about.payload_end]
                payload = lz4.decompress(block, about.compression, about.uncompressed_size)
            return Chunk.from_ipc(payload)
        except FormatError as error:
            source = format_chunk_id(record.ids[0])
            raise error.located(source=source, entity=record.form.entity) from error.__cause__

    def prefetch(self, numbers: Sequence[int]) -> None:
        """All is in memory: nothing to do."""
