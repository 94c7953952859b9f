"""Constructors with ways of their own, and single instances, against the real SDK."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk
import rrsdk.archetypes
import rrsdk.components
from rrsdk.archetypes.making import names
from rrsdk.components import single, strictness
from tests.interop import forms as f
from tests.interop.told import OURS, assert_equal, batches, encoded

rr: Any = pytest.importorskip("rerun")

SIZES2, SIZES3 = f.same(st.just([[2, 3], [4, 5.5]])), f.same(st.just(np.arange(6.0).reshape(2, 3)))
POSITIVE = st.floats(0.125, 1000, width=32)
ANGLE = st.floats(0.25, 3, width=32)
# Where all numbers are 0 the real one makes no boxes.
BOXES = f.same(f.arrays(f.NUMBERS, st.integers(0, 4).map(lambda n: (n, 4)), st.integers(1, 1000)))
BOX = f.same(st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any))
PAIR = f.same(st.lists(POSITIVE, min_size=2, max_size=2) | st.just(np.array([3.0, 4.0])))
MANY = f.same(st.lists(POSITIVE, min_size=1, max_size=4))
NANOS = st.integers(0, 2**53)
INFO = st.builds(
    lambda number, label, color: lambda sdk: sdk.AnnotationInfo(number, label, color),
    f.IDS,
    st.none() | st.text(min_size=1, max_size=5),
    st.none() | st.lists(f.BYTE, min_size=3, max_size=4),
) | f.same(st.tuples(f.IDS, st.text(min_size=1, max_size=5), st.tuples(f.BYTE, f.BYTE, f.BYTE)))
PAIRS = st.lists(st.tuples(f.IDS, f.IDS), max_size=3)
DESCRIPTION = st.builds(
    lambda info, points, lines: (
        lambda sdk: sdk.ClassDescription(
            info=info(sdk), keypoint_annotations=[one(sdk) for one in points], keypoint_connections=lines
        )
    ),
    INFO,
    st.lists(INFO, max_size=3),
    PAIRS,
)
TEXTURE = f.same(f.arrays([np.uint8], st.sampled_from([(2, 3, 3), (1, 2, 4)]), f.BYTE))


def formats(*members: str) -> st.SearchStrategy[f.Form]:
    return st.sampled_from(members).map(lambda name: lambda sdk: getattr(sdk.Box2DFormat, name))


CALLS: list[tuple[str, dict[str, st.SearchStrategy[f.Form]]]] = [
    ("Boxes2D", {"half_sizes": f.vectors(2), "centers": f.vectors(2), "radii": f.RADII}),
    ("Boxes2D", {"sizes": SIZES2, "mins": SIZES2, "labels": f.TEXTS, "class_ids": f.CLASS_IDS}),
    ("Boxes2D", {"half_sizes": SIZES2, "mins": SIZES2, "colors": f.COLORS}),
    ("Boxes2D", {"array": BOXES, "array_format": formats("XYWH", "XYXY", "XCYCWH", "XCYCW2H2")}),
    # Of several boxes whose y comes first the real one turns the order.
    ("Boxes2D", {"array": BOX, "array_format": formats("YXHW", "YXYX")}),
    ("Boxes3D", {"sizes": SIZES3, "mins": SIZES3, "labels": f.TEXTS}),
    ("Boxes3D", {"half_sizes": SIZES3, "mins": SIZES3, "rotations": f.QUATERNION}),
    ("Boxes3D", {"sizes": SIZES3, "centers": SIZES3, "rotations": f.AXIS_ANGLE}),
    ("Ellipsoids3D", {"radii": MANY, "centers": f.vectors(3), "line_radii": f.RADII}),
    ("Ellipsoids3D", {"half_sizes": f.vectors(3), "fill_mode": f.choices("FillMode", "Solid")}),
    ("Pinhole", {"image_from_camera": f.MATRIX, "resolution": PAIR}),
    ("Pinhole", {"focal_length": f.same(POSITIVE), "width": f.same(POSITIVE), "height": f.same(POSITIVE)}),
    ("Pinhole", {"focal_length": PAIR, "principal_point": PAIR, "camera_xyz": f.DIRECTIONS}),
    ("Pinhole", {"focal_length": f.same(POSITIVE), "resolution": PAIR, "image_plane_distance": MANY}),
    ("Pinhole", {"fov_y": f.same(ANGLE), "aspect_ratio": f.same(POSITIVE), "child_frame": f.same(f.TEXT)}),
    ("GeoPoints", {"lat_lon": f.vectors(2), "radii": f.RADII, "colors": f.COLORS}),
    ("GeoLineStrings", {"lat_lon": f.STRIPS2, "colors": f.COLORS}),
    ("Mesh3D", {"vertex_positions": f.vectors(3), "albedo_texture": TEXTURE, "albedo_factor": f.COLOR}),
    ("Asset3D", {"contents": f.BLOB, "media_type": f.same(st.just("model/obj")), "albedo_factor": f.COLOR}),
    ("AssetVideo", {"contents": f.BLOB}),
    ("AssetAudio", {"contents": f.BLOB, "media_type": st.just(lambda sdk: sdk.MediaType.MP4)}),
    ("VideoFrameReference", {"seconds": f.same(st.floats(0, 1e5))}),
    ("VideoFrameReference", {"nanoseconds": f.same(NANOS), "video_reference": f.same(st.just("/a"))}),
    ("VideoFrameReference", {"timestamp": NANOS.map(
        lambda n: lambda sdk: sdk.components.VideoTimestamp(nanoseconds=n))}),
    ("AnnotationContext", {"context": st.lists(INFO | DESCRIPTION, min_size=1, max_size=3).map(
        lambda made: lambda sdk: [one(sdk) for one in made])}),
    ("AnnotationContext", {"context": DESCRIPTION}),
    ("McapChannel", {"id": f.same(f.IDS), "topic": f.same(f.TEXT), "message_encoding": f.same(f.TEXT),
                     "metadata": f.same(st.dictionaries(f.TEXT, f.TEXT, max_size=3))}),
    ("McapMessage", {"data": f.BLOB}),
    ("McapSchema", {"id": f.same(f.IDS), "name": f.same(f.TEXT), "encoding": f.same(f.TEXT), "data": f.BLOB}),
    ("GridMap", {"data": f.BLOB, "format": st.just(
        lambda sdk: sdk.components.ImageFormat(2, 3, color_model="L", channel_datatype="U8")),
        "cell_size": f.same(POSITIVE), "translation": f.same(st.just([1, 2, 3]))}),
    ("Volume3D", {"values": f.TENSOR, "voxel_size": f.same(st.just([1, 2, 3])), "gamma": f.same(POSITIVE)}),
    ("RecordingInfo", {"name": f.same(f.TEXT), "start_time": f.same(NANOS)}),
    ("DepthImage", {"image": f.DEPTH, "depth_range": f.same(st.just(slice(1, 2)))}),
    ("Clear", {"recursive": f.same(st.booleans())}),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda n: f"{CALLS[n][0]}-{n}")
@given(data=st.data())
def test_constructors(number: int, data: st.DataObject) -> None:
    name, fields = CALLS[number]
    call = {field: data.draw(form) for field, form in fields.items()}
    real = getattr(rr, name, None) or getattr(rr.archetypes, name)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ambiguous input for colors")
        theirs = real(**{field: form(rr) for field, form in call.items()})
    ours = getattr(OURS, name)(**{field: form(OURS) for field, form in call.items()})
    assert not ours.is_broken
    assert_equal(batches(ours), batches(theirs))
    assert_equal(encoded(ours), batches(theirs))
    for key, array in batches(theirs).items():
        again = type(ours).from_fields(**{key[0].partition(":")[2]: array})
        assert_equal(batches(again), {key: array})


def test_every_archetype_is_tried() -> None:
    from tests.interop.test_archetypes import FIELDS

    tried = {*FIELDS, *(name for name, _ in CALLS)}
    # The real one takes counts of messages only from Arrow.
    assert {name for name in names() if "." not in name} - tried == {"McapStatistics"}


def test_where_axes_point() -> None:
    from rrsdk.components.axes import axes

    real = rr.components.ViewCoordinates
    assert {name for name in vars(real) if name.isupper() and name[0] != "_"} == axes().keys()
    for name in axes():
        theirs = getattr(real, name).as_arrow_array()
        assert getattr(rrsdk.components.ViewCoordinates, name).as_arrow_array().equals(theirs), name
        (batch,) = getattr(rrsdk.ViewCoordinates, name).as_component_batches()
        assert batch.as_arrow_array().equals(theirs), name


SINGLES = {
    "bytes": b"0123456789abcdef",
    "coefficients": np.arange(45.0).reshape(15, 3) / 64,
    "coordinates": [3, 1, 5],
    "data": b"abc",
    "flat_columns": np.arange(9.0).reshape(3, 3),
    "id": 7,
    "lat_lon": [[1, 2], [3, 4]],
    "path": "/a/b",
    "radians": 1.5,
    "range": [1, 2.5],
    "rgba": [1, 2, 3],
    "timestamp_ns": 5,
}


def value(name: str, part: str) -> Any:
    """Something that can be a value of the class."""
    if part in SINGLES:
        return SINGLES[part]
    if part in ("xy", "xyz", "xyzw", "xyzd", "points"):
        return [1, 2, 3, 4][: len(part)] if part != "points" else [[1] * int(name[-2]), [2] * int(name[-2])]
    batch = getattr(space(rr, name), name.rpartition(".")[2] + "Batch")
    kind = str(batch(None).as_arrow_array().type)
    return "text" if kind == "string" else True if kind == "bool" else 2


def space(sdk: Any, name: str) -> Any:
    """The module in which an SDK has a class."""
    prefix = name.rpartition(".")[0]
    return sdk.encodings if prefix == "encodings" else sdk.blueprint.components if prefix else sdk.components


@pytest.mark.parametrize("name", [name for name in single.names() if not name.endswith("Plane3D")])
def test_single_instances(name: str) -> None:
    short, part = name.rpartition(".")[2], single.PARTS[name]
    ours_in, theirs_in = space(rrsdk, name), space(rr, name)
    ours, theirs = getattr(ours_in, short), getattr(theirs_in, short)
    given_ = value(name, part)
    named = {
        "GeoLineString": "lat_lon", "Quaternion": "xyzw", "RotationQuat": "xyzw", "TimeInt": "nanos",
        "Timestamp": "nanos", "VideoTimestamp": "nanoseconds" if "." not in name else "",
    }.get(short)  # fmt: skip
    if short in ("AnnotationContext", "ChannelMessageCounts", "KeyValuePairs", "Angle"):
        return
    made = [each(**{named: given_}) if named else each(given_) for each in (ours, theirs)]
    held = [
        # Of a list of matrices the real one takes rows for columns.
        getattr(module, f"{short}Batch")(one if part == "flat_columns" else [one]).as_arrow_array()
        for module, one in zip((ours_in, theirs_in), made)
    ]
    assert held[0].type == held[1].type
    assert held[0].to_pylist() == held[1].to_pylist()
    if not name.startswith("encodings."):
        assert made[0].as_arrow_array().equals(held[0])
        assert made[0].component_type() == made[1].component_type()


# What is taken here beyond what the real one takes, by component.
BEYOND = {
    "Blob": "a number is a byte", "ImageBuffer": "", "VideoSample": "",
    "Text": "arrays of anything", "EntityPath": "", "GraphNode": "", "MediaType": "", "Name": "",
    "TextLogLevel": "", "TransformFrameId": "", "Unit": "",
    "Color": "#rrggbb", "AlbedoFactor": "",
    "GraphEdge": "a single edge", "KeyValuePairs": "pairs", "ChannelMessageCounts": "anything but Arrow",
    "Colormap": "numbers of numpy", "MarkerShape": "",
    "SphericalHarmonics3Rgb": "none", "TensorData": "objects that are numbers",
}  # fmt: skip
JUNK = [
    -1, 70_000, 2**40, 1.5, float("nan"), "text", b"abc", [1, 2], [1, 2, 3, 4], [[1, 2], [3, 4]], ["a", "b"],
    {"a": "b"}, np.zeros((2, 3)), np.zeros((2, 2, 3)), np.array(["x", "y"]), object(), [[1, 2], [3]],
    np.zeros((2, 5)), pa.array(["a"]), [None, 1], range(3),
]  # fmt: skip


@pytest.fixture
def _strict() -> Any:
    before = rr.strict_mode(), strictness.strict_mode()
    rr.set_strict_mode(True)
    strictness.set_strict_mode(True)
    yield
    rr.set_strict_mode(before[0])
    strictness.set_strict_mode(before[1])


@pytest.mark.usefixtures("_strict")
# Of BarChart the real one wants values, whatever else is given.
@pytest.mark.parametrize("name", sorted(name for name in names() if "." not in name and name != "BarChart"))
def test_what_the_real_one_refuses(name: str) -> None:
    real = getattr(rr, name, None) or getattr(rr.archetypes, name)
    ours = getattr(rrsdk.archetypes, name)
    for field in ours.FIELDS:
        if field.descriptor.component_type.rpartition(".")[2] in BEYOND:
            continue
        for junk in JUNK:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    real.from_fields(**{field.name: junk})
            except Exception:  # noqa: BLE001 - whatever it raises
                with pytest.raises(rrsdk.LogError, match=f"field {name}:{field.name}: "):
                    ours.from_fields(**{field.name: junk})
