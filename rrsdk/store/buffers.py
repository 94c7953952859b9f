"""What Arrow data take in memory: every buffer once, and whole, whoever looks at whichever part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from rrsdk.chunk import Chunk


def roots_of(chunk: Chunk) -> dict[int, int]:
    """The memory that a chunk keeps alive: addresses, and how many bytes lie there.

    A slice of a buffer keeps all of it, and so does each column that was read from one message.
    """
    found: dict[int, int] = {}
    start = end = 0
    for column in chunk.to_record_batch().columns:
        for buffer in _buffers(column):
            if start <= buffer.address < end:  # another part of the same message
                continue
            parent = buffer.parent
            while parent is not None:
                buffer, parent = parent, parent.parent
            if buffer.size:
                start, end = buffer.address, buffer.address + buffer.size
                found[start] = max(buffer.size, found.get(start, 0))
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


def roots_of_bytes(payload: bytes | memoryview) -> dict[int, int]:
    """The memory that a payload keeps alive: all of what it is a view of."""
    whole = payload.obj if isinstance(payload, memoryview) else payload
    buffer = pa.py_buffer(whole)
    return {buffer.address: buffer.size}


class Held:
    """Memory by address: counted once, for as long as anybody keeps it alive."""

    def __init__(self) -> None:
        self.bytes = 0
        self._roots: dict[int, tuple[int, int]] = {}
        """How many bytes lie at an address, and how many keep them."""

    def add(self, roots: Mapping[int, int]) -> None:
        """One more that keeps these."""
        for address, size in roots.items():
            known, users = self._roots.get(address, (0, 0))
            self._roots[address] = max(known, size), users + 1
            self.bytes += max(0, size - known)

    def remove(self, roots: Mapping[int, int]) -> None:
        """One less."""
        for address in roots:
            known, users = self._roots.pop(address)
            if users > 1:
                self._roots[address] = known, users - 1
            else:
                self.bytes -= known


def presence(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Which values are not null. Not `is_valid`, which would import Arrow's functions: 0.1 s."""
    bits = array.buffers()[0]
    if bits is None or not array.null_count:
        return np.full(len(array), array.null_count == 0, np.bool_)
    return flags(bits, array.offset, len(array))


def flags(bits: pa.Buffer, first: int, count: int) -> npt.NDArray[np.bool_]:
    """So many bits of a bitmap from `first` on, a byte each; what lies before is not looked at."""
    packed = np.frombuffer(bits, np.uint8)[first // 8 : (first + count + 7) // 8]
    unpacked = np.unpackbits(packed, bitorder="little")[first % 8 : first % 8 + count]
    return unpacked.view(np.bool_)
