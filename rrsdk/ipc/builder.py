"""Makes the manifest of chunks that are being written, from the rows of the chunks."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
    joined_field,
)
from rrsdk.ipc.schema import BOOL, TUID, UINT64, UTF8, Field
from rrsdk.ipc.table import Column, Table, Values, empty_column

if TYPE_CHECKING:
    from rrsdk.ipc.prune import Descriptor
    from rrsdk.ipc.rows import Range, Row

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
        placed = {layout: _regular(places) for layout, places in by_layout.items()}
        columns: dict[str, Values] = {
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
            for column in kind(rows, placed, count):
                table[column_key(column.field)] = column
        return Manifest(Table(table, count), _store_fields(rows, placed))


ByLayout = Mapping[ChunkLayout, Sequence[int]]


def _sort_key(column: ColumnLayout) -> Descriptor:
    metadata = column.field.metadata
    return metadata.get(ARCHETYPE_KEY, ""), column.name, metadata.get(COMPONENT_TYPE_KEY, "")


def _descriptor(column: ColumnLayout) -> dict[str, str]:
    keys = (ARCHETYPE_KEY, COMPONENT_TYPE_KEY)
    found = {key: column.field.metadata[key] for key in keys if key in column.field.metadata}
    return {**found, COMPONENT_KEY: column.name}


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


def _static_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[Descriptor, Column] = {}
    for layout, places in by_layout.items():
        for component in layout.components:
            key = _sort_key(component)
            if key not in found:
                metadata = {INDEX_KEY: STATIC_INDEX, **_descriptor(component)}
                name = column_name(*_name_of(component), "has_static_data")
                found[key] = Column(Field(name, BOOL, nullable=False, metadata=metadata), bytearray(count))
            flags = found[key].values
            if layout.is_static and isinstance(flags, bytearray):
                for place in places:
                    flags[place] = 1
    return (found[key] for key in sorted(found))


# Where one timeline has different types in different chunks, the first one names the columns' type:
# all are 64-bit integers.


def _timeline_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[str, tuple[Column, Column]] = {}
    for layout, places in by_layout.items():
        for number, index in enumerate(layout.indexes):
            pair = found.get(index.name)
            if pair is None:
                pair = found[index.name] = _range_columns(
                    index, (index.name,), {INDEX_KEY: index.name}, count
                )
            _fill(pair, places, [rows[place].spans[number] for place in places])
    for name in sorted(found):
        yield from found[name]


def _component_columns(rows: Sequence[Row], by_layout: ByLayout, count: int) -> Iterator[Column]:
    found: dict[tuple[str, Descriptor], tuple[Column, Column, Column]] = {}
    for layout, places in by_layout.items():
        shapes = {rows[place].shape for place in places}
        for number, index in enumerate(layout.indexes):
            whole = [rows[place].spans[number] for place in places]
            for part, component in enumerate(layout.components):
                key = index.name, _sort_key(component)
                if key not in found:
                    metadata = {INDEX_KEY: index.name, **_descriptor(component)}
                    parts = (index.name, *_name_of(component))
                    counts = Field(column_name(*parts, "num_rows"), UINT64, metadata=metadata)
                    found[key] = (*_range_columns(index, parts, metadata, count), empty_column(counts, count))
                start, end, numbers = found[key]
                spans = whole
                if any(shape.nulls[part] for shape in shapes):
                    spans = [rows[place].component_span(number, part) for place in places]
                _fill((start, end), places, spans)
                there = {shape: shape.batch.num_rows - shape.nulls[part] for shape in shapes}
                _put(numbers, places, [there[rows[place].shape] for place in places])
    for key in sorted(found):
        yield from found[key]


def _range_columns(
    index: ColumnLayout, parts: tuple[str, ...], metadata: Mapping[str, str], count: int
) -> tuple[Column, Column]:
    start = Field(column_name(*parts, "start"), index.field.type, metadata=metadata)
    end = Field(column_name(*parts, "end"), index.field.type, metadata=metadata)
    return empty_column(start, count), empty_column(end, count)


def _fill(pair: tuple[Column, Column], places: Sequence[int], spans: Sequence[Range]) -> None:
    found = [span for span in spans if span]
    if len(found) < len(spans):
        places = [place for place, span in zip(places, spans) if span]
    for number, column in enumerate(pair):
        _put(column, places, [span[number] for span in found])


def _regular(places: Sequence[int]) -> Sequence[int]:
    """As a range where they are one: entities that are logged in turn have theirs at equal distances."""
    step = places[1] - places[0] if len(places) > 1 else 1
    ranged = range(places[0], places[-1] + 1, step)
    return ranged if list(ranged) == places else places


def _put(column: Column, places: Sequence[int], numbers: list[int]) -> None:
    """Set integers, at once where their places are a range."""
    values, valid = column.values, column.valid
    assert isinstance(values, array)
    if isinstance(places, range):
        where = slice(places.start, places.stop, places.step)
        values[where] = array(values.typecode, numbers)
        if valid is not None:
            valid[where] = b"\1" * len(numbers)
        return
    for place, number in zip(places, numbers):
        values[place] = number
    if valid is not None:
        for place in places:
            valid[place] = 1


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
        name = column.name if column.role is Role.INDEX else column.field.name
        return Field(name, column.field.type, column.field.nullable, metadata=metadata)
    metadata[ENTITY_KEY] = layout.entity
    if layout.is_static:
        metadata[IS_STATIC_KEY] = "true"
    if is_empty:
        metadata[IS_EMPTY_KEY] = "true"
    if metadata.get(ARCHETYPE_KEY) == "rerun.archetypes.Clear":
        metadata[IS_TOMBSTONE_KEY] = "true"
    name = f"{_prefix(layout.entity)}:{column.name}"
    return replace(column.field, name=name, nullable=True, metadata=metadata)


def _prefix(entity: str) -> str:
    if entity == PROPERTIES:
        return "property"
    if entity.startswith(PROPERTIES + "/"):
        return "property:" + entity.removeprefix(PROPERTIES + "/")
    return entity
