"""Numbers, times and sizes as texts: they read back, and are those of the real program."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.timeline import MAX_TIME, MIN_TIME, TimeType, parse_time
from rrtool.reports.numbers import float32, float64, float64s
from rrtool.reports.times import date, duration, format_bytes, timestamps


@given(st.floats())
def test_doubles_read_back(value: float) -> None:
    text = float64(value)
    assert float(text) == value or math.isnan(value)
    assert float64s([value, 1.0]) == [text, "1.0"]
    assert "+" not in text


@given(st.floats(width=32))
def test_singles_read_back(value: float) -> None:
    text = float32(value)
    assert math.isnan(value) or np.float32(text) == np.float32(value)
    shortest = (
        np.format_float_scientific(np.float32(value), unique=True, trim="-") if math.isfinite(value) else ""
    )
    digits = "".join(filter(str.isdigit, text.partition("e")[0])).strip("0")
    assert digits == "".join(filter(str.isdigit, shortest.partition("e")[0])).strip("0") or not shortest


@given(st.integers(1 - 2**63, 2**63 - 1))  # the smallest is numpy's "not a time"
def test_timestamps_are_numpys(value: int) -> None:
    text = timestamps([value])[0]
    assert np.datetime64(text, "ns") == np.datetime64(value, "ns")


@given(st.integers(-800_000, 3_000_000))
def test_dates_are_numpys(days: int) -> None:
    assert date(days) == str(np.datetime64(days, "D"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "P0D"), (10**9, "PT1S"), (-(10**8), "-PT0.1S"), (1, "PT0.000000001S"), (90_000 * 10**9, "PT90000S")],
)
def test_durations(value: int, text: str) -> None:
    assert duration(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1016, "1016 B"),
        (1024, "1.0 KiB"),
        (114_688, "112 KiB"),
        (1 << 31, "2.0 GiB"),
        (5 << 50, "5120 TiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert format_bytes(size) == text


@given(st.integers(MIN_TIME, MAX_TIME))
def test_what_is_shown_can_be_asked_for(value: int) -> None:
    """`filter --time` takes what `print` shows."""
    assert parse_time(duration(value), TimeType.DURATION) == value
    assert parse_time(timestamps([value])[0], TimeType.TIMESTAMP) == value
