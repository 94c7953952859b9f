"""Blueprints: how the viewer lays out a recording, as `rerun.blueprint` has it.

import rrsdk.blueprint as rrb

rr.send_blueprint(rrb.Horizontal(rrb.Spatial3DView(origin="/world"), rrb.TimeSeriesView(origin="/speed")))
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PARTS = {
    "rrsdk.archetypes.visualizer": ("VisualizableArchetype", "Visualizer"),
    "rrsdk.blueprint.container": ("Container", "Grid", "Horizontal", "Tabs", "Vertical"),
    "rrsdk.blueprint.panels": ("BlueprintPanel", "SelectionPanel", "TimePanel", "TopPanel"),
    "rrsdk.blueprint.view": ("View",),
    "rrsdk.blueprint.whole": (
        "Blueprint",
        "BlueprintLike",
        "BlueprintPart",
        "ContainerLike",
        "PanelStateLike",
    ),
    "rrsdk.components": ("TimeRange", "TimeRangeBoundary", "VisibleTimeRange"),
}
_ROOM_OF = {name: room for room, names in _PARTS.items() for name in names}
_SUBMODULES = ("archetypes", "components", "encodings", "experimental", "views")


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"rrsdk.blueprint.{name}")
    if name in _ROOM_OF:
        found = getattr(import_module(_ROOM_OF[name]), name)
    else:
        found = _made(name)
    globals()[name] = found
    return found


def _made(name: str) -> Any:
    """A view, a property of views, or an enum."""
    if name[:1].isupper() and name != "TableBlueprint":  # whose name there is for tables of the catalog
        for room in ("views", "archetypes", "components"):
            found = getattr(import_module(f"rrsdk.blueprint.{room}"), name, None)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    rooms = [import_module(f"rrsdk.blueprint.{room}") for room in ("views", "archetypes")]
    return sorted({*globals(), *_ROOM_OF, *_SUBMODULES, *(name for room in rooms for name in dir(room))})
