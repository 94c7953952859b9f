"""From the table of archetypes to classes: slots for fields, and a constructor written for them.

A constructor's text is compiled, as dataclasses' are: a loop over fields would cost more than all
the rest of it. Values that are held as they are (a float, a text) are recognised in line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rrsdk.archetypes.base import ROW_BYTES, Archetype, Field, explained
from rrsdk.archetypes.signatures import SIGNATURES
from rrsdk.archetypes.visualizer import visualizer_of, visualizers
from rrsdk.component.tables import ARCHETYPE_FIELDS
from rrsdk.components.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Parameter(NamedTuple):
    """One parameter of a constructor."""

    name: str
    positional: bool
    required: bool
    many: bool


def _parameters(text: str) -> list[Parameter]:
    words = text.split()
    positional = "/" in words
    found = []
    for word in words:
        if word == "/":
            positional = False
        else:
            found.append(Parameter(word.rstrip("!*"), positional, "!" in word, "*" in word))
    return found


@cache
def signatures() -> dict[str, list[Parameter]]:
    """Archetypes by short name; those whose constructor has parameters of its own are not there."""
    entries = (entry.partition(":") for entry in re.split(r"\n(?=\S)", SIGNATURES.strip()))
    return {name: _parameters(text) for name, _, text in entries}


def full_name(short: str) -> str:
    """`Points3D` → `rerun.archetypes.Points3D`, `blueprint.X` → `rerun.blueprint.archetypes.X`."""
    prefix, dot, name = short.rpartition(".")
    return f"rerun.{prefix}{dot}archetypes.{name}"


def fields(short: str) -> tuple[Field, ...]:
    """The fields of an archetype, in the order of the table."""
    name = full_name(short)
    return tuple(
        Field(name, field, 1 << index, component, kind_of(component))
        for index, (field, component) in enumerate(ARCHETYPE_FIELDS[name].items())
    )


@cache
def names() -> frozenset[str]:
    """Archetypes by short name; blueprints' begin with `blueprint.`."""
    return frozenset(name.removeprefix("rerun.").replace("archetypes.", "") for name in ARCHETYPE_FIELDS)


def archetype_class(short: str, own: type | None = None) -> Any:
    """A class with the fields of an archetype, and a constructor that takes them.

    `own` is a class without slots whose methods go before what the table makes; the constructor that
    takes all fields is `set_fields` there, in the table's order.
    """
    name = full_name(short)
    known = fields(short)
    by_name = {field.name: field for field in known}
    anything = [Parameter(field.name, positional=True, required=False, many=True) for field in known]
    parameters = signatures().get(short) or [each._replace(positional=False) for each in anything]
    label = short.rpartition(".")[2]
    defaults = getattr(own, "DEFAULTS", "")
    space: dict[str, Any] = {
        "__slots__": tuple(field.slot for field in known),
        "__module__": f"{__package__}.blueprint" if "." in short else __package__,
        "__doc__": f"{label}, as Rerun has it: {', '.join(field.name for field in known)}.",
        "NAME": name,
        "FIELDS": known,
        "LAYOUTS": {},
    }
    if own is not None and "__init__" in vars(own):
        space["set_fields"] = constructor(label, "set_fields", anything, by_name)
    else:
        space["__init__"] = constructor(label, "__init__", parameters, by_name, defaults)
    for field in known:
        if not hasattr(Archetype, field.name):
            # Only TableBlueprint has one, `layout`, that means something else for whatever is logged.
            space[field.name] = _property(field)
        space[f"descriptor_{field.name}"] = staticmethod(_constant(field))
    if short in visualizers():
        space["visualizer"] = visualizer_of
    made = type(label, (Archetype,) if own is None else (own, Archetype), space)
    getattr(made, "made", bool)()
    return made


def _constant(field: Field) -> Callable[[], Any]:
    return lambda: field.descriptor


def _property(field: Field) -> property:
    from rrsdk.components.batch import ComponentBatch

    def read(self: Archetype) -> ComponentBatch | None:
        if self.layout < 0 or not self.layout & field.bit:
            return None
        assert field.descriptor.component_type is not None
        return ComponentBatch.of(field.descriptor.component_type, field.held(self))

    # Not to be set: what was logged holds the archetype until it is encoded.
    return property(read)


def constructor(
    own: str, name_of: str, parameters: list[Parameter], known: dict[str, Field], defaults: str = ""
) -> Callable[..., None]:
    """`__init__` or `set_fields`, compiled."""
    positional = [_shown(parameter) for parameter in parameters if parameter.positional]
    named = [_shown(parameter) for parameter in parameters if not parameter.positional]
    arguments = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    lines = [
        f"def {name_of}({arguments}):",
        " try:",
        f"  mask_, size_ = 0, {ROW_BYTES}",
        *([defaults] if defaults else []),
    ]
    for parameter in parameters:
        lines += _taking(known[parameter.name])
    values = ", ".join(f"{parameter.name!r}: {parameter.name}" for parameter in parameters)
    lines += [
        "  self.layout = mask_",
        "  self.nbytes = size_",
        " except Exception as error:",
        f"  explained(self, {{{values}}}, error)",
    ]
    space: dict[str, Any] = {f"take{field.slot}": field.coerce for field in known.values()}
    space.update({f"nbytes{field.slot}": field.kind.nbytes for field in known.values()})
    space["explained"] = explained
    code = compile("\n".join(lines), f"<rrsdk {own}>", "exec")
    exec(code, space)  # noqa: S102 - the text is ours, made from the table alone
    made: Callable[..., None] = space[name_of]
    made.__qualname__ = f"{own}.{name_of}"
    return made


def _taking(field: Field) -> list[str]:
    """The lines that take one argument."""
    name, slot, raw = field.name, field.slot, field.kind.raw
    lines = []
    if raw is not None:
        lines = [
            f"  if {name}.__class__ is {raw.__name__}:",
            f"   self.{slot} = {name}",
            f"   mask_ |= {field.bit}",
            f"   size_ += {f'len({name})' if raw is str else 8}",
        ]
    size = "len(held_)" if isinstance(field.kind.empty, bytes) and raw is None else f"nbytes{slot}(held_)"
    return [
        *lines,
        f"  {'elif' if lines else 'if'} {name} is not None:",
        f"   self.{slot} = held_ = take{slot}({name})",
        f"   mask_ |= {field.bit}",
        f"   size_ += {size}",
    ]


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}=None"
