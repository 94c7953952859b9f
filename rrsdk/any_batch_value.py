"""What programs find under `rerun.any_batch_value`: one component of any name."""

from __future__ import annotations

from rrsdk.archetypes import AnyBatchValue

__all__ = ["AnyBatchValue"]
