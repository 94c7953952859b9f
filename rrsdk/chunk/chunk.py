"""The `Chunk`: an immutable view of one Arrow record batch, and what can be made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rrsdk.chunk.build import Columns, assemble, common_fields, joined
from rrsdk.chunk.check import Parts, check, time_type
from rrsdk.chunk.columns import (
    ROW_ID_FIELD,
    component_column,
    described_column,
    index_column,
    new_row_ids,
    row_id_array,
)
from rrsdk.chunk.dataframe import AUTO_INDEX, columns_of_dataframe
from rrsdk.chunk.order import is_sorted, sort_keys, sorted_places
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rrsdk.identity import Tuid
    from rrsdk.timeline import TimeType


class Chunk:
    """Rows of one entity: row ids, a time on each timeline, and lists of component instances.

    A chunk without timelines is static. Nothing changes a chunk: operations return another one,
    which shares the buffers, has an id of its own (a new one, or `chunk_id` where that is given)
    and says truthfully which of its columns are sorted. Two chunks are equal where their record
    batches are, metadata and all.
    """

    __slots__ = ("_batch", "_parts")

    def __init__(self, batch: pa.RecordBatch, parts: Parts) -> None:
        """Not for callers: see the `from_…` methods."""
        self._batch = batch
        self._parts = parts

    # --- made from ---

    @classmethod
    def from_record_batch(cls, batch: pa.RecordBatch) -> Chunk:
        """The chunk that a record batch of the current object model is; nothing is copied.

        Columns: row ids (`fixed_size_binary[16]`, no nulls), then timelines (int64,
        timestamp[ns] or duration[ns], no nulls), then components (`list<…>`, where a null row means
        "not logged" and an empty list "cleared"). Raises FormatError naming entity and field where
        the batch is anything else, of an older object model, or marks as sorted what is not.
        """
        return cls(batch, check(batch))

    @classmethod
    def from_ipc(cls, payload: bytes | memoryview | pa.Buffer) -> Chunk:
        """The chunk in an Arrow IPC stream of one record batch.

        The payload is copied only where it is not aligned to 8 bytes. Raises FormatError where the
        stream is broken, does not hold one batch, or that is no chunk.
        """
        try:
            buffer = pa.py_buffer(payload)
            if buffer.address % 8:
                buffer = pa.py_buffer(bytes(payload))
            with pa.ipc.open_stream(buffer) as reader:
                batches = list(reader)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FormatError(f"the chunk's Arrow data are broken: {error}") from error
        if len(batches) != 1:
            raise FormatError(
                f"an Arrow stream with {len(batches)} record batches is no chunk, which has one"
            )
        return cls.from_record_batch(batches[0])

    @classmethod
    def from_columns(
        cls,
        entity: str,
        indexes: Mapping[str, Any] | Iterable[Any] | None = None,
        columns: Iterable[Any] = (),
        *,
        components: Mapping[str, Any] | None = None,
        row_ids: pa.Array | Iterable[Tuid | bytes] | None = None,
        chunk_id: Tuid | bytes | None = None,
    ) -> Chunk:
        """A chunk from columns of equal length n; row ids and chunk id are new unless given.

        `indexes`: timeline to n times: integers for sequence numbers, dates and time spans of numpy
        or Python, or Arrow int64, timestamp[ns], duration[ns]. None at all make static data.
        `components`: name to n lists of instances (None where nothing was logged), as an Arrow list
        array or Python lists. For `Archetype:field` that Rerun knows, such as `Points3D:positions`,
        descriptor and datatype are filled in. Both may also be as for `send_columns`: `indexes`
        TimeColumns, `columns` those of archetypes. Raises FormatError naming entity and field.

            Chunk.from_columns("/plot", indexes={"frame": [0, 1]}, components={"Scalars:scalars": [[1], [2]]})
        """
        path = _normal(entity)
        times: Any = indexes or {}
        if not hasattr(times, "items"):
            times = {one.timeline_name(): one.as_arrow_array() for one in times}
        found: Columns = [index_column(name, values, path) for name, values in times.items()]
        found += [described_column(column, path) for column in columns]
        found += [component_column(name, values, path) for name, values in (components or {}).items()]
        count = len(found[0][1]) if found else 0
        ids = new_row_ids(count) if row_ids is None else row_id_array(row_ids, path)
        found.insert(0, (ROW_ID_FIELD, ids))
        return cls._build(found, path, chunk_id)

    @staticmethod
    def from_dataframe(
        dataframe: Any, *, index: Any = AUTO_INDEX, entity_path: str | None = None
    ) -> Iterator[Chunk]:
        """Chunks of an Arrow table, a record batch, a reader of them, or what exports an Arrow stream.

        A chunk for each batch and entity. `index` names the timelines, None makes static data, without
        it the columns' metadata say; a component's entity stands in them, in the column's name
        (`/entity:Archetype:field`), or is `entity_path`.
        """
        for entity, columns in columns_of_dataframe(dataframe, index=index, entity_path=entity_path):
            if isinstance(columns, pa.RecordBatch):
                yield Chunk.from_record_batch(columns)
            else:
                yield Chunk._build(columns, entity, None)

    @classmethod
    def concat(cls, chunks: Sequence[Chunk], *, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The rows of all chunks, one chunk after the other; sort them where that matters.

        All must be of one entity and have the same timelines, and components of one name the same
        type, else FormatError. A component that a chunk lacks is null there. Where fields are
        described differently, the first chunk's description stays.
        """
        if not chunks:
            raise FormatError("no chunks to join")
        first = chunks[0]
        if len(chunks) == 1 and chunk_id is None:
            return first
        for other in chunks[1:]:
            if other.entity_path != first.entity_path:
                raise FormatError(f"cannot be joined with {first.entity_path}", entity=other.entity_path)
            if other.timelines != first.timelines:
                ours, theirs = ", ".join(first.timelines), ", ".join(other.timelines)
                raise FormatError(
                    f"chunks with timelines [{ours}] and [{theirs}] cannot be joined",
                    entity=first.entity_path,
                )
        entity = first.entity_path
        columns: Columns = [
            joined(first.to_record_batch().schema.field(0), [one.row_ids for one in chunks], entity)
        ]
        for name in first.timelines:
            columns.append(joined(first.index_field(name), [one.times(name) for one in chunks], entity))
        fields = common_fields(
            ((name, one.component_field(name)) for one in chunks for name in one.components), entity
        )
        for name, field in fields.items():
            parts = [
                one.component(name) if name in one.components else pa.nulls(one.num_rows, field.type)
                for one in chunks
            ]
            columns.append(joined(field.with_nullable(True), parts, entity))
        return cls._build(columns, entity, chunk_id)

    @classmethod
    def _build(cls, columns: Columns, entity: str, chunk_id: Tuid | bytes | None) -> Chunk:
        return cls.from_record_batch(assemble(columns, entity, chunk_id))

    # --- what it is ---

    @property
    def id(self) -> Tuid:
        """The chunk's id."""
        return self._parts.chunk_id

    @property
    def entity_path(self) -> str:
        """Whose data these are, with a leading slash and escapes."""
        return self._parts.entity

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self._batch.num_rows)

    def __len__(self) -> int:
        return self.num_rows

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows."""
        return not self.num_rows

    @property
    def num_columns(self) -> int:
        """How many columns there are, row ids and timelines among them."""
        return int(self._batch.num_columns)

    @property
    def timeline_names(self) -> list[str]:
        """The timelines by name."""
        return list(self._parts.indexes)

    @property
    def is_static(self) -> bool:
        """Whether the data hold at all times: no timelines."""
        return not self._parts.indexes

    @property
    def timelines(self) -> dict[str, TimeType]:
        """The timelines in order, and what each counts."""
        schema = self._batch.schema
        return {name: time_type(schema.field(number).type) for name, number in self._parts.indexes.items()}

    @property
    def components(self) -> tuple[str, ...]:
        """The components in order, such as `Points3D:positions`."""
        return tuple(self._parts.components)

    @property
    def index_numbers(self) -> Mapping[str, int]:
        """Where each timeline's column is; not to be changed."""
        return self._parts.indexes

    @property
    def component_numbers(self) -> Mapping[str, int]:
        """Where each component's column is; not to be changed."""
        return self._parts.components

    @property
    def row_ids(self) -> pa.FixedSizeBinaryArray:
        """The ids of the rows: `fixed_size_binary[16]`, big-endian, so that bytes sort by time."""
        return self._batch.column(0)

    def times(self, timeline: str) -> pa.Array:
        """The times of the rows: int64, timestamp[ns] or duration[ns], without nulls."""
        return self._batch.column(self._number(self._parts.indexes, timeline, "timeline"))

    def index_field(self, timeline: str) -> pa.Field:
        """A timeline's Arrow field: type and metadata."""
        return self._batch.schema.field(self._number(self._parts.indexes, timeline, "timeline"))

    def component(self, name: str) -> pa.ListArray:
        """A component's instances: a list a row, null where nothing was logged."""
        return self._batch.column(self._number(self._parts.components, name, "component"))

    def component_field(self, name: str) -> pa.Field:
        """A component's Arrow field: datatype, and in its metadata archetype and component type."""
        return self._batch.schema.field(self._number(self._parts.components, name, "component"))

    @property
    def is_sorted(self) -> bool:
        """Whether the rows are in the order of their ids."""
        return is_sorted(sort_keys(self.row_ids))

    def is_sorted_by(self, timeline: str) -> bool:
        """Whether the times of a timeline ascend."""
        return is_sorted(sort_keys(self.times(timeline)))

    def to_record_batch(self) -> pa.RecordBatch:
        """The record batch itself."""
        return self._batch

    def to_ipc(self) -> bytes:
        """An Arrow IPC stream with the record batch: the payload of a chunk message."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._batch.schema) as writer:
            writer.write_batch(self._batch)
        return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]

    # --- what can be made from it ---

    def sorted_by_row_id(self, *, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The rows in the order of their ids; this chunk itself where they are."""
        if self.is_sorted and chunk_id is None:
            return self
        return self._taken(sorted_places([self.row_ids]), chunk_id)

    def sorted_by(self, timeline: str, *, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The rows in the order of their times, then of their ids; this chunk itself where they are."""
        places = sorted_places([self.times(timeline), self.row_ids])
        if chunk_id is None and bool((places[1:] > places[:-1]).all()):
            return self
        return self._taken(places, chunk_id)

    def _taken(self, places: Any, chunk_id: Tuid | bytes | None) -> Chunk:
        taken = self._batch.take(pa.array(places))
        return self._build(list(zip(self._batch.schema, taken.columns)), self.entity_path, chunk_id)

    def slice(self, start: int, stop: int | None = None, *, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """Rows `start` to `stop` (exclusive), counted as Python's slices are."""
        first, last, _ = slice(start, stop).indices(self.num_rows)
        part = self._batch.slice(first, max(last - first, 0))
        if len(part) == self.num_rows and chunk_id is None:
            return self
        return self._build(list(zip(self._batch.schema, part.columns)), self.entity_path, chunk_id)

    def with_columns(
        self,
        *,
        indexes: Mapping[str, Any] | None = None,
        components: Mapping[str, Any] | None = None,
        chunk_id: Tuid | bytes | None = None,
    ) -> Chunk:
        """The chunk with these columns too, in the place of those with the same name.

        Columns are given as for `from_columns` and have `num_rows` rows, else FormatError.
        """
        entity, columns = self.entity_path, self._columns()
        new = [("index", name, index_column(name, v, entity)) for name, v in (indexes or {}).items()]
        new += [("data", name, component_column(name, v, entity)) for name, v in (components or {}).items()]
        for kind, name, column in new:
            columns[kind, name] = column
        order = sorted(columns, key=lambda key: ("control", "index", "data").index(key[0]))
        return self._build([columns[key] for key in order], entity, chunk_id)

    def without_timelines(self, *names: str, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The chunk without some timelines; static where none is left. Unknown names are errors."""
        return self._without("index", names, chunk_id)

    def without_components(self, *names: str, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The chunk without some components; unknown names are errors."""
        return self._without("data", names, chunk_id)

    def _without(self, kind: str, names: tuple[str, ...], chunk_id: Tuid | bytes | None) -> Chunk:
        columns = self._columns()
        for name in names:
            if columns.pop((kind, name), None) is None:
                raise FormatError("the chunk has no such column", entity=self.entity_path, field=name)
        return self._build(list(columns.values()), self.entity_path, chunk_id)

    def with_entity_path(self, entity: str, *, chunk_id: Tuid | bytes | None = None) -> Chunk:
        """The same data of another entity."""
        return self._build(list(self._columns().values()), _normal(entity), chunk_id)

    def _columns(self) -> dict[tuple[str, str], tuple[pa.Field, pa.Array]]:
        columns = list(zip(self._batch.schema, self._batch.columns))
        found = {("control", ""): columns[0]}
        found |= {("index", name): columns[number] for name, number in self._parts.indexes.items()}
        found |= {("data", name): columns[number] for name, number in self._parts.components.items()}
        return found

    def _number(self, among: dict[str, int], name: str, what: str) -> int:
        try:
            return among[name]
        except KeyError:
            known = ", ".join(among) or "none"
            raise FormatError(
                f"the chunk has no such {what}, only {known}", entity=self.entity_path, field=name
            ) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chunk) and bool(
            self._batch.equals(other.to_record_batch(), check_metadata=True)
        )

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        when = ", ".join(self._parts.indexes) or "static"
        what = ", ".join(self.components) or "no components"
        return f"<Chunk {self.entity_path}: {self.num_rows} rows, {when}: {what}>"


def _normal(entity: str) -> str:
    try:
        return format_path(parse_path(entity))
    except UsageError as error:
        raise FormatError(error.what, entity=entity, hint=error.hint) from None
