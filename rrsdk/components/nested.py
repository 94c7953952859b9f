"""Any other datatype: made plain, and converted by Arrow when it is given."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import shown
from rrsdk.components.colors import Rgba32
from rrsdk.components.kind import instance_type, one_each
from rrsdk.components.records import ClassDescription, Record
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array


class Nested:
    """Structs, unions, and lists of them; held as an Arrow array, or `()` where empty."""

    raw: type | None = None
    empty: Any = ()

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """An Arrow array of the type, or what one is made from: records, dicts, tuples, lists of them."""

        def coerce(value: Any) -> Any:
            import pyarrow as pa

            kind = instance_type(self.datatype)
            if hasattr(value, "as_arrow_array") and not isinstance(value, Record):
                value = value.as_arrow_array()
            if isinstance(value, pa.Array):
                if value.type != kind:
                    raise LogError(f"an array of {kind} expected, not of {value.type}", field=field)
                return value
            try:
                instances = [plain(one, kind) for one in self.instances(value, kind)]
                return pa.array(instances, kind) if instances else ()
            except (pa.ArrowException, TypeError, ValueError, OverflowError, LogError) as error:
                what = error.what if isinstance(error, LogError) else error
                raise LogError(f"{kind} expected, not {shown(value)}: {what}", field=field) from None

        return coerce

    def instances(self, value: Any, kind: pa.DataType) -> list[Any]:
        """The values of each instance."""
        if isinstance(value, np.ndarray):
            value = value.tolist()
        return list(value) if isinstance(value, (list, tuple)) and _several(value, kind) else [value]

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        arrays = [value for value in values if len(value)]
        counts = np.fromiter(map(len, values), np.int64, len(values))
        if not arrays:
            return empty(instance_type(self.datatype)), counts
        return (arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)), counts

    def nbytes(self, value: Any) -> int:
        return int(getattr(value, "nbytes", 0))

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)


class Annotations(Nested):
    """Annotation contexts: one instance, of as many classes as are given."""

    def instances(self, value: Any, kind: pa.DataType) -> list[Any]:
        if isinstance(value, (list, tuple)) and value and hasattr(value[0], "class_map"):
            return [one for each in value for one in self.instances(each, kind)]
        value = getattr(value, "class_map", value)
        if isinstance(value, ClassDescription):
            value = [value]
        elif isinstance(value, dict):
            value = list(value.values())
        if not isinstance(value, (list, tuple)):
            raise TypeError("a sequence of classes is wanted")
        return [[_class(one) for one in value]] if value else [[]]


def _class(value: Any) -> Any:
    """A class by its id: of a description, an AnnotationInfo, a tuple of its parts, or the id alone."""
    if hasattr(value, "class_description"):
        return {"class_id": value.class_id, "class_description": value.class_description}
    if not isinstance(value, ClassDescription):
        value = ClassDescription(info=value)
    info = value.info
    number = info.id if hasattr(info, "id") else info[0] if isinstance(info, (list, tuple)) else info
    return {"class_id": number, "class_description": value}


def _several(value: Any, kind: pa.DataType) -> bool:
    """Whether a sequence holds instances: a tuple of plain values is one struct."""
    if not value:
        return True
    if str(kind).startswith("struct"):
        return isinstance(value[0], (dict, tuple, list, Record)) or hasattr(value[0], kind.field(0).name)
    return str(kind).startswith("list") and (
        hasattr(value[0], "as_arrow_array")
        or (isinstance(value[0], dict) and not _is_of(value[0], kind.value_type))
        or (isinstance(value[0], (list, tuple)) and not _is_pair(value[0], kind.value_type))
    )


def _is_of(value: dict[Any, Any], kind: pa.DataType) -> bool:
    """Whether a dict has the names of a struct's fields."""
    return str(kind).startswith("struct") and set(value) == {field.name for field in kind}


def _is_pair(value: Any, kind: pa.DataType) -> bool:
    """Whether a sequence is itself a struct, and no list of them."""
    if not str(kind).startswith("struct") or len(value) != kind.num_fields:
        return False
    return not isinstance(value[0], (list, tuple, dict, Record))


def plain(value: Any, kind: pa.DataType) -> Any:
    """As Arrow converts it: dicts for structs, lists for lists, and numbers and texts in them."""
    name = str(kind)
    if name.startswith("struct"):
        return _struct(value, kind)
    if name.startswith("list<"):
        if isinstance(value, Record):
            value = next(iter(vars(value).values()))
        if isinstance(value, dict):
            value = [value] if _is_of(value, kind.value_type) else list(value.items())
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise TypeError(f"a sequence is wanted, not {shown(value)}")
        return [plain(item, kind.value_type) for item in value]
    if name == "string" and value is not None and not isinstance(value, str):
        return str(getattr(value, "value", value))
    if "int" in name:
        return index(value)  # of a number with a fraction Arrow would take the rest
    return value


def _struct(value: Any, kind: pa.DataType) -> dict[str, Any]:
    fields = list(kind)
    if isinstance(value, dict):
        unknown = value.keys() - {field.name for field in fields}
        if unknown:
            raise ValueError(f"there is no {min(map(str, unknown))!r}")
        parts = {field.name: value.get(field.name) for field in fields}
    elif hasattr(value, fields[0].name) and not isinstance(value, (list, tuple)):
        parts = {field.name: getattr(value, field.name, None) for field in fields}
    elif isinstance(value, (list, tuple, np.ndarray)):
        if len(value) > len(fields):
            raise ValueError(f"{len(fields)} parts are wanted, not {len(value)}")
        parts = {field.name: part for field, part in zip(fields, value)}
    else:
        parts = {fields[0].name: value}  # such as the id of an annotation
    found: dict[str, Any] = {}
    for field in fields:
        part = parts.get(field.name)
        if part is None:
            if not field.nullable:
                raise ValueError(f"{field.name} is missing")
            found[field.name] = None
        else:
            found[field.name] = _color(part) if field.name == "color" else plain(part, field.type)
    return found


def _color(value: Any) -> int:
    return Rgba32(value).rgba


def empty(kind: pa.DataType) -> pa.Array:
    """An array without items, also of types for which Arrow cannot make one from values."""
    import pyarrow as pa

    name = str(kind)
    if name.startswith("struct"):
        return pa.StructArray.from_arrays([empty(field.type) for field in kind], fields=list(kind))
    if name.startswith("dense_union"):
        types, offsets = pa.py_buffer(b""), pa.py_buffer(b"")
        children = [empty(field.type) for field in kind]
        return pa.Array.from_buffers(kind, 0, [None, types, offsets], children=children)
    return pa.array([], kind)
