"""The messages of `Chunks`, read forward: small neighbours together, large ones on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.ipc.manifest import OFFSET, SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.message import ChunkMsg, Chunks

_BLOCK: Final = 512 * 1024


def messages_of(chunks: Chunks) -> Iterator[memoryview]:
    """The bytes of each chunk message, header excluded, in order."""
    offsets, sizes = chunks.manifest.table.u64(OFFSET), chunks.manifest.table.u64(SIZE)
    read = chunks.origin.read
    block, base = memoryview(b""), 0
    count = len(offsets)
    for place, (offset, size) in enumerate(zip(offsets, sizes)):
        start = offset - base
        if start < 0 or start + size > len(block):
            # As far ahead as neighbours follow closely: what lies between them is read for nothing.
            end, last = offset + size, place + 1
            while (
                last < count
                and 0 <= offsets[last] - end <= 4096
                and offsets[last] + sizes[last] <= offset + _BLOCK
            ):
                end = offsets[last] + sizes[last]
                last += 1
            block, base, start = read(offset, end - offset), offset, 0
        yield block[start : start + size]


def message_at(chunks: Chunks, place: int) -> memoryview:
    """The bytes of one chunk message, header excluded."""
    table = chunks.manifest.table
    return chunks.origin.read(table.u64(OFFSET)[place], table.u64(SIZE)[place])


def whole_message(message: ChunkMsg) -> memoryview:
    """The bytes of a chunk message in one piece."""
    return memoryview(message.parts[0] if len(message.parts) == 1 else b"".join(message.parts))
