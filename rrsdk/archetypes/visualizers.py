"""Which archetypes rerun-sdk has visualizers for: data, made by fixtures/vocabulary.py.

Do not edit. Where a visualizer is called otherwise than the archetype, its name stands behind `=`.
"""

VISUALIZERS = """
Arrows2D Arrows3D Asset3D AssetAudio BarChart Boxes2D Boxes3D Capsules3D Cylinders3D DepthImage Ellipses2D
Ellipsoids3D EncodedDepthImage EncodedImage GaussianSplats3D GeoLineStrings GeoPoints GraphEdges GraphNodes
Image LineStrips2D=Lines2D LineStrips3D=Lines3D Measurements=MeasurementsSeries Mesh3D Pinhole=Cameras
Points2D Points3D SegmentationImage SeriesLines SeriesPoints StateChange=StateVisualizer
StateConfiguration=StateVisualizer Tensor TextDocument TextLog TransformAxes3D VideoFrameReference
VideoStream Volume3D VoxelGridMap
"""
