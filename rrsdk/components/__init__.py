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
        "ComponentMixin",
        "DescribedComponentBatch",
    ),
    "colors": ("Color", "Rgba32"),
    "box_format": ("Box2DFormat",),
    "formats": ("ImageFormat",),
    "media_type": ("MediaType", "TextLogLevel"),
    "radius": ("Radius",),
    "records": (
        "AnnotationContext",
        "ClassDescription",
        "TensorDimensionSelection",
        "TensorHeightDimension",
        "TensorWidthDimension",
    ),
    "rotations": (
        "Angle",
        "Mat3x3",
        "PinholeProjection",
        "Quaternion",
        "RotationAxisAngle",
        "RotationQuat",
        "TransformMat3x3",
    ),
    "tensors": ("TensorData",),
    "time_column": ("TimeColumn",),
    "time_ranges": ("TimeRange", "TimeRangeBoundary", "VisibleTimeRange"),
    "times": ("TimeInt", "Timestamp", "VideoTimestamp"),
}
BY_HAND = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in BY_HAND:
        return getattr(import_module(f"rrsdk.components.{BY_HAND[name]}"), name)
    if name.endswith("Batch"):
        batch_class = import_module("rrsdk.components.batch").batch_class
        for prefix in ("rerun", "rerun.blueprint"):
            try:
                return batch_class(f"{prefix}.components.{name.removesuffix('Batch')}")
            except KeyError:
                continue
    elif name[:1].isupper():
        if name.endswith("Like"):
            return Any  # what annotations in programs call all that is taken for it
        for module, make in (("records", "record"), ("single", "single"), ("choices", "named")):
            try:
                found = getattr(import_module(f"rrsdk.components.{module}"), make)(name)
            except KeyError:
                continue
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
