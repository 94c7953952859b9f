"""The chunks of a store as compaction opens them: small ones stay in memory, large ones are read again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.literals import Behind, read_literals
from rrsdk.codec.wire import COMPRESSION_LZ4
from rrsdk.errors import FormatError, RrError
from rrsdk.ipc.gather import Body, Part
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.ipc.stream import CONTINUATION
from rrsdk.message import Buffer, ChunkMsg, Chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rrsdk.codec.chunks import ChunkReader
    from rrsdk.ipc.layout import Shape
    from rrsdk.ipc.stream import Batch

KEEP_BYTES = 48 * 1024 * 1024
"""Bodies of small chunks kept from planning to packing; the others are read again."""

_SMALL = 16 * 1024
_MOSTLY_LITERALS = 0.8


@dataclass(slots=True)
class Entry:
    """A chunk of the input."""

    run: Chunks | ChunkMsg
    row: int
    """Which chunk of its `Chunks`."""
    size: int
    """Of its message."""
    shape: Shape
    chunk_id: bytes
    batch: Batch
    """Where the columns lie in the body that was kept, or in the one that will be read."""
    body: bytes | None = None
    """All of the chunk's buffers, if they were kept."""

    def locate(self, error: RrError) -> RrError:
        """Say which chunk an error is about."""
        error.located(entity=self.shape.layout.entity)
        if isinstance(self.run, Chunks):
            start, end = self.run.extent(self.row)
            error.located(source=self.run.origin.name, offset=start, end=end)
        return error


class _Tight(NamedTuple):
    """A record batch without the padding between its buffers, of which a chunk of one row mostly consists."""

    batch: Batch
    buffers_of: Callable[[bytes | memoryview], Iterable[bytes | memoryview]]
    """The buffers in a chunk's payload."""

    @classmethod
    def of(cls, shape: Shape) -> _Tight | None:
        sizes = [size for _, size in shape.batch.buffers]
        ends = list(accumulate(sizes, initial=0))
        if ends[-1] > shape.batch.body_size:  # buffers that share their bytes
            return None
        spans = [slice(*shape.span(number)) for number in range(len(sizes))]
        batch = shape.batch._replace(buffers=tuple(zip(ends, sizes)), body_size=ends[-1])
        return cls(batch, itemgetter(*spans))  # of at least two: those of the row ids


class Entries:
    """All chunks that can be taken apart; known by their place in the order of the input."""

    def __init__(self, reader: ChunkReader) -> None:
        self.all: list[Entry] = []
        self._reader = reader
        self._kept = 0
        self._tight: dict[int, _Tight | None] = {}  # by id of a shape, which lives as long as its entries
        self._recent: tuple[int, Body] | None = None

    def add(self, entry: Entry, payload: memoryview) -> int:
        """Take in a chunk, its body too where that is small and all there; returns its place."""
        shape, present = entry.shape, len(payload)
        if (
            present <= _SMALL
            and present >= shape.body_start + shape.batch.body_size
            and self._kept < KEEP_BYTES
        ):
            try:
                tight = self._tight[id(shape)]
            except KeyError:
                tight = self._tight[id(shape)] = _Tight.of(shape)
            if tight is not None:
                entry.batch = tight.batch
                base = payload.obj  # slices of bytes cost less than slices of a view
                whole = base if isinstance(base, bytes) and len(base) == present else payload
                entry.body = body = b"".join(tight.buffers_of(whole))
                self._kept += len(body)
        self.all.append(entry)
        return len(self.all) - 1

    def part(self, place: int, batch: Batch) -> Part:
        """The body of a chunk with its record batch, or with one that leaves columns out."""
        entry = self.all[place]
        if entry.body is not None:
            return Part(batch, entry.body)  # which was kept because all of it was there
        recent = self._recent  # slices of one chunk follow one another
        if recent is not None and recent[0] == place:
            return Part(batch, recent[1])
        run = entry.run
        if isinstance(run, ChunkMsg):
            message: Buffer = b"".join(run.parts)
        else:
            table = run.manifest.table
            message = run.origin.read(table.u64(OFFSET)[entry.row], table.u64(SIZE)[entry.row])
        body = self._body(message, entry.shape)
        behind = bytes(body[batch.body_size : batch.body_size + 4])
        if len(body) < batch.body_size or behind not in (b"", CONTINUATION):
            raise FormatError("the chunk's body is not as long as it says", entity=entry.shape.layout.entity)
        self._recent = place, body
        return Part(batch, body)

    def _body(self, message: Buffer, shape: Shape) -> Body:
        """The body of a chunk: of one that LZ4 could not shrink, where it lies in the message."""
        envelope = self._reader.envelope(message)
        start, end = envelope.payload_start, envelope.payload_end
        if (
            envelope.compression == COMPRESSION_LZ4
            and end - start >= _MOSTLY_LITERALS * envelope.uncompressed_size
        ):
            literals = read_literals(memoryview(message)[start:end], envelope.uncompressed_size)
            if literals is not None:
                return Behind(literals, shape.body_start)
        chunk = self._reader.open(message, envelope)
        return chunk.payload[chunk.shape.body_start :]
