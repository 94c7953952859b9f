"""One component of one entity on one timeline: its latest value, remembered for as long as it is that.

Time moves by small steps, so the answer is mostly the last one, or in the same chunk.
"""

from __future__ import annotations

import weakref
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from rrsdk.errors import InputError
from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.store.opened import Best, Opened
    from rrsdk.store.reader import StoreReader
    from rrsdk.store.spans import Spans

_TRIES: Final = 100


class Found(NamedTuple):
    """A row; the chunk is the store's to keep."""

    is_static: bool
    time: int
    """0 for static data."""
    row_id: bytes
    number: int
    place: int
    opened: weakref.ref[Opened]


class _State(NamedTuple):
    generation: int
    spans: Spans
    static: Sequence[int]
    first: int
    """From when to when (exclusive) `found` is the answer."""
    end: int
    found: Found | None


class Lane:
    """May be asked by any thread: what is remembered is replaced as one."""

    __slots__ = ("_state", "component", "entity", "store", "timeline")

    def __init__(self, store: StoreReader, entity: str, timeline: str, component: str) -> None:
        self.store = store
        self.entity = entity
        self.timeline = timeline
        self.component = component
        self._state: _State | None = None

    def at(self, time: int) -> Found | None:
        """What is latest at a time, static data before all; Clears are not looked at."""
        state = self._state
        if state is not None and state[0] == self.store.generation and state[3] <= time < state[4]:
            return state[5]
        for _ in range(_TRIES):
            try:
                return self._find(time)
            except KeyError:  # a chunk was compacted or evicted by another thread meanwhile
                continue
        raise InputError("the store changes faster than it can be read", entity=self.entity)

    def _find(self, time: int) -> Found | None:
        store, timeline, component = self.store, self.timeline, self.component
        state = self._state
        generation = store.generation
        if state is not None and state.generation == generation:
            spans, static = state.spans, state.static
        else:
            spans = store.spans(self.entity, timeline, component)
            static = store.static(self.entity, component)
            if state is not None and state.spans is spans and state.static is static:
                state = self._state = state._replace(generation=generation)
                if state.first <= time < state.end:
                    return state.found
        found = self._latest_static(static) if static else None
        if found is not None:
            self._state = _State(generation, spans, static, MIN_TIME, MAX_TIME + 1, found)
            return found
        start = spans.next_start(time)
        end = MAX_TIME + 1 if start is None else start

        def look(number: int) -> Best | None:
            nonlocal end
            opened = store.open(number)
            times, places = opened.rows(timeline, component)
            row = bisect_right(times, time)
            if row < len(times) and times[row] < end:
                end = times[row]
            if not row:
                return None
            place = row - 1 if places is None else int(places[row - 1])
            return times[row - 1], opened.row_id(place), opened, place

        best = spans.latest(time, look)
        if best is None:
            self._state = _State(generation, spans, static, MIN_TIME, end, None)
            return None
        when, row_id, opened, place = best
        found = Found(False, when, row_id, opened.number, place, weakref.ref(opened))
        self._state = _State(generation, spans, static, when, end, found)
        return found

    def _latest_static(self, numbers: Sequence[int]) -> Found | None:
        best: Found | None = None
        for number in numbers:
            opened = self.store.open(number)
            place = opened.last_static(self.component)
            if place is None:
                continue
            row_id = opened.row_id(place)
            if best is None or row_id > best.row_id:
                best = Found(True, 0, row_id, number, place, weakref.ref(opened))
        return best

    def opened(self, found: Found) -> Opened:
        """The chunk of what was found."""
        return found.opened() or self.store.open(found.number)
