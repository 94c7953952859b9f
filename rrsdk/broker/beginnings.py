"""Which start of a program began which recording; whoever adds to that of another start should know.

A recording id that is given twice (by hand, in the environment) joins what two runs logged: sometimes
on purpose, sometimes not. So the first process of each other start is told, once for all of its kind.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.broker.producer import printable
from rrsdk.identity import StoreId, StoreKind

if TYPE_CHECKING:
    from rrsdk.broker.producer import Producer
    from rrsdk.store.message_log import MessageLog

_COST = 400
"""What it costs to know how one recording began, and that one start was told."""
_MOST_TOLD = 64
"""So many other starts are told of one recording."""


class _Beginning(NamedTuple):
    start: str
    program: str
    at: float
    """Seconds since 1970."""
    told: set[str]


class Beginnings:
    """How each recording began, for as long as its store info is kept, which is never evicted."""

    def __init__(self, store: MessageLog, *, since_1970_s: float) -> None:
        """`since_1970_s`: what the times of events have to be added to."""
        self._store, self._since = store, since_1970_s
        self._known: dict[StoreId, _Beginning] = {}

    def announced(self, recording: StoreId, by: Producer, now: float) -> str | None:
        """A producer sent a store info: what it should be told, if anything."""
        if recording.kind is not StoreKind.RECORDING:
            return None
        known = self._known.get(recording)
        if known is None:
            if self._store.has_room(_COST):
                self._store.charge(_COST)
                program = f"{by.name or 'a program'} (pid {by.pid}) on {by.host or 'this machine'}"
                if not by.pid:
                    program = by.name
                self._known[recording] = _Beginning(by.start, program, self._since + now, set())
            return None
        if not by.start or not known.start or by.start == known.start or by.start in known.told:
            return None
        if len(known.told) >= _MOST_TOLD or not self._store.has_room(_COST):
            return None
        self._store.charge(_COST)
        known.told.add(by.start)
        return (
            f"recording {printable(recording.recording_id)} was begun by another start: {known.program}, "
            f"{_clock(known.at, self._since + now)}; rows are added to it"
        )


def _clock(then: float, now: float) -> str:
    """The time of the day, and the day where it is another."""
    at, today = time.localtime(then), time.localtime(now)
    return time.strftime("%H:%M" if at[:3] == today[:3] else "%Y-%m-%d %H:%M", at)
