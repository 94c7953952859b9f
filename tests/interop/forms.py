"""Values in the forms that people pass them: what archetypes of ours and of the real SDK must take alike.

A strategy gives functions from the SDK's module (ours or the real one) to the value, because some
forms are objects of that SDK.
"""

from __future__ import annotations

import array
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Form = Callable[[Any], Any]

FLOATS = st.floats(-1e6, 1e6, width=32)
SMALL = st.integers(-1000, 1000)
IDS = st.integers(0, 65535)
BYTE = st.integers(0, 255)
TEXT = st.text(max_size=12)


def same(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Form]:
    """Values that are the same for both."""
    return values.map(lambda value: lambda sdk: value)


class Tensor:
    """Like a tensor: an object that only offers `__array__`."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)
        self.shape = self.values.shape

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.values)


def layouts(values: Any) -> st.SearchStrategy[Any]:
    """An array in one of the ways it may lie in memory."""
    return st.sampled_from(
        [
            values,
            np.asfortranarray(values),
            np.repeat(values, 2, axis=0)[::2],
            np.flip(np.flip(values, -1).copy(), -1),
        ]
    )


def swapped(values: Any) -> Any:
    """The same numbers with their bytes the other way round (the real SDK gets that wrong in images)."""
    return values.astype(values.dtype.newbyteorder(">"))


def arrays(dtypes: list[Any], shape: Any, elements: Any) -> st.SearchStrategy[Any]:
    """Arrays of several types and layouts."""
    made = st.sampled_from(dtypes).flatmap(
        lambda dtype: hnp.arrays(dtype, shape, elements=elements, fill=st.nothing())
    )
    return made.flatmap(layouts)


NUMBERS = [np.float32, np.float64, np.int32, np.int64, np.int16]


def vectors(width: int) -> st.SearchStrategy[Form]:
    """Several vectors: rows of an array, lists, tuples, flat, a single one, none."""
    row = st.lists(FLOATS | SMALL, min_size=width, max_size=width)
    many = st.lists(row, min_size=1, max_size=5)
    shapes = st.integers(1, 5).map(lambda n: (n, width))
    return same(
        arrays(NUMBERS, shapes, SMALL)
        | arrays(NUMBERS, shapes, SMALL).map(swapped)
        | many
        | many.map(lambda rows: [tuple(each) for each in rows])
        | many.map(lambda rows: tuple(np.array(each, np.float32) for each in rows))
        | many.map(lambda rows: [x for each in rows for x in each])
        | many.map(lambda rows: np.array(rows, np.float64).reshape(-1))
        | many.map(lambda rows: np.array(rows, np.float32)[:, None, :])
        | many.map(lambda rows: np.ma.masked_array(np.array(rows), mask=np.array(rows) > 0))
        | many.map(Tensor)
        | row
        | row.map(tuple)
        | st.just([])
        | st.just(np.zeros((0, width)))
    )


def numbers(elements: st.SearchStrategy[Any], dtypes: list[Any]) -> st.SearchStrategy[Form]:
    """One number or several."""
    many = st.lists(elements, max_size=5)
    return same(
        elements
        | many
        | many.map(tuple)
        | many.filter(bool).map(Tensor)
        | arrays(dtypes, st.integers(0, 5), elements)
        | st.sampled_from(dtypes).flatmap(elements.map)
    )


SCALARS = numbers(FLOATS | SMALL, [np.float64]) | same(
    arrays([*NUMBERS, np.uint8], st.integers(0, 4), st.integers(0, 100))
    | st.lists(FLOATS, max_size=4).map(lambda values: array.array("f", values))
    | arrays([np.float32], (2, 3), SMALL)
    | FLOATS.map(np.float64)
    | FLOATS.map(np.float32)
    | FLOATS.map(Decimal)
    | arrays([np.float64], 3, SMALL).map(lambda values: np.ma.masked_array(values, mask=[0, 1, 0]))
)
RADII = (
    numbers(FLOATS, [np.float32, np.float64])
    | FLOATS.map(lambda value: lambda sdk: sdk.Radius(value))
    | st.lists(FLOATS, min_size=1, max_size=3).map(lambda many: lambda sdk: sdk.Radius.ui_points(many))
    | FLOATS.map(lambda value: lambda sdk: sdk.Radius.ui_points(value))
)
CLASS_IDS = numbers(IDS, [np.uint16, np.int64, np.int32])
FLAGS = same(st.booleans() | st.lists(st.booleans(), max_size=4) | hnp.arrays(np.bool_, st.integers(0, 4)))
TEXTS = same(
    TEXT | st.lists(TEXT, max_size=4) | st.lists(TEXT, max_size=4).map(tuple) | st.just(np.array(["a", "bc"]))
)


def _color_arrays() -> st.SearchStrategy[Any]:
    shapes = st.tuples(st.integers(2, 6), st.integers(3, 4))
    return arrays([np.uint8, np.int64, np.uint16], shapes, BYTE) | hnp.arrays(
        np.float32, shapes, elements=st.floats(0, 1, width=32)
    )


PACKED = st.integers(256, 2**32 - 1)
COLORS = same(
    _color_arrays()
    | _color_arrays().map(lambda value: value.tolist())
    | _color_arrays().map(Tensor)
    | st.lists(BYTE, min_size=3, max_size=4)
    | st.lists(BYTE, min_size=3, max_size=4).map(tuple)
    | st.lists(BYTE, min_size=3, max_size=4).map(lambda each: np.array(each, np.uint8))
    | st.lists(st.floats(0, 1), min_size=3, max_size=4)
    | PACKED
    | st.lists(PACKED, min_size=5, max_size=6)
    | hnp.arrays(np.uint32, st.integers(0, 6))
    | st.lists(st.lists(BYTE, min_size=3, max_size=3) | st.lists(BYTE, min_size=4, max_size=4), min_size=2)
    | st.just([])
)
COLOR = same(
    st.lists(BYTE, min_size=3, max_size=4).map(tuple)
    | st.lists(st.floats(0, 1), min_size=3, max_size=4)
    | PACKED
)
UNIT = st.floats(-1, 1, width=32)
QUATERNION = st.lists(UNIT, min_size=4, max_size=4).map(lambda xyzw: lambda sdk: sdk.Quaternion(xyzw=xyzw))
AXIS_ANGLE = st.tuples(st.lists(UNIT, min_size=3, max_size=3), st.floats(-360, 360, width=32)).flatmap(
    lambda pair: st.sampled_from(
        [
            lambda sdk: sdk.RotationAxisAngle(pair[0], degrees=pair[1]),
            lambda sdk: sdk.RotationAxisAngle(np.array(pair[0]), radians=pair[1]),
            lambda sdk: sdk.RotationAxisAngle(axis=tuple(pair[0]), angle=sdk.Angle(deg=pair[1])),
        ]
    )
)
MATRIX = same(
    hnp.arrays(np.float64, (3, 3), elements=SMALL)
    | hnp.arrays(np.float32, (3, 3), elements=SMALL).map(lambda value: value.tolist())
    | st.lists(SMALL, min_size=9, max_size=9)
)


def choices(name: str, *members: str) -> st.SearchStrategy[Form]:
    """A member of an enum, its name, its name in another case."""
    return st.sampled_from(members).flatmap(
        lambda member: st.sampled_from(
            [
                lambda sdk: getattr(getattr(sdk.components, name), member),
                lambda sdk: member,
                lambda sdk: member.lower(),
                lambda sdk: getattr(getattr(sdk.components, name), member).value,
            ]
        )
    )


PIXELS = [np.uint8, np.uint16, np.float32, np.int32, np.float64]
IMAGE = same(
    arrays(
        PIXELS, st.tuples(st.integers(1, 4), st.integers(1, 4), st.sampled_from([3, 4])), st.integers(0, 100)
    )
    | arrays(PIXELS, st.tuples(st.integers(1, 4), st.integers(1, 5)), st.integers(0, 100))
    | arrays([np.uint8], st.tuples(st.just(1), st.integers(2, 4), st.integers(2, 4), st.just(3)), BYTE)
)
BLOB = same(
    st.binary(max_size=20)
    | st.binary(min_size=1, max_size=20).map(lambda data: np.frombuffer(data, np.uint8))
)


def strips(width: int) -> st.SearchStrategy[Form]:
    """Several strips, or one."""
    strip = st.lists(st.lists(FLOATS, min_size=width, max_size=width), min_size=1, max_size=4)
    return same(
        st.lists(strip, min_size=1, max_size=3)
        | strip
        | strip.map(lambda points: np.array(points, np.float32))
        | strip.map(lambda points: [np.array(points, np.float64), np.array(points)[:1]])
        | hnp.arrays(np.float32, (2, 3, width), elements=SMALL)
        | st.just([])
    )


STRIPS2, STRIPS3 = strips(2), strips(3)
INDICES = same(
    arrays([np.uint32, np.int64, np.int32], (4, 3), st.integers(0, 1000))
    | st.lists(st.lists(st.integers(0, 99), min_size=3, max_size=3), min_size=1, max_size=3)
)
SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4))
DEPTH = same(arrays([np.float32, np.uint16], SIZES, st.integers(0, 100)))
LABELED = same(arrays([np.uint8, np.uint16], SIZES, st.integers(0, 100)))

VOXELS = same(arrays([np.int32, np.int64], (3, 3), st.integers(-100, 100)) | st.just([[1, 2, 3], [-4, 5, 6]]))
EDGES = same(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
DIRECTIONS = st.sampled_from(
    [
        lambda sdk: sdk.ViewCoordinates.RDF,
        lambda sdk: sdk.ViewCoordinates.RIGHT_HAND_Z_UP,
        lambda sdk: [3, 1, 5],
        lambda sdk: [sdk.encodings.ViewDir.Left, sdk.encodings.ViewDir.Down, sdk.encodings.ViewDir.Back],
    ]
)
NUMBER_TYPES = [np.uint8, np.int16, np.float16, np.float32, np.float64, np.uint64]
TENSOR = same(arrays(NUMBER_TYPES, hnp.array_shapes(max_side=3), st.integers(0, 100))) | st.just(
    lambda sdk: sdk.TensorData(array=np.ones((2, 3), np.int8), dim_names=["a", "b"])
)
BARS = same(arrays(NUMBER_TYPES, st.integers(1, 5), st.integers(0, 100)) | st.just([1, 2, 3]))
