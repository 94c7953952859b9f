"""The manifests of a store as numpy columns: which chunk holds what, without opening one.

Memory is that of the manifests' own buffers, which are looked at in place, and of some integers a row.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rrsdk.errors import FormatError
from rrsdk.ipc.keys import COMPONENT_KEY, INDEX_KEY, STATIC_INDEX
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, FIXED, NUM_ROWS, SIZE, SIZE_UNCOMPRESSED
from rrsdk.ipc.schema import Kind
from rrsdk.store.decode import Expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from rrsdk.ipc.manifest import Manifest
    from rrsdk.ipc.table import Column
    from rrsdk.message import Buffer

    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]


_INTEGERS = (Kind.INT, Kind.TIMESTAMP, Kind.DURATION)  # a manifest's have 64 bits, or it is not read at all

_MOST_BYTES = 1 << 40


class Bounds(NamedTuple):
    """Chunks with their first and last times, as columns; not in order."""

    numbers: Ints
    starts: Ints
    ends: Ints


class _Bits:
    """A bitmap that is looked at row by row; without one, all are set."""

    def __init__(self, buffer: Buffer | None) -> None:
        self._bytes = None if buffer is None else np.frombuffer(buffer, np.uint8)

    def at(self, rows: Ints) -> Flags:
        if self._bytes is None:
            return np.ones(len(rows), bool)
        return (self._bytes[rows >> 3] >> (rows & 7).astype(np.uint8) & 1).astype(bool)  # type: ignore[no-any-return]


class _Numbers:
    """A column of integers and where it is not null, as numpy sees its buffers."""

    def __init__(self, column: Column) -> None:
        nulls, buffers = _buffers(column, *_INTEGERS)
        self.values: Ints = np.frombuffer(buffers[1], np.int64, len(column))
        self.valid = _Bits(buffers[0] if nulls else None)


class _Part:
    """One manifest. The chunk in its row r has the number `first + r`."""

    def __init__(self, manifest: Manifest, first: int) -> None:
        self.manifest, self.first = manifest, first
        self.columns = manifest.table.columns
        for name in FIXED:
            if name not in self.columns:
                raise FormatError(f"the chunk manifest has no column {name}")
        self.ids = _ids(self.columns[CHUNK_ID])
        self.is_repeat: Flags | None = None
        """Where a chunk was in an earlier row already."""
        self.by_component: dict[tuple[str, str], list[str]] = {}
        """For an index and a component, what its columns' keys begin with: more than one where components
        of one name differ in archetype or type."""
        self.timelines: list[str] = []
        for key, column in self.columns.items():
            index, component = column.field.metadata.get(INDEX_KEY), column.field.metadata.get(COMPONENT_KEY)
            if index is None or key in FIXED:
                continue
            stem, between, suffix = key.rpartition("\0" if component is not None else ":")
            if suffix != "has_static_data" and not (
                suffix == "start" and f"{stem}{between}end" in self.columns
            ):
                continue
            if component is None:
                self.timelines.append(index)
            else:
                self.by_component.setdefault((index, component), []).append(stem)
        self._codes: tuple[npt.NDArray[np.int32], list[str]] | None = None
        self._rows: dict[str, Ints] | None = None
        self._looked_at: dict[str, _Numbers] = {}

    def ints(self, key: str) -> _Numbers:
        """A column of integers; looked at once, since counting nulls takes time."""
        found = self._looked_at.get(key)
        if found is None:
            found = self._looked_at[key] = _Numbers(self.columns[key])
        return found

    def kept(self) -> Ints:
        """All rows, repeats left out."""
        return np.arange(len(self.ids)) if self.is_repeat is None else np.flatnonzero(~self.is_repeat)

    def sizes(self, rows: Ints) -> Ints:
        """How many bytes chunks claim to have uncompressed: at most 255 times of what they have."""
        most = 255 * np.minimum(self.ints(SIZE).values[rows], _MOST_BYTES)
        return np.clip(self.ints(SIZE_UNCOMPRESSED).values[rows], 0, most)

    def codes(self) -> tuple[npt.NDArray[np.int32], list[str]]:
        """Which entity each row is of, as a place in the list of their paths."""
        if self._codes is None:
            self._codes = _codes(self.columns[ENTITY], len(self.manifest))
        return self._codes

    def rows(self) -> dict[str, Ints]:
        """For each entity the rows of its chunks, repeats left out."""
        if self._rows is None:
            codes, entities = self.codes()
            order = np.argsort(codes, kind="stable")
            if self.is_repeat is not None:
                order = order[~self.is_repeat[order]]
            bounds = np.searchsorted(codes[order], np.arange(len(entities) + 1))
            found = {name: order[bounds[code] : bounds[code + 1]] for code, name in enumerate(entities)}
            self._rows = {name: rows for name, rows in found.items() if len(rows)}
        return self._rows

    def bounds(self, entity: str, timeline: str, component: str | None) -> Iterator[Bounds]:
        rows = self.rows().get(entity)
        if rows is None:
            return
        if component is None:
            stems = [f"{timeline}:"] if f"{timeline}:start" in self.columns else []
        else:
            stems = [f"{stem}\0" for stem in self.by_component.get((timeline, component), ())]
        for stem in stems:
            start, end = self.ints(f"{stem}start"), self.ints(f"{stem}end")
            there = rows[start.valid.at(rows) & end.valid.at(rows)]
            if len(there):
                yield Bounds(there + self.first, start.values[there], end.values[there])

    def static(self, entity: str, component: str) -> Iterator[int]:
        rows = self.rows().get(entity)
        if rows is None:
            return
        for stem in self.by_component.get((STATIC_INDEX, component), ()):
            flags = _Bits(_buffers(self.columns[f"{stem}\0has_static_data"], Kind.BOOL)[1][1])
            yield from (rows[flags.at(rows)] + self.first).tolist()


class ChunkIndex:
    """Many manifests of one store. A chunk whose id was there already, in this manifest or in one before, is
    left out: its number is never given to anybody.
    """

    def __init__(self, manifests: Sequence[Manifest]) -> None:
        self._parts: list[_Part] = []
        first = 0
        for manifest in manifests:
            self._parts.append(_Part(manifest, first))
            first += len(manifest)
        self._firsts = [part.first for part in self._parts]
        self.repeats = self._mark_repeats() if first else 0
        self._count = first

    def __len__(self) -> int:
        """How many chunks there are, repeats not counted."""
        return self._count - self.repeats

    def locate(self, number: int) -> tuple[int, int]:
        """Which manifest a chunk stands in, and in which row."""
        if not 0 <= number < self._count:
            raise KeyError(number)
        part = bisect_right(self._firsts, number) - 1
        return part, number - self._firsts[part]

    def expected(self, number: int) -> Expected:
        """What a chunk should be."""
        place, row = self.locate(number)
        part, rows = self._parts[place], np.array([row])
        spans: dict[str, tuple[int, int]] = {}
        codes, entities = part.codes()
        for timeline in part.timelines:
            start, end = part.ints(f"{timeline}:start"), part.ints(f"{timeline}:end")
            if start.valid.at(rows)[0]:
                spans[timeline] = int(start.values[row]), int(end.values[row])
        num_rows = int(part.ints(NUM_ROWS).values[row])
        return Expected(part.ids[row].tobytes(), entities[codes[row]], num_rows, spans)

    def size(self, number: int) -> int:
        """How many bytes a chunk claims to have uncompressed: at most 255 times of what it has."""
        part, row = self.locate(number)
        return int(self._parts[part].sizes(np.array([row]))[0])

    def entities(self) -> list[str]:
        """All entities that have a chunk, in order."""
        return sorted(set().union(*(part.rows() for part in self._parts)))

    def numbers(self, entity: str) -> list[int]:
        """The chunks of an entity."""
        return [
            number
            for part in self._parts
            for number in (part.rows().get(entity, np.empty(0, np.int64)) + part.first).tolist()
        ]

    def timelines(self) -> dict[str, set[str]]:
        """For each entity the timelines that any of its chunks is on."""
        found: dict[str, set[str]] = {entity: set() for entity in self.entities()}
        for part in self._parts:
            (codes, entities), rows = part.codes(), part.kept()
            for timeline in part.timelines:
                there = rows[part.ints(f"{timeline}:start").valid.at(rows)]
                for code in np.flatnonzero(np.bincount(codes[there])).tolist():
                    found[entities[code]].add(timeline)
        return found

    def bounds(self, entity: str, timeline: str, component: str | None) -> Bounds:
        """The temporal chunks of an entity that have values of a component (None: rows at all) there."""
        found = [each for part in self._parts for each in part.bounds(entity, timeline, component)]
        if not found:
            return Bounds(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
        return found[0] if len(found) == 1 else Bounds(*(np.concatenate(column) for column in zip(*found)))

    def all_bounds(self, timeline: str) -> tuple[Bounds, Ints]:
        """All temporal chunks on a timeline, and their sizes."""
        empty = np.empty(0, np.int64)
        bounds, sizes = [Bounds(empty, empty, empty)], [empty]
        for part in self._parts:
            if timeline in part.timelines:
                rows = part.kept()
                start, end = part.ints(f"{timeline}:start"), part.ints(f"{timeline}:end")
                there = rows[start.valid.at(rows) & end.valid.at(rows)]
                bounds.append(Bounds(there + part.first, start.values[there], end.values[there]))
                sizes.append(part.sizes(there))
        return Bounds(*(np.concatenate(column) for column in zip(*bounds))), np.concatenate(sizes)

    def static(self, entity: str, component: str) -> list[int]:
        """The chunks with static data of a component."""
        return sorted({number for part in self._parts for number in part.static(entity, component)})

    def _mark_repeats(self) -> int:
        """Find chunks whose id was there before. Ids of one writer ascend: then nothing needs sorting."""
        ids = np.concatenate([part.ids for part in self._parts])
        high, low = ids[:, 0], ids[:, 1]
        if ((high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))).all():
            return 0
        order = np.lexsort((low, high))  # stable: of equal ones the first stays first
        equal = (np.diff(high[order]) == 0) & (np.diff(low[order]) == 0)
        repeats = np.zeros(len(ids), bool)
        repeats[order[1:][equal]] = True
        for part in self._parts:
            own = repeats[part.first : part.first + len(part.manifest)]
            part.is_repeat = own if own.any() else None
        return int(repeats.sum())


def _buffers(column: Column, *kinds: Kind) -> tuple[int, tuple[bytes | memoryview, ...]]:
    """How many rows are null, and the buffers: the input decides the type, so it is looked at."""
    if column.field.type.kind not in kinds:
        raise FormatError("a column of the chunk manifest has the wrong type", field=column.field.name)
    return column.buffers()


def _ids(column: Column) -> npt.NDArray[np.uint64]:
    raw = _buffers(column, Kind.FIXED_SIZE_BINARY)[1][1]
    if column.field.type.params != (16,):
        raise FormatError("ids have 16 bytes", field=column.field.name)
    return np.frombuffer(raw, ">u8", 2 * len(column)).reshape(-1, 2)


def _codes(column: Column, rows: int) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Texts as numbers: which each row has, and what they stand for."""
    _, ends, raw = _buffers(column, Kind.UTF8)[1]
    bounds = np.frombuffer(ends, np.int32, rows + 1) if rows else np.zeros(1, np.int32)
    if bounds[0] < 0 or bounds[-1] > len(raw) or (np.diff(bounds) < 0).any():
        raise FormatError("a column of the chunk manifest is cut off", field=column.field.name)
    places, texts = bounds.tolist(), bytes(raw)
    each = list(map(texts.__getitem__, map(slice, places, places[1:])))
    names = {text: code for code, text in enumerate(dict.fromkeys(each))}
    codes = np.fromiter(map(names.__getitem__, each), np.int32, rows)
    return codes, [text.decode("utf-8", "replace") for text in names]
