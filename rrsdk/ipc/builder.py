"""Makes the manifest of chunks that are being written, from the rows of the chunks."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from rrsdk.errors import FormatError
from rrsdk.ipc.keys import (
    ARCHETYPE_KEY,
    COMPONENT_KEY,
    COMPONENT_TYPE_KEY,
    ENTITY_KEY,
    INDEX_KEY,
    IS_EMPTY_KEY,
    IS_STATIC_KEY,
    IS_TOMBSTONE_KEY,
    PROPERTIES,
    SORTED_KEY,
    STATIC_INDEX,
)
from rrsdk.ipc.layout import ChunkLayout, ColumnLayout, Role
from rrsdk.ipc.manifest import (
    CHUNK_ID,
    ENTITY,
    IS_STATIC,
    NUM_ROWS,
    OFFSET,
    SIZE,
    SIZE_UNCOMPRESSED,
    Manifest,
    column_key,
    column_name,
    joined_field,
)
from rrsdk.ipc.rows import Range, Row
from rrsdk.ipc.schema import BOOL, TUID, UINT64, UTF8, Field
from rrsdk.ipc.table import Column, Table, empty_column


_FIXED_FIELDS = {
    ENTITY: Field(ENTITY, UTF8, nullable=False),
    CHUNK_ID: Field(CHUNK_ID, TUID, nullable=False),
    IS_STATIC: Field(IS_STATIC, BOOL, nullable=False),
    **{name: Field(name, UINT64, nullable=False) for name in (NUM_ROWS, OFFSET, SIZE, SIZE_UNCOMPRESSED)},
}


class ManifestBuilder:
    """Collects chunks as they are written, then makes their manifest."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._offsets = array("Q")
        self._sizes = array("Q")
        self._uncompressed = array("Q")

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Row, *, offset: int, size: int, size_uncompressed: int) -> None:
        """A chunk whose message's payload lies at `offset` and has `size` bytes.

        `size_uncompressed` is the size that payload would have had without compression.
        """
        self._rows.append(row)
        self._offsets.append(offset)
        self._sizes.append(size)
        self._uncompressed.append(size_uncompressed)

    def build(self) -> Manifest:
        """The manifest of everything added."""
        rows = self._rows
        count = len(rows)
        by_layout: dict[ChunkLayout, list[int]] = {}
        for place, row in enumerate(rows):
            by_layout.setdefault(row.shape.layout, []).append(place)
        columns = {
            ENTITY: [row.shape.layout.entity.encode() for row in rows],
            CHUNK_ID: [row.chunk_id for row in rows],
            IS_STATIC: bytearray(row.shape.layout.is_static for row in rows),
            NUM_ROWS: array("Q", [row.shape.batch.num_rows for row in rows]),
            OFFSET: self._offsets,
            SIZE: self._sizes,
            SIZE_UNCOMPRESSED: self._uncompressed,
        }
        table = {name: Column(_FIXED_FIELDS[name], values) for name, values in columns.items()}
        for kind in (_static_columns, _timeline_columns, _component_columns):
            for column in kind(rows, by_layout, count):
                table[column_key(column.field)] = column
        return Manifest(Table(table, count), _store_fields(rows, by_layout))


ByLayout = Mapping[ChunkLayout, Sequence[int]]


def _descriptor(field: Field) -> dict[str, str]:
    return {key: field.metadata[key] for key in _DESCRIPTOR_KEYS if key in field.metadata}


_DESCRIPTOR_KEYS = (ARCHETYPE_KEY, COMPONENT_KEY, COMPONENT_TYPE_KEY)


def _name_of(component: ColumnLayout) -> tuple[str, ...]:
    """The parts of a component's name: its archetype's (without Rerun's own prefix) and its field's."""
    archetype = component.field.metadata.get(ARCHETYPE_KEY, "")
    for prefix in _ARCHETYPE_PREFIXES:
        if archetype.startswith(prefix):
            archetype = archetype[len(prefix) :]
            break
    return archetype, component.name.removeprefix(f"{archetype}:")


_ARCHETYPE_PREFIXES = ("rerun.archetypes.", "rerun.blueprint.archetypes.", "rerun.")
_TO_UNDERSCORE = str.maketrans(dict.fromkeys(", -.\\", "_"))


def column_name(*parts: str) -> str:
    """The name of a manifest's column. What some databases would stumble over is replaced, as Rerun does."""
    return ":".join(filter(None, parts)).translate(_TO_UNDERSCORE).lstrip("_")


def _sort_key(column: ColumnLayout) -> tuple[str, str, str]:
    metadata = column.field.metadata
    return metadata.get(ARCHETYPE_KEY, ""), column.name, metadata.get(COMPONENT_TYPE_KEY, "")


def _static_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[str, tuple[tuple[str, str, str], Column]] = {}
    for layout, places in by_layout.items():
        for component in layout.components:
            name = column_name(*_name_of(component), "has_static_data")
            if name not in found:
                metadata = {INDEX_KEY: STATIC_INDEX, **_descriptor(component.field), COMPONENT_KEY: component.name}
                field = Field(column_name(name), BOOL, nullable=False, metadata=metadata)
                found[name] = _sort_key(component), Column(field, bytearray(count))
            flags = found[name][1].values
            if layout.is_static and isinstance(flags, bytearray):
                for place in places:
                    flags[place] = 1
    return (column for _, column in sorted(found.values(), key=lambda item: item[0]))


def _timeline_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[str, tuple[Column, Column]] = {}
    for layout, places in by_layout.items():
        for number, index in enumerate(layout.indexes):
            metadata = {INDEX_KEY: index.name}
            pair = _range_columns(found, index, column_name(index.name), metadata, count)
            _fill(pair, places, [rows[place].spans[number] for place in places])
    for pair in sorted(found.values(), key=lambda pair: pair[0].field.metadata[INDEX_KEY]):
        yield from pair


def _component_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[str, tuple[Column, Column]] = {}
    counts: dict[str, Column] = {}
    order: dict[str, tuple[str, tuple[str, str, str]]] = {}
    for layout, places in by_layout.items():
        for number, index in enumerate(layout.indexes):
            for part, component in enumerate(layout.components):
                name = column_name(index.name, *_name_of(component))
                metadata = {INDEX_KEY: index.name, **_descriptor(component.field), COMPONENT_KEY: component.name}
                pair = _range_columns(found, index, name, metadata, count)
                order.setdefault(name, (index.name, _sort_key(component)))
                if name not in counts:
                    field = Field(column_name(f"{name}:num_rows"), UINT64, metadata=metadata)
                    counts[name] = empty_column(field, count)
                _fill(pair, places, [rows[place].component_span(number, part) for place in places])
                numbers = counts[name].values
                for place in places:
                    shape = rows[place].shape
                    numbers[place] = shape.batch.num_rows - shape.nulls[part]  # type: ignore[call-overload]
    for name in sorted(found, key=order.__getitem__):
        yield from found[name]
        yield counts[name]


def _range_columns(
    found: dict[str, tuple[Column, Column]],
    index: ColumnLayout,
    name: str,
    metadata: Mapping[str, str],
    count: int,
) -> tuple[Column, Column]:
    pair = found.get(name)
    if pair is None:
        start = Field(column_name(f"{name}:start"), index.field.type, metadata=metadata)
        end = Field(column_name(f"{name}:end"), index.field.type, metadata=metadata)
        pair = found[name] = empty_column(start, count), empty_column(end, count)
    elif pair[0].field.type != index.field.type:
        raise FormatError(f"timeline {index.name} has one type in one chunk and another in the next")
    return pair


def _fill(pair: tuple[Column, Column], places: Sequence[int], spans: Sequence[Range]) -> None:
    (starts, starts_valid), (ends, ends_valid) = ((column.values, column.valid) for column in pair)
    assert starts_valid is not None and ends_valid is not None
    for place, span in zip(places, spans):
        if span is not None:
            starts[place], ends[place] = span  # type: ignore[call-overload]
            starts_valid[place] = ends_valid[place] = 1


def _store_fields(rows: Sequence[Row], by_layout: ByLayout) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for layout, places in by_layout.items():
        empty = [all(column) for column in zip(*{rows[place].shape.empty for place in places})]
        components = iter(empty)
        for column in layout.columns:
            field = _store_field(layout, column, column.role is Role.COMPONENT and next(components))
            known = fields.get(field.name)
            fields[field.name] = field if known is None else joined_field(known, field)
    return fields


def _store_field(layout: ChunkLayout, column: ColumnLayout, is_empty: bool) -> Field:
    metadata = {key: value for key, value in column.field.metadata.items() if key != SORTED_KEY}
    if column.role is not Role.COMPONENT:
        return Field(column.name if column.role is Role.INDEX else column.field.name, column.field.type,
                     column.field.nullable, metadata=metadata)
    metadata[ENTITY_KEY] = layout.entity
    if layout.is_static:
        metadata[IS_STATIC_KEY] = "true"
    if is_empty:
        metadata[IS_EMPTY_KEY] = "true"
    if metadata.get(ARCHETYPE_KEY) == "rerun.archetypes.Clear":
        metadata[IS_TOMBSTONE_KEY] = "true"
    name = f"{_prefix(layout.entity)}:{column.name}"
    return Field(name, column.field.type, True, column.field.children, metadata)


def _prefix(entity: str) -> str:
    if entity == PROPERTIES:
        return "property"
    if entity.startswith(PROPERTIES + "/"):
        return "property:" + entity.removeprefix(PROPERTIES + "/")
    return entity
