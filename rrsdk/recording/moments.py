"""What people give as a time, as the 64-bit integer that is recorded."""

from __future__ import annotations

import operator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from rrsdk.timeline import MAX_TIME, MIN_TIME, NS_PER_S, TimeType

if TYPE_CHECKING:
    import numpy as np

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECONDS: Final = 1e11
"""More seconds than this since 1970 must be milliseconds: the year would be 5138."""


def time_of(timeline: str, sequence: Any, duration: Any, timestamp: Any) -> tuple[TimeType, int]:
    """The one time given; TypeError or ValueError where it is none, or there are several."""
    if (sequence is None) + (duration is None) + (timestamp is None) != 2:
        raise ValueError(
            "set_time: Exactly one of `sequence`, `duration`, and `timestamp` must be set "
            f"(timeline='{timeline}')"
        )
    if sequence is not None:
        return TimeType.SEQUENCE, checked(timeline, operator.index(sequence))
    if duration is not None:
        return TimeType.DURATION, checked(timeline, duration_ns(duration))
    return TimeType.TIMESTAMP, checked(timeline, timestamp_ns(timestamp))


def checked(timeline: str, value: int) -> int:
    """The time, where 64 bits can hold it."""
    if not MIN_TIME <= value <= MAX_TIME:
        raise ValueError(f"set_time: {value} is further away than 64 bits can say (timeline='{timeline}')")
    return value


def duration_ns(value: Any) -> int:
    """Seconds as a number, or a time span of Python or numpy."""
    if type(value) is int:
        return value * NS_PER_S
    if type(value) is float:
        return round(value * 1e9)
    if isinstance(value, timedelta):
        return _span_ns(value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind == "m":
        return _numpy_ns(value, "timedelta64[ns]")
    if isinstance(value, int) or (kind in "iu" and kind):
        return int(value) * NS_PER_S
    if isinstance(value, float) or kind == "f":
        return round(float(value) * 1e9)
    raise TypeError(
        f"set_time: duration must be an int, float, timedelta, or numpy.timedelta64 object, got {type(value)}"
    )


def timestamp_ns(value: Any) -> int:
    """Seconds since 1970 as a number, or a date of Python, numpy, pandas or pyarrow."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if isinstance(value, (int, float)) or (kind in "iuf" and kind):
        if value > _MILLISECONDS:
            raise ValueError(
                "set_time: Expected seconds since unix epoch, but it looks like this is in milliseconds"
            )
        return int(value) * NS_PER_S if isinstance(value, int) else round(float(value) * 1e9)
    if isinstance(value, datetime):
        to_numpy = getattr(value, "to_datetime64", None)  # pandas keeps nanoseconds
        if to_numpy is not None:
            return _numpy_ns(to_numpy(), "datetime64[ns]")
        aware = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        return _span_ns(aware - _EPOCH)
    if kind == "M":
        return _numpy_ns(value, "datetime64[ns]")
    if hasattr(value, "as_py") and hasattr(value, "value") and hasattr(value.type, "unit"):
        scale = {"s": NS_PER_S, "ms": 1_000_000, "us": 1_000, "ns": 1}[value.type.unit]
        return int(value.value) * scale
    raise TypeError(
        "set_time: timestamp must be an int, float, datetime, numpy.datetime64, or pyarrow.TimestampScalar "
        f"object, got {type(value)}"
    )


def _span_ns(value: timedelta) -> int:
    return ((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1_000


def _numpy_ns(value: np.generic, unit: str) -> int:
    return int(value.astype(unit).astype("int64"))
