"""What programs find under `rerun.any_value`: values by any name."""

from __future__ import annotations

from rrsdk.archetypes import AnyValues

__all__ = ["AnyValues"]
