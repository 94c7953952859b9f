"""Every message with a checksum. A chunk is opened first: what is broken must not be declared sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.checksum import with_checksum
from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.ipc.rows import describe
from rrsdk.message import ChunkMsg, Chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Message


def with_checksums(messages: Iterable[Message]) -> Iterator[Message]:
    """The same messages, those that lie in files read one by one."""
    reader = ChunkReader()
    for message in messages:
        if not isinstance(message, Chunks):
            yield with_checksum(message)
            continue
        table = message.manifest.table
        for offset, size in zip(table.u64(OFFSET), table.u64(SIZE)):
            try:
                yield with_checksum(_chunk(message, reader, offset, size))
            except FormatError as error:
                raise error.located(source=message.origin.name, offset=offset) from error.__cause__


def _chunk(chunks: Chunks, reader: ChunkReader, offset: int, size: int) -> ChunkMsg:
    whole = chunks.origin.read(offset, size)
    envelope = reader.envelope(whole)
    chunk = reader.open(whole, envelope)
    row = describe(chunk, envelope.chunk_id or chunk.chunk_id)
    return ChunkMsg(chunks.store, chunks.store_raw, row, (whole,), envelope.payload_size)
