"""What was renamed between object models, as data: see steps.py for when each table applies."""

from __future__ import annotations

# 0.24 took these archetypes away; 0.23 still wrote them, with singular fields.
SINGULAR_ARCHETYPES: dict[str, tuple[str, dict[str, str]]] = {
    "rerun.archetypes.Scalar": ("rerun.archetypes.Scalars", {"scalar": "scalars"}),
    "rerun.archetypes.SeriesLine": (
        "rerun.archetypes.SeriesLines",
        {"color": "colors", "width": "widths", "name": "names"},
    ),
    "rerun.archetypes.SeriesPoint": (
        "rerun.archetypes.SeriesPoints",
        {"color": "colors", "marker": "markers", "name": "names", "marker_size": "marker_sizes"},
    ),
}

# 0.24: keys of field metadata whose value stays. The three that describe a component do not only
# change their key; steps.py composes them.
DOTTED_FIELD_KEYS: dict[str, str] = {
    f"rerun.{key}": f"rerun:{key}"
    for key in (
        "entity_path",
        "index_name",
        "is_indicator",
        "is_semantically_empty",
        "is_sorted",
        "is_static",
        "is_tombstone",
        "kind",
    )
}

# 0.24: `/__properties/recording` with RecordingProperties became `/__properties` with RecordingInfo.
OLD_PROPERTIES_PATH = "/__properties/recording"
PROPERTIES_PATH = "/__properties"
OLD_PROPERTIES_NAME = "RecordingProperties"
PROPERTIES_NAME = "RecordingInfo"

# 0.28: instance poses use the components of any transform.
POSE_TYPES: dict[str, str] = {
    f"rerun.components.Pose{name}": f"rerun.components.{name}"
    for name in ("RotationAxisAngle", "RotationQuat", "Scale3D", "TransformMat3x3", "Translation3D")
}

# 0.28: component → its new name, and its new archetype where it moved to another.
MOVED_COMPONENTS: dict[str, tuple[str, str | None]] = {
    "Transform3D:axis_length": ("TransformAxes3D:axis_length", "rerun.archetypes.TransformAxes3D"),
    "CoordinateFrame:frame_id": ("CoordinateFrame:frame", None),
}

# 0.30: one component for visibility.
VISIBLE_TYPES: dict[str, str] = {"rerun.components.SeriesVisible": "rerun.components.Visible"}

# 0.41: a table column names a component type instead of one of six kinds of cell; the kinds
# without an entry (1 automatic, 5 preview, and any unknown number) say nothing of the type.
CELL_KIND_TYPE = "rerun.blueprint.components.TableCellKind"
COLUMN_TYPE_TYPE = "rerun.blueprint.components.ColumnType"
COLUMN_TYPE_COMPONENT = "TableColumn:column_type"
CELL_KINDS: dict[int, str] = {
    2: "rerun.components.Url",
    3: "rerun.components.Thumbnail",
    4: "rerun.components.Flag",
    6: "rerun.components.EntryKind",
}
