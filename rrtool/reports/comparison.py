"""Whether two recordings say the same, whatever their chunks: row by row, by entity and row id.

A row's times and each of its components may come from different chunks, and a row that is there twice
counts once. Of a component's static rows only the latest counts, which hides the others everywhere.
Everything is sorted once: n log n for n rows, in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from rrsdk.identity import format_tuid
from rrsdk.ipc.schema import DURATION_NS, INT64, TIMESTAMP_NS
from rrsdk.store.buffers import presence
from rrtool.reports.differing import differing
from rrtool.reports.text import lines
from rrtool.reports.times import format_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

    from rrsdk.chunk import Chunk

_ID = np.dtype([("time", ">u8"), ("inc", ">u8")])
_LONGEST = 60
_FIRST = 20
_TIMES = {"int64": INT64, "timestamp": TIMESTAMP_NS, "duration": DURATION_NS}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two recordings do not agree on."""

    store: str
    entity: str
    what: str
    """A component, `timeline T`, or empty: whole rows, or a whole store."""
    rows: int
    """In how many rows."""
    of: int
    """How many rows both have; 0 where that says nothing."""
    first: str
    """The first of these rows: its id and what differs."""

    def __str__(self) -> str:
        place = " ".join(part for part in (self.store, self.entity, self.what) if part)
        if self.of:
            return f"{place}: {self.rows} of {self.of} rows differ; {self.first}"
        return f"{place}: {self.rows} rows {self.first}" if self.rows else f"{place}: {self.first}"


class _Column(NamedTuple):
    ids: Any
    values: pa.Array


class Rows:
    """The rows of one entity in one recording."""

    def __init__(self, chunks: Iterable[Chunk], ignored: Set[str]) -> None:
        self._ids: list[Any] = []
        self.times: dict[tuple[str, str], list[_Column]] = {}
        """By name and type."""
        self.components: dict[tuple[str, str], list[_Column]] = {}
        static: dict[tuple[str, str], _Column] = {}
        for chunk in chunks:
            ids, timelines = _ids(chunk.row_ids), set(chunk.timelines) - ignored
            for name in chunk.components:
                values = chunk.component(name)
                kept = _Column(ids, values)
                if values.null_count:
                    there = np.flatnonzero(presence(values))
                    kept = _Column(ids[there], values.take(pa.array(there)))
                key = name, _name(values.type)
                if not timelines:
                    static[key] = _latest(kept, static.get(key))
                else:
                    self.components.setdefault(key, []).append(kept)
            if timelines:
                self._ids.append(ids)
            for name in timelines:
                times = chunk.times(name)
                self.times.setdefault((name, str(times.type)), []).append(_Column(ids, times))
        for key, kept in static.items():
            self._ids.append(kept.ids)
            self.components.setdefault(key, []).append(kept)

    @property
    def ids(self) -> Any:
        """Of all rows."""
        return _concatenated(self._ids)


def _latest(column: _Column, known: _Column | None) -> _Column:
    """Of static rows the one that holds: the latest hides all others."""
    if len(column.ids):
        place = int(np.lexsort((column.ids["inc"], column.ids["time"]))[-1])
        column = _Column(column.ids[place : place + 1], column.values.slice(place, 1))
    if known is None or not len(known.ids):
        return column
    return known if not len(column.ids) or known.ids[0].tobytes() >= column.ids[0].tobytes() else column


def _name(kind: pa.DataType) -> str:
    """A component's type, but for what its items are called and whether they might be null."""
    return str(kind.value_type) if hasattr(kind, "value_type") else str(kind)


def _ids(array: pa.Array) -> Any:
    return np.frombuffer(array.buffers()[1], _ID)[array.offset : array.offset + len(array)]


def compare_entity(store: str, entity: str, one: Rows, other: Rows) -> Iterator[Difference]:
    """What the two say differently of an entity."""
    ids, others = one.ids, other.ids
    order = _Order(ids, others)
    gone: list[set[bytes]] = []
    for side, rows, places in (("first", ids, order.only), ("second", others, order.only_other)):
        gone.append({rows[place].tobytes() for place in places})
        if len(places):
            first = f"only in the {side}, at first {_row(rows[places[0]])}"
            yield Difference(store, entity, "", len(places), 0, first)
    for what, mine, theirs in (
        ("timeline ", one.times, other.times),
        ("", one.components, other.components),
    ):
        for name, kind in sorted({*mine, *theirs}):
            label = f"{what}{name}"
            if len({key for key in (*mine, *theirs) if key[0] == name}) > 1:
                label += f" ({kind})"
            columns = mine.get((name, kind), []), theirs.get((name, kind), [])
            yield from _compare_column(store, entity, label, columns, gone)


def _compare_column(
    store: str,
    entity: str,
    label: str,
    columns: tuple[list[_Column], list[_Column]],
    gone: Sequence[set[bytes]],
) -> Iterator[Difference]:
    one, other = (_joined(found) for found in columns)
    order = _Order(one.ids, other.ids)
    for places, column, missing, side in (
        (order.only, one, gone[0], "first"),
        (order.only_other, other, gone[1], "second"),
    ):
        left = [place for place in places if column.ids[place].tobytes() not in missing]
        if left:
            said = _short(column.values, left[0])
            first = f"only in the {side}, at first {_row(column.ids[left[0]])}: {said}"
            yield Difference(store, entity, label, len(left), 0, first)
    if not len(order.both):
        return
    mine, theirs = (
        _taken(column.values, places) for column, places in ((one, order.both), (other, order.both_other))
    )
    if theirs.type != mine.type:  # what items are called may differ
        theirs = theirs.cast(mine.type)
    flags = differing(mine, theirs)
    if flags.any():
        place = int(np.argmax(flags))
        first = (
            f"first {_row(one.ids[order.both[place]])}: {_short(mine, place)} in the first, "
            f"{_short(theirs, place)} in the second"
        )
        yield Difference(store, entity, label, int(flags.sum()), len(flags), first)


def _joined(columns: Sequence[_Column]) -> _Column:
    if not columns:
        return _Column(np.zeros(0, _ID), pa.nulls(0))
    kind = columns[0].values.type
    values = [one.values if one.values.type == kind else one.values.cast(kind) for one in columns]
    return _Column(_concatenated([one.ids for one in columns]), pa.concat_arrays(values))


def _concatenated(ids: list[Any]) -> Any:
    """Numpy would turn the bytes of each half around."""
    return np.concatenate(ids).astype(_ID) if ids else np.zeros(0, _ID)


def _taken(values: pa.Array, places: Any) -> pa.Array:
    if len(places) == len(values) and bool((places == np.arange(len(places))).all()):
        return values
    return values.take(pa.array(places))


class _Order:
    """Which rows of two columns are the same row; of repeats the first counts."""

    def __init__(self, ids: Any, others: Any) -> None:
        joined = np.concatenate([ids, others])
        times, incs = joined["time"].astype(np.uint64), joined["inc"].astype(np.uint64)
        order = np.lexsort((incs, times))  # stable: of equal ids those of the first come first
        times, incs = times[order], incs[order]
        begins = np.ones(len(order), bool)
        begins[1:] = (times[1:] != times[:-1]) | (incs[1:] != incs[:-1])
        rank = np.cumsum(begins) - 1
        is_other = order >= len(ids)
        count = int(rank[-1]) + 1 if len(rank) else 0
        mine, theirs = np.full(count, -1), np.full(count, -1)
        backwards = slice(None, None, -1)  # so that the first of repeats is written last
        mine[rank[~is_other][backwards]] = order[~is_other][backwards]
        theirs[rank[is_other][backwards]] = order[is_other][backwards] - len(ids)
        shared = (mine >= 0) & (theirs >= 0)
        self.both, self.both_other = mine[shared], theirs[shared]
        self.only, self.only_other = mine[(mine >= 0) & ~shared], theirs[(theirs >= 0) & ~shared]


def _row(row_id: Any) -> str:
    return f"row_{format_tuid(row_id.tobytes())}"


def _short(values: pa.Array, place: int) -> str:
    """A value for people; a long one is cut off."""
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        (number,) = values.slice(place, 1).view(pa.int64()).to_pylist()
        return (
            format_times([number], _TIMES[str(kind).partition("[")[0]])[0] if number is not None else "null"
        )
    part = values.slice(place, 1)
    if part.null_count:
        return "null"
    while hasattr(part, "flatten") and hasattr(part.type, "value_type"):
        part = part.flatten().slice(0, _FIRST)
    text = str(part.to_pylist())
    return lines(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
