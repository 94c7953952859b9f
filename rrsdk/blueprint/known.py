"""The views of rerun-sdk's blueprints: data, made by fixtures/vocabulary.py.

Do not edit. A view's name, what the viewer calls its class, and its properties: the constructor's
parameter and the archetype that it takes.
"""

VIEWS = """
AudioView: Audio playback=AudioPlayback
BarChartView: BarChart plot_legend=PlotLegend background=PlotBackground
DataframeView: Dataframe query=DataframeQuery
GraphView: Graph background=GraphBackground visual_bounds=VisualBounds2D force_link=ForceLink
    force_many_body=ForceManyBody force_position=ForcePosition force_collision_radius=ForceCollisionRadius
    force_center=ForceCenter
MapView: Map zoom=MapZoom background=MapBackground
Spatial2DView: 2D background=Background visual_bounds=VisualBounds2D spatial_information=SpatialInformation
    time_ranges=VisibleTimeRanges
Spatial3DView: 3D background=Background line_grid=LineGrid3D spatial_information=SpatialInformation
    eye_controls=EyeControls3D time_ranges=VisibleTimeRanges
StateTimelineView: StateTimeline time_view=TimeAxis time_ranges=VisibleTimeRanges
TensorView: Tensor slice_selection=TensorSliceSelection scalar_mapping=TensorScalarMapping
    view_fit=TensorViewFit
TextDocumentView: TextDocument format_options=TextDocumentFormat
TextLogView: TextLog columns=TextLogColumns rows=TextLogRows format_options=TextLogFormat
TimeSeriesView: TimeSeries axis_x=TimeAxis axis_y=ScalarAxis plot_legend=PlotLegend
    background=PlotBackground interaction=PlotInteraction time_ranges=VisibleTimeRanges
"""
