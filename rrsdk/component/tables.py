"""The tables of known.py with full names, as dictionaries."""

from __future__ import annotations

import re

from rrsdk.component import known

_ENTRY = re.compile(r"\n(?=\S)")


def _full(short: str, what: str) -> str:
    """`X` → `rerun.components.X`, `blueprint.X` → `rerun.blueprint.components.X`."""
    blueprint, dot, name = short.rpartition(".")
    return f"rerun.{blueprint}{dot}{what}.{name}"


def _entries(table: str) -> list[str]:
    """One text an entry; a line that begins with a space belongs to the one before."""
    return [" ".join(entry.split()) for entry in _ENTRY.split(table.strip())]


def _archetype(entry: str) -> tuple[str, dict[str, str]]:
    name, _, fields = entry.partition(":")
    pairs = (field.split("=") for field in fields.split())
    return _full(name, "archetypes"), {field: _full(kind, "components") for field, kind in pairs}


COMPONENT_TYPES: dict[str, str] = {
    _full(name, "components"): datatype
    for name, datatype in (entry.split(" = ") for entry in _entries(known.COMPONENTS))
}
"""Component type, such as `rerun.components.Position3D`, to the text of its datatype."""

ARCHETYPE_FIELDS: dict[str, dict[str, str]] = dict(map(_archetype, _entries(known.ARCHETYPES)))
"""Archetype, such as `rerun.archetypes.Points3D`, to its fields and their component types."""
