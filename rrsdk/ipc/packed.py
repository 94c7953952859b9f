"""Manifest rows of a file that grows for hours: kept in few bytes each, as long as they are kept at all.

A `Row` as chunks come with it takes 400 bytes, and where texts or pictures make every chunk's shape
another one, 1500. Here it takes 48, and 16 for each timeline.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.ipc.layout import Shape
from rrsdk.ipc.manifest import Manifest, join
from rrsdk.ipc.rows import Row
from rrsdk.ipc.stream import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.ipc.rows import Range

_PER_ROW: Final = 48
_PER_SPAN: Final = 16
_PER_KIND: Final = 2048
_PER_EXCEPTION: Final = 512
_PER_CELL: Final = 9
"""Of the manifest as a table: a number, and whether there is one."""
_BUILT_IN_PIECES_OF: Final = 16_384
_TABLE_SHARE: Final = 4
"""The table lives for a moment, at the end: it may be so many times as large as what is kept."""


class _Kind(NamedTuple):
    """What chunks have in common in a manifest, but for the number of their rows."""

    layout: ChunkLayout
    empty: tuple[bool, ...]


class _Odd(NamedTuple):
    """What few chunks have: components that are null in some rows, or no rows at all."""

    nulls: tuple[int, ...]
    spans: tuple[Range, ...]
    partial: Mapping[tuple[int, int], Range] | None


class PackedRows:
    """A ManifestBuilder that holds more in less memory, and says how much that is."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, int] = {}
        self._columns: set[object] = set()
        self._odd: dict[int, _Odd] = {}
        self._kind_of = array("I")
        self._num_rows = array("I")
        self._ids = bytearray()
        self._spans = array("q")
        self._offsets = array("Q")
        self._sizes = array("Q")
        self._uncompressed = array("Q")

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def size_bytes(self) -> int:
        """What it takes, about; or a share of what the manifest will take, where that is more."""
        held = (
            len(self) * _PER_ROW
            + len(self._spans) * (_PER_SPAN // 2)
            + len(self._kinds) * _PER_KIND
            + len(self._odd) * _PER_EXCEPTION
        )
        return max(held, len(self) * len(self._columns) * _PER_CELL // _TABLE_SHARE)

    def add(self, row: Row, *, offset: int, size: int, size_uncompressed: int) -> None:
        """A chunk whose message's payload lies at `offset` and has `size` bytes."""
        shape, chunk_id, spans, partial = row
        kind = _Kind(shape.layout, shape.empty)
        number = self._kinds.get(kind)
        if number is None:
            number = self._kinds[kind] = len(self._kinds)
            self._columns.update(_columns_of(shape.layout))
        if partial is not None or None in spans or any(shape.nulls):
            self._odd[len(self)] = _Odd(shape.nulls, spans, partial)
            for _ in spans:
                self._spans.extend((0, 0))
        else:
            for span in spans:
                self._spans.extend(span)  # type: ignore[arg-type]
        self._kind_of.append(number)
        self._num_rows.append(shape.batch.num_rows)
        self._ids += chunk_id
        self._sizes.append(size)
        self._uncompressed.append(size_uncompressed)
        self._offsets.append(offset)

    def build(self) -> Manifest:
        """The manifest of everything added."""
        pieces: list[Manifest] = []
        rows = self._rows()
        for start in range(0, max(len(self), 1), _BUILT_IN_PIECES_OF):
            builder = ManifestBuilder()
            for place in range(start, min(start + _BUILT_IN_PIECES_OF, len(self))):
                builder.add(
                    next(rows),
                    offset=self._offsets[place],
                    size=self._sizes[place],
                    size_uncompressed=self._uncompressed[place],
                )
            pieces.append(builder.build())
        return join(pieces)

    def _rows(self) -> Iterator[Row]:
        kinds = list(self._kinds)
        shapes: dict[tuple[int, int, tuple[int, ...]], Shape] = {}
        at = 0
        for place, (number, num_rows) in enumerate(zip(self._kind_of, self._num_rows)):
            layout, empty = kinds[number]
            count = len(layout.indexes)
            odd = self._odd.get(place)
            if odd is None:
                spans: tuple[Range, ...] = tuple(
                    (self._spans[one], self._spans[one + 1]) for one in range(at, at + 2 * count, 2)
                )
                nulls, partial = (0,) * len(empty), None
            else:
                nulls, spans, partial = odd
            at += 2 * count
            shape = shapes.get((number, num_rows, nulls))
            if shape is None:
                if place % _BUILT_IN_PIECES_OF == 0 or len(shapes) > _BUILT_IN_PIECES_OF:
                    shapes.clear()
                batch = Batch(num_rows, (), (), 0, ())
                shape = Shape(layout, batch, 0, (), nulls, empty, 0)
                shapes[number, num_rows, nulls] = shape
            yield Row(shape, bytes(self._ids[16 * place : 16 * place + 16]), spans, partial)


def _columns_of(layout: ChunkLayout) -> Iterator[object]:
    """What tells the columns of the manifest apart that a chunk of this layout fills."""
    for component in layout.components:
        yield component.name, "has_static_data"
        for index in layout.indexes:
            for what in ("start", "end", "num_rows"):
                yield index.name, component.name, what
    for index in layout.indexes:
        yield index.name, "start"
        yield index.name, "end"
