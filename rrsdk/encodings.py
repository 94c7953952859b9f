"""What components are made of, by Rerun's names: `Vec3D`, `Utf8`, `Rgba32`, and the parts of structs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# What the class of a component does not stand for.
_OWN = ("VideoTimestamp", "ViewCoordinates")


def __getattr__(name: str) -> Any:
    components: Any = import_module("rrsdk.components")
    try:
        if name.endswith("Batch"):
            found = import_module("rrsdk.components.batch").encoding_batch_class(name[:-5])
        elif name in components.BY_HAND and name not in _OWN:
            found = getattr(components, name)
        else:
            found = import_module("rrsdk.components.single").single(f"encodings.{name}")
    except KeyError:
        found = getattr(components, name, None)
        if found is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = found
    return found
