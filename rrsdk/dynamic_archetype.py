"""What programs find under `rerun.dynamic_archetype`: an archetype of any name."""

from __future__ import annotations

from rrsdk.archetypes import DynamicArchetype

__all__ = ["DynamicArchetype"]
