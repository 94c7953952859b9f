"""Counts and sizes of a recording's chunks, gathered from manifests and a few bytes of each chunk.

Chunks are counted in groups that have the same entity, timelines and components: tens of thousands
of chunks fall into a handful of groups. As in the listing, a component whose rows are all null in a
chunk does not count there.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.ipc.manifest import ENTITY, IS_STATIC, NUM_ROWS, SIZE, SIZE_UNCOMPRESSED
from rrtool.reports.listing import manifest_components, manifest_timelines
from rrtool.reports.stores import store_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.ipc.rows import Row
    from rrsdk.message import Chunks
    from rrtool.reports.compaction import Compaction, Joinable

PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999))


class Group(NamedTuple):
    """What chunks are counted by."""

    entity: str
    is_static: bool
    timelines: tuple[str, ...]
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, largest and average of a number that every chunk has."""

    minimum: int
    maximum: int
    average: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """How the sizes of chunks are distributed, in bytes."""

    total: int
    minimum: int
    maximum: int
    average: float
    percentiles: dict[str, int]


@dataclass(frozen=True, slots=True)
class Index:
    """A manifest that a footer holds."""

    store: StoreId
    chunks: int
    static_chunks: int
    entities: int
    columns: int
    schema_fields: int
    schema_sha256: str
    size: int
    size_uncompressed: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that `rrtool stats` says; what was not looked at is None."""

    chunks: int
    static_chunks: int
    chunks_without_components: int
    rows: int
    rows_per_chunk: Spread
    indexes_per_chunk: Spread
    components_per_chunk: Spread
    chunks_per_entity: dict[str, int]
    chunks_per_index: dict[str, int]
    chunks_per_component: dict[str, int]
    compressed: Sizes
    uncompressed: Sizes
    schema: Sizes | None
    data: Sizes | None
    unsorted: dict[str, dict[str, bool]] | None
    """Entities with any unsorted chunk: for each timeline, whether it is sorted in all of them."""
    compaction: Compaction
    footers: tuple[Index, ...]

    def to_json(self) -> dict[str, object]:
        """The object that `stats --json` writes."""
        from dataclasses import asdict

        return {**asdict(self), "footers": [_index_json(index) for index in self.footers]}


def _index_json(index: Index) -> dict[str, object]:
    names = [name for name in Index.__slots__ if name != "store"]
    return {"store": store_json(index.store), **{name: getattr(index, name) for name in names}}


@dataclass(slots=True)
class Gathering:
    """Takes in manifests and chunks, then says what they come to."""

    looked_inside: bool
    """Whether schema sizes and sortedness are given for every chunk."""
    joinable: Joinable
    groups: Counter[Group] = field(default_factory=Counter)
    rows: array[int] = field(default_factory=lambda: array("Q"))
    compressed: array[int] = field(default_factory=lambda: array("Q"))
    uncompressed: array[int] = field(default_factory=lambda: array("Q"))
    schemas: array[int] = field(default_factory=lambda: array("Q"))
    timelines: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By entity and timeline: whether all chunks are sorted."""
    footers: list[Index] = field(default_factory=list)

    def add_chunks(self, chunks: Chunks, compressed: Iterable[int]) -> None:
        """All chunks of a manifest, with the sizes of their compressed Arrow data."""
        table = chunks.manifest.table
        for group, (count, size, rows) in _groups(chunks.manifest).items():
            self.groups[group] += count
            self.joinable.add((chunks.store, group), chunks=count, size=size, rows=rows)
        self.rows.extend(table.u64(NUM_ROWS))
        self.uncompressed.extend(table.u64(SIZE_UNCOMPRESSED))
        self.compressed.extend(compressed)
        if chunks.manifest.schema is not None:  # else it was made from the chunks, not read from a footer
            self.footers.append(_index(chunks))

    def add_chunk(self, store: StoreId, row: Row, *, compressed: int, uncompressed: int) -> None:
        """A single chunk."""
        shape, layout = row.shape, row.shape.layout
        rows = shape.batch.num_rows
        components = tuple(
            sorted(column.name for column, nulls in zip(layout.components, shape.nulls) if nulls < rows)
        )
        timelines = tuple(sorted(column.name for column in layout.indexes)) if rows else ()
        group = Group(layout.entity, layout.is_static, timelines, components)
        self.groups[group] += 1
        self.joinable.add((store, group), chunks=1, size=uncompressed, rows=rows)
        self.rows.append(rows)
        self.compressed.append(compressed)
        self.uncompressed.append(uncompressed)

    def add_sorting(self, entity: str, timelines: Iterable[tuple[str, bool]]) -> None:
        """Whether the times of a chunk ascend."""
        known = self.timelines.setdefault(entity, {})
        for name, is_sorted in timelines:
            known[name] = known.get(name, True) and is_sorted

    def result(self) -> Statistics:
        """What all of it comes to."""
        groups = self.groups
        schema = data = unsorted = None
        if self.looked_inside:
            schema = _sizes(self.schemas)
            data = _sizes([whole - inside for whole, inside in zip(self.uncompressed, self.schemas)])
            unsorted = {
                entity: dict(sorted(self._all_timelines(entity).items()))
                for entity, timelines in sorted(self.timelines.items())
                if not all(timelines.values())
            }
        return Statistics(
            chunks=groups.total(),
            static_chunks=sum(count for group, count in groups.items() if group.is_static),
            chunks_without_components=sum(count for group, count in groups.items() if not group.components),
            rows=sum(self.rows),
            rows_per_chunk=_spread(Counter(self.rows)),
            indexes_per_chunk=_spread(_counted((len(group.timelines), n) for group, n in groups.items())),
            components_per_chunk=_spread(_counted((len(group.components), n) for group, n in groups.items())),
            chunks_per_entity=_per_name(((group.entity,), n) for group, n in groups.items()),
            chunks_per_index=_per_name((group.timelines, n) for group, n in groups.items()),
            chunks_per_component=_per_name((group.components, n) for group, n in groups.items()),
            compressed=_sizes(self.compressed),
            uncompressed=_sizes(self.uncompressed),
            schema=schema,
            data=data,
            unsorted=unsorted,
            compaction=self.joinable.result(),
            footers=tuple(self.footers),
        )

    def _all_timelines(self, entity: str) -> dict[str, bool]:
        names = {name for group in self.groups if group.entity == entity for name in group.timelines}
        return {name: self.timelines[entity].get(name, True) for name in names}


def _groups(manifest: Manifest) -> dict[Group, list[int]]:
    """How many chunks each group has, their uncompressed size and their rows."""
    timelines, components = manifest_timelines(manifest), manifest_components(manifest)
    table = manifest.table
    flags = [*(timeline.there for timeline in timelines), *components.values()]
    totals: dict[tuple[bytes | int, ...], list[int]] = {}
    keys = zip(table.raw(ENTITY), table.flags(IS_STATIC), *flags)
    for key, size, rows in zip(keys, table.u64(SIZE_UNCOMPRESSED), table.u64(NUM_ROWS)):
        total = totals.get(key)
        if total is None:
            totals[key] = [1, size, rows]
        else:
            total[0] += 1
            total[1] += size
            total[2] += rows
    names, split = [*(timeline.name for timeline in timelines), *components], len(timelines)
    found: dict[Group, list[int]] = {}
    for (entity, is_static, *there), total in totals.items():
        assert isinstance(entity, bytes)
        on = sorted(name for name, flag in zip(names[:split], there) if flag)
        has = sorted(name for name, flag in zip(names[split:], there[split:]) if flag)
        found[Group(entity.decode("utf-8", "replace"), bool(is_static), tuple(on), tuple(has))] = total
    return found


def _index(chunks: Chunks) -> Index:
    manifest, table = chunks.manifest, chunks.manifest.table
    assert manifest.schema is not None
    return Index(
        store=chunks.store,
        chunks=len(manifest),
        static_chunks=sum(table.flags(IS_STATIC)),
        entities=len(set(table.raw(ENTITY))),
        columns=len(table.columns),
        schema_fields=len(manifest.fields),
        schema_sha256=manifest.schema[1].hex(),
        size=sum(table.u64(SIZE)),
        size_uncompressed=sum(table.u64(SIZE_UNCOMPRESSED)),
    )


def _counted(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for number, count in pairs:
        found[number] += count
    return found


def _per_name(pairs: Iterable[tuple[tuple[str, ...], int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for names, count in pairs:
        for name in names:
            found[name] += count
    return dict(sorted(found.items()))


def _spread(numbers: Counter[int]) -> Spread:
    count = numbers.total()
    total = sum(number * times for number, times in numbers.items())
    return Spread(min(numbers, default=0), max(numbers, default=0), total / count if count else 0.0)


def _sizes(sizes: Sequence[int]) -> Sizes:
    """As the real program reckons percentiles: no interpolation."""
    ordered = sorted(sizes)
    last = len(ordered) - 1
    if last < 0:
        return Sizes(0, 0, 0, 0.0, {name: 0 for name, _ in PERCENTILES})
    total = sum(ordered)
    percentiles = {name: ordered[min(int(len(ordered) * share), last)] for name, share in PERCENTILES}
    return Sizes(total, ordered[0], ordered[-1], total / len(ordered), percentiles)
