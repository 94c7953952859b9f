"""Time contexts: which timelines a row has times on, shared by the many rows that have the same.

A snapshot is a tuple: its layout's key, then a time for each of the layout's timelines. It is made
when a time is set, and only referred to when a row is logged. As it holds but numbers, Python's
garbage collector looks at it once at most, however long it waits: rows that wait are many, and to
look at them all again and again would cost more than to log them.
"""

from __future__ import annotations

from array import array
from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

LOG_TIME: Final = "log_time"
LOG_TICK: Final = "log_tick"

Snapshot: TypeAlias = tuple[Any, ...]
"""The key of a TimeLayout, and the time on each of its timelines."""

Key: TypeAlias = "int | TimeLayout"

Timelines: TypeAlias = tuple[tuple[str, TimeType], ...]


class TimeLayout:
    """Which timelines there are. Interned: equal ones are the same object."""

    __slots__ = ("timelines", "log_time", "columns", "key")

    def __init__(self, timelines: Timelines, log_time: bool) -> None:
        """Not for callers: see `time_layout`."""
        self.timelines = timelines
        self.log_time = log_time
        """Whether rows are stamped with the time of the call, in place of one set under this name."""
        named = {name: (kind, place) for place, (name, kind) in enumerate(timelines, 1)}
        if log_time:
            named[LOG_TIME] = (TimeType.TIMESTAMP, 0)
        self.key: Key = self
        """What snapshots begin with; a number where there are not too many."""
        self.columns: tuple[tuple[str, TimeType, int], ...] = tuple(
            (name, *named[name]) for name in sorted(named)
        )
        """Name and type of each column, and where in a snapshot its time is; 0: it is that of the call."""

    @property
    def is_static(self) -> bool:
        return not self.columns

    def with_tick(self, snapshot: Snapshot, tick: int) -> Snapshot:
        """The snapshot with the number of the call on the timeline `log_tick`."""
        kept = [(one, time) for one, time in zip(self.timelines, snapshot[1:]) if one[0] != LOG_TICK]
        names = (*(one for one, _ in kept), (LOG_TICK, TimeType.SEQUENCE))
        return (time_layout(names, self.log_time).key, *(time for _, time in kept), tick)


_LAYOUTS: dict[tuple[Timelines, bool], TimeLayout] = {}
_BY_KEY: dict[int, TimeLayout] = {}
_NUMBERS = count()
_MAX_LAYOUTS = 10_000


def time_layout(timelines: Timelines, log_time: bool) -> TimeLayout:
    """The layout for these timelines, in this order."""
    layout = _LAYOUTS.get((timelines, log_time))
    if layout is None:
        layout = TimeLayout(timelines, log_time)
        if len(_LAYOUTS) < _MAX_LAYOUTS:
            layout.key = next(_NUMBERS)
            _BY_KEY[layout.key] = layout
            layout = _LAYOUTS.setdefault((timelines, log_time), layout)  # two threads may come here at once
    return layout


def layout_of(key: Key) -> TimeLayout:
    """The layout of a snapshot that begins with this."""
    return _BY_KEY[key] if key.__class__ is int else key  # type: ignore[return-value]


STATIC: Final[Snapshot] = (time_layout((), False).key,)
"""The snapshot of rows that hold at all times."""


def times_of(
    layout: TimeLayout, snapshots: Sequence[Snapshot], ns: npt.NDArray[np.int64]
) -> list[npt.NDArray[np.int64]]:
    """For each column of the layout, the times of rows with these snapshots, logged at `ns`."""
    return [
        np.frombuffer(array("q", [*map(itemgetter(place), snapshots)]), np.int64) if place else ns
        for _, _, place in layout.columns
    ]
