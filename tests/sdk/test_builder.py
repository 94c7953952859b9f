"""Manifest columns are filled at once where a layout has its chunks at equal distances, else one by one."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.ipc.builder import _put, _regular
from rrsdk.ipc.schema import INT64, UINT64, Field
from rrsdk.ipc.table import empty_column

ROWS = 40
PLACES = st.sets(st.integers(0, ROWS - 1), min_size=1).map(sorted)


@pytest.mark.parametrize(
    ("places", "regular"),
    [([3], True), ([0, 1, 2], True), ([1, 6, 11], True), ([0, 1, 3], False), ([0, 2, 3, 6], False)],
)
def test_equal_distances_are_seen(places: list[int], regular: bool) -> None:
    assert isinstance(_regular(places), range) == regular
    assert list(_regular(places)) == places


@given(
    PLACES
    | st.builds(lambda start, step: list(range(start, ROWS, step)), st.integers(0, 9), st.integers(1, 9))
)
def test_either_way_sets_the_same(places: list[int]) -> None:
    for kind, nullable in ((INT64, True), (UINT64, False)):
        column = empty_column(Field("x", kind), ROWS)
        _put(column, _regular(places), [7 * place + 1 for place in places])
        expected = [7 * place + 1 if place in places else 0 for place in range(ROWS)]
        assert column.values == array("q" if nullable else "Q", expected)
        assert column.valid == (bytearray(place in places for place in range(ROWS)) if nullable else None)
