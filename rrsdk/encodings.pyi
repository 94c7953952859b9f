"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: A002, I001
# mypy: disable-error-code="override, misc"

from typing import Any, ClassVar

from rrsdk.components import AbsoluteTimeRange as AbsoluteTimeRange
from rrsdk.components import AnnotationContext as AnnotationContext
from rrsdk.components import AnnotationInfo as AnnotationInfo
from rrsdk.components import AsComponents as AsComponents
from rrsdk.components import Box2DFormat as Box2DFormat
from rrsdk.components import ChannelCountPair as ChannelCountPair
from rrsdk.components import ChannelMessageCounts as ChannelMessageCounts
from rrsdk.components import ClassDescription as ClassDescription
from rrsdk.components import ClassDescriptionMapElem as ClassDescriptionMapElem
from rrsdk.components import Color as Color
from rrsdk.components import ComponentBatch as ComponentBatch
from rrsdk.components import ComponentBatchLike as ComponentBatchLike
from rrsdk.components import ComponentBatchMixin as ComponentBatchMixin
from rrsdk.components import ComponentColumn as ComponentColumn
from rrsdk.components import ComponentColumnList as ComponentColumnList
from rrsdk.components import ComponentDescriptor as ComponentDescriptor
from rrsdk.components import ComponentMixin as ComponentMixin
from rrsdk.components import DescribedComponentBatch as DescribedComponentBatch
from rrsdk.components import GraphEdge as GraphEdge
from rrsdk.components import ImageFormat as ImageFormat
from rrsdk.components import KeyValuePairs as KeyValuePairs
from rrsdk.components import KeypointPair as KeypointPair
from rrsdk.components import MediaType as MediaType
from rrsdk.components import PinholeProjection as PinholeProjection
from rrsdk.components import Radius as Radius
from rrsdk.components import Range2D as Range2D
from rrsdk.components import RotationAxisAngle as RotationAxisAngle
from rrsdk.components import RotationQuat as RotationQuat
from rrsdk.components import TensorData as TensorData
from rrsdk.components import TensorDimensionIndexSelection as TensorDimensionIndexSelection
from rrsdk.components import TensorDimensionSelection as TensorDimensionSelection
from rrsdk.components import TensorHeightDimension as TensorHeightDimension
from rrsdk.components import TensorWidthDimension as TensorWidthDimension
from rrsdk.components import TextLogLevel as TextLogLevel
from rrsdk.components import TimeColumn as TimeColumn
from rrsdk.components import TimeRange as TimeRange
from rrsdk.components import TimeRangeBoundary as TimeRangeBoundary
from rrsdk.components import Timestamp as Timestamp
from rrsdk.components import TransformMat3x3 as TransformMat3x3
from rrsdk.components import Utf8Pair as Utf8Pair
from rrsdk.components import VisibleTimeRange as VisibleTimeRange
from rrsdk.components import Angle as Angle
from rrsdk.components import Mat3x3 as Mat3x3
from rrsdk.components import Quaternion as Quaternion
from rrsdk.components import Rgba32 as Rgba32
from rrsdk.components import TimeInt as TimeInt
from rrsdk.components.choices import AggregationPolicy as AggregationPolicy
from rrsdk.components.choices import ChannelDatatype as ChannelDatatype
from rrsdk.components.choices import ColorModel as ColorModel
from rrsdk.components.choices import Colormap as Colormap
from rrsdk.components.choices import EntryKind as EntryKind
from rrsdk.components.choices import FillMode as FillMode
from rrsdk.components.choices import GraphType as GraphType
from rrsdk.components.choices import InterpolationMode as InterpolationMode
from rrsdk.components.choices import MagnificationFilter as MagnificationFilter
from rrsdk.components.choices import MarkerShape as MarkerShape
from rrsdk.components.choices import MeshFaceRendering as MeshFaceRendering
from rrsdk.components.choices import PixelFormat as PixelFormat
from rrsdk.components.choices import PointShading as PointShading
from rrsdk.components.choices import TransformRelation as TransformRelation
from rrsdk.components.choices import VideoCodec as VideoCodec
from rrsdk.components.choices import ViewDir as ViewDir
from rrsdk.components.single import Single

class AngleBatch(ComponentBatch): ...

class BlobBatch(ComponentBatch): ...

class BoolBatch(ComponentBatch): ...

class ClassIdBatch(ComponentBatch): ...

class DVec2DBatch(ComponentBatch): ...

class EntityPathBatch(ComponentBatch): ...

class Float32Batch(ComponentBatch): ...

class Float64Batch(ComponentBatch): ...

class IVec3DBatch(ComponentBatch): ...

class KeypointIdBatch(ComponentBatch): ...

class Mat3x3Batch(ComponentBatch): ...

class Plane3DBatch(ComponentBatch): ...

class QuaternionBatch(ComponentBatch): ...

class Range1DBatch(ComponentBatch): ...

class Rgba32Batch(ComponentBatch): ...

class SphericalHarmonics3RgbBatch(ComponentBatch): ...

class TimeIntBatch(ComponentBatch): ...

class UInt16Batch(ComponentBatch): ...

class UInt32Batch(ComponentBatch): ...

class UInt64Batch(ComponentBatch): ...

class UVec2DBatch(ComponentBatch): ...

class UVec3DBatch(ComponentBatch): ...

class UVec4DBatch(ComponentBatch): ...

class Utf8Batch(ComponentBatch): ...

class UuidBatch(ComponentBatch): ...

class Vec2DBatch(ComponentBatch): ...

class Vec3DBatch(ComponentBatch): ...

class Vec4DBatch(ComponentBatch): ...

class VideoTimestampBatch(ComponentBatch): ...

class ViewCoordinatesBatch(ComponentBatch): ...

class Uuid(Single):
    @property
    def bytes(self) -> Any: ...
    def __init__(self, bytes: Any) -> None: ...

class SphericalHarmonics3Rgb(Single):
    @property
    def coefficients(self) -> Any: ...
    def __init__(self, coefficients: Any) -> None: ...

class ViewCoordinates(Single):
    @property
    def coordinates(self) -> Any: ...
    def __init__(self, coordinates: Any) -> None: ...
    RUF: ClassVar[ViewCoordinates]
    RUB: ClassVar[ViewCoordinates]
    RDF: ClassVar[ViewCoordinates]
    RDB: ClassVar[ViewCoordinates]
    LUF: ClassVar[ViewCoordinates]
    LUB: ClassVar[ViewCoordinates]
    LDF: ClassVar[ViewCoordinates]
    LDB: ClassVar[ViewCoordinates]
    RFU: ClassVar[ViewCoordinates]
    RFD: ClassVar[ViewCoordinates]
    RBU: ClassVar[ViewCoordinates]
    RBD: ClassVar[ViewCoordinates]
    LFU: ClassVar[ViewCoordinates]
    LFD: ClassVar[ViewCoordinates]
    LBU: ClassVar[ViewCoordinates]
    LBD: ClassVar[ViewCoordinates]
    URF: ClassVar[ViewCoordinates]
    URB: ClassVar[ViewCoordinates]
    ULF: ClassVar[ViewCoordinates]
    ULB: ClassVar[ViewCoordinates]
    DRF: ClassVar[ViewCoordinates]
    DRB: ClassVar[ViewCoordinates]
    DLF: ClassVar[ViewCoordinates]
    DLB: ClassVar[ViewCoordinates]
    UFR: ClassVar[ViewCoordinates]
    UFL: ClassVar[ViewCoordinates]
    UBR: ClassVar[ViewCoordinates]
    UBL: ClassVar[ViewCoordinates]
    DFR: ClassVar[ViewCoordinates]
    DFL: ClassVar[ViewCoordinates]
    DBR: ClassVar[ViewCoordinates]
    DBL: ClassVar[ViewCoordinates]
    FRU: ClassVar[ViewCoordinates]
    FRD: ClassVar[ViewCoordinates]
    FLU: ClassVar[ViewCoordinates]
    FLD: ClassVar[ViewCoordinates]
    BRU: ClassVar[ViewCoordinates]
    BRD: ClassVar[ViewCoordinates]
    BLU: ClassVar[ViewCoordinates]
    BLD: ClassVar[ViewCoordinates]
    FUR: ClassVar[ViewCoordinates]
    FUL: ClassVar[ViewCoordinates]
    FDR: ClassVar[ViewCoordinates]
    FDL: ClassVar[ViewCoordinates]
    BUR: ClassVar[ViewCoordinates]
    BUL: ClassVar[ViewCoordinates]
    BDR: ClassVar[ViewCoordinates]
    BDL: ClassVar[ViewCoordinates]
    RIGHT_HAND_X_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_X_DOWN: ClassVar[ViewCoordinates]
    RIGHT_HAND_Y_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_Y_DOWN: ClassVar[ViewCoordinates]
    RIGHT_HAND_Z_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_Z_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_X_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_X_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_Y_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_Y_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_Z_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_Z_DOWN: ClassVar[ViewCoordinates]

class Blob(Single):
    @property
    def data(self) -> Any: ...
    def __init__(self, data: Any) -> None: ...

class ClassId(Single):
    @property
    def id(self) -> Any: ...
    def __init__(self, id: Any) -> None: ...

class KeypointId(Single):
    @property
    def id(self) -> Any: ...
    def __init__(self, id: Any) -> None: ...

class EntityPath(Single):
    @property
    def path(self) -> Any: ...
    def __init__(self, path: Any) -> None: ...

class Range1D(Single):
    @property
    def range(self) -> Any: ...
    def __init__(self, range: Any) -> None: ...

class Bool(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class Float32(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class Float64(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class UInt16(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class UInt32(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class UInt64(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class Utf8(Single):
    @property
    def value(self) -> Any: ...
    def __init__(self, value: Any) -> None: ...

class DVec2D(Single):
    @property
    def xy(self) -> Any: ...
    def __init__(self, xy: Any) -> None: ...

class UVec2D(Single):
    @property
    def xy(self) -> Any: ...
    def __init__(self, xy: Any) -> None: ...

class Vec2D(Single):
    @property
    def xy(self) -> Any: ...
    def __init__(self, xy: Any) -> None: ...

class IVec3D(Single):
    @property
    def xyz(self) -> Any: ...
    def __init__(self, xyz: Any) -> None: ...

class UVec3D(Single):
    @property
    def xyz(self) -> Any: ...
    def __init__(self, xyz: Any) -> None: ...

class Vec3D(Single):
    @property
    def xyz(self) -> Any: ...
    def __init__(self, xyz: Any) -> None: ...

class Plane3D(Single):
    @property
    def xyzd(self) -> Any: ...
    def __init__(self, normal: Any, distance: float | None = None) -> None: ...
    YZ: ClassVar[Plane3D]
    ZX: ClassVar[Plane3D]
    XY: ClassVar[Plane3D]

class UVec4D(Single):
    @property
    def xyzw(self) -> Any: ...
    def __init__(self, xyzw: Any) -> None: ...

class Vec4D(Single):
    @property
    def xyzw(self) -> Any: ...
    def __init__(self, xyzw: Any) -> None: ...
