"""Times as values: of videos, and those that stand for a place on any timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.instance import Instance, batches
from rrsdk.errors import LogError

if TYPE_CHECKING:
    import numpy.typing as npt


def video_nanos(seconds: float | None, nanoseconds: int | None, field: str) -> int:
    """Nanoseconds from the start of a video, from either."""
    if (seconds is None) == (nanoseconds is None):
        raise LogError("exactly one of `seconds` and `nanoseconds` must be given", field=field)
    if seconds is not None:
        return int(seconds * 1e9 + 0.5)
    return int(nanoseconds)  # type: ignore[arg-type]  # one of them is there


class TimeInt:
    """A point on a timeline: a number, or nanoseconds."""

    __slots__ = ("value",)

    value: int

    def __init__(
        self, *, seq: int | None = None, seconds: float | None = None, nanos: int | None = None
    ) -> None:
        if (seq is None) + (seconds is None) + (nanos is None) != 2:
            raise ValueError("a TimeInt wants exactly one of `seq`, `seconds` and `nanos`")
        if seconds is not None:
            self.value = int(seconds * 1e9)
        else:
            self.value = int(seq if seq is not None else nanos)  # type: ignore[arg-type]  # one is there

    def __int__(self) -> int:
        return self.value

    __index__ = __int__

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.value, dtype=dtype or np.int64)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeInt) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value})"


class Timestamp(TimeInt, Instance):
    """The same, under the name of the component."""

    __slots__ = ()


class _BatchOf:
    """`VideoTimestamp.seconds(…)` makes a batch, where Rerun has it so."""

    def __init__(self, unit: int) -> None:
        self.unit = unit

    def __get__(self, instance: object, owner: type) -> Any:
        return self.batch

    def batch(self, times: npt.ArrayLike) -> Any:
        values = np.asarray(np.asarray(times) * self.unit if self.unit > 1 else times, np.int64)
        return batches().batch_class("rerun.components.VideoTimestamp")(values)


class VideoTimestamp(Instance):
    """When a frame is shown, in nanoseconds from the start of the video."""

    __slots__ = ("timestamp_ns",)

    def __init__(self, *, nanoseconds: int | None = None, seconds: float | None = None) -> None:
        self.timestamp_ns = video_nanos(seconds, nanoseconds, "VideoTimestamp")

    seconds = _BatchOf(1_000_000_000)
    milliseconds = _BatchOf(1_000_000)
    nanoseconds = _BatchOf(1)

    def __int__(self) -> int:
        return self.timestamp_ns

    __index__ = __int__

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.timestamp_ns, dtype=dtype or np.int64)

    def __repr__(self) -> str:
        return f"VideoTimestamp(nanoseconds={self.timestamp_ns})"
