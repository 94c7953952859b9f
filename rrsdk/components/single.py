"""One instance as an object: `components.Position3D([1, 2, 3])`, `encodings.Utf8("a")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rrsdk.component.column import Descriptor
from rrsdk.component.datatypes import parse
from rrsdk.components.arrays import shown
from rrsdk.components.axes import axes
from rrsdk.components.batch import ComponentColumn, DescribedComponentBatch
from rrsdk.components.from_arrow import as_arrow
from rrsdk.components.kinds import encodings, kind_of, kind_of_encoding
from rrsdk.components.numbers import Numbers
from rrsdk.components.singles import PARTS
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from rrsdk.components.kind import Kind
    from rrsdk.components.storage import Array


class Single:
    """Base of the classes made here; `PART` is what the value is called."""

    __slots__ = ("held",)

    PART: ClassVar[str] = "value"
    KIND: ClassVar[Kind]
    _COMPONENT_TYPE: ClassVar[str] = ""

    held: Any

    def __init__(self, value: Any) -> None:
        name = type(self).__name__
        self.held: Any = self.KIND.empty
        try:
            held = self.KIND.coercer(name)(value)
            if len(self.KIND.flat([held])[0]) != 1:
                raise LogError(f"one {name} expected, not {shown(value)}", field=name)
            self.held = held
        except LogError as error:
            complain(error)

    def _value(self) -> Any:
        """What was given, as numpy or Python has it; None where it could not be taken."""
        array = self.as_arrow_array()
        if not len(array):
            return None
        if isinstance(self.KIND, Numbers):
            numbers = np.asarray(self)
            return numbers if numbers.ndim else numbers.item()
        found = array[0].as_py()
        return np.array(found) if isinstance(found, list) else found

    def as_arrow_array(self) -> pa.Array:
        """An array of the one instance."""
        return self.KIND.flat([self.held])[0]

    def component_type(self) -> str:
        """Such as `rerun.components.Color`."""
        return self._COMPONENT_TYPE

    def component_descriptor(self) -> Descriptor:
        """The component alone, under no archetype."""
        return Descriptor(self._COMPONENT_TYPE, component_type=self._COMPONENT_TYPE)

    def described(self, descriptor: Descriptor) -> DescribedComponentBatch:
        """The instance, with how its column is named."""
        return DescribedComponentBatch(self, descriptor)

    def partition(self, lengths: npt.ArrayLike | None = None) -> ComponentColumn:
        """A column of the one instance."""
        return ComponentColumn(self._COMPONENT_TYPE, self, lengths=lengths)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        array = as_arrow(self)
        while array is not None and hasattr(array.type, "value_type"):
            array = array.flatten()
        values = np.array([] if array is None else array.to_numpy(zero_copy_only=False), dtype=dtype)
        return values.reshape(()) if values.size == 1 and not _is_vector(self.KIND) else values

    def __len__(self) -> int:
        value = self._value()
        if not hasattr(value, "__len__"):
            raise TypeError(f"{type(self).__name__} has no length")
        return len(value)

    def __bool__(self) -> bool:
        value = self._value()
        return bool(value) if isinstance(value, (bool, int, float, str)) else value is not None

    def __float__(self) -> float:
        return float(self._value())

    def __int__(self) -> int:
        return int(self._value())

    def __str__(self) -> str:
        return str(self._value())

    def __eq__(self, other: object) -> bool:
        same = type(other) is type(self)
        return same and bool(self.as_arrow_array().equals(other.as_arrow_array()))  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self).__name__, str(self)))

    def __repr__(self) -> str:
        value = self._value()
        return f"{type(self).__name__}({value.tolist() if isinstance(value, np.ndarray) else value!r})"


def _is_vector(kind: Kind) -> bool:
    return parse(kind.datatype).name in ("fixed_size_list", "list")


class Scale3DOwn:
    """A number scales all three axes."""

    __slots__ = ()

    def __init__(self, uniform_or_per_axis: Any = 1) -> None:
        value = 1 if uniform_or_per_axis is None else uniform_or_per_axis
        if np.size(value) == 1:
            value = [np.asarray(value).reshape(())] * 3
        super().__init__(value)  # type: ignore[call-arg]  # Single's


class Plane3DOwn:
    """A plane by its normal and its distance from the origin."""

    __slots__ = ()

    def __init__(self, normal: Any, distance: float | None = None) -> None:
        super().__init__([*np.asarray(normal).reshape(-1), distance or 0])  # type: ignore[call-arg]  # Single's

    def normal(self: Any) -> Any:
        """Three numbers."""
        return self.xyzd[:3]

    def distance(self: Any) -> float:
        """From the origin, along the normal."""
        return float(self.xyzd[3])

    def with_distance(self: Any, distance: float) -> Any:
        """A parallel plane."""
        return type(self)(self.normal(), distance)


class GeoLineStringOwn:
    """A line by its places."""

    __slots__ = ()

    def __init__(self, *, lat_lon: Any) -> None:
        super().__init__(lat_lon)  # type: ignore[call-arg]  # Single's


class ClearIsRecursiveOwn:
    """Whether all below is cleared, too."""

    __slots__ = ()

    def __init__(self, recursive: bool = True) -> None:
        super().__init__(recursive)  # type: ignore[call-arg]  # Single's


_OWN: dict[str, type] = {
    "ClearIsRecursive": ClearIsRecursiveOwn,
    "GeoLineString": GeoLineStringOwn,
    "Plane3D": Plane3DOwn,
    "Scale3D": Scale3DOwn,
}
_made: dict[str, type[Single]] = {}


def single(name: str) -> type[Single]:
    """The class of a component `X` or `blueprint.X`, or of an encoding `encodings.X`; KeyError for others."""
    found = _made.get(name)
    if found is None:
        part = PARTS[name]
        prefix, dot, short = name.rpartition(".")
        is_encoding = prefix == "encodings"
        component = "" if is_encoding else f"rerun.{prefix}{dot}components.{short}"
        space: dict[str, Any] = {
            "__slots__": (),
            "__module__": "rrsdk.encodings" if is_encoding else f"rrsdk.{prefix}{dot}components",
            "__doc__": f"One {short}.",
            "PART": part,
            "KIND": kind_of(component) if component else kind_of_encoding(short),
            "_COMPONENT_TYPE": component,
            part: property(Single._value),  # noqa: SLF001
        }
        own = _OWN.get(short)
        if own is None:
            space["__init__"] = _constructor(part)
        made: Any = type(short, (Single,) if own is None else (own, Single), space)
        if short == "Plane3D":
            made.YZ, made.ZX, made.XY = made([1, 0, 0]), made([0, 1, 0]), made([0, 0, 1])
        if short == "ViewCoordinates":
            for axis, directions in axes().items():
                setattr(made, axis, made(directions))
        found = _made.setdefault(name, made)
    return found


def _constructor(part: str) -> Any:
    """Takes the value by place, or under its own name."""

    def construct(self: Single, *value: Any, **named: Any) -> None:
        if len(value) + len(named) != 1 or named.keys() - {part}:
            raise TypeError(f"{type(self).__name__} takes one argument, `{part}`")
        Single.__init__(self, value[0] if value else named[part])

    return construct


def names() -> list[str]:
    """Of all components and encodings that there are here."""
    return [name for name in PARTS if not name.startswith("encodings.") or name[10:] in encodings()]
