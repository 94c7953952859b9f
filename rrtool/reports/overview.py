"""A recording on one screen, as figures: stores, entities, timelines, chunks, what compaction would gain."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

from rrsdk.ipc.manifest import ENTITY, IS_STATIC, NUM_ROWS, SIZE, SIZE_UNCOMPRESSED
from rrsdk.ipc.schema import Kind
from rrsdk.timeline import TimeType, format_time
from rrtool.reports.listing import manifest_components, manifest_timelines
from rrtool.reports.stores import store_json

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.ipc.schema import ArrowType
    from rrtool.reports.compaction import Compaction, Joinable
    from rrtool.reports.stores import StoreFacts

KIB = 1024
BOUNDS = tuple(KIB * 4**power for power in range(7))
"""Of the histogram: up to 1 KiB, 4 KiB, … 4 MiB, and above."""
_TYPES = {Kind.TIMESTAMP: TimeType.TIMESTAMP, Kind.DURATION: TimeType.DURATION}


@dataclass(slots=True)
class Total:
    """Chunks added up."""

    chunks: int = 0
    rows: int = 0
    size: int = 0
    """Of the messages, as they lie in the file."""
    static_chunks: int = 0

    def add(self, rows: int, size: int, is_static: int) -> None:
        self.chunks += 1
        self.rows += rows
        self.size += size
        self.static_chunks += is_static

    def to_json(self) -> dict[str, object]:
        return {
            "chunks": self.chunks,
            "static_chunks": self.static_chunks,
            "rows": self.rows,
            "bytes": self.size,
        }


@dataclass(slots=True)
class Extent:
    """A timeline: what it counts, the times on it, how many chunks are on it."""

    type: TimeType
    first: int
    last: int
    chunks: int = 0

    @property
    def start(self) -> str:
        return format_time(self.first, self.type)

    @property
    def end(self) -> str:
        return format_time(self.last, self.type)

    @property
    def length(self) -> str | None:
        """How long it is, where it is time that it counts."""
        return (
            None if self.type is TimeType.SEQUENCE else format_time(self.last - self.first, TimeType.DURATION)
        )


@dataclass(slots=True)
class Overview:
    """What `rrtool info` says; `add` takes in one manifest after the other."""

    name: str
    size: int | None
    joinable: Joinable
    infos: dict[StoreId, StoreFacts] = field(default_factory=dict)
    stores: dict[StoreId, Total] = field(default_factory=dict)
    entities: dict[str, Total] = field(default_factory=dict)
    timelines: dict[str, Extent] = field(default_factory=dict)
    histogram: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """Chunks by their uncompressed size, between `BOUNDS`."""
    total: Total = field(default_factory=Total)

    def add(self, store: StoreId, manifest: Manifest, *, in_detail: bool) -> None:
        """Count the chunks of a manifest; without `in_detail` only by store."""
        table = manifest.table
        mine = self.stores.setdefault(store, Total())
        if not in_detail:
            for rows, size, is_static in zip(table.u64(NUM_ROWS), table.u64(SIZE), table.flags(IS_STATIC)):
                for total in (mine, self.total):
                    total.add(rows, size, is_static)
            return
        entities: dict[bytes, Total] = {}
        columns = table.raw(ENTITY), table.u64(NUM_ROWS), table.u64(SIZE), table.flags(IS_STATIC)
        for raw, rows, size, is_static in zip(*columns):
            entity = entities.get(raw)
            if entity is None:
                name = raw.decode("utf-8", "replace")
                entity = entities[raw] = self.entities.setdefault(name, Total())
            for total in (entity, mine, self.total):
                total.add(rows, size, is_static)
        for size in table.u64(SIZE_UNCOMPRESSED):
            self.histogram[bisect_right(BOUNDS, size)] += 1
        self._add_timelines(manifest)
        self._add_kinds(store, manifest)

    def _add_timelines(self, manifest: Manifest) -> None:
        for name, kind, starts, ends, there in manifest_timelines(manifest):
            if not any(there):
                continue
            first, last = min(compress(starts, there)), max(compress(ends, there))
            known = self.timelines.get(name)
            if known is None:
                known = self.timelines[name] = Extent(_time_type(kind), first, last)
            known.first, known.last = min(known.first, first), max(known.last, last)
            known.chunks += sum(there)

    def _add_kinds(self, store: StoreId, manifest: Manifest) -> None:
        """What could be joined with what, for `compact`."""
        table = manifest.table
        flags = [timeline.there for timeline in manifest_timelines(manifest)]
        flags += manifest_components(manifest).values()
        kinds: dict[tuple[object, ...], list[int]] = {}
        keys = zip(table.raw(ENTITY), table.flags(IS_STATIC), *flags)
        for key, size, rows in zip(keys, table.u64(SIZE_UNCOMPRESSED), table.u64(NUM_ROWS)):
            kind = kinds.setdefault(key, [0, 0, 0])
            kind[0] += 1
            kind[1] += size
            kind[2] += rows
        for key, (chunks, size, rows) in kinds.items():
            self.joinable.add((store, key), chunks=chunks, size=size, rows=rows)

    def compaction(self) -> Compaction:
        """What compaction could gain."""
        return self.joinable.result()

    def to_json(self) -> dict[str, object]:
        """For programs."""
        gain = self.compaction()
        return {
            "name": self.name,
            "bytes": self.size,
            **{f"total_{key}": value for key, value in self.total.to_json().items()},
            "stores": [
                {
                    **store_json(store),
                    "source": self.infos[store].source if store in self.infos else None,
                    "version": _version(self.infos.get(store)),
                    **total.to_json(),
                }
                for store, total in self.stores.items()
            ],
            "timelines": {
                name: {
                    "type": extent.type.name.lower(),
                    "start": extent.first,
                    "end": extent.last,
                    "start_text": extent.start,
                    "end_text": extent.end,
                    "chunks": extent.chunks,
                }
                for name, extent in sorted(self.timelines.items())
            },
            "entities": {name: total.to_json() for name, total in sorted(self.entities.items())},
            "chunk_sizes": [
                {"up_to_bytes": bound, "chunks": count}
                for bound, count in zip((*BOUNDS, None), self.histogram)
            ],
            "compact": {"chunks": gain.chunks, "chunks_at_best": gain.at_best},
        }


def _version(facts: StoreFacts | None) -> str | None:
    return str(facts.version) if facts is not None and facts.version is not None else None


def _time_type(kind: ArrowType) -> TimeType:
    return _TYPES.get(kind.kind, TimeType.SEQUENCE)
