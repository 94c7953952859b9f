"""How rerun-sdk constructs archetypes from fields: data, made by fixtures/vocabulary.py.

Do not edit. What stands before `/` may be given without its name; `!` marks what must be given,
`*` what takes several instances. Archetypes with other parameters than fields are not here.
"""

SIGNATURES = """
AnnotationContext: context! /
Arrows2D: vectors!* origins* radii* colors* labels* show_labels draw_order class_ids*
Arrows3D: vectors!* origins* radii* colors* labels* show_labels class_ids*
BarChart: values! / color abscissa widths*
Capsules3D: lengths* radii* translations* rotation_axis_angles* quaternions* colors* line_radii* fill_mode
    labels* show_labels class_ids*
CoordinateFrame: frame! /
Cylinders3D: lengths* radii* centers* rotation_axis_angles* quaternions* colors* line_radii* fill_mode
    labels* show_labels class_ids*
Ellipses2D: half_sizes* centers* line_radii* colors* labels* show_labels draw_order* class_ids*
EncodedDepthImage: blob! / media_type meter colormap depth_range point_fill_ratio draw_order
    magnification_filter
GaussianSplats3D: centers!* / scales* quaternions* colors* sh_coefficients* spherical_harmonics_degree
GraphEdges: edges!* / graph_type
GraphNodes: node_ids!* / positions* colors* labels* show_labels radii*
GridMap: data! format! cell_size! translation rotation_axis_angle quaternion opacity draw_order colormap
InstancePoses3D: translations* rotation_axis_angles* quaternions* scales* mat3x3*
LineStrips2D: strips!* / radii* colors* labels* show_labels draw_order class_ids*
LineStrips3D: strips!* / radii* colors* labels* show_labels class_ids*
McapChannel: id! topic! message_encoding! metadata
McapMessage: data! /
McapSchema: id! name! encoding! data!
McapStatistics: message_count! schema_count! channel_count! attachment_count! metadata_count! chunk_count!
    message_start_time! message_end_time! channel_message_counts
Measurements: values!* / variances* units* colors* widths* names* visible_series* aggregation_policy
    interpolation_mode
Points2D: positions!* / radii* colors* labels* show_labels draw_order* class_ids* keypoint_ids*
Points3D: positions!* / radii* colors* labels* show_labels point_shading class_ids* keypoint_ids*
RecordingInfo: start_time name
Scalars: scalars!* /
SeriesLines: colors* widths* names* visible_series* aggregation_policy interpolation_mode
SeriesPoints: colors* markers* names* visible_series* marker_sizes*
StateChange: state*
StateConfiguration: values* labels* colors* visible*
TextDocument: text! / media_type
TextLog: text! / level color
TransformAxes3D: axis_length! / show_frame
VideoStream: codec! / sample is_keyframe opacity draw_order
ViewCoordinates: xyz! /
Volume3D: values! / voxel_size translation quaternion value_range gamma colormap optical_density
VoxelGridMap: voxel_indices!* voxel_size! / values* colors* translation rotation_axis_angle quaternion
    opacity value_range colormap
blueprint.ActiveVisualizers: instruction_ids!* /
blueprint.AudioPlayback: volume
blueprint.CardLayout: field_order!* / title link
blueprint.ContainerBlueprint: container_kind! / display_name contents* col_shares* row_shares* active_tab
    visible grid_columns
blueprint.DataframeQuery: timeline filter_by_range filter_is_not_null apply_latest_at select entity_order
    auto_scroll
blueprint.EntityBehavior: interactive visible
blueprint.EyeControls3D: kind position look_target eye_up speed tracking_entity spin_speed
blueprint.ForceCenter: enabled strength
blueprint.ForceCollisionRadius: enabled strength iterations
blueprint.ForceLink: enabled distance iterations
blueprint.ForceManyBody: enabled strength
blueprint.ForcePosition: enabled strength position
blueprint.GraphBackground: color
blueprint.LineGrid3D: visible / spacing plane stroke_width color
blueprint.MapBackground: provider! /
blueprint.MapZoom: zoom! /
blueprint.NearClipPlane: near_clip_plane! /
blueprint.PanelBlueprint: state
blueprint.PlotBackground: color show_grid
blueprint.PlotInteraction: tooltip_mode points_display
blueprint.PlotLegend: corner / visible
blueprint.PreviewsConfig: timeline play_state playback_speed start_point
blueprint.ScalarAxis: range zoom_lock
blueprint.SpatialInformation: target_frame! / show_bounding_box show_axes axes
blueprint.TableBlueprint: layout column_display_mode filters* sort_by
blueprint.TableColumn: name editable visible column_type
blueprint.TableColumnPreview: views!* /
blueprint.TableLayout: column_order*
blueprint.TensorScalarMapping: mag_filter colormap gamma
blueprint.TensorSliceSelection: width height indices* slider*
blueprint.TensorViewFit: scaling /
blueprint.TextDocumentFormat: monospace word_wrap
blueprint.TextLogColumns: timeline_columns* text_log_columns*
blueprint.TextLogFormat: monospace_body
blueprint.TextLogRows: filter_by_log_level*
blueprint.TimeAxis: link view_range zoom_lock
blueprint.TimePanelBlueprint: state timeline playback_speed fps play_state loop_mode time_selection
blueprint.ViewBlueprint: class_identifier! / display_name space_origin visible titlebar
blueprint.ViewContents: query!* /
blueprint.ViewportBlueprint: root_container maximized auto_layout auto_views past_viewer_recommendations*
blueprint.VisualizerInstruction: visualizer_type! / component_map*
"""
