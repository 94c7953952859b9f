"""The kinds of views there are: built-in ones and others', all by entry point.

A plugin that cannot be imported, or is no view, is left out and said: it keeps no viewer from starting.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrviewer.view import ViewClass

GROUP = "rrkit.views"

BUILT_IN = {
    "3D": "rrviewer.views.spatial3d:VIEW",
    "2D": "rrviewer.views.spatial2d:VIEW",
    "TimeSeries": "rrviewer.views.time_series:VIEW",
    "BarChart": "rrviewer.views.bar_chart:VIEW",
    "TextLog": "rrviewer.views.text_log:VIEW",
    "TextDocument": "rrviewer.views.text_document:VIEW",
    "Tensor": "rrviewer.views.tensor:VIEW",
    "Dataframe": "rrviewer.views.dataframe:VIEW",
}
"""As in pyproject.toml, for a checkout that is not installed."""


def load(warn: Callable[[str], None]) -> dict[str, ViewClass]:
    """By identifier. Others' plugins come after the built-in ones, whose identifiers they cannot take."""
    found: dict[str, ViewClass] = {}
    entries = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    for entry in entry_points(group=GROUP):
        entries.setdefault(entry.name, entry)
    for name, entry in entries.items():
        try:
            view: Any = entry.load()
            identifier = view.identifier
            for needed in ("fits", "recommend", "scene", "widget"):
                getattr(view, needed)
        except ModuleNotFoundError as error:
            if name not in BUILT_IN or error.name is None or not entry.value.startswith(error.name):
                warn(f"the view {name} ({entry.value}) is left out: {error}")
            continue
        except Exception as error:  # noqa: BLE001  # a plugin may raise anything
            warn(f"the view {name} ({entry.value}) is left out: {type(error).__name__}: {error}")
            continue
        if identifier != name or identifier in found:
            warn(f"the view {name} ({entry.value}) is left out: it calls itself {identifier!r}")
            continue
        found[identifier] = view
    return found
