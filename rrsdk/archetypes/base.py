"""What all archetypes share: values taken by the constructor, Arrow made later for many rows at once."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rrsdk.component.column import Column, Descriptor
from rrsdk.components.batch import (
    ComponentBatch,
    ComponentColumn,
    ComponentColumnList,
    DescribedComponentBatch,
    known_field,
)
from rrsdk.components.from_arrow import as_arrow, from_arrow
from rrsdk.components.kind import column, instance_type
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    import pyarrow as pa
    from typing_extensions import Self

    from rrsdk.components.kind import Kind

    Any_Archetype = TypeVar("Any_Archetype", bound="Archetype")

BROKEN = -1
ROW_BYTES = 64
"""What an instance takes besides its values, about."""


class Field:
    """One field of an archetype: a component under a name."""

    __slots__ = ("name", "slot", "bit", "kind", "coerce", "descriptor", "held", "all_held")

    def __init__(self, archetype: str, name: str, bit: int, component_type: str, kind: Kind) -> None:
        short = archetype.rpartition(".")[2]
        self.name = name
        self.slot = "_" + name
        self.bit = bit
        self.kind = kind
        self.coerce: Callable[[Any], Any] = kind.coercer(f"{short}:{name}")
        self.descriptor = Descriptor(f"{short}:{name}", archetype, component_type)
        self.held: Callable[[Any], Any] = attrgetter(self.slot)
        # A comprehension with the name in it takes half the time that mapping a getter does.
        self.all_held: Callable[[Sequence[Any]], list[Any]] = eval(  # noqa: S307 - the table's own names
            f"lambda rows: [row.{self.slot} for row in rows]"
        )

    def column(self, held: Sequence[Any]) -> Column:
        """What is held of many rows, as Arrow has it."""
        return Column(_arrow_field(self.descriptor), column(self.kind, held))


class Archetype:
    """Base of all archetypes. Subclasses are made from the table; see rrsdk.archetypes.making.

    Each field that is set has its value in the slot `_name`; the slots of others are empty.
    """

    __slots__ = ("layout", "nbytes")

    NAME: ClassVar[str] = ""
    """Such as `rerun.archetypes.Points3D`."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()

    layout: int
    """A bit for each field that is set; BROKEN where the values could not be taken."""

    nbytes: int
    """About how many bytes the values hold."""

    is_broken: ClassVar[bool] = False
    """Whether the values could not be taken, which was said then: there is nothing to log."""

    LAYOUTS: ClassVar[dict[int, tuple[Field, ...]]] = {}
    """The fields that are set, for each layout that was asked for."""

    @classmethod
    def encode(cls, rows: Sequence[Self]) -> list[Column]:
        """One column for each field that is set in the rows, which are all of one layout."""
        if not rows:
            return []
        return [field.column(field.all_held(rows)) for field in fields_of(cls, rows[0].layout)]

    def as_component_batches(self) -> list[DescribedComponentBatch]:
        """One batch for each field that is set."""
        return [
            DescribedComponentBatch(_batch(field, field.held(self)), field.descriptor)
            for field in fields_of(type(self), self.layout)
        ]

    @classmethod
    def archetype(cls) -> str:
        """The full name."""
        return cls.NAME

    @classmethod
    def archetype_short_name(cls) -> str:
        """The name that components begin with."""
        return cls.NAME.rpartition(".")[2]

    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, **values: Any) -> Self:
        """Only what is given is logged; with `clear_unset`, all else is cleared."""
        made = cls.__new__(cls)
        take(made, values, clear_unset=clear_unset)
        return made

    @classmethod
    def cleared(cls) -> Self:
        """Every field empty: what was logged before no longer holds."""
        return cls.from_fields(clear_unset=True)

    @classmethod
    def columns(cls, **values: Any) -> ComponentColumnList:
        """Columns for `send_columns`; rows are split by the shape of what is given, and by `partition`."""
        made = cls.from_fields(**values)
        found = []
        for field in fields_of(cls, made.layout):
            batch = _batch(field, field.held(made))
            if not len(batch) and _count(values[field.name]):
                continue  # it could not be taken, which was said
            rows = field.kind.rows(values[field.name], len(batch))
            found.append(ComponentColumn(field.descriptor, batch, lengths=np.array(rows, np.int32)))
        return ComponentColumnList(found)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.layout == other.layout and all(
            _batch(field, field.held(self)) == _batch(field, field.held(other))
            for field in fields_of(type(self), self.layout)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if self.layout < 0:
            return f"{type(self).__name__}(broken)"
        shown = [
            f"{field.name}={_batch(field, field.held(self)).as_arrow_array().to_pylist()}"
            for field in fields_of(type(self), self.layout)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _count(value: Any) -> int:
    """How many items were given; one where it is no sequence."""
    try:
        return len(value)
    except TypeError:
        return 1


def _batch(field: Field, held: Any) -> ComponentBatch:
    assert field.descriptor.component_type is not None
    return ComponentBatch.of(field.descriptor.component_type, held)


@cache
def _arrow_field(descriptor: Descriptor) -> pa.Field:
    return known_field(descriptor)


def fields_of(cls: type[Archetype], layout: int) -> tuple[Field, ...]:
    """The fields that are set in instances of a layout."""
    known = cls.LAYOUTS.get(layout)
    if known is None:
        known = tuple(field for field in cls.FIELDS if layout > 0 and layout & field.bit)
        cls.LAYOUTS[layout] = known
    return known


def take(made: Archetype, values: dict[str, Any], *, clear_unset: bool = False) -> None:
    """Set fields by name; what cannot be taken is complained of, and its field left empty."""
    unknown = values.keys() - {field.name for field in made.FIELDS}
    if unknown:
        names = ", ".join(field.name for field in made.FIELDS)
        raise TypeError(f"{type(made).__name__} has no field {min(unknown)!r}, only {names}")
    _take(made, values, clear_unset=clear_unset)


def _take(made: Archetype, values: dict[str, Any], *, clear_unset: bool = False) -> bool:
    """Field by field; returns whether all was well."""
    wrong: list[LogError] = []
    layout = 0
    for field in made.FIELDS:
        value = values.get(field.name)
        held = field.kind.empty
        if value is not None:
            try:
                held = taken(field, value)
            except LogError as error:
                wrong.append(error)
        elif not clear_unset:
            continue
        setattr(made, field.slot, held)
        layout |= field.bit
    made.layout = layout
    made.nbytes = ROW_BYTES + sum(
        [field.kind.nbytes(field.held(made)) for field in fields_of(type(made), layout)]
    )
    for each in wrong:
        complain(LogError(f"{each.what}; the field is left empty", field=each.field, hint=each.hint))
    return not wrong


def taken(field: Field, value: Any) -> Any:
    """What is held of a value; whatever a foreign object raises on the way is the value's fault."""
    try:
        return field.coerce(value)
    except Exception as error:
        array = as_arrow(value)
        if array is not None and array.type == instance_type(field.kind.datatype):
            return from_arrow(field.kind, array)
        if isinstance(error, LogError):
            raise
        raise LogError(f"cannot be taken: {error}", field=field.descriptor.component) from error


def broken(made: Archetype, error: Exception, field: str = "") -> None:
    """An instance with nothing in it, and a word about why."""
    if not isinstance(error, LogError):
        # Raised by a foreign object, or by Python over one.
        error = LogError(f"cannot be taken: {error}", field=field or made.archetype_short_name())
    made.layout, made.nbytes = BROKEN, ROW_BYTES
    made.__class__ = _broken_class(type(made))
    complain(error)


_broken_classes: dict[type[Archetype], type[Archetype]] = {}


def _broken_class(cls: type[Archetype]) -> type[Archetype]:
    """Told by its class, an instance need not be asked whether it is broken."""
    made = _broken_classes.get(cls)
    if made is None:
        space = {"__slots__": (), "is_broken": True, "__module__": cls.__module__, "__doc__": cls.__doc__}
        made = _broken_classes[cls] = type(cls.__name__, (cls,), space)
    return made


def explained(made: Archetype, values: dict[str, Any], error: Exception) -> None:
    """The quick constructor failed: field by field, so that one that is wrong costs that field alone."""
    del error  # which of the fields did it, and whether others would, is found again
    _take(made, values)
