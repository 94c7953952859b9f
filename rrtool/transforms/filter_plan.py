"""How a chunk loses columns without being decoded: which bytes of its payload stay, worked out once.

Chunks with one schema lose the same columns (`Cut`), and chunks whose record batches have one shape
too are cut at the same places (`Slices`). What is left to do for each is joining a few slices of
its payload behind a head that differs only in the chunk's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import xxhash

from rrsdk.errors import FormatError
from rrsdk.identity import format_tuid
from rrsdk.ipc import stream
from rrsdk.ipc.layout import ChunkLayout, ColumnLayout, LaidOut, Role, Shape, new_layout
from rrtool.transforms.filter_names import Choice, is_property

_MAX_CACHED: Final = 4096


def derived_id(chunk_id: bytes, seed: int) -> bytes:
    """The id of a chunk made from another: its time, and a counter that follows from what was done.

    The same command gives the same ids again, and another command others: a merge that drops
    repeats by id must not take a part for the whole.
    """
    return chunk_id[:8] + xxhash.xxh3_64_digest(chunk_id, seed=seed)


def seed_of(*what: str) -> int:
    """A number for what was done, for `derived_id`."""
    return int(xxhash.xxh3_64_intdigest("\0".join(what).encode("utf-8", "surrogatepass")))


@dataclass(frozen=True, slots=True)
class Cut:
    """What happens to all chunks of one layout."""

    kept: tuple[ColumnLayout, ...]
    layout: ChunkLayout
    """As it is afterwards."""
    seed: int
    becomes_static: bool
    is_gone: bool
    """No component is left that could carry data."""


@dataclass(frozen=True, slots=True)
class Slices:
    """What happens to all chunks of one shape: the pieces of the new payload."""

    cut: Cut
    before_id: bytes
    after_id: bytes
    pieces: tuple[tuple[int, int], ...]
    """Places in the old payload, each followed by padding."""
    padding: tuple[bytes, ...]
    needs: int
    """How long the old payload must be."""

    def apply(self, payload: bytes | memoryview, chunk_id: bytes) -> bytes:
        """The new payload."""
        if self.needs > len(payload):
            raise FormatError("the chunk is cut off", entity=self.cut.layout.entity)
        parts = [self.before_id, format_tuid(chunk_id).encode(), self.after_id]
        for (start, end), padding in zip(self.pieces, self.padding):
            parts += (payload[start:end], padding)  # type: ignore[arg-type]
        return b"".join(parts)

    def head(self, payload: memoryview, size: int, chunk_id: bytes) -> tuple[int, bytes] | None:
        """Where only the beginning of a payload of `size` bytes changes: how much of it, and into what.

        `payload` may be cut off; None where more of it is needed.
        """
        (start, end), tail = self.pieces[-1], self.padding[-1]
        if end + len(tail) != size or start > len(payload):
            return None
        parts = [self.before_id, format_tuid(chunk_id).encode(), self.after_id]
        for (begin, stop), padding in zip(self.pieces[:-1], self.padding):
            if stop > len(payload):
                return None
            parts += (payload[begin:stop], padding)  # type: ignore[arg-type]
        return start, b"".join(parts)


class Planner:
    """Keeps the plans that were made; what they are about is for those that inherit it."""

    def __init__(self) -> None:
        self._cuts: dict[ChunkLayout, Cut | None] = {}
        self._slices: dict[Shape, Slices] = {}

    def cut(self, layout: ChunkLayout) -> Cut | None:
        """What to do with chunks of this layout; None where they stay as they are."""
        try:
            return self._cuts[layout]
        except KeyError:
            found = self._cuts[layout] = self._plan(layout)
            return found

    def _plan(self, layout: ChunkLayout) -> Cut | None:
        """What to do with chunks of a layout that was not met before."""
        raise NotImplementedError

    def slices(self, chunk: LaidOut, cut: Cut) -> Slices:
        """How to cut a chunk of a layout that changes."""
        found = self._slices.get(chunk.shape)
        if found is None:
            if len(self._slices) >= _MAX_CACHED:  # chunks that all differ: nothing is gained by keeping them
                self._slices.clear()
            found = self._slices[chunk.shape] = _slices(chunk, cut)
        return found


class ColumnPlanner(Planner):
    """Makes the plans for one choice of timelines and components."""

    def __init__(self, timelines: Choice, components: Choice) -> None:
        super().__init__()
        self._timelines, self._components = timelines, components

    def _plan(self, layout: ChunkLayout) -> Cut | None:
        kept = tuple(column for column in layout.columns if self._wants(layout, column))
        if len(kept) == len(layout.columns):
            return None
        dropped = sorted(f"{one.role.value} {one.name}" for one in layout.columns if one not in kept)
        after = new_layout(tuple(column.field for column in kept), layout.schema.metadata)
        return Cut(
            kept,
            after,
            seed_of("without", *dropped),
            becomes_static=after.is_static and not layout.is_static,
            is_gone=bool(layout.components) and not after.components,
        )

    def _wants(self, layout: ChunkLayout, column: ColumnLayout) -> bool:
        of_property = is_property(layout.entity)
        if column.role is Role.INDEX:
            return self._timelines.wants(column.name, of_property=of_property)
        return column.role is Role.ROW_ID or self._components.wants(column.name, of_property=of_property)


def _slices(chunk: LaidOut, cut: Cut) -> Slices:
    batch = chunk.shape.batch
    nodes = [
        node for one in cut.kept for node in batch.nodes[one.first_node : one.first_node + one.num_nodes]
    ]
    numbers = [n for one in cut.kept for n in range(one.first_buffer, one.first_buffer + one.num_buffers)]
    # Only the metadata are wanted, for which buffers need no more than a length.
    sizes = [cast("memoryview", range(*chunk.shape.span(number))) for number in numbers]
    schema, message, *_ = stream.write_stream(cut.layout.raw, batch.num_rows, nodes, sizes)
    head = bytes(schema) + bytes(message)
    id_at = len(schema) - len(cut.layout.raw) + cut.layout.id_at
    pieces, padding = _runs([chunk.shape.span(number) for number in numbers])
    padding[-1] += stream.END_OF_STREAM
    return Slices(
        cut, head[:id_at], head[id_at + 32 :], tuple(pieces), tuple(padding), max(end for _, end in pieces)
    )


def _runs(spans: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[bytes]]:
    """The places of buffers, neighbours joined, and the padding that brings each where it must stand.

    Buffers that lie as far apart as they will again (which they do where the writer aligns as we
    do) are one run, the padding between them included.
    """
    pieces: list[tuple[int, int]] = []
    padding: list[bytes] = []
    shift = None  # how far the current run moves
    at = 0
    for start, end in spans:
        if start == end:
            continue
        if start - at == shift:
            pieces[-1] = pieces[-1][0], end
        else:
            pieces.append((start, end))
            padding.append(b"")
            shift = start - at
        size = end - start
        padding[-1] = bytes(-size % stream.ALIGNMENT)
        at += size + len(padding[-1])
    return pieces or [(0, 0)], padding or [b""]
