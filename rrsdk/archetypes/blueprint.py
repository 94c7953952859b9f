"""What blueprints are made of, from the same table."""

from __future__ import annotations

from typing import Any

from rrsdk.archetypes.making import archetype_class, names
from rrsdk.archetypes.view_properties import OWN


def __getattr__(name: str) -> Any:
    if f"blueprint.{name}" not in names():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = archetype_class(f"blueprint.{name}", OWN.get(name))
    return found


def __dir__() -> list[str]:
    return sorted(name.removeprefix("blueprint.") for name in names() if "." in name)
