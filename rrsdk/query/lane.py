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

TRIES: Final = 100
"""So often a question is asked again where other threads take away the chunks of its answer."""
_NEVER: Final = MAX_TIME + 1


def too_fast(entity: str) -> InputError:
    """What is raised after `TRIES`."""
    return InputError("the store changes faster than it can be read", entity=entity)


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
    before: int
    """What the chunk of `found` has after this, and before `until`, is later than what all others have."""
    until: int


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
        if state is not None and state[0] == self.store.generation:
            if state[3] <= time < state[4]:
                return state[5]
            found = state[5]
            if found is not None and time < state[7]:
                opened = found[5]()
                if opened is not None and (near := self._near(opened, state, found, time)) is not None:
                    return near
        for _ in range(TRIES):
            try:
                return self._find(time)
            except KeyError:  # a chunk was compacted or evicted by another thread meanwhile
                self._state = None  # so that the store is asked again, which waits for the other thread
        raise too_fast(self.entity)

    def _near(self, opened: Opened, state: _State, found: Found, time: int) -> Found | None:
        """What is latest, where that is in the same chunk; None where that is not sure."""
        times, places = opened.rows(self.timeline, self.component)
        row = bisect_right(times, time)
        if not row or times[row - 1] <= state[6]:
            return None
        when, until = times[row - 1], state[7]
        place = row - 1 if places is None else int(places[row - 1])
        found = Found(False, when, opened.row_id(place), found[3], place, found[5])
        end = times[row] if row < len(times) else until
        generation, spans, static = state[:3]
        self._state = _State(generation, spans, static, when, min(end, until), found, state[6], until)
        return found

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
            self._state = _State(generation, spans, static, MIN_TIME, _NEVER, found, _NEVER, _NEVER)
            return found
        before, end = spans.alone(time)
        until, last = end, -1

        def look(number: int) -> Best | None:
            nonlocal end, last
            opened = store.open(number)
            last = number if last < 0 else last  # the first that is looked at began last
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
            self._state = _State(generation, spans, static, MIN_TIME, end, None, _NEVER, _NEVER)
            return None
        when, row_id, opened, place = best
        found = Found(False, when, row_id, opened.number, place, weakref.ref(opened))
        if opened.number != last:  # an earlier chunk reaches beyond it: `_near` knows of one only
            before = until = _NEVER
        self._state = _State(generation, spans, static, when, end, found, before, until)
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
        """The chunk of what was found; KeyError where it is gone since: then the row is elsewhere."""
        opened = found.opened()
        if opened is None:
            try:
                opened = self.store.open(found.number)
            except KeyError:
                self._state = None
                raise
        return opened
