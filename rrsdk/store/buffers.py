"""What Arrow data take in memory: every buffer once, and whole, whoever looks at whichever part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk


def roots_of(chunk: Chunk) -> dict[int, int]:
    """The memory that a chunk keeps alive: addresses, and how many bytes lie there.

    A slice of a buffer keeps all of it, and so does each column that was read from one message.
    """
    found: dict[int, int] = {}
    for column in chunk.to_record_batch().columns:
        for buffer in _buffers(column):
            parent = buffer.parent
            while parent is not None:
                buffer, parent = parent, parent.parent
            if buffer.size:
                address = buffer.address
                found[address] = max(buffer.size, found.get(address, 0))
    return found


def _buffers(array: pa.Array) -> Iterator[pa.Buffer]:
    for buffer in array.buffers():
        if buffer is not None:
            yield buffer
    if isinstance(array, pa.DictionaryArray):
        yield from _buffers(array.dictionary)


def bytes_of(chunk: Chunk) -> int:
    """What a chunk alone keeps alive."""
    return sum(roots_of(chunk).values())
