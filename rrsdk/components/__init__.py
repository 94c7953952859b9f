"""What components are made of: values taken in, held, and encoded for many rows at once.

`ColorBatch` and the like, one for each component of Rerun, and its enums, are made when asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = {
    "batch": (
        "AsComponents",
        "ComponentBatch",
        "ComponentBatchLike",
        "ComponentBatchMixin",
        "ComponentColumn",
        "ComponentColumnList",
        "ComponentDescriptor",
        "DescribedComponentBatch",
    ),
    "colors": ("Color", "Rgba32"),
    "formats": ("ImageFormat",),
    "media_type": ("MediaType", "TextLogLevel"),
    "radius": ("Radius",),
    "rotations": ("Angle", "Mat3x3", "Quaternion", "RotationAxisAngle"),
    "tensors": ("TensorData",),
    "time_column": ("TimeColumn",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rrsdk.components.{_HOMES[name]}"), name)
    if name.endswith("Batch"):
        batch_class = import_module("rrsdk.components.batch").batch_class
        for prefix in ("rerun", "rerun.blueprint"):
            try:
                return batch_class(f"{prefix}.components.{name.removesuffix('Batch')}")
            except KeyError:
                continue
    elif name[:1].isupper():
        try:
            return getattr(import_module("rrsdk.components.choices"), name)
        except AttributeError:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
