"""Archetypes against the real SDK: what is accepted gives equal Arrow arrays under equal names."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk.archetypes
import rrsdk.components
from rrsdk.archetypes.making import names
from rrsdk.component.tables import COMPONENT_TYPES
from rrsdk.components.batch import batch_class
from rrsdk.components.kind import list_type
from rrsdk.components.kinds import kind_of
from tests.interop import forms as f
from tests.interop.told import OURS, assert_equal, batches, encoded

rr = pytest.importorskip("rerun")
from rerun.blueprint import components as blueprint_components  # noqa: E402

FIELDS: dict[str, dict[str, st.SearchStrategy[f.Form]]] = {
    "Scalars": {"scalars": f.SCALARS},
    "TextLog": {
        "text": f.same(f.TEXT),
        "level": f.same(f.TEXT) | st.just(lambda sdk: sdk.TextLogLevel.WARN),
        "color": f.COLOR,
    },
    "TextDocument": {
        "text": f.same(f.TEXT),
        "media_type": f.same(f.TEXT) | st.just(lambda sdk: sdk.MediaType.MARKDOWN),
    },
    "Points2D": {
        "positions": f.vectors(2),
        "radii": f.RADII,
        "colors": f.COLORS,
        "labels": f.TEXTS,
        "show_labels": f.FLAGS,
        "draw_order": f.same(f.FLOATS),
        "class_ids": f.CLASS_IDS,
        "keypoint_ids": f.CLASS_IDS,
    },
    "Points3D": {
        "positions": f.vectors(3),
        "radii": f.RADII,
        "colors": f.COLORS,
        "labels": f.TEXTS,
        "show_labels": f.FLAGS,
        "point_shading": f.choices("PointShading", "Gradient", "Flat"),
        "class_ids": f.CLASS_IDS,
        "keypoint_ids": f.CLASS_IDS,
    },
    "Image": {
        "image": f.IMAGE,
        "opacity": f.same(f.FLOATS),
        "draw_order": f.same(f.FLOATS),
        "magnification_filter": f.choices("MagnificationFilter", "Nearest", "Linear", "Bicubic"),
    },
    "EncodedImage": {
        "contents": f.BLOB,
        "media_type": f.same(f.TEXT) | st.just(lambda sdk: sdk.MediaType.PNG),
        "opacity": f.same(f.FLOATS),
        "draw_order": f.same(f.FLOATS),
    },
    "Transform3D": {
        "translation": f.same(st.lists(f.FLOATS, min_size=3, max_size=3)) | f.same(st.just(np.arange(3))),
        "rotation": f.QUATERNION | f.AXIS_ANGLE,
        "scale": f.same(f.FLOATS | st.lists(f.FLOATS, min_size=3, max_size=3)),
        "mat3x3": f.MATRIX,
        "relation": f.choices("TransformRelation", "ParentFromChild", "ChildFromParent"),
        "child_frame": f.same(f.TEXT),
        "parent_frame": f.same(f.TEXT),
    },
    "Clear": {"recursive": f.same(st.booleans())},
    "Boxes3D": {
        "half_sizes": f.vectors(3),
        "centers": f.vectors(3),
        "quaternions": st.lists(f.QUATERNION, min_size=1, max_size=3).map(
            lambda made: lambda sdk: [form(sdk) for form in made]
        ),
        "rotation_axis_angles": st.lists(f.AXIS_ANGLE, min_size=1, max_size=3).map(
            lambda made: lambda sdk: [form(sdk) for form in made]
        ),
        "colors": f.COLORS,
        "fill_mode": f.choices("FillMode", "Solid", "MajorWireframe"),
    },
    "Arrows3D": {"vectors": f.vectors(3), "origins": f.vectors(3), "labels": f.TEXTS},
    "Arrows2D": {"vectors": f.vectors(2), "origins": f.vectors(2), "radii": f.RADII},
    "LineStrips3D": {"strips": f.STRIPS3, "radii": f.RADII, "colors": f.COLORS},
    "LineStrips2D": {"strips": f.STRIPS2, "show_labels": f.FLAGS},
    "Mesh3D": {"vertex_positions": f.vectors(3), "vertex_colors": f.COLORS, "triangle_indices": f.INDICES},
    "Pinhole": {"image_from_camera": f.MATRIX, "resolution": f.same(st.just([640, 480])), "color": f.COLOR},
    "Measurements": {"values": f.SCALARS, "variances": f.SCALARS, "units": f.TEXTS, "widths": f.RADII},
    "EncodedDepthImage": {"blob": f.BLOB, "media_type": f.same(f.TEXT), "meter": f.same(f.FLOATS)},
    "StateChange": {"state": f.TEXTS},
    "StateConfiguration": {"values": f.TEXTS, "colors": f.COLORS, "visible": f.FLAGS},
    "VoxelGridMap": {"voxel_indices": f.VOXELS, "voxel_size": f.same(st.just([1, 2, 3])), "values": f.RADII},
    "GraphEdges": {"edges": f.EDGES, "graph_type": f.choices("GraphType", "Directed", "Undirected")},
    "GaussianSplats3D": {"centers": f.vectors(3), "scales": f.vectors(3), "colors": f.COLORS},
    "ViewCoordinates": {"xyz": f.DIRECTIONS},
    "Tensor": {"data": f.TENSOR, "value_range": f.same(st.just([0, 1.5]))},
    "BarChart": {"values": f.BARS, "color": f.COLOR, "abscissa": f.BARS, "widths": f.RADII},
    "SeriesLines": {"colors": f.COLORS, "widths": f.RADII, "names": f.TEXTS, "visible_series": f.FLAGS},
    "SeriesPoints": {"markers": f.choices("MarkerShape", "Circle", "Cross"), "marker_sizes": f.RADII},
    "DepthImage": {
        "image": f.DEPTH,
        "meter": f.same(f.FLOATS),
        "colormap": f.choices("Colormap", "Viridis", "Turbo"),
        "depth_range": f.same(st.just([0.0, 4.5])),
    },
    "SegmentationImage": {"image": f.LABELED, "opacity": f.same(f.FLOATS)},
    "InstancePoses3D": {"translations": f.vectors(3), "scales": f.vectors(3)},
    "GraphNodes": {"node_ids": f.TEXTS, "positions": f.vectors(2), "colors": f.COLORS},
    "TransformAxes3D": {"axis_length": f.same(f.FLOATS), "show_frame": f.FLAGS},
    "CoordinateFrame": {"frame": f.same(f.TEXT)},
    "Ellipses2D": {"half_sizes": f.vectors(2), "centers": f.vectors(2), "line_radii": f.RADII},
    "Cylinders3D": {"lengths": f.RADII, "radii": f.RADII, "centers": f.vectors(3)},
    "Capsules3D": {"lengths": f.RADII, "radii": f.RADII, "translations": f.vectors(3)},
    "VideoStream": {"codec": f.choices("VideoCodec", "H264", "AV1"), "sample": f.BLOB},
}
REQUIRED = {
    name: fields.split()
    for name, _, fields in (line.strip().partition(":") for line in """
        Scalars: scalars
        TextLog: text
        TextDocument: text
        Points2D: positions
        Points3D: positions
        Image: image
        EncodedImage: contents media_type
        Clear: recursive
        Arrows2D: vectors
        Arrows3D: vectors
        LineStrips2D: strips
        LineStrips3D: strips
        Mesh3D: vertex_positions
        DepthImage: image
        SegmentationImage: image
        GraphNodes: node_ids
        GraphEdges: edges
        TransformAxes3D: axis_length
        CoordinateFrame: frame
        VideoStream: codec
        Measurements: values
        Pinhole: image_from_camera
        EncodedDepthImage: blob
        VoxelGridMap: voxel_indices voxel_size
        GaussianSplats3D: centers
        ViewCoordinates: xyz
        Tensor: data
        BarChart: values
    """.strip().splitlines())
}  # fmt: skip
# Where the real SDK clears with one instance that is empty, or not at all.
CLEARED_IN_ANOTHER_WAY = {"AnnotationContext", "BarChart", "McapStatistics", "Tensor", "Volume3D"}


@st.composite
def calls(draw: st.DrawFn, name: str) -> dict[str, f.Form]:
    fields, required = FIELDS[name], REQUIRED.get(name, [])
    optional = [field for field in fields if field not in required]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True)) if optional else []
    return {field: draw(fields[field]) for field in [*required, *chosen]}


@pytest.mark.parametrize("name", FIELDS)
@given(data=st.data())
def test_constructors(name: str, data: st.DataObject) -> None:
    call = data.draw(calls(name))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ambiguous input for colors")
        theirs = getattr(rr, name)(**{field: form(rr) for field, form in call.items()})
    ours = getattr(OURS, name)(**{field: form(OURS) for field, form in call.items()})
    assert not ours.is_broken
    assert_equal(batches(ours), batches(theirs))
    assert_equal(encoded(ours), batches(theirs))
    for key, array in batches(theirs).items():
        again = type(ours).from_fields(**{key[0].partition(":")[2]: array})
        assert_equal(batches(again), {key: array})
    assert ours.nbytes > 0


@pytest.mark.parametrize("name", sorted(n for n in names() - CLEARED_IN_ANOTHER_WAY if "." not in n))
def test_cleared(name: str) -> None:
    ours, theirs = getattr(OURS, name).cleared(), getattr(rr, name, getattr(rr.archetypes, name)).cleared()
    assert_equal(batches(ours), batches(theirs))
    assert_equal(encoded(ours), batches(theirs))
    for key, array in batches(theirs).items():
        again = type(ours).from_fields(**{key[0].partition(":")[2]: array})
        assert_equal(batches(again), {key: array})


@pytest.mark.parametrize("component", sorted(COMPONENT_TYPES))
def test_datatypes(component: str) -> None:
    """Each component of the table has the real SDK's Arrow type, and an empty array of it."""
    module = blueprint_components if "blueprint" in component else rr.components
    theirs = getattr(module, component.rpartition(".")[2] + "Batch")(None).as_arrow_array()
    assert list_type(kind_of(component).datatype).value_type == theirs.type
    assert batch_class(component)(None).as_arrow_array().equals(theirs)


COLUMNS: dict[str, dict[str, Any]] = {
    "Scalars": {"scalars": [np.arange(4.0), np.arange(6.0).reshape(3, 2), [1.0, 2.0]]},
    "TextLog": {"text": [["a", "b"]], "level": [["INFO", "WARN"]], "color": [[[1, 2, 3], [4, 5, 6]]]},
    "Points3D": {
        "positions": [np.arange(12.0).reshape(4, 3), np.arange(24.0).reshape(2, 4, 3), [[1, 2, 3]]],
        "radii": [np.arange(4.0), np.arange(4.0).reshape(2, 2)],
        "labels": [["a", "b", "c"]],
        "colors": [np.arange(6, dtype=np.uint8).reshape(2, 3)],
    },
    "Transform3D": {
        "translation": [np.arange(6.0).reshape(2, 3)],
        "mat3x3": [np.arange(18.0).reshape(2, 3, 3)],
        "relation": [["ParentFromChild", "ChildFromParent"]],
    },
    "Image": {"buffer": [[b"abc", b"defg"], np.arange(6, dtype=np.uint8).reshape(2, 3)]},
    "Clear": {"is_recursive": [[True, False]]},
    "LineStrips3D": {"strips": [np.arange(12.0).reshape(2, 2, 3)]},
}


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (name, field, value)
        for name, fields in COLUMNS.items()
        for field, values in fields.items()
        for value in values
    ],
)
def test_columns(name: str, field: str, value: Any) -> None:
    ours = list(getattr(OURS, name).columns(**{field: value}))
    theirs = list(getattr(rr, name).columns(**{field: value}))
    assert len(ours) == len(theirs) == 1
    for mine, other in zip(ours, theirs):
        assert tuple(mine.descriptor) == (
            other.descriptor.component, other.descriptor.archetype, other.descriptor.component_type
        )  # fmt: skip
        assert mine.as_arrow_array().to_pylist() == other.as_arrow_array().to_pylist()
        whole = [len(mine.as_arrow_array().values)]
        assert mine.partition(whole).as_arrow_array().equals(other.partition(whole).as_arrow_array())


ANYTHING = [
    1, 1.5, True, "text", b"bytes", [1, 2], (1.5, 2), ["a", "b"], [[1], [2, 3]], np.float32(2), np.int8(3),
    np.array([1, 2], np.uint8), np.arange(3.0)[::2], pa.array([1, None]), range(3), [True, False],
    np.array(["a", "b"]), np.datetime64("2020-01-01"), None, [],
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ANYTHING)))
def test_any_values(number: int) -> None:
    value = ANYTHING[number]
    name = f"value{number}"  # the first value of a name decides its type
    for make in (
        lambda sdk: sdk.AnyValues(**{name: value}),
        lambda sdk: sdk.DynamicArchetype("user.Thing", components={name: value}),
        lambda sdk: sdk.DynamicArchetype("rerun.archetypes.Points3D", components={name: value}),
    ):
        ours = make(OURS)
        if value is None or (isinstance(value, list) and not value):
            assert ours.layout == ()
            continue
        theirs = make(rr)
        assert_equal(batches(ours), batches(theirs))
        assert_equal(encoded(ours), batches(theirs))


def test_descriptors() -> None:
    for ours, theirs in (
        (rrsdk.components.ComponentDescriptor(*told), rr.ComponentDescriptor(told[0], *told[1:]))
        for told in [("a", None, None), ("a", "user.A", None), ("a", "user.A", "user.T")]
    ):
        changes = [
            lambda each: each,
            lambda each: each.with_overrides("other.A", "other.T"),
            lambda each: each.with_overrides(component_type="other.T"),
            lambda each: each.or_with_overrides("other.A", "other.T"),
            lambda each: each.with_builtin_archetype("rerun.archetypes.Points3D"),
        ]
        for change in changes:
            mine, other = change(ours), change(theirs)
            assert tuple(mine) == (other.component, other.archetype, other.component_type)
            assert str(mine) == str(other)


def test_a_type_stays() -> None:
    for sdk in (OURS, rr):
        sdk.AnyValues(stays=1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rr.error_utils.RerunWarning)
        theirs = rr.AnyValues(stays=[1, 2])
    assert_equal(batches(OURS.AnyValues(stays=[1, 2])), batches(theirs))
    assert_equal(batches(OURS.AnyValues(stays=None)), {("stays", None, None): pa.array([], pa.float64())})


def test_batches_of_components_among_values() -> None:
    def make(sdk: Any) -> Any:
        colors = sdk.components.ColorBatch([[255, 0, 0], [0, 255, 0]])
        return sdk.AnyValues(mixed=1).with_component_override("own", "user.Type", [1, 2]), sdk.AnyValues(
            colors=colors
        )

    for ours, theirs in zip(make(OURS), make(rr)):
        assert_equal(batches(ours), batches(theirs))


def test_the_real_ones_can_be_logged() -> None:
    from rrsdk.archetypes.foreign import Bundle

    theirs = rr.Points3D([[1, 2, 3]], colors=[1, 2, 3], labels=["a"])
    rows = [Bundle(theirs), Bundle(theirs)]
    assert rows[0].layout == rows[1].layout
    ours = OURS.Points3D([[1, 2, 3]], colors=[1, 2, 3], labels=["a"])
    wanted = {column.field.name: column for column in type(ours).encode([ours, ours])}
    for column in Bundle.encode(rows):
        assert column.field.equals(wanted[column.field.name].field, check_metadata=True)
        assert column.array.equals(wanted[column.field.name].array)


TIMES: list[dict[str, Any]] = [
    {"sequence": [1, 2, 3]}, {"sequence": np.arange(3)}, {"sequence": range(2)}, {"duration": [1, 2.5]},
    {"duration": np.array([1.5, 2])}, {"duration": np.array([1, 2], "m8[ms]")},
    {"duration": np.array([1, 2])},
    {"timestamp": [1, 2.5]}, {"timestamp": [np.datetime64(5, "ns")]}, {"timestamp": np.array([1.5, 2])},
    {"timestamp": np.array(["2020-01-01"], "M8[D]")},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(TIMES)))
def test_time_columns(number: int) -> None:
    ours = rrsdk.components.TimeColumn("t", **TIMES[number])
    theirs = rr.TimeColumn("t", **TIMES[number])
    assert ours.timeline_name() == theirs.timeline_name()
    assert ours.as_arrow_array().equals(theirs.as_arrow_array())


def test_tables_are_fresh() -> None:
    script = Path(__file__).resolve().parents[2] / "fixtures" / "vocabulary.py"
    subprocess.run([sys.executable, script, "--check"], check=True, timeout=60)


def test_modules_of_the_real_one() -> None:
    """Names that programs take from rerun.components are there."""
    missing = [
        name
        for name, value in vars(rr.components).items()
        if isinstance(value, type) and name.endswith("Batch")
        if not hasattr(rrsdk.components, name)
    ]
    assert not missing
