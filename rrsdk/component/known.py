"""What rerun-sdk 0.41.0 knows of components and archetypes: data, made by fixtures/facts.py.

Do not edit. The names are short: `X` stands for `rerun.components.X` or `rerun.archetypes.X`, and
`blueprint.X` for `rerun.blueprint.components.X` or `rerun.blueprint.archetypes.X`. See the package
for the grammar of datatypes.
"""

RELEASE = "0.41.0"

COMPONENTS = """
blueprint.AbsoluteTimeRange = struct<min: int64, max: int64>
blueprint.ActiveTab = utf8
blueprint.AngularSpeed = float64
blueprint.ApplyLatestAt = bool
blueprint.AutoLayout = bool
blueprint.AutoScroll = bool
blueprint.AutoViews = bool
blueprint.BackgroundKind = uint8{1,2,3}
blueprint.ColumnDisplayMode = uint8{1,2,3}
blueprint.ColumnName = utf8
blueprint.ColumnOrder = list<utf8>
blueprint.ColumnShare = float32
blueprint.ColumnType = struct<component: utf8?, component_type_name: utf8?>
blueprint.ComponentColumnSelector = struct<entity_path: utf8, component: utf8>
blueprint.ContainerKind = uint8{1,2,3,4}
blueprint.Corner2D = uint8{1,2,3,4}
blueprint.Editable = bool
blueprint.Enabled = bool
blueprint.Eye3DKind = uint8{1,2}
blueprint.FilterByRange = struct<start: int64, end: int64>
blueprint.FilterIsNotNull = struct<active: bool, column: struct<entity_path: utf8, component: utf8>>
blueprint.ForceDistance = float64
blueprint.ForceIterations = uint64
blueprint.ForceStrength = float64
blueprint.Fps = float64
blueprint.GridColumns = uint32
blueprint.GridSpacing = float32
blueprint.IncludedContent = utf8
blueprint.LinkAxis = uint8{1,2}
blueprint.LockRangeDuringZoom = bool
blueprint.LoopMode = uint8{1,2,3}
blueprint.MapProvider = uint8{1,2,3,4,5}
blueprint.NearClipPlane = float32
blueprint.PanelState = uint8{1,2,3}
blueprint.PlayState = uint8{1,2,3}
blueprint.PlaybackSpeed = float64
blueprint.PointsDisplay = uint8{1,2}
blueprint.QueryExpression = utf8
blueprint.RootContainer = fixed_size_list<uint8>[16]
blueprint.RowShare = float32
blueprint.SelectedColumns = struct<time_columns: list<utf8>, component_columns: list<struct<entity_path:
    utf8, component: utf8>>>
blueprint.SortBy = struct<column: utf8, direction: uint8{1,2}?>
blueprint.SqlFilterExpression = utf8
blueprint.TableLayoutKind = uint8{1,2}
blueprint.TensorDimensionIndexSlider = struct<dimension: uint32>
blueprint.TextLogColumn = struct<visible: bool, kind: uint8{1,2,3}>
blueprint.TimeInt = int64
blueprint.TimeRange = struct<start: dense_union<_null_markers: null?, CursorRelative: int64, Absolute:
    int64, Infinite: null?>?, end: dense_union<_null_markers: null?, CursorRelative: int64, Absolute: int64,
    Infinite: null?>?>
blueprint.TimelineColumn = struct<visible: bool, timeline: utf8>
blueprint.TimelineFraction = float64
blueprint.TimelineName = utf8
blueprint.TooltipMode = uint8{1,2}
blueprint.ViewClass = utf8
blueprint.ViewFit = uint8{1,2,3}
blueprint.ViewMaximized = fixed_size_list<uint8>[16]
blueprint.ViewOrigin = utf8
blueprint.ViewerRecommendationHash = uint64
blueprint.VisibleTimeRange = struct<timeline: utf8, range: struct<start: dense_union<_null_markers: null?,
    CursorRelative: int64, Absolute: int64, Infinite: null?>?, end: dense_union<_null_markers: null?,
    CursorRelative: int64, Absolute: int64, Infinite: null?>?>>
blueprint.VisualBounds2D = struct<x_range: fixed_size_list<float64>[2], y_range:
    fixed_size_list<float64>[2]>
blueprint.VisualizerComponentMapping = struct<target: utf8, source_kind: uint8{1,2,3,4}, source_component:
    utf8?, selector: utf8?>
blueprint.VisualizerInstructionId = fixed_size_list<uint8>[16]
blueprint.VisualizerType = utf8
blueprint.Volume = float32
blueprint.ZoomLevel = float64
AggregationPolicy = uint8{1,2,3,4,5,6}
AlbedoFactor = uint32
AnnotationContext = list<struct<class_id: uint16, class_description: struct<info: struct<id: uint16, label:
    utf8?, color: uint32?>, keypoint_annotations: list<struct<id: uint16, label: utf8?, color: uint32?>>,
    keypoint_connections: list<struct<keypoint0: uint16, keypoint1: uint16>>>>>
AxisLength = float32
Blob = list<uint8>
Bool = bool
CellSize = float32
ChannelId = uint16
ChannelMessageCounts = list<struct<channel_id: uint16, message_count: uint64>>
ClassId = uint16
ClearIsRecursive = bool
Color = uint32
Colormap = uint8{1,2,3,4,5,6,7,8,9,10,11,12}
Count = uint64
DepthMeter = float32
DrawOrder = float32
EntityPath = utf8
EntryKind = uint8{1,2,3,4,5,6}
FillMode = uint8{1,2,3,4}
FillRatio = float32
Flag = bool
GammaCorrection = float32
GeoLineString = list<fixed_size_list<float64>[2]>
GraphEdge = struct<first: utf8, second: utf8>
GraphNode = utf8
GraphType = uint8{1,2}
HalfSize2D = fixed_size_list<float32>[2]
HalfSize3D = fixed_size_list<float32>[3]
ImageBuffer = list<uint8>
ImageFormat = struct<width: uint32, height: uint32, pixel_format:
    uint8{20,26,27,30,39,40,41,44,49,50,128,129,130,131}?, color_model: uint8{1,2,3,4,5}?, channel_datatype:
    uint8{6,7,8,9,10,11,12,13,33,34,35}?>
ImagePlaneDistance = float32
Interactive = bool
InterpolationMode = uint8{1,2,3,4}
IsKeyframe = bool
KeyValuePairs = list<struct<first: utf8, second: utf8>>
KeypointId = uint16
LatLon = fixed_size_list<float64>[2]
Length = float32
LineStrip2D = list<fixed_size_list<float32>[2]>
LineStrip3D = list<fixed_size_list<float32>[3]>
LinearSpeed = float64
MagnificationFilter = uint8{1,2,3}
MarkerShape = uint8{1,2,3,4,5,6,7,8,9,10}
MarkerSize = float32
MediaType = utf8
MeshFaceRendering = uint8{1,2,3}
Name = utf8
Opacity = float32
OpticalDensity = float32
PinholeProjection = fixed_size_list<float32>[9]
Plane3D = fixed_size_list<float32>[4]
PointShading = uint8{1,2}
Position2D = fixed_size_list<float32>[2]
Position3D = fixed_size_list<float32>[3]
Radius = float32
Range1D = fixed_size_list<float64>[2]
Resolution = fixed_size_list<float32>[2]
RotationAxisAngle = struct<axis: fixed_size_list<float32>[3], angle: float32>
RotationQuat = fixed_size_list<float32>[4]
Scalar = float64
Scale3D = fixed_size_list<float32>[3]
SchemaId = uint16
ShowLabels = bool
SphericalHarmonics3Rgb = fixed_size_list<fixed_size_list<float16>[3]>[15]
SphericalHarmonicsDegree = uint32
StrokeWidth = float32
TensorData = struct<shape: list<uint64>, names: list<utf8>?, buffer: dense_union<_null_markers: null?, U8:
    list<uint8>, U16: list<uint16>, U32: list<uint32>, U64: list<uint64>, I8: list<int8>, I16: list<int16>,
    I32: list<int32>, I64: list<int64>, F16: list<float16>, F32: list<float32>, F64: list<float64>>?>
TensorDimensionIndexSelection = struct<dimension: uint32, index: uint64>
TensorHeightDimension = struct<dimension: uint32, invert: bool>
TensorWidthDimension = struct<dimension: uint32, invert: bool>
Texcoord2D = fixed_size_list<float32>[2]
Text = utf8
TextLogLevel = utf8
Thumbnail = list<uint8>
Timestamp = int64
TransformFrameId = utf8
TransformMat3x3 = fixed_size_list<float32>[9]
TransformRelation = uint8{1,2}
Translation3D = fixed_size_list<float32>[3]
TriangleIndices = fixed_size_list<uint32>[3]
Unit = utf8
Url = utf8
ValueRange = fixed_size_list<float64>[2]
Variance = float64
Vector2D = fixed_size_list<float32>[2]
Vector3D = fixed_size_list<float32>[3]
VideoCodec = uint32{1635135537,1635148593,1751479857,1987063864,1987063865}
VideoSample = list<uint8>
VideoTimestamp = int64
ViewCoordinates = fixed_size_list<uint8{1,2,3,4,5,6}>[3]
Visible = bool
VoxelIndex = fixed_size_list<int32>[3]
VoxelSize = fixed_size_list<float32>[3]
VoxelValue = float32
"""

ARCHETYPES = """
AnnotationContext: context=AnnotationContext
Arrows2D: vectors=Vector2D origins=Position2D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    draw_order=DrawOrder class_ids=ClassId
Arrows3D: vectors=Vector3D origins=Position3D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    class_ids=ClassId
Asset3D: blob=Blob media_type=MediaType albedo_factor=AlbedoFactor
AssetAudio: blob=Blob media_type=MediaType
AssetVideo: blob=Blob media_type=MediaType
BarChart: values=TensorData color=Color abscissa=TensorData widths=Length
Boxes2D: half_sizes=HalfSize2D centers=Position2D colors=Color radii=Radius labels=Text
    show_labels=ShowLabels draw_order=DrawOrder class_ids=ClassId
Boxes3D: half_sizes=HalfSize3D centers=Translation3D rotation_axis_angles=RotationAxisAngle
    quaternions=RotationQuat colors=Color radii=Radius fill_mode=FillMode labels=Text show_labels=ShowLabels
    class_ids=ClassId
Capsules3D: lengths=Length radii=Radius translations=Translation3D rotation_axis_angles=RotationAxisAngle
    quaternions=RotationQuat colors=Color line_radii=Radius fill_mode=FillMode labels=Text
    show_labels=ShowLabels class_ids=ClassId
Clear: is_recursive=ClearIsRecursive
CoordinateFrame: frame=TransformFrameId
Cylinders3D: lengths=Length radii=Radius centers=Translation3D rotation_axis_angles=RotationAxisAngle
    quaternions=RotationQuat colors=Color line_radii=Radius fill_mode=FillMode labels=Text
    show_labels=ShowLabels class_ids=ClassId
DepthImage: buffer=ImageBuffer format=ImageFormat meter=DepthMeter colormap=Colormap depth_range=ValueRange
    point_fill_ratio=FillRatio draw_order=DrawOrder magnification_filter=MagnificationFilter
Ellipses2D: half_sizes=HalfSize2D centers=Position2D colors=Color line_radii=Radius labels=Text
    show_labels=ShowLabels draw_order=DrawOrder class_ids=ClassId
Ellipsoids3D: half_sizes=HalfSize3D centers=Translation3D rotation_axis_angles=RotationAxisAngle
    quaternions=RotationQuat colors=Color line_radii=Radius fill_mode=FillMode labels=Text
    show_labels=ShowLabels class_ids=ClassId
EncodedDepthImage: blob=Blob media_type=MediaType meter=DepthMeter colormap=Colormap depth_range=ValueRange
    point_fill_ratio=FillRatio draw_order=DrawOrder magnification_filter=MagnificationFilter
EncodedImage: blob=Blob media_type=MediaType opacity=Opacity draw_order=DrawOrder
    magnification_filter=MagnificationFilter
GaussianSplats3D: centers=Position3D scales=Scale3D quaternions=RotationQuat colors=Color
    sh_coefficients=SphericalHarmonics3Rgb spherical_harmonics_degree=SphericalHarmonicsDegree
GeoLineStrings: line_strings=GeoLineString radii=Radius colors=Color
GeoPoints: positions=LatLon radii=Radius colors=Color class_ids=ClassId
GraphEdges: edges=GraphEdge graph_type=GraphType
GraphNodes: node_ids=GraphNode positions=Position2D colors=Color labels=Text show_labels=ShowLabels
    radii=Radius
GridMap: data=ImageBuffer format=ImageFormat cell_size=CellSize translation=Translation3D
    rotation_axis_angle=RotationAxisAngle quaternion=RotationQuat opacity=Opacity draw_order=DrawOrder
    colormap=Colormap
Image: buffer=ImageBuffer format=ImageFormat opacity=Opacity draw_order=DrawOrder
    magnification_filter=MagnificationFilter
InstancePoses3D: translations=Translation3D rotation_axis_angles=RotationAxisAngle quaternions=RotationQuat
    scales=Scale3D mat3x3=TransformMat3x3
LineStrips2D: strips=LineStrip2D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    draw_order=DrawOrder class_ids=ClassId
LineStrips3D: strips=LineStrip3D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    class_ids=ClassId
McapChannel: id=ChannelId topic=Text message_encoding=Text metadata=KeyValuePairs
McapMessage: data=Blob
McapSchema: id=SchemaId name=Text encoding=Text data=Blob
McapStatistics: message_count=Count schema_count=Count channel_count=Count attachment_count=Count
    metadata_count=Count chunk_count=Count message_start_time=Timestamp message_end_time=Timestamp
    channel_message_counts=ChannelMessageCounts
Measurements: values=Scalar variances=Variance units=Unit colors=Color widths=StrokeWidth names=Name
    visible_series=Visible aggregation_policy=AggregationPolicy interpolation_mode=InterpolationMode
Mesh3D: vertex_positions=Position3D triangle_indices=TriangleIndices vertex_normals=Vector3D
    vertex_colors=Color vertex_texcoords=Texcoord2D albedo_factor=AlbedoFactor
    face_rendering=MeshFaceRendering albedo_texture_buffer=ImageBuffer albedo_texture_format=ImageFormat
    class_ids=ClassId
Pinhole: image_from_camera=PinholeProjection resolution=Resolution camera_xyz=ViewCoordinates
    child_frame=TransformFrameId parent_frame=TransformFrameId image_plane_distance=ImagePlaneDistance
    color=Color line_width=Radius
Points2D: positions=Position2D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    draw_order=DrawOrder class_ids=ClassId keypoint_ids=KeypointId
Points3D: positions=Position3D radii=Radius colors=Color labels=Text show_labels=ShowLabels
    point_shading=PointShading class_ids=ClassId keypoint_ids=KeypointId
RecordingInfo: start_time=Timestamp name=Name
Scalars: scalars=Scalar
SegmentationImage: buffer=ImageBuffer format=ImageFormat opacity=Opacity draw_order=DrawOrder
SeriesLines: colors=Color widths=StrokeWidth names=Name visible_series=Visible
    aggregation_policy=AggregationPolicy interpolation_mode=InterpolationMode
SeriesPoints: colors=Color markers=MarkerShape names=Name visible_series=Visible marker_sizes=MarkerSize
StateChange: state=Text
StateConfiguration: values=Text labels=Text colors=Color visible=Visible
Tensor: data=TensorData value_range=ValueRange
TextDocument: text=Text media_type=MediaType
TextLog: text=Text level=TextLogLevel color=Color
Transform3D: translation=Translation3D rotation_axis_angle=RotationAxisAngle quaternion=RotationQuat
    scale=Scale3D mat3x3=TransformMat3x3 relation=TransformRelation child_frame=TransformFrameId
    parent_frame=TransformFrameId
TransformAxes3D: axis_length=AxisLength show_frame=ShowLabels
VideoFrameReference: timestamp=VideoTimestamp video_reference=EntityPath opacity=Opacity
    draw_order=DrawOrder
VideoStream: codec=VideoCodec sample=VideoSample is_keyframe=IsKeyframe opacity=Opacity draw_order=DrawOrder
ViewCoordinates: xyz=ViewCoordinates
Volume3D: values=TensorData voxel_size=VoxelSize translation=Translation3D quaternion=RotationQuat
    value_range=ValueRange gamma=GammaCorrection colormap=Colormap optical_density=OpticalDensity
VoxelGridMap: voxel_indices=VoxelIndex voxel_size=VoxelSize values=VoxelValue colors=Color
    translation=Translation3D rotation_axis_angle=RotationAxisAngle quaternion=RotationQuat opacity=Opacity
    value_range=ValueRange colormap=Colormap
blueprint.ActiveVisualizers: instruction_ids=blueprint.VisualizerInstructionId
blueprint.AudioPlayback: volume=blueprint.Volume
blueprint.Background: kind=blueprint.BackgroundKind color=Color
blueprint.CardLayout: field_order=blueprint.ColumnName title=blueprint.ColumnName link=blueprint.ColumnName
blueprint.ContainerBlueprint: container_kind=blueprint.ContainerKind display_name=Name
    contents=blueprint.IncludedContent col_shares=blueprint.ColumnShare row_shares=blueprint.RowShare
    active_tab=blueprint.ActiveTab visible=Visible grid_columns=blueprint.GridColumns
blueprint.DataframeQuery: timeline=blueprint.TimelineName filter_by_range=blueprint.FilterByRange
    filter_is_not_null=blueprint.FilterIsNotNull apply_latest_at=blueprint.ApplyLatestAt
    select=blueprint.SelectedColumns entity_order=blueprint.ColumnOrder auto_scroll=blueprint.AutoScroll
blueprint.EntityBehavior: interactive=Interactive visible=Visible
blueprint.EyeControls3D: kind=blueprint.Eye3DKind position=Position3D look_target=Position3D eye_up=Vector3D
    speed=LinearSpeed tracking_entity=EntityPath spin_speed=blueprint.AngularSpeed
blueprint.ForceCenter: enabled=blueprint.Enabled strength=blueprint.ForceStrength
blueprint.ForceCollisionRadius: enabled=blueprint.Enabled strength=blueprint.ForceStrength
    iterations=blueprint.ForceIterations
blueprint.ForceLink: enabled=blueprint.Enabled distance=blueprint.ForceDistance
    iterations=blueprint.ForceIterations
blueprint.ForceManyBody: enabled=blueprint.Enabled strength=blueprint.ForceStrength
blueprint.ForcePosition: enabled=blueprint.Enabled strength=blueprint.ForceStrength position=Position2D
blueprint.GraphBackground: color=Color
blueprint.LineGrid3D: visible=Visible spacing=blueprint.GridSpacing plane=Plane3D stroke_width=StrokeWidth
    color=Color
blueprint.MapBackground: provider=blueprint.MapProvider
blueprint.MapZoom: zoom=blueprint.ZoomLevel
blueprint.NearClipPlane: near_clip_plane=blueprint.NearClipPlane
blueprint.PanelBlueprint: state=blueprint.PanelState
blueprint.PlotBackground: color=Color show_grid=blueprint.Enabled
blueprint.PlotInteraction: tooltip_mode=blueprint.TooltipMode points_display=blueprint.PointsDisplay
blueprint.PlotLegend: corner=blueprint.Corner2D visible=Visible
blueprint.PreviewsConfig: timeline=blueprint.TimelineName play_state=blueprint.PlayState
    playback_speed=blueprint.PlaybackSpeed start_point=blueprint.TimelineFraction
blueprint.ScalarAxis: range=Range1D zoom_lock=blueprint.LockRangeDuringZoom
blueprint.SpatialInformation: target_frame=TransformFrameId show_bounding_box=blueprint.Enabled
    show_axes=blueprint.Enabled axes=ViewCoordinates
blueprint.TableBlueprint: layout=blueprint.TableLayoutKind column_display_mode=blueprint.ColumnDisplayMode
    filters=blueprint.SqlFilterExpression sort_by=blueprint.SortBy
blueprint.TableColumn: name=Name editable=blueprint.Editable visible=Visible
    column_type=blueprint.ColumnType
blueprint.TableColumnPreview: views=blueprint.IncludedContent
blueprint.TableLayout: column_order=blueprint.ColumnName
blueprint.TensorScalarMapping: mag_filter=MagnificationFilter colormap=Colormap gamma=GammaCorrection
blueprint.TensorSliceSelection: width=TensorWidthDimension height=TensorHeightDimension
    indices=TensorDimensionIndexSelection slider=blueprint.TensorDimensionIndexSlider
blueprint.TensorViewFit: scaling=blueprint.ViewFit
blueprint.TextDocumentFormat: monospace=blueprint.Enabled word_wrap=blueprint.Enabled
blueprint.TextLogColumns: timeline_columns=blueprint.TimelineColumn text_log_columns=blueprint.TextLogColumn
blueprint.TextLogFormat: monospace_body=blueprint.Enabled
blueprint.TextLogRows: filter_by_log_level=TextLogLevel
blueprint.TimeAxis: link=blueprint.LinkAxis view_range=blueprint.TimeRange
    zoom_lock=blueprint.LockRangeDuringZoom
blueprint.TimePanelBlueprint: state=blueprint.PanelState timeline=blueprint.TimelineName
    playback_speed=blueprint.PlaybackSpeed fps=blueprint.Fps play_state=blueprint.PlayState
    loop_mode=blueprint.LoopMode time_selection=blueprint.AbsoluteTimeRange
blueprint.ViewBlueprint: class_identifier=blueprint.ViewClass display_name=Name
    space_origin=blueprint.ViewOrigin visible=Visible titlebar=blueprint.Enabled
blueprint.ViewContents: query=blueprint.QueryExpression
blueprint.ViewportBlueprint: root_container=blueprint.RootContainer maximized=blueprint.ViewMaximized
    auto_layout=blueprint.AutoLayout auto_views=blueprint.AutoViews
    past_viewer_recommendations=blueprint.ViewerRecommendationHash
blueprint.VisibleTimeRanges: ranges=blueprint.VisibleTimeRange
blueprint.VisualBounds2D: range=blueprint.VisualBounds2D
blueprint.VisualizerInstruction: visualizer_type=blueprint.VisualizerType
    component_map=blueprint.VisualizerComponentMapping
"""
