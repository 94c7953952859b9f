"""What a chunk's Arrow bytes say of it, read once for every distinct schema.

Chunks of one entity and time context carry the same schema but for the 32 hex digits of their
id. So schemas are cached under their bytes with the digits cut out, and a chunk costs a look-up
and the shape of its record batch. Values are not decoded here: a `LaidOut` chunk knows where the
buffers of each column lie, which is enough to move, drop and stack columns.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError, UnsupportedError
from rrsdk.identity import CHUNK_PREFIX, format_tuid
from rrsdk.ipc import stream
from rrsdk.ipc.keys import (
    COMPONENT_KEY,
    ENTITY_KEY,
    ID_KEY,
    INDEX_NAME_KEY,
    KIND_KEY,
    SORBET_VERSION,
    SORTED_KEY,
    VERSION_KEY,
)
from rrsdk.ipc.schema import Field, Kind, Schema, read_schema, write_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OLD_ENTITY_KEY, _OLD_KIND_KEY = "rerun.entity_path", "rerun.kind"  # before 0.24: only to see that it is old
_ID_IN_SCHEMA = re.compile(rb"chunk_([0-9A-Fa-f]{32})\0")
_MAX_CACHED = 50_000
_MAX_CACHED_BYTES = 128 * 1024 * 1024
_LARGEST_CACHED = 256 * 1024
_FRAMING = struct.Struct("<4si")

# Buffers each type has of its own, before its children's: of those whose values can be taken apart here.
_OWN_BUFFERS: dict[Kind, int] = {
    Kind.NULL: 0,
    Kind.STRUCT: 1,
    Kind.FIXED_SIZE_LIST: 1,
    Kind.LIST: 2,
    Kind.LARGE_LIST: 2,
    Kind.MAP: 2,
    Kind.BINARY: 3,
    Kind.UTF8: 3,
    Kind.LARGE_BINARY: 3,
    Kind.LARGE_UTF8: 3,
    **dict.fromkeys(
        (
            Kind.INT,
            Kind.FLOAT,
            Kind.BOOL,
            Kind.DECIMAL,
            Kind.DATE,
            Kind.TIME,
            Kind.TIMESTAMP,
            Kind.INTERVAL,
            Kind.DURATION,
            Kind.FIXED_SIZE_BINARY,
        ),
        2,
    ),
}
# The others keep values apart from where they are used: only where their buffers lie is known.
# Views of texts and bytes have further buffers, whose number stands in the record batch.
_OPAQUE_BUFFERS = {
    Kind.RUN_END_ENCODED: 0,
    Kind.BINARY_VIEW: 2,
    Kind.UTF8_VIEW: 2,
    Kind.LIST_VIEW: 3,
    Kind.LARGE_LIST_VIEW: 3,
}
_VIEWS = (Kind.BINARY_VIEW, Kind.UTF8_VIEW)
_INDEX_PARAMS = {Kind.INT: (64, 1), Kind.TIMESTAMP: (3,), Kind.DURATION: (3,)}  # signed; nanoseconds


class Role(Enum):
    """What a column is; the values are those of `rerun:kind`."""

    ROW_ID = "control"
    INDEX = "index"
    COMPONENT = "data"


def own_buffers(field: Field) -> int:
    """How many buffers a field has of its own; raises where its values cannot be taken apart."""
    if field.dictionary:
        raise UnsupportedError("dictionary-encoded columns cannot be taken apart", field=field.name)
    if field.type.kind is Kind.UNION:
        return 2 if field.type.params[0] else 1
    try:
        return _OWN_BUFFERS[field.type.kind]
    except KeyError:
        raise UnsupportedError(
            f"Arrow type {field.type.kind.name} cannot be taken apart", field=field.name
        ) from None


def is_opaque(field: Field) -> bool:
    """Whether a field holds values that `own_buffers` refuses, itself or below."""
    return (
        field.dictionary is not None
        or field.type.kind in _OPAQUE_BUFFERS
        or any(is_opaque(child) for child in field.children)
    )


def _count(field: Field, variadic: Iterator[int]) -> tuple[int, int]:
    """How many nodes and buffers a field takes with all below it."""
    if field.dictionary:  # what is here are indices: integers, whatever the values are
        return 1, 2
    kind = field.type.kind
    nodes, buffers = 1, _OPAQUE_BUFFERS[kind] if kind in _OPAQUE_BUFFERS else own_buffers(field)
    if kind in _VIEWS:
        buffers += next(variadic, 0)
    for child in field.children:
        more_nodes, more_buffers = _count(child, variadic)
        nodes, buffers = nodes + more_nodes, buffers + more_buffers
    return nodes, buffers


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """One column: its field, role, and which nodes and buffers of the record batch are its own."""

    field: Field
    role: Role
    first_node: int
    num_nodes: int
    first_buffer: int
    num_buffers: int
    is_opaque: bool
    """Whether its values can only be had through pyarrow: dictionaries, views, run ends."""

    @property
    def name(self) -> str:
        """The timeline's name for an index, the component's for a component, else the field's."""
        key = INDEX_NAME_KEY if self.role is Role.INDEX else COMPONENT_KEY
        return self.field.metadata.get(key) or self.field.name


@dataclass(frozen=True, slots=True, eq=False)
class ChunkLayout:
    """All that chunks with one schema share. Compared by identity: equal schemas are cached as one."""

    schema: Schema
    entity: str
    version: str
    columns: tuple[ColumnLayout, ...]
    raw: bytes
    """The schema's flatbuffer, as one chunk had it."""
    id_at: int
    """Where in `raw` the 32 hex digits of the chunk's id stand."""

    indexes: tuple[ColumnLayout, ...]
    components: tuple[ColumnLayout, ...]
    is_current: bool
    """Whether the object model is the current one (or newer: then it is taken as it is)."""
    is_opaque: bool
    """Whether any column is."""

    @property
    def row_id(self) -> ColumnLayout:
        return self.columns[0]

    @property
    def is_static(self) -> bool:
        return not self.indexes

    def schema_bytes(self, chunk_id: bytes) -> bytes:
        """The schema's flatbuffer for a chunk with another id."""
        digits = format_tuid(chunk_id).encode()
        return self.raw[: self.id_at] + digits + self.raw[self.id_at + 32 :]


def _version_key(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split("."))
    except ValueError:
        return (0,)


def layout_of(schema: Schema, raw: bytes | None = None, variadic: Sequence[int] = ()) -> ChunkLayout:
    """Interpret a schema as a chunk's; raises FormatError naming the column that is wrong.

    `raw` are the flatbuffer's bytes where the schema was read from some, `variadic` the further
    buffers of its views, which every record batch has its own number of.
    """
    entity = schema.metadata.get(ENTITY_KEY) or schema.metadata.get(_OLD_ENTITY_KEY)
    if entity is None:
        raise FormatError("the chunk does not say which entity it belongs to")
    columns: list[ColumnLayout] = []
    node = buffer = 0
    counts = iter(variadic)
    for field in schema.fields:
        nodes, buffers = _count(field, counts)
        role, opaque = _role(field, entity), is_opaque(field)
        columns.append(ColumnLayout(field, role, node, nodes, buffer, buffers, opaque))
        node, buffer = node + nodes, buffer + buffers
    if not columns or columns[0].role is not Role.ROW_ID:
        raise FormatError("the chunk's first column is not its row ids", entity=entity)
    if raw is None:
        raw = write_schema(schema)
    id_at = _place_of_id(schema, raw)
    if id_at is None:
        raise FormatError("the chunk carries no id", entity=entity)
    version = schema.metadata.get(VERSION_KEY, "")
    indexes = tuple(column for column in columns if column.role is Role.INDEX)
    components = tuple(column for column in columns if column.role is Role.COMPONENT)
    current = _version_key(version) >= _version_key(SORBET_VERSION)
    opaque = any(column.is_opaque for column in components)
    return ChunkLayout(
        schema, entity, version, tuple(columns), raw, id_at, indexes, components, current, opaque
    )


def _role(field: Field, entity: str) -> Role:
    kind = field.metadata.get(KIND_KEY) or field.metadata.get(_OLD_KIND_KEY, Role.COMPONENT.value)
    if kind in ("control", "row_id"):
        if field.dictionary or field.type.kind is not Kind.FIXED_SIZE_BINARY or field.type.params != (16,):
            raise FormatError("row ids must be fixed_size_binary[16]", entity=entity, field=field.name)
        return Role.ROW_ID
    if kind in ("index", "time"):
        if field.dictionary or _INDEX_PARAMS.get(field.type.kind) != field.type.params:
            raise FormatError("an index must hold int64 or nanoseconds", entity=entity, field=field.name)
        return Role.INDEX
    if kind not in ("data", "component"):
        raise FormatError(f"column kind {kind!r} is not known", entity=entity, field=field.name)
    return Role.COMPONENT


def new_layout(fields: tuple[Field, ...], metadata: Mapping[str, str]) -> ChunkLayout:
    """A layout for a chunk that is being made; the id in it is a place-holder."""
    with_id = {VERSION_KEY: SORBET_VERSION, **metadata, ID_KEY: CHUNK_PREFIX + "0" * 32}
    return layout_of(Schema(fields, with_id))


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A layout and the shape of one record batch under it: all that equal heads share."""

    layout: ChunkLayout
    batch: stream.Batch
    body_start: int
    """Where the body begins in the payload."""
    times: tuple[tuple[int, int, bool], ...]
    """For each timeline: where in the payload its values lie, and whether they claim to be sorted."""
    nulls: tuple[int, ...]
    """For each component: how many of its rows are null."""
    empty: tuple[bool, ...]
    """For each component: whether every list in it is empty or null."""
    head_size: int
    """How much of the payload must be there to read times and partly-null components' validity."""

    def span(self, buffer: int) -> tuple[int, int]:
        """Where in the payload a buffer lies."""
        start, size = self.batch.buffers[buffer]
        return self.body_start + start, self.body_start + start + size


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One chunk, undecoded: its shape and its payload (or a prefix of it, where that is enough)."""

    shape: Shape
    payload: memoryview

    def buffer(self, index: int) -> memoryview:
        """One buffer of the record batch."""
        start, end = self.shape.span(index)
        return self.payload[start:end]

    @property
    def chunk_id(self) -> bytes:
        """The id that stands in this chunk's schema metadata."""
        layout = self.shape.layout
        at = 8 + layout.id_at
        try:
            return bytes.fromhex(str(self.payload[at : at + 32], "ascii"))
        except ValueError:
            raise FormatError("the chunk's id is not 32 hex digits", entity=layout.entity) from None


class LayoutCache:
    """Reads chunks' heads, parsing each distinct schema and record-batch shape once."""

    def __init__(self) -> None:
        self._layouts: dict[tuple[bytes, tuple[int, ...]], ChunkLayout] = {}
        self._shapes: dict[bytes, Shape] = {}
        self._id_places: dict[int, int] = {}
        self.size_bytes = 0
        """How long the heads are that are remembered; what they mean takes a few times as much."""

    def read(self, payload: bytes | bytearray | memoryview) -> LaidOut:
        """Take apart an uncompressed payload, or a prefix of one that reaches into its body."""
        view = memoryview(payload)
        try:  # the way of nearly every chunk: its head but for the id has been met before
            _, schema_size = _FRAMING.unpack_from(payload, 0)
            place = self._id_places[schema_size]
            _, batch_size = _FRAMING.unpack_from(payload, 8 + schema_size)
            head = bytes(payload[: 16 + schema_size + batch_size])
            return LaidOut(self._shapes[head[:place] + head[place + 32 :]], view)
        except (KeyError, struct.error):
            pass
        parts = stream.split(view)
        head = bytes(view[: parts.body_start])
        batch = stream.read_batch(parts.batch)
        layout = self._layout(bytes(parts.schema), batch.variadic)
        shape = _shape(layout, batch, parts.body_start)
        place = 8 + layout.id_at
        if len(self._shapes) < _MAX_CACHED and not parts.has_dictionaries and self._has_room(head):
            self._id_places[len(parts.schema)] = place
            self._shapes[head[:place] + head[place + 32 :]] = shape
        return LaidOut(shape, view)

    def _layout(self, raw: bytes, variadic: tuple[int, ...]) -> ChunkLayout:
        found = _ID_IN_SCHEMA.findall(raw)
        if len(found) != 1:  # none, or a name that looks like one: no short cut
            return layout_of(read_schema(raw), raw, variadic)
        key = raw.replace(found[0], b"", 1), variadic
        layout = self._layouts.get(key)
        if layout is None:
            layout = layout_of(read_schema(raw), raw, variadic)
            if len(self._layouts) < _MAX_CACHED and self._has_room(raw):
                self._layouts[key] = layout
        return layout

    def _has_room(self, head: bytes) -> bool:
        """Whether a head may be remembered, which is then counted: names and schemas have any length."""
        if len(head) > _LARGEST_CACHED or self.size_bytes + len(head) > _MAX_CACHED_BYTES:
            return False
        self.size_bytes += len(head)
        return True


def _place_of_id(schema: Schema, raw: bytes) -> int | None:
    """Where the digits of the chunk's id stand; names of columns may look like an id too."""
    says = schema.metadata.get(ID_KEY, "").removeprefix(CHUNK_PREFIX).encode()
    for found in _ID_IN_SCHEMA.finditer(raw):
        if found[1] == says:
            return found.start(1)
    return None


def _shape(layout: ChunkLayout, batch: stream.Batch, body_start: int) -> Shape:
    """Check that a record batch fits its schema, and find what its manifest row needs."""
    last = layout.columns[-1]
    if len(batch.nodes) != last.first_node + last.num_nodes:
        raise FormatError("the record batch has not the nodes its schema asks for", entity=layout.entity)
    if len(batch.buffers) != last.first_buffer + last.num_buffers:
        raise FormatError("the record batch has not the buffers its schema asks for", entity=layout.entity)
    rows = batch.num_rows
    head_size = body_start
    times: list[tuple[int, int, bool]] = []
    nulls: list[int] = []
    empty: list[bool] = []
    for column in layout.columns:
        length, missing = batch.nodes[column.first_node]
        if length != rows:
            raise FormatError("a column is not as long as its chunk", entity=layout.entity, field=column.name)
        if column.role is Role.COMPONENT:
            nulls.append(missing)
            is_list = column.field.type.kind is Kind.LIST and not column.field.dictionary
            empty.append(is_list and batch.nodes[column.first_node + 1][0] == 0)
            if 0 < missing < rows:
                head_size = max(head_size, body_start + sum(batch.buffers[column.first_buffer]))
            continue
        width = 16 if column.role is Role.ROW_ID else 8
        start, size = batch.buffers[column.first_buffer + 1]
        if size < width * rows:
            raise FormatError("a column is cut off", entity=layout.entity, field=column.name)
        if missing:
            raise FormatError("row ids and indexes hold no nulls", entity=layout.entity, field=column.name)
        if column.role is Role.INDEX:
            is_sorted = column.field.metadata.get(SORTED_KEY) == "true"
            times.append((body_start + start, body_start + start + 8 * rows, is_sorted))
            head_size = max(head_size, times[-1][1])
    return Shape(layout, batch, body_start, tuple(times), tuple(nulls), tuple(empty), head_size)
