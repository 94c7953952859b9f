"""Rewritten chunks gathered in memory, described by what is left of the manifest they came from.

Dropping columns changes neither rows nor times, so a chunk's manifest row is known without looking
into the chunk again: tens of thousands of small chunks go on as one `Chunks`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from rrsdk.codec.frames import MESSAGE_HEADER, Kind, message_header
from rrsdk.errors import TruncatedError
from rrsdk.ipc.keys import COMPONENT_KEY, INDEX_KEY, INDEX_NAME_KEY, STATIC_INDEX
from rrsdk.ipc.manifest import CHUNK_ID, OFFSET, SIZE, SIZE_UNCOMPRESSED, Manifest
from rrsdk.ipc.table import Column, Table, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rrsdk.message import Buffer, Chunks

_HEADER = MESSAGE_HEADER.size
FULL_BYTES = 1024 * 1024
FULL_CHUNKS = 8192
_SMALL = 64 * 1024


class Memory:
    """Bytes in pieces that chunks lie in until they are written; large pieces are not copied together."""

    def __init__(self, name: str, parts: Sequence[Buffer]) -> None:
        self.name = name
        self.fileno: int | None = None
        self._parts = _joined(parts)
        self._ends = list(accumulate(map(len, self._parts)))

    def read(self, offset: int, size: int) -> memoryview:
        """Exactly these bytes."""
        end = offset + size
        first = bisect_right(self._ends, offset)
        found: list[memoryview] = []
        for part, stop in zip(self._parts[first:], self._ends[first:]):
            start = stop - len(part)
            found.append(part[max(offset - start, 0) : end - start])
            if stop >= end:
                return found[0] if len(found) == 1 else memoryview(b"".join(found))
        if not size:
            return memoryview(b"")
        raise TruncatedError("bytes are missing", source=self.name, offset=offset)


def _joined(parts: Sequence[Buffer]) -> list[memoryview]:
    """The parts, small neighbours made one."""
    found: list[memoryview] = []
    small: list[Buffer] = []
    for part in parts:
        if len(part) < _SMALL:
            small.append(part)
            continue
        if small:
            found.append(memoryview(b"".join(small)))
            small = []
        found.append(memoryview(part))
    if small:
        found.append(memoryview(b"".join(small)))
    return found


def without(
    manifest: Manifest, drops_timeline: Callable[[str], bool], drops_component: Callable[[str], bool]
) -> Manifest:
    """The manifest without what it says of these timelines and components."""

    def stays(metadata: Mapping[str, str], index_key: str) -> bool:
        index, component = metadata.get(index_key), metadata.get(COMPONENT_KEY)
        if index is not None and index != STATIC_INDEX and drops_timeline(index):
            return False
        return component is None or not drops_component(component)

    columns = {
        name: column
        for name, column in manifest.table.columns.items()
        if stays(column.field.metadata, INDEX_KEY)
    }
    fields = {name: field for name, field in manifest.fields.items() if stays(field.metadata, INDEX_NAME_KEY)}
    return Manifest(Table(columns, len(manifest)), fields)


class Batch:
    """Collects messages for consecutive chunks of `source`, whose manifest is already that of the result."""

    def __init__(self, source: Chunks) -> None:
        self._source = source
        self._clear()

    def _clear(self) -> None:
        self._places: list[int] = []
        self._ids: list[bytes] = []
        self._offsets, self._sizes, self._uncompressed = array("Q"), array("Q"), array("Q")
        self._parts: list[Buffer] = []
        self._end = 0

    def __len__(self) -> int:
        return len(self._places)

    @property
    def is_full(self) -> bool:
        """Whether it is time to `take` what has come together."""
        return self._end >= FULL_BYTES or len(self._places) >= FULL_CHUNKS

    def add(self, place: int, chunk_id: bytes, parts: Sequence[Buffer], size: int, uncompressed: int) -> None:
        """The message of the chunk in row `place` of the source: `parts`, together `size` bytes."""
        self._places.append(place)
        self._ids.append(chunk_id)
        self._offsets.append(self._end + _HEADER)
        self._sizes.append(size)
        self._uncompressed.append(uncompressed)
        self._parts.append(message_header(Kind.CHUNK, size))
        self._parts += parts
        self._end += _HEADER + size

    def take(self) -> Chunks:
        """Everything added so far; the batch is empty afterwards."""
        new: dict[str, Values] = {
            CHUNK_ID: self._ids,
            OFFSET: self._offsets,
            SIZE: self._sizes,
            SIZE_UNCOMPRESSED: self._uncompressed,
        }
        manifest = self._source.manifest
        columns = {
            name: Column(column.field, new[name]) if name in new else pick(column, self._places)
            for name, column in manifest.table.columns.items()
        }
        taken = Manifest(Table(columns, len(self._places)), manifest.fields)
        origin = Memory(self._source.origin.name, self._parts)
        self._clear()
        return replace(self._source, manifest=taken, origin=origin)


def pick(column: Column, places: Sequence[int]) -> Column:
    """The values at these places, which ascend."""
    values, valid = column.values, column.valid
    first, count = places[0], len(places)
    if places[-1] - first + 1 == count:
        end = first + count
        return Column(column.field, values[first:end], None if valid is None else valid[first:end])
    keep = bytearray(places[-1] + 1)
    for place in places:
        keep[place] = 1
    return column.take(keep)


__all__ = ["Batch", "Memory", "pick", "without"]
