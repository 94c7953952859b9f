"""Whatever is passed: an archetype says what is wrong, or what it let pass is encoded. Nothing else."""

from __future__ import annotations

import warnings
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rrsdk.archetypes as rr
from rrsdk.archetypes import blueprint
from rrsdk.archetypes.making import names
from rrsdk.components import Angle, Mat3x3, Quaternion, RotationAxisAngle, TensorData, strictness

NUMBERS = st.integers() | st.floats() | st.booleans() | st.complex_numbers() | st.just(Decimal("1.5"))
OTHERS = st.sampled_from(
    [
        None,
        "#ff0000",
        "\ud800",
        b"bytes",
        datetime(2020, 1, 1),
        object(),
        {1: 2},
        {"axis": [1, 2, 3], "angle": 1.0},
        {1, 2},
        iter([1, 2]),
        range(3),
        slice(3),
        int,
        ...,
        Angle(1),
        Quaternion.identity(),
        RotationAxisAngle([0, 0, 1], 1.5),
        Mat3x3(np.eye(3)),
        TensorData(array=np.zeros((2, 2))),
        np.float16(2),
        np.datetime64("NaT", "ns"),
        np.ma.masked_array([1, 2, 3], [True, False, False]),
        np.array([None, 1], object),
        np.array([("a", 1)], [("x", "U1"), ("y", int)]),
        memoryview(b"abc"),
        pa.array([1, 2, None]),
        pa.array(["a", None]),
        pa.scalar(3),
    ]
)
ARRAYS = st.one_of(
    hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)),
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.uint8, np.uint32]),
        st.sampled_from([(0,), (3,), (4,), (2, 3), (2, 4), (3, 3), (0, 3), (2, 2, 3), (9,), (1, 2, 3, 1)]),
    ),
)
JUNK = st.recursive(
    NUMBERS | OTHERS | st.text(max_size=3) | ARRAYS,
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
    max_leaves=6,
)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    strictness.set_strict_mode(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", strictness.RerunWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def check(made: Any) -> None:
    assert made.nbytes > 0
    repr(made)
    columns = type(made).encode([made, made])
    assert not (made.is_broken and columns)
    for column in columns:
        column.array.validate(full=True)
        assert len(column.array) == 2
        assert column.array.type == column.field.type
        assert column.array.null_count == 0


@settings(max_examples=20)
@pytest.mark.parametrize("name", sorted(names()))
@given(data=st.data())
def test_fields(name: str, data: st.DataObject) -> None:
    prefix, _, short = name.rpartition(".")
    archetype = getattr(blueprint if prefix else rr, short)
    field = data.draw(st.sampled_from([field.name for field in archetype.FIELDS]))
    value = data.draw(JUNK)
    check(archetype.from_fields(**{field: value}))
    for column in archetype.columns(**{field: value}):
        column.as_arrow_array().validate(full=True)


OWN: dict[str, list[str]] = {
    "AnnotationContext": ["context"],
    "Asset3D": ["path", "contents", "media_type", "albedo_factor"],
    "AssetVideo": ["path", "contents", "media_type"],
    "BarChart": ["values", "color"],
    "Boxes2D": ["sizes", "mins", "half_sizes", "centers", "array", "array_format"],
    "Boxes3D": ["sizes", "mins", "half_sizes", "centers", "rotations"],
    "Ellipsoids3D": ["radii", "half_sizes"],
    "GeoLineStrings": ["lat_lon"],
    "GeoPoints": ["lat_lon"],
    "Mesh3D": ["vertex_positions", "albedo_texture"],
    "Pinhole": ["width", "height", "resolution", "focal_length", "principal_point", "fov_y", "aspect_ratio"],
    "VideoFrameReference": ["timestamp", "seconds", "nanoseconds"],
    "Image": ["image", "color_model", "bytes", "width", "height", "datatype", "pixel_format", "opacity"],
    "DepthImage": ["image", "meter"],
    "SegmentationImage": ["image"],
    "EncodedImage": ["contents", "path", "media_type"],
    "Transform3D": ["translation", "rotation", "scale", "mat3x3", "relation", "child_frame"],
    "Clear": ["recursive"],
    "Tensor": ["data", "dim_names", "value_range"],
    "AnyValues": ["a", "b"],
}
REQUIRED = {
    "AnnotationContext": ["context"],
    "BarChart": ["values"],
    "GeoLineStrings": ["lat_lon"],
    "GeoPoints": ["lat_lon"],
    "Mesh3D": ["vertex_positions"],
    "DepthImage": ["image"],
    "SegmentationImage": ["image"],
    "Clear": ["recursive"],
}


@settings(max_examples=100)
@pytest.mark.parametrize("name", OWN)
@given(data=st.data())
def test_constructors(name: str, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(OWN[name]), unique=True))
    given_ = {field: data.draw(JUNK) for field in sorted({*chosen, *REQUIRED.get(name, [])})}
    check(getattr(rr, name)(**given_))
    if name == "AnyValues":
        for column in rr.AnyValues.columns(**given_):
            column.as_arrow_array().validate(full=True)
