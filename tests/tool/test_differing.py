"""Which values differ, beside what Python says of the same values."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrtool.reports.differing import differing

_FLOATS = st.sampled_from([0.0, -0.0, 1.0, 1.0001, 2.5, math.inf, math.nan])
_LEAVES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.int8(), st.integers(-2, 2)),
    (pa.uint64(), st.sampled_from([0, 1, 2**64 - 1])),
    (pa.float32(), _FLOATS),
    (pa.float64(), _FLOATS),
    (pa.float16(), st.sampled_from([0.0, 1.0, 2.5])),
    (pa.bool_(), st.booleans()),
    (pa.string(), st.sampled_from(["", "a", "ä", "ab"])),
    (pa.large_binary(), st.sampled_from([b"", b"\0", b"\0\0", b"x"])),
    (pa.binary(3), st.sampled_from([b"abc", b"abd"])),
    (pa.timestamp("ns"), st.integers(0, 2)),
    (pa.null(), st.none()),
    (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["a", "b"])),
]


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def of(pair: tuple[pa.DataType, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
        kind, values = pair
        maybe = st.one_of(st.none(), values)
        return st.sampled_from(
            [
                (pa.list_(kind), st.lists(maybe, max_size=3)),
                (pa.large_list(kind), st.lists(maybe, max_size=3)),
                (pa.list_(kind, 2), st.lists(maybe, min_size=2, max_size=2)),
                (
                    pa.struct([("a", kind), ("b", pa.int8())]),
                    st.fixed_dictionaries({"a": maybe, "b": st.integers(0, 1)}),
                ),
            ]
        )

    return inner.flatmap(of)


_TYPES = st.recursive(st.sampled_from(_LEAVES), _nested, max_leaves=3)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[pa.Array, pa.Array]:
    kind, values = draw(_TYPES)
    maybe = st.one_of(st.none(), values)
    count = draw(st.integers(0, 6))
    made = []
    for _ in range(2):
        before, after = draw(st.integers(0, 9)), draw(st.integers(0, 2))
        rows = draw(st.lists(maybe, min_size=count + before + after, max_size=count + before + after))
        if pa.types.is_float16(kind):
            rows = [None if one is None else np.float16(one) for one in rows]
        try:
            array = pa.array(rows, kind)
        except (pa.ArrowNotImplementedError, pa.ArrowTypeError, pa.ArrowInvalid):
            array = pa.nulls(len(rows), kind)
        made.append(array.slice(before, count))
    return made[0], made[1]


def _said(value: Any) -> Any:
    """A value that is equal to another where all bits are."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, list):
        return [_said(one) for one in value]
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items()}
    return value


@given(_pairs())
@settings(max_examples=300)
def test_as_python_says(pair: tuple[pa.Array, pa.Array]) -> None:
    one, other = pair
    expected = [_said(a) != _said(b) for a, b in zip(one.to_pylist(), other.to_pylist())]
    assert differing(one, other).tolist() == expected
    assert not differing(one, one).any()


@pytest.mark.parametrize(
    ("kind", "a", "b", "close"),
    [
        (pa.float32(), 1.0, 1.0009, True),
        (pa.float32(), 1.0, 1.002, False),
        (pa.float32(), 1e-4, -1e-4, True),
        (pa.float64(), 1.0, 1.0 + 1e-9, True),
        (pa.float64(), 1.0, 1.0 + 1e-7, False),
        (pa.float64(), math.inf, math.inf, True),
        (pa.float64(), math.nan, math.nan, False),
        (pa.int64(), 1, 2, False),
    ],
)
def test_rounding_is_forgiven_as_the_real_one_does(kind: pa.DataType, a: Any, b: Any, close: bool) -> None:
    found = differing(pa.array([[a]], pa.list_(kind)), pa.array([[b]], pa.list_(kind)), tolerant=True)
    assert found.tolist() == [not close]
