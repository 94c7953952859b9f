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

from typing import Final

from rrsdk.codec.lz4 import check_claim, long_length
from rrsdk.codec.wire import COMPRESSION_LZ4, Buffer

_FARTHEST: Final = 65_535
_MAX_SEQUENCES: Final = 1500  # past that the C library is faster than reading on in Python
_DECODED: Final = 24 * 1024  # how much of the beginning is decoded at most
_MAX_LITERAL: Final = 16 * 1024  # bytes behind the head that may lose their compression


_Sequence = tuple[int, int, int, int, int]
"""Where its literals lie in the block and begin in the output; where its match begins and points; the
low half of its token."""


class HeadSplicer:
    """One block: its beginning is decoded, and can be replaced by another."""

    def __init__(self, block: memoryview, uncompressed_size: int) -> None:
        check_claim(block, COMPRESSION_LZ4, uncompressed_size)
        self._block = block
        self._size = uncompressed_size
        self._sequences: list[_Sequence] = []
        self._at = self._reached = 0  # in the block, and in the output
        self.head = bytearray()
        """The first bytes of the payload, as many as can be had cheaply."""
        self._is_sound = self._advance(_DECODED, decode=True)

    def _advance(self, until: int, *, decode: bool = False) -> bool:
        """Read sequences until the output reaches that far, or too many; False where the block is broken.

        What is read with `decode` must come first, without anything left out.
        """
        block, at, reached = self._block, self._at, self._reached
        end, head, sequences = len(block), self.head, self._sequences
        try:
            while reached < until and at < end and len(sequences) < _MAX_SEQUENCES:
                token = block[at]
                at += 1
                literals = token >> 4
                if literals == 15:
                    literals, at = long_length(block, at, literals)
                if decode:
                    head += block[at : at + min(literals, _DECODED - len(head))]
                match = reached + literals
                behind = at + literals
                if behind >= end:
                    if behind > end or match != self._size:
                        return False  # it breaks off, or holds another size than it says
                    sequences.append((at, reached, match, match, 0))
                    at, reached = behind, match
                    break
                distance = block[behind] | block[behind + 1] << 8
                if not 0 < distance <= match:
                    return False
                code = length = token & 15
                sequences.append((at, reached, match, match - distance, code))
                at = behind + 2
                if length == 15:
                    length, at = long_length(block, at, length)
                length += 4
                reached = match + length
                if decode:
                    length = min(length, _DECODED - len(head))
                    begin = len(head) - distance
                    if match >= _DECODED:
                        pass
                    elif distance >= length:
                        head += head[begin : begin + length]
                    else:
                        head += (bytes(head[begin:]) * (length // distance + 1))[:length]
        except IndexError:
            return False
        finally:
            self._at, self._reached = at, reached
        return True

    def splice(self, old_head: int, new_head: Buffer) -> tuple[Buffer, ...] | None:
        """The block, in parts, of `new_head` and what follows the first `old_head` bytes.

        None where that is not cheap (or the block is broken): then decompress.
        """
        needed = old_head + _FARTHEST  # behind that no match can point into the old head
        if old_head > len(self.head) or not self._is_sound or not self._advance(needed):
            return None
        if self._reached < needed and self._at < len(self._block):
            return None  # too many sequences
        first = len(self._sequences)  # of those whose matches, and all behind them, need no old head
        while first:
            _, _, match, source, _ = self._sequences[first - 1]
            if match < old_head or source < old_head:
                break
            first -= 1
        if first == len(self._sequences):
            return None
        literals_at, begins, match, _, code = self._sequences[first]
        if begins > len(self.head) or begins - old_head > _MAX_LITERAL:
            return None
        between = bytes(self.head[old_head:begins])
        skipped = max(old_head - begins, 0)
        literals = len(new_head) + len(between) + match - begins - skipped
        return _token(literals, code), new_head, between, self._block[literals_at + skipped :]


def _token(literals: int, match_code: int) -> bytes:
    if literals < 15:
        return bytes((literals << 4 | match_code,))
    many, rest = divmod(literals - 15, 255)
    return bytes((0xF0 | match_code,)) + b"\xff" * many + bytes((rest,))
