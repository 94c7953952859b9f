"""Chunks of one row each, packed by the thousand: in columns, without a lot for each.

A recording of tens of thousands of chunks consists of these. Where nothing else could be joined with
them, their rows in the order of their ids are like one chunk that is too large: packing them is
cutting that one into slices.
"""

from __future__ import annotations

import struct
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.ipc.gather import Part, Piece, Same, gather
from rrtool.transforms.packing import Limits, Lot, slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rrsdk.ipc.gather import Pieces
    from rrsdk.ipc.layout import ColumnLayout, Shape
    from rrtool.transforms.entries import Entry
    from rrtool.transforms.kinds import Plan

_I64 = struct.Struct("<q")


class Strand(NamedTuple):
    """Places of chunks of one row that become one, in the order of their row ids."""

    places: list[int]

    @property
    def first(self) -> tuple[int, int]:
        """What comes first in the input: place and row."""
        return min(self.places), 0

    @property
    def untouched(self) -> bool:
        """Whether this is a chunk of the input as it is."""
        return len(self.places) == 1


class Singles:
    """Places of small chunks of one row, by what they can be joined with."""

    def __init__(self) -> None:
        self.by_key: dict[bytes, list[int]] = {}
        self._by_shape: dict[int, list[int]] = {}

    def know(self, shape: Shape, plan: Plan) -> None:
        """Chunks of this shape may come."""
        columns, kind, _ = plan.parts[0]
        if plan.rows == 1 and columns is None and not kind.is_video:
            self._by_shape[id(shape)] = self.by_key.setdefault(kind.key, [])

    def take(self, shape: Shape, place: int) -> bool:
        """Note a chunk that is all there, if it is of one row."""
        places = self._by_shape.get(id(shape))
        if places is None:
            return False
        places.append(place)
        return True


def strands(
    places: list[int], entries: Sequence[Entry], weigh: Callable[[Entry], int], limits: Limits
) -> Iterator[Strand]:
    """Pack chunks of one kind, all of one row and with their bodies there: as `pack` would."""
    layout = entries[places[0]].shape.layout
    (ids,) = _columns([layout.row_id], [entries[place] for place in places])
    rows = list(struct.iter_unpack("16s", ids))
    places = [places[number] for number in sorted(range(len(rows)), key=rows.__getitem__)]
    chosen = [entries[place] for place in places]
    times = [memoryview(values).cast("q") for values in _columns(layout.indexes, chosen)]
    weights = list(accumulate(map(weigh, chosen), initial=0))
    for start, stop in slices(weights, times, limits):
        yield Strand(places[start:stop])


def _columns(columns: Sequence[ColumnLayout], entries: Sequence[Entry]) -> list[bytes]:
    """The values of row ids or times, one behind the other."""
    found = gather(columns, pieces_of(entries)).buffers[1::2]
    return [b"".join(one) if isinstance(one, list) else bytes(one) for one in found]


def pieces_of(entries: Sequence[Entry]) -> Pieces:
    """The rows of chunks of one row whose bodies are there."""
    batch = entries[0].batch
    bodies = [entry.body for entry in entries if entry.body is not None]
    if all(entry.batch is batch for entry in entries):
        return Same(batch, bodies, 0, 1)
    return [Piece(Part(entry.batch, body), 0, 1) for entry, body in zip(entries, bodies)]


def single_lot(place: int, key: bytes, entry: Entry, bits: int) -> Lot:
    """A chunk of one row as packing sees it where others may come between."""
    layout, body = entry.shape.layout, entry.body
    assert body is not None
    at, *times_at = [
        entry.batch.buffers[column.first_buffer + 1][0] for column in (layout.row_id, *layout.indexes)
    ]
    row_id = body[at : at + 16]
    spans = tuple([(time, time) for start in times_at for time in _I64.unpack_from(body, start)])
    return Lot(place, key, None, 0, 1, True, bits, row_id, row_id, True, True, spans)
