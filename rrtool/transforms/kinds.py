"""What chunks must have in common to be joined, and the schema of what they become."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.ipc.gather import Part, Piece
from rrsdk.ipc.keys import COMPONENT_TYPE_KEY, HEAP_SIZE_KEY, ID_KEY, SORTED_KEY
from rrsdk.ipc.layout import ChunkLayout, ColumnLayout, Role, new_layout
from rrsdk.ipc.schema import Schema, write_schema
from rrtool.transforms.key_frames import SAMPLE_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.ipc.stream import Batch


_MOST_KINDS = 10_000


class Plan(NamedTuple):
    """What chunks of one shape have in common for packing."""

    rows: int
    parts: list[tuple[tuple[int, ...] | None, Kind, int]]
    """Columns that go together, their kind and weight."""
    too_large: bool
    says_sorted: bool
    """Whether row ids and all timelines ascend, as the schema says."""
    row_ids_at: int
    row_ids_end: int
    payload_size: int
    names_codec: bool
    """Whether it says in which codec a video stream is."""


class Order(NamedTuple):
    """How the rows of a chunk lie."""

    first_row: bytes
    last_row: bytes
    rows_sorted: bool
    times_sorted: bool
    """Whether all timelines ascend once the rows are in the order of their ids."""


def order_of(ids: memoryview, times: Sequence[memoryview]) -> Order:
    """Look at rows: their ids, 16 bytes each, and the values of their timelines."""
    rows = [bytes(ids[at : at + 16]) for at in range(0, len(ids), 16)]
    if not rows:
        return Order(b"", b"", True, True)
    if all(map(bytes.__le__, rows, rows[1:])):
        return Order(rows[0], rows[-1], True, all(map(ascends, times)))
    places = sorted(range(len(rows)), key=rows.__getitem__)
    times_sorted = all(ascends([values[place] for place in places]) for values in times)
    return Order(rows[places[0]], rows[places[-1]], False, times_sorted)


class Kind:
    """What chunks that can be joined have in common, and the layouts of what they become."""

    def __init__(self, layout: ChunkLayout, columns: tuple[int, ...] | None) -> None:
        self.taken: tuple[ColumnLayout, ...] = (
            layout.columns if columns is None else tuple(layout.columns[number] for number in columns)
        )
        """The columns taken, where they lie in the chunk."""
        self.columns = self.taken if columns is None else _renumbered(self.taken)
        """The same where nothing else is left in its record batch (see `select`)."""
        self._metadata = {
            key: value for key, value in layout.schema.metadata.items() if key not in (ID_KEY, HEAP_SIZE_KEY)
        }
        self._fields = tuple(
            column.field.with_metadata(
                {key: value for key, value in column.field.metadata.items() if key != SORTED_KEY}
            )
            for column in self.columns
        )
        self.is_video = is_video(layout)
        self.key = write_schema(Schema(self._fields, self._metadata))
        self._layouts: dict[tuple[bool, ...], ChunkLayout] = {}

    def select(self, batch: Batch) -> Batch:
        """A record batch without the columns that are not taken."""
        if self.taken is self.columns:
            return batch
        nodes = [batch.nodes[one.first_node : one.first_node + one.num_nodes] for one in self.taken]
        buffers = [batch.buffers[one.first_buffer : one.first_buffer + one.num_buffers] for one in self.taken]
        return batch._replace(nodes=tuple(chain(*nodes)), buffers=tuple(chain(*buffers)))

    def layout(self, sorted_flags: tuple[bool, ...]) -> ChunkLayout:
        """The layout of a joined chunk; flags for the row ids and each index."""
        found = self._layouts.get(sorted_flags)
        if found is None:
            flags = iter(sorted_flags)
            fields = tuple(
                field.with_metadata({**field.metadata, SORTED_KEY: "true"})
                if column.role is not Role.COMPONENT and next(flags)
                else field
                for field, column in zip(self._fields, self.columns)
            )
            found = self._layouts[sorted_flags] = new_layout(fields, self._metadata)
        return found


class Kinds:
    """The kinds of layouts that were met: files compacted one after the other often have the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, tuple[int, ...] | None], tuple[ChunkLayout, Kind]] = {}

    def of(self, layout: ChunkLayout, columns: tuple[int, ...] | None) -> Kind:
        """The kind of some of a chunk's columns, or of all of them."""
        key = id(layout), columns
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_KINDS:
                self._found.clear()
            # With its layout, so that no other can come to have its id.
            found = self._found[key] = layout, Kind(layout, columns)
        return found[1]


def _renumbered(columns: tuple[ColumnLayout, ...]) -> tuple[ColumnLayout, ...]:
    node = buffer = 0
    found = []
    for column in columns:
        found.append(replace(column, first_node=node, first_buffer=buffer))
        node, buffer = node + column.num_nodes, buffer + column.num_buffers
    return tuple(found)


def is_sorted(column: ColumnLayout) -> bool:
    return column.field.metadata.get(SORTED_KEY) == "true"


def is_video(layout: ChunkLayout) -> bool:
    return any(column.field.metadata.get(COMPONENT_TYPE_KEY) == SAMPLE_TYPE for column in layout.components)


def slot(part: Part, column: ColumnLayout) -> memoryview:
    start, size = part.batch.buffers[column.first_buffer + 1]
    return memoryview(part.body[start : start + size])


def ascends(values: Sequence[int] | memoryview[int]) -> bool:
    return all(map(int.__le__, values, values[1:]))


def by_row_id(pieces: list[Piece], column: ColumnLayout) -> list[Piece]:
    """The same rows sorted by row id; neighbours of one part stay together."""
    rows: list[tuple[bytes, int, int]] = []
    for number, (part, start, stop) in enumerate(pieces):
        ids = slot(part, column)
        rows += [(bytes(ids[16 * row : 16 * row + 16]), number, row) for row in range(start, stop)]
    rows.sort()
    joined: list[Piece] = []
    last = (-1, -1)
    for _, number, row in rows:
        if joined and last == (number, row - 1):
            joined[-1] = joined[-1]._replace(stop=row + 1)
        else:
            joined.append(Piece(pieces[number].part, row, row + 1))
        last = number, row
    return joined
