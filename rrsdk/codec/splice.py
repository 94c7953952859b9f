"""LZ4 blocks with another beginning: the head is replaced, the rest is copied as it is compressed.

Matches in a block point back by distance, at most 64 KiB. So from where none points into the old
head any more, the compressed bytes mean the same behind a new head of any length: the head becomes
a run of literals, and what follows is not even looked at. A megabyte of values whose chunk only
loses a time column costs microseconds, where decompressing and compressing it costs milliseconds.

A block is sequences: a token (two half bytes), literals as many as its high half says, then a match:
two bytes of distance, length as its low half says. A half of 15 is continued in bytes of 255. The
last sequence has no match.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rrsdk.codec.lz4 import check_claim
from rrsdk.codec.wire import COMPRESSION_LZ4, Buffer

_FARTHEST: Final = 65_535
_MAX_SEQUENCES: Final = 1500  # past that the C library is faster than reading on in Python
_DECODED: Final = 24 * 1024  # how much of the beginning is decoded at most
_MAX_LITERAL: Final = 16 * 1024  # bytes behind the head that may lose their compression


class _Sequence(NamedTuple):
    """Where its literals lie in the block and begin in the output, and where its match does and points."""

    literals_at: int
    begins: int
    match_begins: int
    match_source: int
    match_code: int


class HeadSplicer:
    """One block: its beginning is decoded, and can be replaced by another."""

    def __init__(self, block: memoryview, uncompressed_size: int) -> None:
        check_claim(block, COMPRESSION_LZ4, uncompressed_size)
        self._block = block
        self._size = uncompressed_size
        self._sequences: list[_Sequence] = []
        self._at = self._reached = 0  # in the block, and in the output
        self._is_whole = True  # so far everything was decoded
        self.head = bytearray()
        """The first bytes of the payload, as many as can be had cheaply."""
        try:
            while self._is_whole and self._more():
                self._next()
        except IndexError:
            self._count_down()

    def _count_down(self) -> None:
        """The block is broken: let whoever decompresses all of it say how."""
        self._at = -1

    def _more(self) -> bool:
        return 0 <= self._at < len(self._block) and len(self._sequences) < _MAX_SEQUENCES

    def _next(self) -> None:
        """Read one sequence; decode it where everything before it was decoded."""
        block, at = self._block, self._at
        token = block[at]
        at += 1
        literals, length = token >> 4, token & 15
        if literals == 15:
            literals, at = _extended(block, at, literals)
        start, begins = at, self._reached
        at += literals
        match_begins = begins + literals
        if self._is_whole:
            room = _DECODED - len(self.head)
            self.head += block[start : start + min(literals, room)]
            self._is_whole = literals <= room
        if at >= len(block):
            if at > len(block) or match_begins != self._size:
                raise IndexError("a sequence runs past the end of the block")
            self._sequences.append(_Sequence(start, begins, match_begins, match_begins, 0))
            self._at, self._reached, self._is_whole = at, match_begins, False
            return
        distance = block[at] | block[at + 1] << 8
        at += 2
        code = length
        if length == 15:
            length, at = _extended(block, at, length)
        length += 4
        if not 0 < distance <= match_begins:
            raise IndexError("a match points outside the output")
        if self._is_whole:
            self._copy(distance, length)
        self._sequences.append(_Sequence(start, begins, match_begins, match_begins - distance, code))
        self._at, self._reached = at, match_begins + length

    def _copy(self, distance: int, length: int) -> None:
        head = self.head
        room = min(length, _DECODED - len(head))
        begin = len(head) - distance
        if distance >= room:
            head += head[begin : begin + room]
        else:
            pattern = bytes(head[begin:])
            head += (pattern * (room // distance + 1))[:room]
        self._is_whole = room == length

    def splice(self, old_head: int, new_head: Buffer) -> tuple[Buffer, ...] | None:
        """The block, in parts, of `new_head` and what follows the first `old_head` bytes.

        None where that is not cheap (or the block is broken): then decompress.
        """
        if old_head > len(self.head):
            return None
        try:
            while self._reached < old_head + _FARTHEST and self._more():
                self._next()
        except IndexError:
            return None
        if self._at < 0 or (self._reached < old_head + _FARTHEST and self._at < len(self._block)):
            return None
        # From the last sequence on whose match, or one before it, needs the old head.
        first = len(self._sequences)
        while first and self._sequences[first - 1].match_begins >= old_head:
            if self._sequences[first - 1].match_source < old_head:
                break
            first -= 1
        if first == len(self._sequences):
            return None
        chosen = self._sequences[first]
        if chosen.begins > len(self.head) or chosen.begins - old_head > _MAX_LITERAL:
            return None
        between = bytes(self.head[old_head : chosen.begins])
        skipped = max(old_head - chosen.begins, 0)
        literals = len(new_head) + len(between) + chosen.match_begins - chosen.begins - skipped
        return (
            _token(literals, chosen.match_code),
            new_head,
            between,
            self._block[chosen.literals_at + skipped :],
        )


def _extended(block: memoryview, at: int, length: int) -> tuple[int, int]:
    while True:
        byte = block[at]
        at += 1
        length += byte
        if byte != 255:
            return length, at


def _token(literals: int, match_code: int) -> bytes:
    if literals < 15:
        return bytes((literals << 4 | match_code,))
    many, rest = divmod(literals - 15, 255)
    return bytes((0xF0 | match_code,)) + b"\xff" * many + bytes((rest,))
