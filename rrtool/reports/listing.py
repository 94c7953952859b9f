"""One line a chunk: what it is, how much it holds, and its columns. Answered from the manifest.

Tens of thousands of chunks differ in little but their ids, so all of a line but the id is made
once for every distinct rest. A component whose rows are all null in a chunk is not listed there:
a manifest does not know it from one that is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_KEY, INDEX_KEY, STATIC_INDEX
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, IS_STATIC, NUM_ROWS, SIZE, SIZE_UNCOMPRESSED, Manifest
from rrsdk.ipc.schema import ArrowType, Kind
from rrtool.reports.stores import store_json
from rrtool.reports.text import compact_json, one_line
from rrtool.reports.times import format_bytes, format_times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.rows import Range, Row
    from rrsdk.ipc.table import Column

TIME_TYPES = {Kind.TIMESTAMP: "timestamp", Kind.DURATION: "duration"}


class Timeline(NamedTuple):
    """A timeline of a manifest, and its times in the chunks."""

    name: str
    type: ArrowType
    starts: Sequence[int]
    ends: Sequence[int]
    there: bytearray
    """A byte a chunk: 1 where it is on the timeline."""


class _Rest(NamedTuple):
    """A chunk but for its id and times."""

    entity: str
    rows: int
    is_static: bool
    size: int
    uncompressed: int
    components: tuple[str, ...]


def manifest_timelines(manifest: Manifest) -> list[Timeline]:
    """The timelines of a manifest in column order."""
    columns = manifest.table.columns
    starts, ends = (
        {
            column.field.metadata[INDEX_KEY]: column
            for column in columns.values()
            if INDEX_KEY in column.field.metadata
            and COMPONENT_KEY not in column.field.metadata
            and column.field.name.endswith(ending)
        }
        for ending in (":start", ":end")
    )
    return [
        Timeline(name, start.field.type, start.values, ends[name].values, start.present())  # type: ignore[arg-type]
        for name, start in starts.items()
        if name in ends
    ]


def manifest_components(manifest: Manifest) -> dict[str, bytearray]:
    """For each component, a byte a chunk: 1 where the chunk has values of it."""
    found: dict[str, int] = {}
    for column in manifest.table.columns.values():
        component = column.field.metadata.get(COMPONENT_KEY)
        if component is None or not _shows_presence(column):
            continue
        found[component] = found.get(component, 0) | int.from_bytes(column.present(), "little")
    return {name: bytearray(flags.to_bytes(len(manifest), "little")) for name, flags in found.items()}


def _shows_presence(column: Column) -> bool:
    if column.field.metadata.get(INDEX_KEY) == STATIC_INDEX:
        return isinstance(column.values, bytearray)
    return column.field.name.endswith(":start")


def hex_ids(ids: Sequence[bytes]) -> list[str]:
    """Ids as Rerun writes them, many at once."""
    lower = b"".join(ids).hex()
    upper = lower.upper()
    return [f"{upper[at : at + 16]}{lower[at + 16 : at + 32]}" for at in range(0, len(lower), 32)]


class Listing:
    """Makes lines of text or of JSON; keeps what chunks have in common."""

    def __init__(self, *, qualified: bool = False, as_json: bool = False) -> None:
        """`qualified` names columns in full, and adds the times that a chunk spans."""
        self._json, self._qualified = as_json, qualified
        self._store = ""

    def enter(self, store: StoreId) -> None:
        """Say which store the chunks that follow belong to."""
        self._store = compact_json(store_json(store))

    def manifest(self, manifest: Manifest) -> list[str]:
        """A line for each chunk."""
        table = manifest.table
        components = manifest_components(manifest)
        names = tuple(components)
        rests = _Rests(self._rest, names)
        keys = zip(
            table.raw(ENTITY),
            table.u64(NUM_ROWS),
            table.flags(IS_STATIC),
            table.u64(SIZE),
            table.u64(SIZE_UNCOMPRESSED),
            *components.values(),
        )
        ids = hex_ids(table.raw(CHUNK_ID))
        if not self._json and not self._qualified:
            return [f"Chunk(chunk_{chunk_id}{rests[key]}" for chunk_id, key in zip(ids, keys)]
        spans = self._spans(manifest)
        if self._json:
            start = '{"type":"chunk","id":"chunk_'
            return [f"{start}{chunk_id}{rests[key]}{span}}}" for chunk_id, key, span in zip(ids, keys, spans)]
        return [f"Chunk(chunk_{chunk_id}{rests[key]}{span}" for chunk_id, key, span in zip(ids, keys, spans)]

    def row(self, row: Row, *, size: int, size_uncompressed: int) -> str:
        """The line of a single chunk."""
        layout, rows = row.shape.layout, row.shape.batch.num_rows
        there = [column for column, nulls in zip(layout.components, row.shape.nulls) if nulls < rows]
        there.sort(key=lambda column: (column.field.metadata.get(ARCHETYPE_KEY, ""), column.name))
        components = tuple(column.name for column in there)
        rest = self._rest(_Rest(layout.entity, rows, layout.is_static, size, size_uncompressed, components))
        chunk_id = hex_ids([row.chunk_id])[0]
        spans = [
            self._span(column.name, column.field.type, span)
            for column, span in zip(layout.indexes, row.spans)
            if span is not None
        ]
        if self._json:
            return f'{{"type":"chunk","id":"chunk_{chunk_id}{rest}{self._joined(spans)}}}'
        return f"Chunk(chunk_{chunk_id}{rest}{self._joined(spans) if self._qualified else ''}"

    def _rest(self, rest: _Rest) -> str:
        """A line from behind the chunk's id to before its times."""
        if self._json:
            entity, components = (compact_json(part) for part in (rest.entity, rest.components))
            return (
                f'","store":{self._store},"entity":{entity},"rows":{rest.rows},'
                f'"static":{"true" if rest.is_static else "false"},"components":{components},'
                f'"bytes":{rest.size},"bytes_uncompressed":{rest.uncompressed},"timelines":'
            )
        entity = one_line(rest.entity)
        names = [one_line(name) for name in rest.components]
        if self._qualified:
            names = [f"{entity}@{name}" for name in names]
        static = ", static" if rest.is_static else ""
        return (
            f") with {rest.rows} rows ({format_bytes(rest.size)}{static}) - {entity}"
            f" - data columns: [{' '.join(names)}]"
        )

    def _spans(self, manifest: Manifest) -> list[str]:
        timelines = manifest_timelines(manifest)
        if not timelines:
            return [self._joined([])] * len(manifest)
        texts: list[list[str | None]] = []
        for timeline in timelines:
            column = self._span_column(timeline)
            texts.append([text if there else None for text, there in zip(column, timeline.there)])
        return [self._joined([text for text in row if text is not None]) for row in zip(*texts)]

    def _span_column(self, timeline: Timeline) -> list[str]:
        name, code = self._index_texts(timeline.name, timeline.type)
        if self._json:
            return [f'{name}{code}{a},"end":{b}}}' for a, b in zip(timeline.starts, timeline.ends)]
        starts, ends = (format_times(times, timeline.type) for times in (timeline.starts, timeline.ends))
        return [f"{name} {a}" if a == b else f"{name} {a}..{b}" for a, b in zip(starts, ends)]

    def _span(self, name: str, kind: ArrowType, span: Range) -> str:
        assert span is not None
        return self._span_column(Timeline(name, kind, span[:1], span[1:], bytearray(b"\1")))[0]

    def _index_texts(self, name: str, kind: ArrowType) -> tuple[str, str]:
        if not self._json:
            return one_line(name), ""
        what = TIME_TYPES.get(kind.kind, "sequence")
        return compact_json(name), f':{{"type":"{what}","start":'

    def _joined(self, spans: list[str]) -> str:
        if self._json:
            return f"{{{','.join(spans)}}}"
        return f" - timelines: [{', '.join(spans)}]" if spans else ""


class _Rests(dict[tuple[object, ...], str]):
    """Lines but for id and times, by the values they are made of."""

    def __init__(self, make: Callable[[_Rest], str], names: tuple[str, ...]) -> None:
        super().__init__()
        self._make, self._names = make, names

    def __missing__(self, key: tuple[object, ...]) -> str:
        entity, rows, is_static, size, uncompressed, *flags = key
        components = tuple(name for name, flag in zip(self._names, flags) if flag)
        assert isinstance(entity, bytes)
        assert isinstance(rows, int)
        assert isinstance(size, int)
        assert isinstance(uncompressed, int)
        rest = _Rest(entity.decode("utf-8", "replace"), rows, bool(is_static), size, uncompressed, components)
        text = self[key] = self._make(rest)
        return text
