"""What blueprints are made of, as archetypes."""

from __future__ import annotations

from typing import Any

from rrsdk.archetypes import blueprint


def __getattr__(name: str) -> Any:
    return getattr(blueprint, name)


def __dir__() -> list[str]:
    return dir(blueprint)
