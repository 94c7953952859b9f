"""Values of several named parts: what stands for one instance of a struct, or of a list of structs."""

from __future__ import annotations

from dataclasses import make_dataclass
from functools import cache
from typing import Any

from rrsdk.component.column import Descriptor
from rrsdk.components.instance import Instance

# A `?` may be left out; `[…]` is a list, which dictionaries and pairs may stand for.
_PARTS = """
AbsoluteTimeRange: min max
AnnotationInfo: id label? color?
ChannelCountPair: channel_id message_count
ChannelMessageCounts: counts
ClassDescriptionMapElem: class_id class_description
GraphEdge: first second
KeypointPair: keypoint0 keypoint1
KeyValuePairs: pairs
Range2D: x_range y_range
TensorDimensionIndexSelection: dimension index
Utf8Pair: first second
"""
_OF_COMPONENTS = frozenset(
    ("ChannelMessageCounts", "GraphEdge", "KeyValuePairs", "TensorDimensionIndexSelection")
)


class Record:
    """Base of the classes made here; the parts are attributes."""

    __slots__ = ()


class ComponentRecord(Record, Instance):
    """Of those that are components, too."""

    __slots__ = ()


@cache
def lines() -> dict[str, list[str]]:
    """The parts of each."""
    return {
        name: parts.split()
        for name, _, parts in (line.partition(":") for line in _PARTS.strip().splitlines())
    }


@cache
def record(name: str) -> Any:
    """The class of this name; KeyError where there is none."""
    parts: list[Any] = [
        (part.rstrip("?"), Any, None) if part.endswith("?") else (part, Any) for part in lines()[name]
    ]
    base = ComponentRecord if name in _OF_COMPONENTS else Record
    made = make_dataclass(name, parts, bases=(base,), frozen=True)
    made.__module__ = "rrsdk.components"
    return made


class ClassDescription:
    """A class of things: how it is called and drawn, and its keypoints with the lines between them."""

    __slots__ = ("info", "keypoint_annotations", "keypoint_connections")

    def __init__(
        self, *, info: Any, keypoint_annotations: Any = None, keypoint_connections: Any = None
    ) -> None:
        self.info = info
        self.keypoint_annotations = [] if keypoint_annotations is None else list(keypoint_annotations)
        self.keypoint_connections = [] if keypoint_connections is None else list(keypoint_connections)

    def as_component_batches(self) -> list[Any]:
        """A class description can be logged as an annotation context of one class."""
        component, archetype = "rerun.components.AnnotationContext", "rerun.archetypes.AnnotationContext"
        named = Descriptor("AnnotationContext:context", archetype, component)
        return [AnnotationContext(self).described(named)]

    def __repr__(self) -> str:
        return (
            f"ClassDescription(info={self.info!r}, keypoint_annotations={self.keypoint_annotations!r}, "
            f"keypoint_connections={self.keypoint_connections!r})"
        )


class AnnotationContext(Instance):
    """Class descriptions, as one instance of the component."""

    __slots__ = ("class_map",)

    def __init__(self, class_map: Any) -> None:
        self.class_map = class_map


class TensorDimensionSelection:
    """A dimension of a tensor, perhaps the other way round."""

    __slots__ = ("dimension", "invert")

    def __init__(self, dimension: int, *, invert: bool = False) -> None:
        self.dimension, self.invert = dimension, invert

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dimension}, invert={self.invert})"


def dimension(value: Any) -> Any:
    """Of a number, that dimension as it is."""
    return value if hasattr(value, "invert") else TensorDimensionSelection(value)


class TensorWidthDimension(TensorDimensionSelection, Instance):
    """The dimension that goes across."""

    __slots__ = ()


class TensorHeightDimension(TensorDimensionSelection, Instance):
    """The dimension that goes down."""

    __slots__ = ()
