"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# mypy: disable-error-code="override, misc"

from collections.abc import Callable
from enum import Enum
from typing import Any

from typing_extensions import Self

from rrsdk.components.numbers import Numbers
from rrsdk.components.storage import Buffer

class Choice(Enum):
    @classmethod
    def auto(cls, val: str | int | Choice) -> Self: ...

def choice(name: str) -> Any: ...

class Choices(Numbers):
    enum: str
    def __init__(self, datatype: str, enum: str) -> None: ...
    def coercer(self, field: str) -> Callable[[Any], Buffer]: ...

class Directions(Numbers):
    def __init__(self) -> None: ...
    def coercer(self, field: str) -> Callable[[Any], Buffer]: ...

class AggregationPolicy(Choice):
    Off = 1
    Average = 2
    Max = 3
    Min = 4
    MinMax = 5
    MinMaxAverage = 6

class ChannelDatatype(Choice):
    U8 = 6
    I8 = 7
    U16 = 8
    I16 = 9
    U32 = 10
    I32 = 11
    U64 = 12
    I64 = 13
    F16 = 33
    F32 = 34
    F64 = 35
    @classmethod
    def from_np_dtype(cls, dtype: Any) -> Self: ...
    def to_np_dtype(self) -> type: ...

class ColorModel(Choice):
    L = 1
    RGB = 2
    RGBA = 3
    BGR = 4
    BGRA = 5
    def num_channels(self) -> int: ...

class Colormap(Choice):
    Grayscale = 1
    Inferno = 2
    Magma = 3
    Plasma = 4
    Turbo = 5
    Viridis = 6
    CyanToYellow = 7
    Spectral = 8
    Twilight = 9
    RvizMap = 10
    RvizCostmap = 11
    Costmap = 12

class EntryKind(Choice):
    Dataset = 1
    DatasetView = 2
    Table = 3
    TableView = 4
    BlueprintDataset = 5
    AssetDataset = 6

class FillMode(Choice):
    MajorWireframe = 1
    DenseWireframe = 2
    Solid = 3
    TransparentFillMajorWireframe = 4

class GraphType(Choice):
    Undirected = 1
    Directed = 2

class InterpolationMode(Choice):
    Linear = 1
    StepAfter = 2
    StepBefore = 3
    StepMid = 4

class MagnificationFilter(Choice):
    Nearest = 1
    Linear = 2
    Bicubic = 3

class MarkerShape(Choice):
    Circle = 1
    Diamond = 2
    Square = 3
    Cross = 4
    Plus = 5
    Up = 6
    Down = 7
    Left = 8
    Right = 9
    Asterisk = 10

class MeshFaceRendering(Choice):
    DoubleSided = 1
    Front = 2
    Back = 3

class PixelFormat(Choice):
    Y_U_V12_LimitedRange = 20
    NV12 = 26
    YUY2 = 27
    Y8_FullRange = 30
    Y_U_V24_LimitedRange = 39
    Y_U_V24_FullRange = 40
    Y8_LimitedRange = 41
    Y_U_V12_FullRange = 44
    Y_U_V16_LimitedRange = 49
    Y_U_V16_FullRange = 50
    BayerRGGB8 = 128
    BayerBGGR8 = 129
    BayerGBRG8 = 130
    BayerGRBG8 = 131

class PointShading(Choice):
    Gradient = 1
    Flat = 2

class TransformRelation(Choice):
    ParentFromChild = 1
    ChildFromParent = 2

class VideoCodec(Choice):
    AV1 = 1635135537
    H264 = 1635148593
    H265 = 1751479857
    VP8 = 1987063864
    VP9 = 1987063865

class ViewDir(Choice):
    Up = 1
    Down = 2
    Right = 3
    Left = 4
    Forward = 5
    Back = 6

class BackgroundKind(Choice):
    GradientDark = 1
    GradientBright = 2
    SolidColor = 3

class ColumnDisplayMode(Choice):
    Compact = 1
    Component = 2
    Full = 3

class ComponentSourceKind(Choice):
    SourceComponent = 1
    Override = 2
    Default = 3
    AnnotationContext = 4

class ContainerKind(Choice):
    Tabs = 1
    Horizontal = 2
    Vertical = 3
    Grid = 4

class Corner2D(Choice):
    LeftTop = 1
    RightTop = 2
    LeftBottom = 3
    RightBottom = 4

class Eye3DKind(Choice):
    FirstPerson = 1
    Orbital = 2

class LinkAxis(Choice):
    Independent = 1
    LinkToGlobal = 2

class LoopMode(Choice):
    Off = 1
    Selection = 2
    All = 3

class MapProvider(Choice):
    OpenStreetMap = 1
    MapboxStreets = 2
    MapboxDark = 3
    MapboxSatellite = 4
    MapboxLight = 5

class PanelState(Choice):
    Hidden = 1
    Collapsed = 2
    Expanded = 3

class PlayState(Choice):
    Paused = 1
    Playing = 2
    Following = 3

class PointsDisplay(Choice):
    OnHover = 1
    Always = 2

class SortDirection(Choice):
    Ascending = 1
    Descending = 2

class TableLayoutKind(Choice):
    Table = 1
    Cards = 2

class TextLogColumnKind(Choice):
    EntityPath = 1
    LogLevel = 2
    Body = 3

class TooltipMode(Choice):
    Nearest = 1
    All = 2

class ViewFit(Choice):
    Original = 1
    Fill = 2
    FillKeepAspectRatio = 3
