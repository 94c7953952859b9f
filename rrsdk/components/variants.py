"""The names of enums and of their values in rerun-sdk: data, made by fixtures/vocabulary.py.

Do not edit. `blueprint.X` is an enum of `rerun.blueprint.components`.
"""

VARIANTS = """
AggregationPolicy: Off=1 Average=2 Max=3 Min=4 MinMax=5 MinMaxAverage=6
ChannelDatatype: U8=6 I8=7 U16=8 I16=9 U32=10 I32=11 U64=12 I64=13 F16=33 F32=34 F64=35
ColorModel: L=1 RGB=2 RGBA=3 BGR=4 BGRA=5
Colormap: Grayscale=1 Inferno=2 Magma=3 Plasma=4 Turbo=5 Viridis=6 CyanToYellow=7 Spectral=8 Twilight=9
    RvizMap=10 RvizCostmap=11 Costmap=12
EntryKind: Dataset=1 DatasetView=2 Table=3 TableView=4 BlueprintDataset=5 AssetDataset=6
FillMode: MajorWireframe=1 DenseWireframe=2 Solid=3 TransparentFillMajorWireframe=4
GraphType: Undirected=1 Directed=2
InterpolationMode: Linear=1 StepAfter=2 StepBefore=3 StepMid=4
MagnificationFilter: Nearest=1 Linear=2 Bicubic=3
MarkerShape: Circle=1 Diamond=2 Square=3 Cross=4 Plus=5 Up=6 Down=7 Left=8 Right=9 Asterisk=10
MeshFaceRendering: DoubleSided=1 Front=2 Back=3
PixelFormat: Y_U_V12_LimitedRange=20 NV12=26 YUY2=27 Y8_FullRange=30 Y_U_V24_LimitedRange=39
    Y_U_V24_FullRange=40 Y8_LimitedRange=41 Y_U_V12_FullRange=44 Y_U_V16_LimitedRange=49
    Y_U_V16_FullRange=50 BayerRGGB8=128 BayerBGGR8=129 BayerGBRG8=130 BayerGRBG8=131
PointShading: Gradient=1 Flat=2
TransformRelation: ParentFromChild=1 ChildFromParent=2
VideoCodec: AV1=1635135537 H264=1635148593 H265=1751479857 VP8=1987063864 VP9=1987063865
ViewDir: Up=1 Down=2 Right=3 Left=4 Forward=5 Back=6
blueprint.BackgroundKind: GradientDark=1 GradientBright=2 SolidColor=3
blueprint.ColumnDisplayMode: Compact=1 Component=2 Full=3
blueprint.ComponentSourceKind: SourceComponent=1 Override=2 Default=3 AnnotationContext=4
blueprint.ContainerKind: Tabs=1 Horizontal=2 Vertical=3 Grid=4
blueprint.Corner2D: LeftTop=1 RightTop=2 LeftBottom=3 RightBottom=4
blueprint.Eye3DKind: FirstPerson=1 Orbital=2
blueprint.LinkAxis: Independent=1 LinkToGlobal=2
blueprint.LoopMode: Off=1 Selection=2 All=3
blueprint.MapProvider: OpenStreetMap=1 MapboxStreets=2 MapboxDark=3 MapboxSatellite=4 MapboxLight=5
blueprint.PanelState: Hidden=1 Collapsed=2 Expanded=3
blueprint.PlayState: Paused=1 Playing=2 Following=3
blueprint.PointsDisplay: OnHover=1 Always=2
blueprint.SortDirection: Ascending=1 Descending=2
blueprint.TableLayoutKind: Table=1 Cards=2
blueprint.TextLogColumnKind: EntityPath=1 LogLevel=2 Body=3
blueprint.TooltipMode: Nearest=1 All=2
blueprint.ViewFit: Original=1 Fill=2 FillKeepAspectRatio=3
"""
