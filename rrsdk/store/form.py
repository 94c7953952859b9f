"""What chunks of one entity have in common, and the chunks of a store that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from rrsdk.chunk.check import time_type
from rrsdk.chunk.order import is_marked
from rrsdk.errors import FormatError
from rrsdk.ipc import stream
from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_TYPE_KEY
from rrsdk.store.bounds import Bounds, bounds_of, bounds_of_row
from rrsdk.store.buffers import roots_of, roots_of_bytes
from rrsdk.store.schema import ComponentColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rrsdk.chunk import Chunk
    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.ipc.rows import Row
    from rrsdk.store.opened import Opened
    from rrsdk.timeline import TimeType


Payload: TypeAlias = bytes | memoryview | tuple[bytes | memoryview, ...]
"""An undecoded chunk, in one piece or several."""


class Form:
    """An entity, timelines, components and their types. Chunks of one form can be made one."""

    __slots__ = (
        "_places",
        "columns",
        "component_numbers",
        "entity",
        "is_static",
        "maybe_empty",
        "schema",
        "timeline_numbers",
        "timelines",
    )

    def __init__(
        self, entity: str, schema: pa.Schema, timelines: Sequence[str], components: Sequence[str]
    ) -> None:
        """`schema`: of one of them; columns are a row id, timelines, components."""
        self.entity = entity
        self.schema = schema
        self.timeline_numbers = {name: number for number, name in enumerate(timelines)}
        self.component_numbers = {name: number for number, name in enumerate(components)}
        self.is_static = not self.timeline_numbers
        self.timelines: dict[str, TimeType] = {
            name: time_type(schema.field(1 + number).type) for name, number in self.timeline_numbers.items()
        }
        self.maybe_empty = set(self.component_numbers)
        """Components that no chunk has had instances of: all their lists were empty, or null."""
        first = 1 + len(self.timelines)
        self._places = (
            {name: 1 + number for name, number in self.timeline_numbers.items()},
            {name: first + number for name, number in self.component_numbers.items()},
        )
        self.columns = {
            name: self._column(name, schema.field(first + number))
            for name, number in self.component_numbers.items()
        }

    def look_for_instances(self, record: Record) -> bool:
        """Whether a chunk has instances of a component that had none before."""
        found = {name for name in self.maybe_empty if record.has_instances(name)}
        self.maybe_empty -= found
        return bool(found)

    def _column(self, name: str, field: pa.Field) -> ComponentColumn:
        told = field.metadata or {}
        archetype, kind = told.get(ARCHETYPE_KEY.encode()), told.get(COMPONENT_TYPE_KEY.encode())
        return ComponentColumn(
            self.entity,
            name,
            archetype.decode("utf-8", "replace") if archetype else None,
            kind.decode("utf-8", "replace") if kind else None,
            field.type,
            self.is_static,
        )

    @classmethod
    def of_chunk(cls, chunk: Chunk) -> Form:
        """Of a decoded chunk."""
        schema = chunk.to_record_batch().schema
        return cls(chunk.entity_path, schema, chunk.timeline_names, chunk.components)

    @classmethod
    def of_layout(cls, layout: ChunkLayout) -> Form:
        """Of an undecoded one."""
        if not layout.is_current:
            raise FormatError(
                f"the chunk is of object model {layout.version!r}",
                entity=layout.entity,
                hint="migrate it first",
            )
        try:
            schema = pa.ipc.read_schema(pa.py_buffer(stream.frame(layout.raw)))
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FormatError(f"the chunk's schema is broken: {error}", entity=layout.entity) from error
        timelines = [column.name for column in layout.indexes]
        components = [column.name for column in layout.components]
        if len({*timelines}) + len({*components}) != len(layout.columns) - 1:
            raise FormatError("two columns have one name", entity=layout.entity)
        return cls(layout.entity, schema, timelines, components)

    def equals(self, other: Form) -> bool:
        """Whether chunks of both can be made one."""
        return self._places == other._places and bool(self.schema.equals(other.schema))

    def has(self, timelines: Mapping[str, int], components: Mapping[str, int], schema: pa.Schema) -> bool:
        """Whether names and types are these, and in the same columns."""
        return self._places == (timelines, components) and bool(self.schema.equals(schema))


class Record:
    """One chunk of a store: decoded, or as it came."""

    __slots__ = (
        "_bounds",
        "_own_bytes",
        "age",
        "chunk",
        "form",
        "ids",
        "level",
        "num_rows",
        "number",
        "opened",
        "payload",
        "row",
    )

    def __init__(
        self,
        number: int,
        form: Form,
        chunk_id: bytes,
        *,
        chunk: Chunk | None = None,
        payload: Payload | None = None,
        row: Row | None = None,
    ) -> None:
        """Either `chunk`, or `payload` and what its head says (`row`)."""
        self.number = number
        self.age = number
        """The number of the first chunk whose rows these are: the lowest is the oldest."""
        self.form = form
        self.ids: tuple[bytes, ...] = (chunk_id,)
        """Of the chunks whose rows these are."""
        self.chunk = chunk
        self.payload = payload
        self.row = row
        self.level = 0
        """How often it was compacted."""
        self.opened: Opened | None = None
        if chunk is not None:
            self.num_rows = chunk.num_rows
        else:
            assert row is not None
            self.num_rows = row.shape.batch.num_rows
        self._own_bytes = -1
        self._bounds: Bounds | None = None

    @property
    def own_bytes(self) -> int:
        """What its columns take, about, and the buffers that they are parts of."""
        if self._own_bytes < 0:
            if self.chunk is not None:
                self._own_bytes = int(self.chunk.to_record_batch().get_total_buffer_size())
            else:
                assert self.row is not None
                self._own_bytes = self.row.shape.batch.body_size
        return self._own_bytes

    def has_instances(self, component: str) -> bool:
        """Whether any list of a component has one."""
        if self.row is not None:
            number = self.form.component_numbers[component]
            return not self.row.shape.empty[number] and self.row.shape.nulls[number] < self.num_rows
        assert self.chunk is not None
        return len(self.chunk.component(component).flatten()) > 0

    @property
    def is_sorted(self) -> bool:
        """Whether it says of all timelines that they ascend."""
        if self.num_rows < 2:
            return True
        if self.row is not None:
            return all(is_sorted for _, _, is_sorted in self.row.shape.times)
        assert self.chunk is not None
        return all(is_marked(self.chunk.index_field(name)) for name in self.form.timelines)

    @property
    def roots(self) -> dict[int, int]:
        """The memory that it keeps alive; see `buffers`."""
        if self.chunk is not None:
            return roots_of(self.chunk)
        assert self.payload is not None
        if isinstance(self.payload, tuple):
            return {address: size for part in self.payload for address, size in roots_of_bytes(part).items()}
        return roots_of_bytes(self.payload)

    @property
    def bounds(self) -> Bounds:
        """The times that it covers."""
        if self._bounds is None:
            learn_bounds([self])
            assert self._bounds is not None
        return self._bounds

    def learn(self, bounds: Bounds) -> None:
        """What `learn_bounds` found."""
        self._bounds = bounds

    @property
    def has_bounds(self) -> bool:
        """Whether they were found out."""
        return self._bounds is not None


def learn_bounds(records: Sequence[Record]) -> None:
    """Find out the bounds of records of one form, all at once."""
    decoded: list[Record] = []
    for record in records:
        if record.has_bounds:
            continue
        if record.row is not None:
            record.learn(bounds_of_row(record.row))
        elif record.num_rows:
            decoded.append(record)
        else:
            form = record.form
            record.learn(Bounds(0, (None,) * len(form.timelines), (0,) * len(form.columns)))
    if decoded:
        for record, bounds in zip(
            decoded, bounds_of([one.chunk for one in decoded if one.chunk is not None])
        ):
            record.learn(bounds)
