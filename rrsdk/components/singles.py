"""What one instance of a component or encoding calls its value: made by fixtures/vocabulary.py.

Do not edit.
"""

import re

# Encodings and their datatypes, in the grammar of rrsdk.component.
ENCODINGS = """
Angle = float32
Blob = list<uint8>
Bool = bool
ClassId = uint16
DVec2D = fixed_size_list<float64>[2]
EntityPath = utf8
Float32 = float32
Float64 = float64
IVec3D = fixed_size_list<int32>[3]
KeypointId = uint16
Mat3x3 = fixed_size_list<float32>[9]
Plane3D = fixed_size_list<float32>[4]
Quaternion = fixed_size_list<float32>[4]
Range1D = fixed_size_list<float64>[2]
Rgba32 = uint32
SphericalHarmonics3Rgb = fixed_size_list<fixed_size_list<float16>[3]>[15]
TimeInt = int64
UInt16 = uint16
UInt32 = uint32
UInt64 = uint64
UVec2D = fixed_size_list<uint32>[2]
UVec3D = fixed_size_list<uint32>[3]
UVec4D = fixed_size_list<uint32>[4]
Utf8 = utf8
Uuid = fixed_size_list<uint8>[16]
Vec2D = fixed_size_list<float32>[2]
Vec3D = fixed_size_list<float32>[3]
Vec4D = fixed_size_list<float32>[4]
VideoTimestamp = int64
ViewCoordinates = fixed_size_list<uint8>[3]
"""

# What values are called, and where.
_PARTS = """
bytes: blueprint.RootContainer blueprint.ViewMaximized blueprint.VisualizerInstructionId encodings.Uuid
class_map: AnnotationContext
coefficients: SphericalHarmonics3Rgb encodings.SphericalHarmonics3Rgb
coordinates: ViewCoordinates encodings.ViewCoordinates
counts: ChannelMessageCounts
data: Blob ImageBuffer Thumbnail VideoSample encodings.Blob
flat_columns: PinholeProjection TransformMat3x3 encodings.Mat3x3
id: ClassId KeypointId encodings.ClassId encodings.KeypointId
lat_lon: GeoLineString
pairs: KeyValuePairs
path: EntityPath blueprint.ActiveTab blueprint.IncludedContent blueprint.ViewOrigin encodings.EntityPath
points: LineStrip2D LineStrip3D
radians: encodings.Angle
range: Range1D ValueRange encodings.Range1D
rgba: AlbedoFactor Color encodings.Rgba32
timestamp_ns: VideoTimestamp encodings.VideoTimestamp
value: AxisLength Bool CellSize ChannelId ClearIsRecursive Count DepthMeter DrawOrder FillRatio Flag
    GammaCorrection GraphNode ImagePlaneDistance Interactive IsKeyframe Length LinearSpeed MarkerSize
    MediaType Name Opacity OpticalDensity Radius Scalar SchemaId ShowLabels SphericalHarmonicsDegree
    StrokeWidth Text TextLogLevel Timestamp TransformFrameId Unit Url Variance Visible VoxelValue
    blueprint.AngularSpeed blueprint.ApplyLatestAt blueprint.AutoLayout blueprint.AutoScroll
    blueprint.AutoViews blueprint.ColumnName blueprint.ColumnShare blueprint.Editable blueprint.Enabled
    blueprint.ForceDistance blueprint.ForceIterations blueprint.ForceStrength blueprint.Fps
    blueprint.GridColumns blueprint.GridSpacing blueprint.LockRangeDuringZoom blueprint.NearClipPlane
    blueprint.PlaybackSpeed blueprint.QueryExpression blueprint.RowShare blueprint.SqlFilterExpression
    blueprint.TimelineFraction blueprint.TimelineName blueprint.ViewClass blueprint.ViewerRecommendationHash
    blueprint.VisualizerType blueprint.Volume blueprint.ZoomLevel encodings.Bool encodings.Float32
    encodings.Float64 encodings.TimeInt encodings.UInt16 encodings.UInt32 encodings.UInt64 encodings.Utf8
xy: HalfSize2D LatLon Position2D Resolution Texcoord2D Vector2D encodings.DVec2D encodings.UVec2D
    encodings.Vec2D
xyz: HalfSize3D Position3D Scale3D Translation3D TriangleIndices Vector3D VoxelIndex VoxelSize
    encodings.IVec3D encodings.UVec3D encodings.Vec3D
xyzd: Plane3D encodings.Plane3D
xyzw: RotationQuat encodings.Quaternion encodings.UVec4D encodings.Vec4D
"""

PARTS: dict[str, str] = {
    name: part
    for part, _, names in (line.partition(":") for line in re.split(r"\n(?=\S)", _PARTS.strip()))
    for name in names.split()
}
