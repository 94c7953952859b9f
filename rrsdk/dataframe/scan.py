"""Goes through a recording by time: opens chunks as they begin, lets go of them when their time is over.

What has been passed comes out in windows, each of them a span of times that no chunk still unopened
reaches into. So memory follows how many chunks overlap, never how long the recording is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rrsdk.dataframe.cells import Cells, Cutter
from rrsdk.dataframe.schema import CLEAR
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import InputError
from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.dataframe.query import Query
    from rrsdk.dataframe.schema import ComponentColumnDescriptor
    from rrsdk.store.opened import Best
    from rrsdk.store.reader import StoreReader
    from rrsdk.store.spans import Spans

WINDOW_CELLS = 1 << 17
WINDOW_BYTES = 16 << 20
MOST_PLANS = 100
AHEAD = 8
"""How many chunks are announced before they are needed."""


@dataclass(eq=False, slots=True)
class Track:
    """One component on its way through time: what of it is open and not yet past."""

    column: ComponentColumnDescriptor
    is_hidden: bool
    """Static data hide what is temporal; what clears them makes rows nevertheless."""
    data: list[Cells] = field(default_factory=list)
    clears: list[Cells] = field(default_factory=list)


class Past(NamedTuple):
    """What a track has in a window."""

    data: list[Cells]
    clears: list[Cells]


class Window(NamedTuple):
    """A span of times, and what each track has in it: whoever has taken that over empties the list."""

    last: int
    """Its last time; the next window begins right behind."""
    past: list[Past]


class Piece(NamedTuple):
    """A chunk that will be opened, and what for."""

    start: int
    number: int
    wanted: tuple[list[Track], list[Track], list[Track]]
    """By whom: for data, for Clears of its own, and for those from above."""


def windows(store: StoreReader, query: Query, tracks: list[Track]) -> Iterator[Window]:
    """All windows of a query, the last one reaching to the end of time.

    A store that takes in more meanwhile may put chunks together: then what is still to come is planned anew.
    """
    first = query.first
    for _ in range(MOST_PLANS):
        try:
            for window in _planned(store, replace(query, first=first), tracks):
                first = window.last + 1
                yield window
            return
        except _GoneError:
            for track in tracks:
                track.data, track.clears = [], []
    raise InputError("the recording changes faster than it can be read", hint="read it when it has settled")


class _GoneError(Exception):
    """A chunk that was planned for is not there any more."""


def _planned(store: StoreReader, query: Query, tracks: list[Track]) -> Iterator[Window]:
    assert query.index is not None
    pieces = _pieces(store, query, tracks)
    timeline = query.index.name
    cells = size = 0
    for number, piece in enumerate(pieces):
        if number % AHEAD == 0:
            store.prefetch([one.number for one in pieces[number : number + 2 * AHEAD]])
        try:
            opened = store.open(piece.number)
        except KeyError:
            raise _GoneError from None
        cells += _take_up(piece, Cutter(opened, timeline, query.first, query.last))
        size += opened.chunk.to_record_batch().nbytes
        begins = pieces[number + 1].start if number + 1 < len(pieces) else None
        if begins is None or (cells < WINDOW_CELLS and size < WINDOW_BYTES):
            continue
        past = _passed(tracks, begins - 1) if begins > MIN_TIME else []
        if any(one.data or one.clears for one in past):
            yield Window(begins - 1, past)
            cells = _open_cells(tracks)
            size = 0
    yield Window(MAX_TIME, _passed(tracks, MAX_TIME))


def _pieces(store: StoreReader, query: Query, tracks: list[Track]) -> list[Piece]:
    assert query.index is not None
    timeline = query.index.name
    known = store.schema().components
    found: dict[int, Piece] = {}

    def want(entity: str, component: str, role: int, track: Track) -> None:
        spans = store.spans(entity, timeline, component)
        keep = (spans.starts <= query.last) & (spans.ends >= query.first)
        if query.sampled is not None:
            if role or not query.fill:
                keep &= _touched(spans.starts, spans.ends, query.sampled)
            elif 4 * len(query.sampled) < np.count_nonzero(keep):
                keep &= np.isin(spans.numbers, _latest_at(store, query, spans, component))
        if query.only is not None and not query.fill:
            keep &= _touched(spans.starts, spans.ends, query.only)
        for start, number in zip(spans.starts[keep].tolist(), spans.numbers[keep].tolist()):
            piece = found.get(number)
            if piece is None or start < piece.start:
                piece = found[number] = Piece(start, number, piece.wanted if piece else ([], [], []))
            piece.wanted[role].append(track)

    for track in tracks:
        if not track.is_hidden:
            want(track.column.entity_path, track.column.component, 0, track)
        for entity in upwards(track.column.entity_path):
            if track.column.is_tombstone and entity == track.column.entity_path:
                continue
            clear = known.get(entity, {}).get(CLEAR)
            if (
                clear is not None and not clear.is_static
            ):  # a static Clear hides the others, and hides nothing itself
                want(entity, CLEAR, 1 if entity == track.column.entity_path else 2, track)
    return sorted(found.values(), key=lambda piece: piece[:2])


def _touched(starts: np.ndarray, ends: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Which spans have one of the times in them."""
    found: np.ndarray = np.searchsorted(times, starts) < np.searchsorted(times, ends, "right")
    return found


def _latest_at(store: StoreReader, query: Query, spans: Spans, component: str) -> list[int]:
    """The chunks that have the last value at or before one of a few times."""
    assert query.index is not None
    assert query.sampled is not None
    timeline = query.index.name
    found: set[int] = set()
    for time in query.sampled.tolist():

        def look(number: int, time: int = time) -> Best | None:
            return store.open(number).latest(timeline, component, time)

        best = spans.latest(time, look)
        if best is not None:
            found.add(best[2].number)
    return sorted(found)


def _take_up(piece: Piece, cutter: Cutter) -> int:
    """Hand a chunk's cells to the tracks that want them; how many there are."""
    counted: dict[int, int] = {}
    of_data, of_clears, of_recursive = piece.wanted
    for track in of_data:
        cells = cutter.cells(track.column.component)
        if len(cells.times):
            track.data.append(cells)
            counted[id(cells)] = len(cells.times)
    for tracks, find in ((of_clears, cutter.clears), (of_recursive, cutter.recursive_clears)):
        if not tracks:
            continue
        clears = find()
        if len(clears.times):
            for track in tracks:
                track.clears.append(clears)
            counted[id(clears)] = len(clears.times)
    return sum(counted.values())


def _passed(tracks: list[Track], last: int) -> list[Past]:
    """Take from the tracks what lies at or before a time. Cells that tracks share stay shared."""
    parted: dict[int, tuple[Cells, Cells, Cells]] = {}

    def part(waiting: list[Cells]) -> tuple[list[Cells], list[Cells]]:
        before, behind = [], []
        for cells in waiting:
            known = parted.get(id(cells))
            if known is None:
                cut = int(np.searchsorted(cells.times, last, "right"))
                whole = len(cells.times)
                head = cells if cut == whole else cells.part(0, cut)
                known = parted[id(cells)] = (cells, head, cells.part(cut, whole))
            if len(known[1].times):
                before.append(known[1])
            if len(known[2].times):
                behind.append(known[2])
        return before, behind

    found = []
    for track in tracks:
        data, track.data = part(track.data)
        clears, track.clears = part(track.clears)
        found.append(Past(data, clears))
    return found


def _open_cells(tracks: list[Track]) -> int:
    waiting = {id(cells): len(cells.times) for track in tracks for cells in (*track.data, *track.clears)}
    return sum(waiting.values())


def upwards(entity: str) -> Iterator[str]:
    """The entity and all that it lies below."""
    parts = parse_path(entity)
    for length in range(len(parts), -1, -1):
        yield format_path(parts[:length])
