"""What programs find under `rerun.experimental`: names that have moved since, and are here in their place."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MOVED = {"Chunk": "rrsdk.chunk", "send_chunks": "rrsdk.recording.functions"}


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MOVED[name]), name)
