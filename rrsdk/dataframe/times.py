"""Times as programs hand them in: numbers, dates and texts to the integers of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rrsdk.errors import UsageError
from rrsdk.timeline import MAX_TIME, MIN_TIME, NS_PER_S, TimeType, parse_time

Times: TypeAlias = npt.NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ACCEPTED = {
    TimeType.SEQUENCE: "a whole number",
    TimeType.DURATION: "whole nanoseconds, a timedelta, a numpy timedelta64, or a text like 1.5s",
    TimeType.TIMESTAMP: "whole nanoseconds since 1970, a datetime, a numpy datetime64, or a text like "
    "2024-02-29T12:00:00Z",
}
_ARROW = {
    TimeType.SEQUENCE: pa.int64(),
    TimeType.DURATION: pa.duration("ns"),
    TimeType.TIMESTAMP: pa.timestamp("ns"),
}


def arrow_type(kind: TimeType) -> pa.DataType:
    """The Arrow type of a timeline's column."""
    return _ARROW[kind]


def as_time(value: Any, kind: TimeType, timeline: str) -> int:
    """One time as an integer; UsageError saying what is accepted where it does not fit the timeline."""
    found: int | None = None
    if isinstance(value, str):
        return parse_time(value, kind)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        found = int(value)
    elif kind is TimeType.DURATION and isinstance(value, timedelta):
        found = _nanoseconds(value)
    elif kind is TimeType.DURATION and isinstance(value, np.timedelta64) and not np.isnat(value):
        found = int(value.astype("timedelta64[ns]").astype(np.int64))
    elif kind is TimeType.TIMESTAMP and isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        found = _nanoseconds(aware - _EPOCH)
    elif kind is TimeType.TIMESTAMP and isinstance(value, date):
        found = _nanoseconds(datetime(value.year, value.month, value.day, tzinfo=timezone.utc) - _EPOCH)
    elif kind is TimeType.TIMESTAMP and isinstance(value, np.datetime64) and not np.isnat(value):
        found = int(value.astype("datetime64[ns]").astype(np.int64))
    if found is None or not MIN_TIME <= found <= MAX_TIME:
        raise UsageError(
            f"{value!r} is no time on timeline {timeline}, which counts {kind.value}s",
            hint=f"give {_ACCEPTED[kind]}",
        )
    return found


def seconds_as_time(value: float, kind: TimeType, timeline: str) -> int:
    """Seconds (since 1970 for timestamps) as nanoseconds; exact for whole ones."""
    if kind is TimeType.SEQUENCE:
        raise UsageError(
            f"timeline {timeline} counts sequence numbers, not seconds", hint="give whole numbers"
        )
    whole, rest = divmod(value, 1)
    return as_time(int(whole) * NS_PER_S + round(rest * NS_PER_S), kind, timeline)


def as_times(values: Any, kind: TimeType, timeline: str) -> Times:
    """Many times: an Arrow or numpy array, or anything that can be iterated over."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = values.to_numpy() if isinstance(values, pa.ChunkedArray) else _numpy(values)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iumM":
        wanted = {"m": TimeType.DURATION, "M": TimeType.TIMESTAMP}.get(values.dtype.kind)
        if wanted in (None, kind):
            if values.dtype.kind in "mM":
                values = values.astype(f"{values.dtype.kind}8[ns]")
            return np.ascontiguousarray(values.ravel()).astype(np.int64)
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return np.array([as_time(value, kind, timeline) for value in values], np.int64)


def _numpy(values: pa.Array) -> npt.NDArray[Any]:
    found: npt.NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return found


def _nanoseconds(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * NS_PER_S + span.microseconds * 1000
