"""Times of many rows at once, for `send_columns`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import shown
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 1_000_000_000
_LATEST_S = 1e11
"""Beyond the year 5000: those are milliseconds."""


class TimeColumn:
    """One time a row on a timeline; exactly one of `sequence`, `duration` and `timestamp`."""

    def __init__(
        self,
        timeline: str,
        *,
        sequence: Iterable[int] | None = None,
        duration: Iterable[float] | Iterable[timedelta] | Iterable[np.timedelta64] | None = None,
        timestamp: Iterable[float] | Iterable[datetime] | Iterable[np.datetime64] | None = None,
    ) -> None:
        if (sequence is None) + (duration is None) + (timestamp is None) != 2:
            raise LogError(
                f"timeline {timeline!r} wants exactly one of `sequence`, `duration` and `timestamp`",
                field="TimeColumn",
            )
        self.timeline = timeline
        if sequence is not None:
            self.kind, self.values = "sequence", _whole(sequence)
        elif duration is not None:
            self.kind, self.values = "duration", _nanoseconds(duration, duration_nanos, "m")
        else:
            assert timestamp is not None
            self.kind, self.values = "timestamp", _nanoseconds(timestamp, timestamp_nanos, "M")

    kind: str
    """`sequence`, `duration` or `timestamp`."""
    values: npt.NDArray[np.int64]
    """Copies of the times: whole numbers, or nanoseconds."""

    def timeline_name(self) -> str:
        """The name of the timeline."""
        return self.timeline

    def __len__(self) -> int:
        return len(self.values)

    def as_arrow_array(self) -> pa.Array:
        """As int64, duration[ns] or timestamp[ns]."""
        import pyarrow as pa

        kinds = {"sequence": pa.int64(), "duration": pa.duration("ns"), "timestamp": pa.timestamp("ns")}
        return pa.Array.from_buffers(kinds[self.kind], len(self), [None, pa.py_buffer(self.values)])


def _whole(values: Any) -> npt.NDArray[np.int64]:
    array = np.asarray(values if hasattr(values, "__len__") else list(values))
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise LogError(f"one whole number a row expected, not {shown(values)}", field="sequence")
    if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise LogError(f"{array.max()} does not fit into int64", field="sequence")
    return array.astype(np.int64)


def _nanoseconds(values: Any, convert: Any, kind: str) -> npt.NDArray[np.int64]:
    """Of an array at once where it is one of numbers or of numpy's times."""
    if isinstance(values, np.ndarray) and values.dtype.kind in kind + "iuf":
        if values.ndim != 1:
            raise LogError(f"one time a row expected, not {shown(values)}", field="TimeColumn")
        if values.dtype.kind == kind:
            return values.astype(f"{kind}8[ns]").astype(np.int64)
        if values.dtype.kind in "iu":
            return values.astype(np.int64) * _SECOND
        return (values * 1e9).astype(np.int64)
    return np.array([convert(value) for value in values], np.int64)


def duration_nanos(value: Any) -> int:
    """Seconds, or a difference of times, in nanoseconds."""
    if isinstance(value, np.timedelta64):
        return int(value.astype("m8[ns]").astype(np.int64))
    if isinstance(value, timedelta):
        micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
        return micros * 1000
    if isinstance(value, (int, np.integer)):
        return int(value) * _SECOND
    if isinstance(value, (float, np.floating)):
        return round(float(value) * 1e9)
    raise LogError(f"seconds, timedelta or timedelta64 expected, not {shown(value)}", field="duration")


def timestamp_nanos(value: Any) -> int:
    """Seconds since 1970, or a point in time, in nanoseconds; times without a zone are UTC."""
    if isinstance(value, datetime):
        exact = getattr(value, "to_datetime64", None)  # pandas knows nanoseconds
        if exact is not None:
            return timestamp_nanos(exact())
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        return duration_nanos(value - _EPOCH)
    if isinstance(value, np.datetime64):
        return int(value.astype("M8[ns]").astype(np.int64))
    if isinstance(value, (int, np.integer, float, np.floating)):
        if value > _LATEST_S:
            raise LogError(f"seconds since 1970 expected; {value} must be milliseconds", field="timestamp")
        if isinstance(value, (int, np.integer)):
            return int(value) * _SECOND
        return round(float(value) * 1e9)
    nanos = getattr(value, "value", None)  # an Arrow scalar
    if isinstance(nanos, int):
        return nanos
    raise LogError(f"seconds, datetime or datetime64 expected, not {shown(value)}", field="timestamp")
