"""Times from text and back, to the nanosecond, over all of 64 bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.errors import UsageError
from rrsdk.timeline import MAX_TIME, MIN_TIME, TimeType, format_time, parse_time

SECOND = 10**9


@given(st.integers(MIN_TIME, MAX_TIME), st.sampled_from(TimeType))
def test_what_is_written_is_read_back(value: int, kind: TimeType) -> None:
    assert parse_time(format_time(value, kind), kind) == value


@given(st.integers(MIN_TIME, MAX_TIME))
def test_timestamps_are_those_of_numpy(value: int) -> None:
    np = pytest.importorskip("numpy")
    if value == MIN_TIME:
        return  # numpy's "not a time"
    text = format_time(value, TimeType.TIMESTAMP).removesuffix("Z")
    assert np.datetime64(text, "ns") == np.datetime64(value, "ns")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("42", TimeType.SEQUENCE, 42),
        (" -7 ", TimeType.SEQUENCE, -7),
        ("1.5", TimeType.DURATION, 1_500_000_000),
        ("1.5s", TimeType.DURATION, 1_500_000_000),
        ("-20ms", TimeType.DURATION, -20_000_000),
        (".5", TimeType.DURATION, 500_000_000),
        ("3 us", TimeType.DURATION, 3000),
        ("0.1", TimeType.DURATION, 100_000_000),
        ("2min", TimeType.DURATION, 120 * SECOND),
        ("1h", TimeType.DURATION, 3600 * SECOND),
        ("PT1.5S", TimeType.DURATION, 1_500_000_000),
        ("-PT0.1S", TimeType.DURATION, -100_000_000),
        ("P0D", TimeType.DURATION, 0),
        ("P1DT2H3M4,000000005S", TimeType.DURATION, (((24 + 2) * 60 + 3) * 60 + 4) * SECOND + 5),
        ("p2w", TimeType.DURATION, 14 * 86_400 * SECOND),
        ("1970-01-02", TimeType.TIMESTAMP, 86_400 * SECOND),
        ("1970-01-01T00:00:01.000000001Z", TimeType.TIMESTAMP, SECOND + 1),
        ("1970-01-01 00:01", TimeType.TIMESTAMP, 60 * SECOND),
        ("1970-01-01T01:00:00+01:00", TimeType.TIMESTAMP, 0),
        ("1969-12-31T23:00:00-0100", TimeType.TIMESTAMP, 0),
        ("1969-12-31T23:59:59.5", TimeType.TIMESTAMP, -SECOND // 2),
        ("1700000000.25", TimeType.TIMESTAMP, 1_700_000_000_250_000_000),
    ],
)
def test_parsing(text: str, kind: TimeType, expected: int) -> None:
    assert parse_time(text, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (-3, TimeType.SEQUENCE, "-3"),
        (1_500_000_000, TimeType.DURATION, "1.5s"),
        (-1, TimeType.DURATION, "-0.000000001s"),
        (0, TimeType.TIMESTAMP, "1970-01-01T00:00:00Z"),
        (-1, TimeType.TIMESTAMP, "1969-12-31T23:59:59.999999999Z"),
    ],
)
def test_formatting(value: int, kind: TimeType, expected: str) -> None:
    assert format_time(value, kind) == expected


@pytest.mark.parametrize("kind", TimeType)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1x",
        "--1",
        "2024-13-01",
        "2024-02-30",
        ".",
        "1e3",
        "١",
        "2024-02-29T",
        "P",
        "PT",
        "P1DT",
        "P1Y",
        "P1M",
        "P5S",
        "PT1.S",
        "PT.5S",
        "PT1M2H",
        "PT1S2",
        "P-1D",
    ],
)
def test_not_times(text: str, kind: TimeType) -> None:
    with pytest.raises(UsageError, match="is not a"):
        parse_time(text, kind)


@pytest.mark.parametrize("kind", TimeType)
def test_times_that_64_bits_cannot_hold(kind: TimeType) -> None:
    with pytest.raises(UsageError, match="64 bits"):
        parse_time("9999999999999999999", kind)


@given(st.text(), st.sampled_from(TimeType))
def test_any_text_is_a_time_or_a_usage_error(text: str, kind: TimeType) -> None:
    try:
        assert MIN_TIME <= parse_time(text, kind) <= MAX_TIME
    except UsageError:
        pass
