"""The size of a chunk's schema and of its compressed data, from the first bytes of its message.

Arrow data begin with the size of the schema. A compressor finds nothing to repeat in so few bytes
and writes them as they are, so tens of thousands of chunks need no decompression to be asked.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.wire import COMPRESSION_LZ4, COMPRESSION_NONE, write_bytes, write_varint

if TYPE_CHECKING:
    from rrsdk.message import Buffer

ENOUGH = 64
"""How many bytes behind the store's id are looked at."""

_SIZE = struct.Struct("<4si")
_CONTINUATION = b"\xff\xff\xff\xff"
_ENVELOPE_TAIL = 22  # chunk id and static flag, as the SDK writes them


class Peek(NamedTuple):
    """What the first bytes tell."""

    compressed: int
    schema: int


class Peeker:
    """Looks at messages of one store."""

    def __init__(self, store_raw: bytes) -> None:
        store = write_bytes(1, store_raw)
        self._prefixes = {
            store + b"\x10" + write_varint(compression) + b"\x18": compression
            for compression in (COMPRESSION_LZ4, COMPRESSION_NONE)
        }
        self._length = len(store) + 3
        self.size = self._length + ENOUGH
        """How many bytes of a message to hand in."""

    def peek(self, head: Buffer) -> Peek | None:
        """None where the message is not written as usual: then the whole head must be read."""
        compression = self._prefixes.get(bytes(head[: self._length]))
        if compression is None:
            return None
        try:
            pos = self._length
            while head[pos] > 0x7F:  # the uncompressed size
                pos += 1
            if head[pos + 1 : pos + 4] != b"\x20\x01\x2a":
                return None
            pos += 4
            length = shift = 0
            while True:
                byte = head[pos]
                pos += 1
                length |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
            if compression == COMPRESSION_LZ4:
                literals = head[pos] >> 4
                if literals < _SIZE.size:
                    return None
                pos += 1
                if literals == 15:
                    while head[pos] == 255:
                        pos += 1
                    pos += 1
            marker, schema = _SIZE.unpack_from(head, pos)
        except (IndexError, struct.error):
            return None
        return Peek(length, schema) if marker == _CONTINUATION and schema > 0 else None


def compressed_size(size: int, uncompressed: int, store_raw: bytes) -> int:
    """The size of the Arrow data in a message of `size` bytes, where it is written as the SDK does."""
    around = len(write_bytes(1, store_raw)) + 2 + 1 + _varint_size(uncompressed) + 2 + 1 + _ENVELOPE_TAIL
    for width in range(1, 11):
        payload = size - around - width
        if _varint_size(max(payload, 0)) <= width:
            return max(payload, 0)
    return 0


def _varint_size(value: int) -> int:
    return max(1, (value.bit_length() + 6) // 7)
