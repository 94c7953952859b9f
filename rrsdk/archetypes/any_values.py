"""Components of the user's own: their Arrow type is that of the first value logged under the name.

Long because AnyValues and DynamicArchetype share nearly everything, and differ in each method a little.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from rrsdk.component.column import Column, Descriptor
from rrsdk.components.arrays import shown
from rrsdk.components.batch import (
    ComponentColumn,
    ComponentColumnList,
    DescribedComponentBatch,
    arrow_field,
)
from rrsdk.components.kind import unit_offsets
from rrsdk.components.strictness import complain
from rrsdk.components.text import texts
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from typing_extensions import Self

    from rrsdk.components.likes import ComponentValueLike

Tag: TypeAlias = Any
"""An Arrow type, or the name of one whose single values are held as Python has them."""

_RAW: dict[type, str] = {int: "int64", float: "double", str: "string", bool: "bool"}
_INT64 = 2**63

# Rerun wants one type for a component; the first that is logged stays, in the whole process.
_types: dict[Descriptor, Tag] = {}
_descriptors: dict[tuple[str | None, str], Descriptor] = {}


class _Held:
    """An array as a batch."""

    __slots__ = ("array",)

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    def as_arrow_array(self) -> pa.Array:
        return self.array


class DynamicArchetype:
    """Components under an archetype of the user's own.

    Rows that were logged hold the object itself. So its values stay those of the constructor, and where
    more are added afterwards, `settled` gives another object that has them all: `log` asks for that one.
    """

    __slots__ = ("layout", "nbytes", "is_broken", "_values", "_archetype", "_extended")

    nbytes: int
    """About how many bytes the values hold."""

    is_broken: bool
    """Whether components were added, so that `settled` is to be logged. What cannot be taken is left out."""

    layout: tuple[tuple[Descriptor, Tag], ...]
    """The components and their types."""

    _values: tuple[Any, ...]
    _extended: Self | None

    def __init__(
        self,
        archetype: str | None,
        drop_untyped_nones: bool = True,
        components: Mapping[str, ComponentValueLike] | None = None,
    ) -> None:
        self._archetype = archetype
        self._begin(components or {}, drop_untyped_nones)

    def _begin(self, values: Mapping[str, Any], drop_untyped_nones: bool) -> None:
        tags, held = self._taken(values, drop_untyped_nones)
        self._hold(self._archetype, tuple(tags), tuple(held))

    def _hold(self, archetype: str | None, layout: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        self._archetype, self.layout, self._values = archetype, layout, values
        self.nbytes = 64 + sum([_nbytes(value) for value in values])
        self.is_broken, self._extended = False, None

    def _taken(self, values: Mapping[str, Any], drop_untyped_nones: bool) -> tuple[list[Any], list[Any]]:
        archetype = self._archetype
        tags: list[Any] = []
        held: list[Any] = []
        for name, value in values.items():
            descriptor = _descriptors.get((archetype, name)) or _describe(archetype, name)
            raw = _RAW.get(value.__class__)
            if raw is not None and raw == _types.get(descriptor) and (raw != "int64" or _fits(value)):
                tags.append((descriptor, raw))
                held.append(value)
            else:
                self._add(descriptor, value, drop_untyped_nones, tags, held)
        return tags, held

    def _extend(self, tags: list[Any], held: list[Any]) -> Self:
        """From now on this is logged with these, too."""
        new = {descriptor.component for descriptor, _ in tags}
        kept = [pair for pair in self._items() if pair[0][0].component not in new]
        made = type(self).__new__(type(self))
        layout = (*(tag for tag, _ in kept), *tags)
        made._hold(self._archetype, layout, (*(value for _, value in kept), *held))  # noqa: SLF001 - of this class
        self._extended = made
        self.is_broken = True  # last: until here another thread logs what was
        return self

    def _items(self) -> list[tuple[tuple[Descriptor, Tag], Any]]:
        """Components and values of now."""
        now = self.settled()
        return list(zip(now.layout, now._values))  # noqa: SLF001 - of this class

    def settled(self) -> Self:
        """What is to be logged: this, or what it has become, which never changes."""
        return self._extended or self

    def _add(self, descriptor: Descriptor, value: Any, drop: bool, tags: list[Any], held: list[Any]) -> None:
        try:
            found = taken(descriptor, value, drop_untyped_nones=drop)
        except LogError as error:
            complain(error)
            return
        if found is not None:
            tags.append((descriptor, found[0]))
            held.append(found[1])

    def with_component_from_data(
        self, field: str, value: ComponentValueLike, *, drop_untyped_nones: bool = True
    ) -> Self:
        """One more component."""
        return self._extend(*self._taken({field: value}, drop_untyped_nones))

    def with_component_override(
        self, field: str, component_type: str, value: ComponentValueLike, *, drop_untyped_nones: bool = True
    ) -> Self:
        """One more component, of a type with a name."""
        descriptor = _describe(self._archetype, field)._replace(component_type=component_type)
        tags: list[Any] = []
        held: list[Any] = []
        self._add(descriptor, value, drop_untyped_nones, tags, held)
        return self._extend(tags, held)

    @classmethod
    def encode(cls, rows: Sequence[Self]) -> list[Column]:
        """A column for each component; the rows are all of one layout."""
        if not rows:
            return []
        every = [row._values for row in rows]  # noqa: SLF001 - rows of this class
        return [
            _column(descriptor, tag, values) for (descriptor, tag), values in zip(rows[0].layout, zip(*every))
        ]

    def as_component_batches(self) -> list[DescribedComponentBatch]:
        """One batch a component."""
        return [
            DescribedComponentBatch(_Held(_array(tag, value)), descriptor)
            for (descriptor, tag), value in self._items()
        ]

    @classmethod
    def columns(
        cls,
        archetype: str | None,
        drop_untyped_nones: bool = True,
        components: Mapping[str, ComponentValueLike] | None = None,
    ) -> ComponentColumnList:
        """Columns for `send_columns`: the outer dimension of each value is rows."""
        found = []
        for name, value in (components or {}).items():
            try:
                column = split(_describe(archetype, name), value, drop_untyped_nones=drop_untyped_nones)
            except LogError as error:
                complain(error)
            else:
                found += [column] if column is not None else []
        return ComponentColumnList(found)

    def __repr__(self) -> str:
        names = ", ".join(descriptor.component for descriptor, _ in self.settled().layout)
        return f"{type(self).__name__}({names})"


class AnyValues(DynamicArchetype):
    """Components of the user's own, under no archetype."""

    __slots__ = ()

    def __init__(self, drop_untyped_nones: bool = True, **kwargs: ComponentValueLike) -> None:
        self._archetype = None
        self._begin(kwargs, drop_untyped_nones)

    @property
    def component_batches(self) -> list[DescribedComponentBatch]:
        """One batch a component."""
        return self.as_component_batches()

    @classmethod
    def columns(  # type: ignore[override]
        cls, drop_untyped_nones: bool = True, **kwargs: ComponentValueLike
    ) -> ComponentColumnList:
        """Columns for `send_columns`: the outer dimension of each value is rows."""
        return super().columns(None, drop_untyped_nones, kwargs)


class AnyBatchValue:
    """One component of the user's own, as a batch."""

    def __init__(
        self, descriptor: str | Descriptor, value: ComponentValueLike, *, drop_untyped_nones: bool = True
    ) -> None:
        self.descriptor = Descriptor(descriptor) if isinstance(descriptor, str) else descriptor
        self.pa_array: pa.Array | None = None
        try:
            found = taken(self.descriptor, value, drop_untyped_nones=drop_untyped_nones)
        except LogError as error:
            complain(error)
        else:
            self.pa_array = _array(*found) if found is not None else None

    def is_valid(self) -> bool:
        """Whether there is a value."""
        return self.pa_array is not None

    def component_descriptor(self) -> Descriptor:
        """How the column is named."""
        return self.descriptor

    def as_arrow_array(self) -> pa.Array | None:
        """The instances."""
        return self.pa_array

    @classmethod
    def column(
        cls, descriptor: str | Descriptor, value: ComponentValueLike, drop_untyped_nones: bool = True
    ) -> ComponentColumn | None:
        """A column, of which the value's outer dimension is rows."""
        named = Descriptor(descriptor) if isinstance(descriptor, str) else descriptor
        try:
            return split(named, value, drop_untyped_nones=drop_untyped_nones)
        except LogError as error:
            complain(error)
            return None


def _describe(archetype: str | None, name: str) -> Descriptor:
    made = Descriptor(name)
    if archetype is not None:
        made = made.with_builtin_archetype(archetype)
    if len(_descriptors) < 100_000:
        _descriptors[archetype, name] = made
    return made


def _fits(value: int) -> bool:
    return -_INT64 <= value < _INT64


def taken(descriptor: Descriptor, value: Any, *, drop_untyped_nones: bool = True) -> tuple[Tag, Any] | None:
    """A value's type and what is held of it; nothing for a `None` of which the type is not known."""
    wanted = _types.get(descriptor)
    try:
        return _taken(descriptor, value, wanted, drop_untyped_nones)
    except LogError:
        raise
    except Exception as error:
        what = f"type {wanted} as before" if wanted is not None else "one Arrow type"
        raise LogError(
            f"{shown(value)} cannot be made {what}: {error}", field=descriptor.component
        ) from error


def _taken(descriptor: Descriptor, value: Any, wanted: Tag | None, drop: bool) -> tuple[Tag, Any] | None:
    if hasattr(value, "as_arrow_array"):
        array = value.as_arrow_array()
        return _tag(array.type), array
    if value is None or (
        hasattr(value, "__len__") and not isinstance(value, (str, bytes)) and not len(value)
    ):
        if wanted is None and not hasattr(value, "dtype"):
            if drop:
                return None
            raise LogError(f"{shown(value)} has no type", field=descriptor.component)
        value = [] if value is None else value
    raw = _RAW.get(type(value))
    if raw is not None and wanted in (None, raw) and (raw != "int64" or _fits(value)):
        _types[descriptor] = raw
        return raw, value
    array = _converted(value, _arrow(wanted) if wanted is not None else None)
    if not _is_arrow(value):
        _types.setdefault(descriptor, _tag(array.type))
    return _tag(array.type), array


def split(descriptor: Descriptor, value: Any, *, drop_untyped_nones: bool = True) -> ComponentColumn | None:
    """A column whose rows are the outer dimension of the value."""
    try:
        return _split(descriptor, value, drop_untyped_nones)
    except LogError:
        raise
    except Exception as error:
        raise LogError(f"{shown(value)} cannot be made rows: {error}", field=descriptor.component) from error


def _split(descriptor: Descriptor, value: Any, drop: bool) -> ComponentColumn | None:
    if isinstance(value, np.ndarray) or (hasattr(value, "__array__") and not _is_arrow(value)):
        array = np.asarray(value)
        rows, each = (array.shape[0], array.shape[1:]) if array.ndim else (1, ())
        lengths = [each[0]] * rows if each else None
        value = array.reshape((-1, *each[1:])) if each else array
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple, np.ndarray)):
        lengths = [len(row) for row in value]
        value = [item for row in value for item in row]
    else:
        lengths = None
    found = taken(descriptor, value, drop_untyped_nones=drop)
    if found is None:
        return None
    array = _array(*found)
    if lengths is None and str(array.type).startswith("list<") and _is_arrow(value):
        return ComponentColumn(descriptor, _Held(array.values), offsets=array.offsets.to_numpy())
    return ComponentColumn(descriptor, _Held(array), lengths=lengths)


def _is_arrow(value: Any) -> bool:
    return type(value).__module__.startswith("pyarrow")


def _converted(value: Any, kind: pa.DataType | None) -> pa.Array:
    """An Arrow array with its own memory."""
    import pyarrow as pa

    if isinstance(value, pa.Array):
        return value
    if isinstance(value, pa.ChunkedArray):
        return value.combine_chunks()
    if not isinstance(value, (list, tuple, range, str, bytes, dict)) and (
        hasattr(value, "__array__") or hasattr(value, "__dlpack__")
    ):
        value = np.array(_array_of(value), copy=True)
        if value.ndim == 0:
            value = value.reshape(1)
        elif value.ndim > 1:
            value = value.tolist()
    elif isinstance(value, (str, bytes, bytearray, dict)) or not hasattr(value, "__iter__"):
        value = [value]
    try:
        return pa.array(value, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
        if kind is not None:
            return pa.array(value).cast(kind)
        return pa.array(np.atleast_1d(np.array(value)))


def _array_of(value: Any) -> Any:
    try:
        return np.asarray(value)
    except Exception:  # noqa: BLE001 - tensors on other devices, or that need gradients
        return value.numpy(force=True) if hasattr(value, "numpy") else np.from_dlpack(value)


def _tag(kind: pa.DataType) -> Tag:
    name = str(kind)
    return name if name in _RAW.values() else kind


def _arrow(tag: Tag) -> pa.DataType:
    import pyarrow as pa

    return pa.type_for_alias(tag) if isinstance(tag, str) else tag


def _array(tag: Tag, value: Any) -> pa.Array:
    import pyarrow as pa

    if value.__class__ not in _RAW:
        return value
    return texts([str(value)]) if tag == "string" else pa.array([value], _arrow(tag))


def _column(descriptor: Descriptor, tag: Tag, values: Sequence[Any]) -> Column:
    """Single values are converted together; where there are arrays, all are made arrays."""
    import pyarrow as pa

    field, kind = _field(descriptor, tag), _arrow(tag)
    if set(map(type, values)) <= _RAW.keys():
        offsets = unit_offsets(len(values))
        array = texts(list(values)) if tag == "string" else pa.array(values, kind)
    else:
        arrays = [_array(tag, value) for value in values]
        offsets = np.zeros(len(values) + 1, np.int32)
        np.cumsum(np.fromiter(map(len, arrays), np.int64, len(arrays)), out=offsets[1:])
        array = arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)
    buffers = [None, pa.py_buffer(offsets)]
    return Column(field, pa.Array.from_buffers(field.type, len(values), buffers, children=[array]))


@lru_cache(maxsize=10_000)
def _field(descriptor: Descriptor, tag: Tag) -> pa.Field:
    return arrow_field(descriptor, _arrow(tag))


def _nbytes(value: Any) -> int:
    if value.__class__ in _RAW:
        return len(value) if value.__class__ is str else 8
    return int(value.nbytes)


__all__ = ["AnyBatchValue", "AnyValues", "DynamicArchetype"]
