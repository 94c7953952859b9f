"""Where the columns of a table belong: timelines, and components of entities, by metadata or by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rrsdk.chunk.columns import component_column
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, UsageError
from rrsdk.ipc.keys import COMPONENT_KEY, ENTITY_KEY, INDEX_NAME_KEY, KIND_KEY
from rrsdk.query.names import unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED: Final = re.compile(r"(/(?:[^:\\]|\\.)*):(.+)", re.DOTALL)
"""`/entity:Archetype:component`, where a colon of the path itself is escaped."""
_KEPT: Final = ("rerun:archetype", "rerun:component_type")
_STATIC: Final = "rerun:is_static"
_MAX_TIMELINES: Final = 64
"""Sets of them are kept as bits."""


@dataclass(frozen=True, slots=True)
class Component:
    """A column that is a component."""

    number: int
    column: str
    entity: str
    name: str
    metadata: dict[str, str]

    def lists(self, array: pa.Array) -> pa.Array:
        """The column as lists of instances, or as one instance a row, of the type that the component has."""
        kind = array.type
        if pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
        is_list = pa.types.is_list(array.type) or pa.types.is_large_list(array.type)
        known = component_column(self.name, [], self.entity)[0].type
        wanted = known if is_list else known.value_type
        if pa.types.is_null(known.value_type):
            if not is_list:
                return array
            wanted = pa.list_(array.type.value_type)
        if str(array.type) == str(wanted):
            return array
        try:
            return array.cast(wanted)
        except (pa.ArrowException, ValueError) as error:
            reason = (str(error).splitlines() or [""])[0]
            raise FormatError(
                f"is {kind}, which cannot become {wanted}: {reason}", entity=self.entity, field=self.column
            ) from None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where all columns of a table belong."""

    timelines: list[tuple[int, str]]
    temporal: dict[str, list[Component]]
    """By entity."""
    static: list[Component]


def layout_of(schema: pa.Schema, entity: str, indexes: Sequence[str]) -> Layout:
    """Of the columns of a table; those that do not say where they belong become components of `entity`.

    `indexes` are timelines, as are columns that are said to be one. UsageError where one is not there.
    """
    for name in indexes:
        if name not in schema.names:
            raise unknown("column", name, schema.names)
    layout = Layout([], {}, [])
    for number, field in enumerate(schema):
        told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        if field.name in indexes or told.get(KIND_KEY) == "index":
            layout.timelines.append((number, told.get(INDEX_NAME_KEY, field.name)))
            continue
        if told.get(KIND_KEY) == "control":
            continue
        where, name = _place(field.name, told, entity)
        metadata = {key: told[key] for key in _KEPT if key in told}
        one = Component(number, field.name, where, name, {**metadata, ENTITY_KEY: where, COMPONENT_KEY: name})
        if told.get(_STATIC) == "true":
            layout.static.append(one)
        else:
            layout.temporal.setdefault(where, []).append(one)
    if len(layout.timelines) > _MAX_TIMELINES:
        raise FormatError(f"has {len(layout.timelines)} timelines; {_MAX_TIMELINES} are possible")
    return layout


def _place(column: str, told: dict[str, str], entity: str) -> tuple[str, str]:
    """Entity and component."""
    where, name = told.get(ENTITY_KEY), told.get(COMPONENT_KEY)
    if where is None or name is None:
        named = _NAMED.fullmatch(column)
        if named is None:
            return entity, column
        where, name = named.groups()
    try:
        return format_path(parse_path(where)), name
    except UsageError as error:
        raise FormatError(error.what, field=column, hint=error.hint) from None


def times(array: pa.Array, name: str) -> pa.Array:
    """A timeline's column as times of Rerun. FormatError where it counts something else."""
    kind = array.type
    if pa.types.is_integer(kind):
        wanted = pa.int64()
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        wanted = pa.timestamp("ns")
    elif pa.types.is_duration(kind):
        wanted = pa.duration("ns")
    else:
        raise FormatError(f"a timeline is whole numbers, dates or durations, not {kind}", field=name)
    try:
        return array.cast(wanted)
    except pa.ArrowException as error:
        raise FormatError(f"cannot be a timeline: {str(error).splitlines()[0]}", field=name) from None
