"""Recordings as chunks: every chunk of a file decoded, of old files in the current object model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.chunk import Chunk
from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.message import Buffer, Message
    from rrsdk.sources.damage import Damage


def read_chunks(
    name: str, *, damage: Damage | None = None, warn: Callable[[str], None] | None = None
) -> Iterator[tuple[StoreId, Chunk]]:
    """Every chunk of the recording at a path (`-`: standard input), with the store it belongs to.

    Stores come one after the other where the file has a footer, else as they lie in it; chunks of
    a store in the order of the file. Only the chunk at hand is in memory. Files from Rerun 0.23 on
    are read; what is broken raises FormatError with the place, unless `damage` is there to record it.

        for store, chunk in read_chunks("drive.rrd"):
            print(store.recording_id, chunk.entity_path, chunk.num_rows)
    """
    source = open_source(name, damage=damage, warn=warn)
    try:
        yield from chunks_of(source.messages(), damage=damage)
    finally:
        source.close()


def chunks_of(
    messages: Iterable[Message], *, damage: Damage | None = None
) -> Iterator[tuple[StoreId, Chunk]]:
    """The chunks in messages, decoded."""
    reader = ChunkReader()
    for message in messages:
        if isinstance(message, ChunkMsg):
            yield message.store, decode(reader, b"".join(message.parts))
        elif isinstance(message, Chunks):
            table, origin = message.manifest.table, message.origin
            for offset, size in zip(table.u64(OFFSET), table.u64(SIZE)):
                try:
                    chunk = decode(reader, origin.read(offset, size))
                except FormatError as error:
                    if damage is None:
                        raise error.located(source=origin.name, offset=offset) from error.__cause__
                    damage.add(origin.name, offset, offset + size, error)
                else:
                    yield message.store, chunk


def decode(reader: ChunkReader, message: Buffer) -> Chunk:
    """The chunk in a chunk message."""
    about = reader.envelope(message)
    block = memoryview(message)[about.payload_start : about.payload_end]
    return Chunk.from_ipc(lz4.decompress(block, about.compression, about.uncompressed_size))
