"""The logged vocabulary: every archetype of Rerun, made from the table when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rrsdk.archetypes.base import Archetype
from rrsdk.archetypes.making import archetype_class, names

if TYPE_CHECKING:
    from types import ModuleType

# Where the constructor takes other things than the fields: module and class of what is ours.
_OWN = {
    "Asset3D": ("files", "Asset3DOwn"),
    "AssetAudio": ("files", "AssetAudioOwn"),
    "AssetVideo": ("files", "AssetVideoOwn"),
    "BarChart": ("tensor", "BarChartOwn"),
    "Boxes2D": ("sizes", "Boxes2DOwn"),
    "Boxes3D": ("sizes", "Boxes3DOwn"),
    "Clear": ("clear", "ClearOwn"),
    "DepthImage": ("flat_images", "DepthImageOwn"),
    "Ellipsoids3D": ("sizes", "Ellipsoids3DOwn"),
    "EncodedImage": ("files", "EncodedImageOwn"),
    "GeoLineStrings": ("geo", "GeoLineStringsOwn"),
    "GeoPoints": ("geo", "GeoPointsOwn"),
    "Image": ("image", "ImageOwn"),
    "Mesh3D": ("mesh3d", "Mesh3DOwn"),
    "Pinhole": ("pinhole", "PinholeOwn"),
    "Points2D": ("points", "PointsOwn"),
    "Points3D": ("points", "PointsOwn"),
    "SeriesPoints": ("points", "SeriesPointsOwn"),
    "SegmentationImage": ("flat_images", "SegmentationImageOwn"),
    "Tensor": ("tensor", "TensorOwn"),
    "Transform3D": ("transform3d", "Transform3DOwn"),
    "VideoFrameReference": ("video", "VideoFrameReferenceOwn"),
    "ViewCoordinates": ("view_coordinates", "ViewCoordinatesOwn"),
}
_MODULES = {"AnyValues": "any_values", "AnyBatchValue": "any_values", "DynamicArchetype": "any_values"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        found: Any = getattr(import_module(f"rrsdk.archetypes.{_MODULES[name]}"), name)
    elif name in names() and "." not in name:
        module, own = _OWN.get(name, (None, ""))
        mixin = getattr(_own(module), own) if module else None
        found = archetype_class(name, mixin)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def _own(module: str) -> ModuleType:
    return import_module(f"rrsdk.archetypes.{module}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *(name for name in names() if "." not in name)})


__all__ = ["Archetype"]
