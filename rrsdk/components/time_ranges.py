"""Ranges of time that follow the cursor or stand still: what views and plots show of a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from rrsdk.components.instance import Instance
from rrsdk.components.records import Record
from rrsdk.components.times import TimeInt


class Boundary(NamedTuple):
    """A value of the union that a boundary is in Arrow: which of its members, and the time."""

    member: str
    time: int | None


@dataclass(frozen=True)
class TimeRangeBoundary(Record):
    """One end of a range: a time, an offset from the time cursor, or no end at all."""

    inner: TimeInt | None
    kind: str
    """`cursor_relative`, `absolute` or `infinite`."""

    @staticmethod
    def cursor_relative(
        offset: TimeInt | int | None = None,
        *,
        seq: int | None = None,
        seconds: float | None = None,
        nanos: int | None = None,
    ) -> TimeRangeBoundary:
        """So far from the time cursor, before it where negative; at it where nothing is given."""
        if offset is None and seq is None and seconds is None and nanos is None:
            seq = 0
        return TimeRangeBoundary(_time(offset, seq, seconds, nanos), "cursor_relative")

    @staticmethod
    def absolute(
        time: TimeInt | int | None = None,
        *,
        seq: int | None = None,
        seconds: float | None = None,
        nanos: int | None = None,
    ) -> TimeRangeBoundary:
        """A time: a number, or seconds or nanoseconds."""
        return TimeRangeBoundary(_time(time, seq, seconds, nanos), "absolute")

    @staticmethod
    def infinite() -> TimeRangeBoundary:
        """No end: all that lies on this side."""
        return TimeRangeBoundary(None, "infinite")

    def as_member(self) -> Boundary:
        """As Arrow has it."""
        member = {
            "cursor_relative": "CursorRelative",
            "absolute": "Absolute",
            "infinite": "Infinite",
        }.get(self.kind)
        if member is None:
            raise ValueError(f"a boundary is cursor_relative, absolute or infinite, not {self.kind!r}")
        return Boundary(member, None if self.inner is None else int(self.inner))


def _time(time: Any, seq: int | None, seconds: float | None, nanos: int | None) -> TimeInt:
    if sum(one is not None for one in (time, seq, seconds, nanos)) != 1:
        raise ValueError("exactly one of a time, `seq`, `seconds` and `nanos` is wanted")
    if time is not None:
        return time if isinstance(time, TimeInt) else TimeInt(seq=int(time))
    return TimeInt(seq=seq, seconds=seconds, nanos=nanos)


@dataclass(frozen=True)
class TimeRange(Record):
    """From one boundary to another, both included."""

    start: TimeRangeBoundary
    end: TimeRangeBoundary


class VisibleTimeRange(Record, Instance):
    """What is shown of one timeline: a `range`, or its `start` and `end`."""

    def __init__(
        self,
        timeline: Any,
        range: TimeRange | None = None,  # noqa: A002 - as in Rerun
        *,
        start: TimeRangeBoundary | None = None,
        end: TimeRangeBoundary | None = None,
    ) -> None:
        if range is None:
            if start is None or end is None:
                raise ValueError("`range`, or both `start` and `end`, must be given")
            range = TimeRange(start, end)  # noqa: A001
        elif start is not None or end is not None:
            raise ValueError("either `range`, or `start` and `end`, not both")
        self.timeline, self.range = str(timeline), range

    def component_type(self) -> str:
        return "rerun.blueprint.components.VisibleTimeRange"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VisibleTimeRange) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.timeline, self.range))

    def __repr__(self) -> str:
        return f"VisibleTimeRange({self.timeline!r}, {self.range!r})"
