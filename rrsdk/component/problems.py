"""What is wrong with a component column, by the rules of the real `rerun rrd verify`, tried on 0.41.

The rules hold only for component types that begin with `rerun.`; of others, and of columns without
one, nothing is known. Then

- the component type must be known, and its datatype be that of the instances. Whether Arrow fields
  may be null, their order in a struct, further fields, and names of list items do not matter;
- no instance is null, nor a field of a struct that must not be; an enum has only its values.
  Items of lists may be null, unless of an enum. Of a struct without instances only that it is one
  is looked at;
- where an archetype beginning with `rerun.` is named, it must be known, and the component must be
  `Archetype:field` (or just `field`) for a field that it has, of that field's type.

Nothing here imports pyarrow: what is asked of arrays and types, they answer themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.component.datatypes import Datatype, parse
from rrsdk.component.tables import ARCHETYPE_FIELDS, COMPONENT_TYPES

if TYPE_CHECKING:
    import pyarrow as pa

_OURS = "rerun."

# Arrow's names where str() of a pyarrow type is another.
_LEAVES = {"halffloat": "float16", "float": "float32", "double": "float64", "string": "utf8"}


def column_problem(
    component: str, archetype: str | None, component_type: str | None, instances: pa.Array
) -> str | None:
    """The first thing wrong with a component column, in words; nothing where all is well.

    `instances` are the column's instances of all rows in one array (`ListArray.flatten()`).
    """
    if component_type is None or not component_type.startswith(_OURS):
        return None
    known = COMPONENT_TYPES.get(component_type)
    if known is None:
        return f"unknown component type {component_type}"
    datatype = parse(known)
    return _value_problem(instances, datatype, component_type.rpartition(".")[2]) or descriptor_problem(
        component, archetype, component_type
    )


def descriptor_problem(component: str, archetype: str | None, component_type: str) -> str | None:
    """What is wrong with how a column is named: archetype, field and type must fit."""
    if archetype is None or not archetype.startswith(_OURS):
        return None
    fields = ARCHETYPE_FIELDS.get(archetype)
    if fields is None:
        return f"unknown archetype {archetype}"
    field = component.removeprefix(archetype.rpartition(".")[2] + ":")
    if field not in fields:
        return f"{archetype} has no field {field!r}, only {', '.join(fields)}"
    if fields[field] != component_type:
        return f"{component} of {archetype} has type {fields[field]}, the column has {component_type}"
    return None


def _value_problem(array: pa.Array, datatype: Datatype, place: str, *, nullable: bool = False) -> str | None:
    """Instances or a struct's field: their datatype, then where nulls are, then their values."""
    if not nullable and array.null_count:
        return f"{place} is null in {array.null_count} of {len(array)} places, where it must not be"
    if nullable and array.null_count == len(array):
        return None
    return _content_problem(array, datatype, place)


def _content_problem(array: pa.Array, datatype: Datatype, place: str) -> str | None:
    if _kind(array.type) != _kind_of(datatype):
        return f"{place} should be {datatype}, but is {array.type}"
    if datatype.name in ("list", "fixed_size_list"):
        return _items_problem(array.flatten(), datatype.children[0].type, place)
    if datatype.name == "struct":
        return _struct_problem(array, datatype, place)
    if datatype.enum:
        wrong = {value for value in array.to_pylist() if value is not None} - datatype.enum
        if wrong:
            return f"{place} has no value {min(wrong)}"
    return None


def _items_problem(items: pa.Array, datatype: Datatype, place: str) -> str | None:
    """Nulls among the items are let pass but where they stand for values of an enum."""
    if datatype.enum:
        return _value_problem(items, datatype, f"an item of {place}")
    return _content_problem(items, datatype, place)


def _struct_problem(array: pa.StructArray, datatype: Datatype, place: str) -> str | None:
    if not len(array):
        return None
    present = array.drop_null() if array.null_count else array
    for child in datatype.children:
        index = present.type.get_field_index(child.name)
        if index < 0:
            return f"{place} has no field {child.name}: it should be {datatype}"
        column = present.field(index)
        problem = _value_problem(column, child.type, f"{place}.{child.name}", nullable=child.nullable)
        if problem:
            return problem
    return None


def _kind(arrow: pa.DataType) -> str:
    """What is compared of a type at one level; deeper levels are compared when they are reached."""
    name = str(arrow)
    if name.startswith("fixed_size_list<"):
        return f"fixed_size_list[{arrow.list_size}]"
    return _LEAVES.get(name, name.partition("<")[0])


def _kind_of(datatype: Datatype) -> str:
    return f"{datatype.name}[{datatype.size}]" if datatype.size else datatype.name
