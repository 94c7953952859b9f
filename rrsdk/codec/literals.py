"""LZ4 blocks that hold what could not be compressed, read where they lie.

Images and point clouds often do not compress: their block is a little head and one long run of
literals. Its bytes can be passed on as views of the block, without decompressing anything.
"""

from __future__ import annotations

from bisect import bisect_right

from rrsdk.codec.lz4 import long_length
from rrsdk.errors import FormatError

_MAX_SEQUENCES = 1024
_COPY_UP_TO = 4096  # short runs are copied together


class Literals:
    """The bytes a block stands for, as runs; slicing gives a view where a slice lies within one."""

    def __init__(self, starts: list[int], runs: list[memoryview], size: int) -> None:
        self._starts, self._runs, self._size = starts, runs, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> memoryview:
        start, stop, _ = place.indices(self._size)
        if stop <= start:
            return memoryview(b"")
        number = bisect_right(self._starts, start) - 1
        begin = self._starts[number]
        if stop <= begin + len(self._runs[number]):
            return self._runs[number][start - begin : stop - begin]
        parts = []
        while start < stop:
            begin, run = self._starts[number], self._runs[number]
            parts.append(run[start - begin : stop - begin])
            start = begin + len(run)
            number += 1
        return memoryview(b"".join(parts))


class Behind:
    """What lies behind the first `skip` bytes: a body behind its head."""

    def __init__(self, whole: Literals, skip: int) -> None:
        self._whole, self._skip = whole, skip

    def __len__(self) -> int:
        return len(self._whole) - self._skip

    def __getitem__(self, place: slice) -> memoryview:
        start, stop, _ = place.indices(len(self))
        return self._whole[start + self._skip : stop + self._skip]


def read_literals(block: memoryview, uncompressed_size: int) -> Literals | None:
    """The block as runs; None where it is made of so many that decompressing it is quicker."""
    starts: list[int] = []
    runs: list[memoryview] = []
    tail = bytearray()  # the last short runs, not yet among `runs`
    size = pos = 0
    try:
        for _ in range(_MAX_SEQUENCES):
            token = block[pos]
            pos += 1
            literals = token >> 4
            if literals == 15:
                literals, pos = long_length(block, pos)
            if pos + literals > len(block):
                raise FormatError("the LZ4 block is broken")
            if literals > _COPY_UP_TO:
                _close(starts, runs, tail, size)
                tail = bytearray()
                starts.append(size)
                runs.append(block[pos : pos + literals])
            else:
                tail += block[pos : pos + literals]
            pos, size = pos + literals, size + literals
            if pos == len(block):
                break
            distance = block[pos] | block[pos + 1] << 8
            pos += 2
            length = (token & 15) + 4
            if length == 19:
                length, pos = long_length(block, pos, length)
            if not 0 < distance <= size or length > uncompressed_size - size:
                raise FormatError("the LZ4 block is broken")
            if length <= distance <= len(tail):
                start = len(tail) - distance
                tail += tail[start : start + length]
            else:
                tail += _match(starts, runs, tail, size, distance, length)
            size += length
        else:
            return None
    except IndexError:
        raise FormatError("the LZ4 block is broken") from None
    if size != uncompressed_size:
        raise FormatError(f"the LZ4 block holds {size} bytes where {uncompressed_size} are claimed")
    _close(starts, runs, tail, size)
    return Literals(starts, runs, size)


def _close(starts: list[int], runs: list[memoryview], tail: bytearray, size: int) -> None:
    if tail:
        starts.append(size - len(tail))
        runs.append(memoryview(tail))


def _match(
    starts: list[int], runs: list[memoryview], tail: bytearray, size: int, distance: int, length: int
) -> bytes:
    """What stands `distance` bytes back, repeated where it is shorter than what is asked for."""
    if distance <= len(tail):
        found = bytes(tail[len(tail) - distance :][:length])
    else:
        before = Literals([*starts, size - len(tail)], [*runs, memoryview(bytes(tail))], size)
        found = bytes(before[size - distance : min(size, size - distance + length)])
    return (found * (length // len(found) + 1))[:length]
