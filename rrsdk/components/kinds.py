"""Which kind a component is of: the one place that knows what a component's values mean."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from rrsdk.component.tables import COMPONENT_TYPES
from rrsdk.components import blueprint_records as of_blueprints
from rrsdk.components.choices import Choices, Directions
from rrsdk.components.colors import Colors
from rrsdk.components.flags import Flags
from rrsdk.components.formats import Formats
from rrsdk.components.lists import Blobs, Strips
from rrsdk.components.nested import Annotations, Nested
from rrsdk.components.numbers import Numbers, Ranges
from rrsdk.components.records import dimension
from rrsdk.components.rotations import AxisAngles, Matrices, Packed, Quaternion
from rrsdk.components.singles import ENCODINGS
from rrsdk.components.structs import Structs, Uuids, Whole
from rrsdk.components.tensors import Tensors
from rrsdk.components.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.components.kind import Kind

_DIMENSION = COMPONENT_TYPES["rerun.components.TensorWidthDimension"]

# Where the datatype alone does not say what values mean.
_MEANING: dict[str, Callable[[], Kind]] = {
    "AlbedoFactor": Colors,
    "AnnotationContext": lambda: Annotations(COMPONENT_TYPES["rerun.components.AnnotationContext"]),
    "Color": Colors,
    "PinholeProjection": Matrices,
    "Range1D": lambda: Ranges("fixed_size_list<float64>[2]"),
    "RotationAxisAngle": AxisAngles,
    "RotationQuat": lambda: Packed("fixed_size_list<float32>[4]", Quaternion),
    "TensorHeightDimension": lambda: Structs(_DIMENSION, dimension),
    "TensorWidthDimension": lambda: Structs(_DIMENSION, dimension),
    "TransformMat3x3": Matrices,
    "ValueRange": lambda: Ranges("fixed_size_list<float64>[2]"),
    "ViewCoordinates": Directions,
    "blueprint.RootContainer": lambda: Uuids("fixed_size_list<uint8>[16]"),
    "blueprint.ViewMaximized": lambda: Uuids("fixed_size_list<uint8>[16]"),
    "blueprint.VisualizerInstructionId": lambda: Uuids("fixed_size_list<uint8>[16]"),
    # Of encodings:
    "Mat3x3": Matrices,
    "Quaternion": lambda: Packed("fixed_size_list<float32>[4]", Quaternion),
    "Rgba32": Colors,
}

# Structs of blueprints that are made from less than all their parts; where a sequence is one value: `Whole`.
_MADE: dict[str, Callable[[Any], Any]] = {
    "ColumnOrder": of_blueprints.ColumnOrder,
    "ComponentColumnSelector": of_blueprints.ComponentColumnSelector,
    "FilterIsNotNull": of_blueprints.FilterIsNotNull,
    "SelectedColumns": of_blueprints.SelectedColumns,
    "SortBy": of_blueprints.SortBy,
    "TensorDimensionIndexSlider": of_blueprints.TensorDimensionIndexSlider,
    "TextLogColumn": of_blueprints.TextLogColumn,
    "TimelineColumn": of_blueprints.TimelineColumn,
}
_WHOLE = ("ColumnOrder", "SelectedColumns")


@cache
def kind_of(component_type: str) -> Kind:
    """The kind of a component such as `rerun.components.Position3D`; KeyError where it is unknown."""
    datatype = COMPONENT_TYPES[component_type]
    return _kind(component_type.removeprefix("rerun.").replace("components.", ""), datatype)


@cache
def kind_of_encoding(name: str) -> Kind:
    """The kind of an encoding such as `Vec3D`, which components share; KeyError where it is unknown."""
    return _kind(name, encodings()[name])


@cache
def encodings() -> dict[str, str]:
    """Encodings by name, and their datatypes."""
    return dict(line.split(" = ") for line in ENCODINGS.strip().splitlines())


def _kind(short: str, datatype: str) -> Kind:
    if short in _MEANING:
        return _MEANING[short]()
    if short == "ImageFormat":
        return Formats("".join(_plain(datatype)))
    if short == "TensorData":
        return Tensors(datatype)
    outer = datatype.partition("<")[0]
    if "{" in datatype and outer.startswith("uint"):
        return Choices(datatype, short)
    if datatype == "utf8":
        return Text()
    if datatype == "bool":
        return Flags()
    if datatype == "list<uint8>":
        return Blobs()
    if outer == "list" and datatype.startswith("list<fixed_size_list<"):
        return Strips(datatype)
    if short.startswith("blueprint.") and outer in ("list", "struct"):
        name = short.removeprefix("blueprint.")
        return (Whole if name in _WHOLE else Structs)("".join(_plain(datatype)), _MADE.get(name))
    if outer in ("list", "struct"):
        return Nested("".join(_plain(datatype)))
    return Numbers(datatype)


def _plain(datatype: str) -> list[str]:
    """Without the values of enums, which Arrow's types do not have."""
    return [part.partition("}")[2] if index else part for index, part in enumerate(datatype.split("{"))]
