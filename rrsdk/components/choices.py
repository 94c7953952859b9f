"""Enums: members, their names in any case, and numbers, held as numbers; made when first asked for."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import shown
from rrsdk.components.numbers import Numbers
from rrsdk.components.variants import VARIANTS
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from rrsdk.components.storage import Buffer


class Choice(Enum):
    """An enum as Rerun has it."""

    @classmethod
    def auto(cls, val: str | int | Choice) -> Self:
        """The member that is meant: itself, its number, or its name in any case."""
        if isinstance(val, cls):
            return val
        if isinstance(val, str):
            member = _names(cls).get(val.lower())
            if member is not None:
                return member  # type: ignore[return-value]
        elif isinstance(val, (int, np.integer)):
            for member in cls:
                if member.value == val:
                    return member
        raise ValueError(f"{cls.__name__} is one of {', '.join(cls.__members__)}, not {shown(val)}")

    def __str__(self) -> str:
        return str(self.name)


class _ColorModel(Choice):
    def num_channels(self) -> int:
        """How many numbers a pixel has."""
        return len(self.name)


class _ChannelDatatype(Choice):
    @classmethod
    def from_np_dtype(cls, dtype: Any) -> Self:
        """For a type of numbers; KeyError where there is none."""
        dtype = np.dtype(dtype)
        return cls[f"{dtype.kind.upper()}{dtype.itemsize * 8}"]

    def to_np_dtype(self) -> type:
        """The type of a numpy scalar."""
        kind: type = np.dtype(f"{self.name[0].lower()}{int(self.name[1:]) // 8}").type
        return kind


_BASES: dict[str, type[Choice]] = {"ColorModel": _ColorModel, "ChannelDatatype": _ChannelDatatype}


@cache
def lines() -> dict[str, str]:
    entries = (entry.split(":") for entry in re.split(r"\n(?=\S)", VARIANTS.strip()))
    return {name.strip(): members for name, members in entries}


@cache
def choice(name: str) -> type[Choice]:
    """The enum of a name such as `Colormap` or `blueprint.PanelState`; KeyError where there is none."""
    members = {key: int(number) for key, number in (pair.split("=") for pair in lines()[name].split())}
    short = name.rpartition(".")[2]
    made: type[Choice] = _BASES.get(short, Choice)(  # type: ignore[call-arg, assignment]
        short,
        members,
        module=__name__,
        qualname=short,
    )
    return made


@cache
def _names(kind: type[Choice]) -> dict[str, Choice]:
    return {member.name.lower(): member for member in kind}


class Choices(Numbers):
    """`uint8{1,2,3}` and the like."""

    def __init__(self, datatype: str, enum: str) -> None:
        super().__init__(datatype.partition("{")[0])
        self.enum = enum

    def coercer(self, field: str) -> Callable[[Any], Buffer]:
        """One member, or a sequence of them; every number must be a member's."""
        kind, held = choice(self.enum), {}
        for member in kind:
            as_bytes = np.array(member.value, self.dtype).tobytes()
            held.update({member: as_bytes, member.name: as_bytes, member.value: as_bytes})

        def coerce(value: Any) -> Buffer:
            try:
                return held[value]
            except (KeyError, TypeError):
                return several(value)

        def several(value: Any) -> Buffer:
            try:
                if isinstance(value, np.ndarray):
                    value = value.reshape(-1).tolist()
                if isinstance(value, (list, tuple)):
                    return b"".join([held[kind.auto(item)] for item in value])
                return held[kind.auto(value)]
            except ValueError as error:
                raise LogError(str(error), field=field) from None

        return coerce


class Directions(Numbers):
    """`fixed_size_list<uint8{…}>[3]`: where the axes of a view point to."""

    def __init__(self) -> None:
        super().__init__("fixed_size_list<uint8>[3]")

    def coercer(self, field: str) -> Callable[[Any], Buffer]:
        """An object with `coordinates`, three directions, or several of either."""
        kind = choice("ViewDir")

        def coerce(value: Any) -> Buffer:
            value = getattr(value, "coordinates", value)
            if isinstance(value, np.ndarray):
                value = value.tolist()
            if not isinstance(value, (list, tuple)):
                raise LogError(f"three directions expected, not {shown(value)}", field=field)
            if value and (isinstance(value[0], (list, tuple)) or hasattr(value[0], "coordinates")):
                return b"".join([bytes(coerce(item)) for item in value])
            if len(value) not in (0, 3):
                raise LogError(f"three directions expected, not {shown(value)}", field=field)
            try:
                return bytes(kind.auto(item).value for item in value)
            except ValueError as error:
                raise LogError(str(error), field=field) from None

        return coerce


def named(name: str) -> type[Choice]:
    """The enum of a name, blueprints' among them; KeyError where there is none."""
    return choice(name if name in lines() else f"blueprint.{name}")


def __getattr__(name: str) -> type[Choice]:
    try:
        return named(name)
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
