"""The columns a recording has as a table: descriptors, their names, order and Arrow fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rrsdk.dataframe.times import arrow_type
from rrsdk.entity import PROPERTIES, format_path, parse_path
from rrsdk.errors import UsageError
from rrsdk.ipc.keys import COMPONENT_KEY, ENTITY_KEY, INDEX_NAME_KEY, KIND_KEY, SORBET_VERSION, VERSION_KEY
from rrsdk.query.names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.store.schema import StoreSchema
    from rrsdk.timeline import TimeType

CLEAR = "Clear:is_recursive"
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class IndexColumnDescriptor:
    """A timeline as a column."""

    name: str
    kind: TimeType

    is_static = False

    @property
    def field(self) -> pa.Field:
        """The column's Arrow field."""
        about = {KIND_KEY: "index", INDEX_NAME_KEY: self.name}
        return pa.field(self.name, arrow_type(self.kind), metadata=about)


@dataclass(frozen=True, slots=True)
class ComponentColumnDescriptor:
    """A component of an entity as a column: a list of instances a row."""

    entity_path: str
    component: str
    archetype: str | None
    component_type: str | None
    datatype: pa.DataType
    is_static: bool
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", column_name(self.entity_path, self.component))

    @property
    def is_property(self) -> bool:
        """Whether it is one of the recording's properties."""
        return parse_path(self.entity_path)[:1] == (PROPERTIES,)

    @property
    def is_tombstone(self) -> bool:
        """Whether it only says that others were cleared."""
        return self.component == CLEAR

    @property
    def field(self) -> pa.Field:
        """The column's Arrow field."""
        about = {KIND_KEY: "data", ENTITY_KEY: self.entity_path, COMPONENT_KEY: self.component}
        if self.archetype is not None:
            about["rerun:archetype"] = self.archetype
        if self.component_type is not None:
            about["rerun:component_type"] = self.component_type
        if self.is_static:
            about["rerun:is_static"] = "true"
        if self.is_tombstone:
            about["rerun:is_tombstone"] = "true"
        return pa.field(self.name, self.datatype, metadata=about)


@dataclass(frozen=True, slots=True)
class IndexColumnSelector:
    """Names a timeline."""

    name: str


@dataclass(frozen=True, slots=True)
class ComponentColumnSelector:
    """Names a component of an entity."""

    entity_path: str
    component: str

    @property
    def name(self) -> str:
        """The column's name."""
        return column_name(self.entity_path, self.component)


Column = IndexColumnDescriptor | ComponentColumnDescriptor


def column_name(entity: str, component: str) -> str:
    """`/entity:component`, and `property:name:component` for what a recording says of itself."""
    parts = parse_path(entity)
    if parts[:1] != (PROPERTIES,):
        return f"{format_path(parts)}:{component}"
    below = format_path(parts[1:])[1:]
    return f"property:{below}:{component}" if below else f"property:{component}"


class Schema:
    """All columns of a recording: timelines by name, then components by entity, as Rerun orders them."""

    __slots__ = ("_indexes", "_components", "_by_name")

    def __init__(self, store: StoreSchema) -> None:
        self._indexes = [IndexColumnDescriptor(name, kind) for name, kind in sorted(store.timelines.items())]
        found = [
            ComponentColumnDescriptor(
                one.entity, one.component, one.archetype, one.component_type, one.datatype, one.is_static
            )
            for components in store.components.values()
            for one in components.values()
        ]
        self._components = sorted(found, key=_order)
        self._by_name: dict[str, Column] = {one.name: one for one in self}

    def index_columns(self) -> list[IndexColumnDescriptor]:
        """The timelines."""
        return list(self._indexes)

    def component_columns(self) -> list[ComponentColumnDescriptor]:
        """The components of all entities, properties last."""
        return list(self._components)

    def __iter__(self) -> Iterator[Column]:
        yield from self._indexes
        yield from self._components

    def column_names(self) -> list[str]:
        """The names of all columns."""
        return list(self._by_name)

    def entity_paths(self, *, include_properties: bool = False) -> list[str]:
        """The entities that have columns."""
        found = {one.entity_path for one in self._components if include_properties or not one.is_property}
        return sorted(found)

    def index(self, name: str) -> IndexColumnDescriptor:
        """A timeline by name; UsageError with the nearest names where there is none."""
        found = next((one for one in self._indexes if one.name == name), None)
        if found is None:
            raise unknown("timeline", name, [one.name for one in self._indexes])
        return found

    def column_for(self, entity_path: str, component: str) -> ComponentColumnDescriptor | None:
        """A component of an entity, where it has it."""
        found = self._by_name.get(column_name(entity_path, component))
        return found if isinstance(found, ComponentColumnDescriptor) else None

    def find(self, column: Any) -> Column:
        """A column by name, selector or descriptor; UsageError with the nearest names where there is none."""
        name = column if isinstance(column, str) else getattr(column, "name", None)
        if not isinstance(name, str):
            raise UsageError(f"{column!r} names no column", hint="give its name, a selector or a descriptor")
        found = self._by_name.get(name)
        if found is None and ":" in name and not name.startswith(("/", "property:")):
            found = self._by_name.get(f"/{name}")
        if found is None:
            raise self._unknown(name)
        return found

    def _unknown(self, name: str) -> UsageError:
        """Says which part of a column's name is not there."""
        entity, _, component = name.partition(":")
        of_entity = [one.component for one in self._components if one.entity_path == entity]
        if of_entity:
            return _at(unknown("component", component, of_entity), entity)
        if name.startswith("/") and component:
            return unknown("entity", entity, self.entity_paths())
        return unknown("column", name, self._by_name)

    def to_arrow(self) -> pa.Schema:
        """The columns as an Arrow schema."""
        return pa.schema([one.field for one in self], {VERSION_KEY: SORBET_VERSION})

    def __arrow_c_schema__(self) -> Any:
        return self.to_arrow().__arrow_c_schema__()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self._by_name))

    def __repr__(self) -> str:
        return "\n".join(
            f"{one.name}: {one.kind.value}"
            if isinstance(one, IndexColumnDescriptor)
            else f"{one.name}: {one.datatype}{', static' if one.is_static else ''}"
            for one in self
        )


def _at(error: UsageError, entity: str) -> UsageError:
    error.entity = entity
    return error


def _order(column: ComponentColumnDescriptor) -> tuple[Any, ...]:
    parts = [natural(part) for part in parse_path(column.entity_path)]
    return column.is_property, parts, column.archetype or "", column.component


def natural(text: str) -> tuple[Any, ...]:
    """A key by which `file5` comes before `file10`, and `a` beside `A`."""
    pieces = _DIGITS.split(text)
    key: list[tuple[int, Any, str]] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            key.append((0, int(piece), piece))
        else:
            key += [(1, char.lower(), char) for char in piece]
    return tuple(key)
