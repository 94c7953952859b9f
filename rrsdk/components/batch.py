"""Batches and columns of components as objects: Rerun's API beside `log`'s own quick way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from rrsdk.component.column import Column, Descriptor
from rrsdk.components.kind import instance_type
from rrsdk.components.kinds import kind_of, kind_of_encoding
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from rrsdk.components.kind import Kind
    from rrsdk.components.storage import Array

ComponentDescriptor = Descriptor


@runtime_checkable
class ComponentBatchLike(Protocol):
    """Anything with instances of one component."""

    def as_arrow_array(self) -> pa.Array:
        """The instances."""


@runtime_checkable
class AsComponents(Protocol):
    """Anything that can be logged: a bundle of components."""

    def as_component_batches(self) -> Sequence[Any]:
        """One described batch a component: ours, or Rerun's."""


class ComponentBatchMixin:
    """For classes with `as_arrow_array` and `component_type`: what else a batch offers."""

    def as_arrow_array(self) -> pa.Array:
        """The instances."""
        raise NotImplementedError

    def component_type(self) -> str:
        """Such as `rerun.components.Color`."""
        return str(getattr(self, "_COMPONENT_TYPE", type(self).__name__))

    def described(self, descriptor: Descriptor) -> DescribedComponentBatch:
        """The batch, with how its column is named."""
        return DescribedComponentBatch(self, descriptor)

    def partition(self, lengths: npt.ArrayLike | None = None) -> ComponentColumn:
        """A column with so many instances a row, one each where not said."""
        return ComponentColumn(self.component_type(), self, lengths=lengths)


class ComponentMixin:
    """For classes that are one instance of the user's own component: `_BATCH_TYPE` makes a batch of it."""

    @classmethod
    def arrow_type(cls) -> pa.DataType:
        """The type of an instance."""
        return cls._BATCH_TYPE._ARROW_DATATYPE  # type: ignore[attr-defined]  # noqa: SLF001

    def component_type(self) -> str:
        """Such as `user.Confidence`."""
        return str(self._BATCH_TYPE._COMPONENT_TYPE)  # type: ignore[attr-defined]  # noqa: SLF001

    def as_arrow_array(self) -> pa.Array:
        """An array of the one instance."""
        return self._BATCH_TYPE([self]).as_arrow_array()  # type: ignore[attr-defined]


class ComponentBatch(ComponentBatchMixin):
    """Instances of a known component, as the values that an archetype holds."""

    COMPONENT_TYPE: ClassVar[str] = ""
    _COMPONENT_TYPE: ClassVar[str] = ""  # as Rerun's classes have it, which custom archetypes ask

    kind: ClassVar[Kind]
    """What takes, holds and encodes the instances."""
    held: Any
    """The instances, as the kind holds them."""

    def __init__(self, data: Any, strict: bool | None = None) -> None:
        try:
            self.held = self.kind.coercer(type(self).__name__)(data) if data is not None else self.kind.empty
        except LogError as error:
            self.held = self.kind.empty
            complain(error, strict=strict)

    @classmethod
    def of(cls, component_type: str, held: Any) -> ComponentBatch:
        """A batch of what an archetype holds."""
        made = batch_class(component_type).__new__(batch_class(component_type))
        made.held = held
        return made

    @classmethod
    def _converter(cls, data: Any) -> ComponentBatch | None:
        """A batch, or nothing of nothing: fields of custom archetypes are declared with it."""
        return cls(data) if data is not None else None

    def component_type(self) -> str:
        return self.COMPONENT_TYPE

    def as_arrow_array(self) -> pa.Array:
        return self.kind.flat([self.held])[0]

    @property
    def pa_array(self) -> pa.Array:
        """The instances, as Rerun's batches have them."""
        return self.as_arrow_array()

    def __len__(self) -> int:
        return len(self.as_arrow_array())

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, ComponentBatch) and other.COMPONENT_TYPE == self.COMPONENT_TYPE
        return same and bool(self.as_arrow_array() == other.as_arrow_array())  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.as_arrow_array().to_pylist()})"


_classes: dict[str, type[ComponentBatch]] = {}


def batch_class(component_type: str) -> type[ComponentBatch]:
    """`ColorBatch` for `rerun.components.Color`; KeyError where the component is unknown."""
    made = _classes.get(component_type)
    if made is None:
        made = _class(component_type, kind_of(component_type), "rrsdk.components")
    return made


def encoding_batch_class(name: str) -> type[ComponentBatch]:
    """`Vec3DBatch` for the encoding `Vec3D`; KeyError where it is unknown."""
    return _classes.get(name) or _class(name, kind_of_encoding(name), "rrsdk.encodings")


def _class(component_type: str, kind: Kind, module: str) -> type[ComponentBatch]:
    short = component_type.rpartition(".")[2]
    told = component_type if short != component_type else ""
    space = {"COMPONENT_TYPE": told, "_COMPONENT_TYPE": told, "__module__": module, "kind": kind}
    return _classes.setdefault(component_type, type(f"{short}Batch", (ComponentBatch,), space))


class DescribedComponentBatch:
    """A batch and how its column is named."""

    __slots__ = ("_batch", "_descriptor")

    def __init__(self, batch: ComponentBatchLike, descriptor: Descriptor) -> None:
        self._batch = batch
        self._descriptor = descriptor

    def component_descriptor(self) -> Descriptor:
        """How the column is named."""
        return self._descriptor

    def as_arrow_array(self) -> pa.Array:
        """The instances."""
        return self._batch.as_arrow_array()

    def partition(self, lengths: npt.ArrayLike | None = None) -> ComponentColumn:
        """A column with so many instances a row, one each where not said."""
        return ComponentColumn(self._descriptor, self._batch, lengths=lengths)


class ComponentColumn:
    """Instances of one component, split into rows."""

    def __init__(
        self,
        descriptor: str | Descriptor,
        component_batch: ComponentBatchLike,
        *,
        lengths: npt.ArrayLike | None = None,
        offsets: Array | None = None,
    ) -> None:
        if lengths is not None and offsets is not None:
            raise LogError("either `lengths` or `offsets`, not both", field="lengths")
        self.descriptor = Descriptor(descriptor) if isinstance(descriptor, str) else descriptor
        self.component_batch = component_batch
        self._instances = component_batch.as_arrow_array()
        self._offsets = np.array(offsets, np.int64) if offsets is not None else self._split(lengths)

    def _split(self, lengths: npt.ArrayLike | None) -> Array:
        if lengths is None:
            return np.arange(len(self._instances) + 1)
        counts = np.asarray(lengths)
        if counts.ndim != 1 or (counts.size and counts.min() < 0):
            raise LogError("lengths must be one number a row", field=self.descriptor.component)
        offsets = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts.astype(np.int64), out=offsets[1:])
        return offsets

    def component_descriptor(self) -> Descriptor:
        """How the column is named."""
        return self.descriptor

    def as_arrow_array(self) -> pa.ListArray:
        """One list a row."""
        import pyarrow as pa

        if self._offsets[-1] != len(self._instances):
            # Not said before: `send_columns` turns it into a warning where nothing is to be raised.
            raise LogError(
                f"lengths add up to {self._offsets[-1]}, but there are {len(self._instances)} instances",
                field=self.descriptor.component,
            )
        item = pa.list_(pa.field("item", self._instances.type, nullable=True))
        rows = len(self._offsets) - 1
        buffers = [None, pa.py_buffer(self._offsets.astype(np.int32))]
        return pa.Array.from_buffers(item, rows, buffers, children=[self._instances])

    def partition(self, lengths: npt.ArrayLike) -> ComponentColumn:
        """The same instances, split in another way."""
        return ComponentColumn(self.descriptor, self.component_batch, lengths=lengths)

    def __len__(self) -> int:
        return len(self._offsets) - 1


class ComponentColumnList:
    """Columns to be sent together; `partition` splits all in the same way."""

    def __init__(self, columns: Iterable[ComponentColumn]) -> None:
        self._columns = list(columns)

    def __iter__(self) -> Iterator[ComponentColumn]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def partition(self, lengths: npt.ArrayLike) -> ComponentColumnList:
        """All columns with so many instances a row."""
        return ComponentColumnList([column.partition(lengths) for column in self._columns])


def arrow_field(descriptor: Descriptor, instances: pa.DataType) -> pa.Field:
    """The column's field in a chunk."""
    import pyarrow as pa

    metadata = {"rerun:kind": "data", "rerun:component": descriptor.component}
    if descriptor.archetype is not None:
        metadata["rerun:archetype"] = descriptor.archetype
    if descriptor.component_type is not None:
        metadata["rerun:component_type"] = descriptor.component_type
    kind = pa.list_(pa.field("item", instances, nullable=True))
    return pa.field(descriptor.component, kind, metadata=metadata)


def known_field(descriptor: Descriptor) -> pa.Field:
    """The field of a known component's column."""
    assert descriptor.component_type is not None
    return arrow_field(descriptor, instance_type(kind_of(descriptor.component_type).datatype))


def columns_of(batches: Iterable[DescribedComponentBatch]) -> list[Column]:
    """Columns of one row, from anyone's batches."""
    found = []
    for batch in batches:
        given = batch.component_descriptor()
        descriptor = Descriptor(given.component, given.archetype, given.component_type)
        column = ComponentColumn(descriptor, batch, lengths=[len(batch.as_arrow_array())])
        array = column.as_arrow_array()
        found.append(Column(arrow_field(descriptor, array.type.value_type), array))
    return found
