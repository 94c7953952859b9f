"""Rows of one entity to chunks: grouped by what they have in common, encoded column by column.

A row is what `log` recorded: a snapshot of the times, when it was, and the value (a tuple, where
several were logged at once). Rows of one time layout and of values of the same types and layouts
make one chunk; what the values are is asked of their class, for all of them together.
"""

from __future__ import annotations

from array import array
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from rrsdk.batcher.bare import BARE, promise
from rrsdk.batcher.ids import RowIds
from rrsdk.batcher.seal import LARGE, SealedChunk, Sealer
from rrsdk.batcher.template import ROW_ID_TYPE, TIME_TYPES, Template, template
from rrsdk.batcher.times import layout_of, times_of
from rrsdk.codec.payload import write_store_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import numpy.typing as npt

    from rrsdk.component.column import Column
    from rrsdk.identity import StoreId

Flat: TypeAlias = "list[Any]"
"""Rows as they are kept: snapshot, nanoseconds, value, snapshot, nanoseconds, …"""

_MAX_TEMPLATES: Final = 8192

_first, _layout, _nbytes = itemgetter(0), attrgetter("layout"), attrgetter("nbytes")


class EntityRows:
    """What waits to be converted for one entity. `rows` is appended to by any thread, at any time."""

    __slots__ = ("path", "names", "rows", "last_ns", "seen")

    def __init__(self, path: str, last_ns: int = 0) -> None:
        self.path = path
        self.names: list[str] = []
        """How programs write the path."""
        self.rows: Flat = []
        self.last_ns = last_ns
        self.seen = 0
        """In which round something came last."""


class Converter:
    """Makes the chunks of one store."""

    def __init__(
        self,
        store: StoreId,
        *,
        max_rows_if_unsorted: int = 8192,
        refused: Callable[[str, int, Exception], None] | None = None,
    ) -> None:
        """`refused` hears of rows that cannot be encoded: entity, how many, why."""
        self.sealer = Sealer(store, write_store_id(store))
        self.max_rows_if_unsorted = max_rows_if_unsorted
        self._refused = refused
        self._ids = RowIds()
        self._templates: dict[Hashable, Template] = {}

    def reset_ids(self) -> None:
        """In a forked child: ids the parent will not use."""
        self._ids = RowIds()

    def convert(self, entity: EntityRows, flat: Flat) -> list[SealedChunk]:
        """The chunks of some of the entity's rows, in the order in which they were logged."""
        values = flat[2::3]
        logged = np.frombuffer(array("q", flat[1::3]), np.int64)  # three times as fast as from the list
        raw_ids, entity.last_ns = self._ids.take(logged, entity.last_ns)
        snapshots = flat[0::3]
        chunks: list[SealedChunk] = []
        for key, places in _groups(snapshots, values).items():
            if places is None:
                rows = _Rows(snapshots, logged, raw_ids, values)
            else:
                rows = _Rows.taken(places, snapshots, logged, raw_ids, values)
            self._group(entity.path, key, rows, chunks)
        return chunks

    def _group(self, path: str, key: tuple[Any, ...], rows: _Rows, chunks: list[SealedChunk]) -> None:
        layout = layout_of(key[0])
        times = times_of(layout, rows.snapshots, rows.logged)
        is_sorted = tuple([len(one) < 2 or bool((one[1:] >= one[:-1]).all()) for one in times])
        count = len(rows.values)
        if count > self.max_rows_if_unsorted and not all(is_sorted):
            for start in range(0, count, max(self.max_rows_if_unsorted, 1)):
                piece = rows.slice(start, start + max(self.max_rows_if_unsorted, 1))
                self._group(path, key, piece, chunks)
            return
        try:
            columns = _encode(rows.values)
            if not columns:  # values of which no field is set: nothing was logged, as in Rerun
                return
            chunks.append(self._chunk(path, key, is_sorted, times, rows.raw_ids, columns, count))
        except Exception as error:  # noqa: BLE001  # somebody else's code: any other row must not suffer from it
            if count == 1:
                if self._refused is not None:
                    self._refused(path, 1, error)
                return
            for start in range(count):
                self._group(path, key, rows.slice(start, start + 1), chunks)

    def _chunk(
        self,
        path: str,
        key: tuple[Any, ...],
        is_sorted: tuple[bool, ...],
        times: list[npt.NDArray[np.int64]],
        raw_ids: bytes,
        columns: list[Column],
        count: int,
    ) -> SealedChunk:
        layout = layout_of(key[0])
        arrays = [pa.Array.from_buffers(ROW_ID_TYPE, count, [None, pa.py_buffer(raw_ids)])]
        for (_, kind, _), one in zip(layout.columns, times):
            arrays.append(pa.Array.from_buffers(TIME_TYPES[kind], count, [None, pa.py_buffer(one)]))
        arrays += [column.array for column in columns]
        known = path, is_sorted, key
        found = self._templates.get(known)
        # Arrow would convert another datatype under an equal layout rather than complain of it.
        if found is not None and [array.type for array in arrays] == found.types:
            return self.sealer.seal(found, pa.RecordBatch.from_arrays(arrays, schema=found.schema))
        found = template(path, layout, is_sorted, [column.field for column in columns])
        if len(self._templates) >= _MAX_TEMPLATES:
            self._templates.clear()
        self._templates[known] = found
        return self.sealer.seal(found, pa.RecordBatch.from_arrays(arrays, schema=found.schema))


class _Rows:
    """Rows taken apart."""

    __slots__ = ("snapshots", "logged", "raw_ids", "values")

    def __init__(
        self, snapshots: Sequence[Any], logged: npt.NDArray[np.int64], raw_ids: bytes, values: Sequence[Any]
    ) -> None:
        self.snapshots, self.logged, self.raw_ids, self.values = snapshots, logged, raw_ids, values

    @classmethod
    def taken(
        cls,
        places: list[int],
        snapshots: Sequence[Any],
        logged: npt.NDArray[np.int64],
        raw_ids: bytes,
        values: Sequence[Any],
    ) -> _Rows:
        """Some of the rows."""
        ids = b"".join([raw_ids[16 * place : 16 * place + 16] for place in places])
        return cls([snapshots[p] for p in places], logged[places], ids, [values[p] for p in places])

    def slice(self, start: int, stop: int) -> _Rows:
        """Rows that follow each other."""
        return _Rows(
            self.snapshots[start:stop],
            self.logged[start:stop],
            self.raw_ids[16 * start : 16 * stop],
            self.values[start:stop],
        )


def _groups(snapshots: Sequence[Any], values: Sequence[Any]) -> dict[tuple[Any, ...], list[int] | None]:
    """Which rows go into one chunk; None stands for all of them."""
    first = snapshots[0][0]
    if len(values) == 1:
        return {(first, *_kind(values[0])): None}
    kind = type(values[0])
    if kind is not tuple and {*map(type, values)} == {kind} and {*map(_first, snapshots)} == {first}:
        if kind in BARE:
            return {(first, kind, BARE[kind].layout): None}
        layouts = {*map(_layout, values)}
        if len(layouts) == 1 and max(map(_nbytes, values)) < LARGE:
            return {(first, kind, layouts.pop()): None}
    groups: dict[tuple[Any, ...], list[int] | None] = {}
    for place, (snapshot, value) in enumerate(zip(snapshots, values)):
        key = snapshot[0], *_kind(value)
        if size_of(value) >= LARGE:  # alone: joining large values would only copy them
            key = *key, place
        places = groups.setdefault(key, [])
        assert places is not None
        places.append(place)
    return groups


def _kind(value: Any) -> tuple[Any, ...]:
    if type(value) is tuple:
        return tuple([part for one in value for part in (type(one), one.layout)])
    return type(value), promise(value).layout


def size_of(value: Any) -> int:
    """About how many bytes a row's value holds."""
    size: int = sum([one.nbytes for one in value]) if type(value) is tuple else promise(value).nbytes
    return size


def _encode(values: Sequence[Any]) -> list[Column]:
    """The columns of values of one kind."""
    kind = type(values[0])
    if kind is not tuple:
        columns: list[Column] = BARE.get(kind, kind).encode(values)
        return columns
    found: dict[str, Column] = {}
    for parts in zip(*values):
        for column in type(parts[0]).encode(parts):
            found.setdefault(column.field.name, column)  # the first one counts, as in Rerun
    return list(found.values())
