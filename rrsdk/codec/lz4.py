"""LZ4 blocks: whole ones through the lz4 package, and the first bytes of a large one alone."""

from __future__ import annotations

import lz4.block

from rrsdk.codec.wire import COMPRESSION_LZ4, COMPRESSION_NONE, Buffer
from rrsdk.errors import FormatError

_MAX_RATIO = 255  # a length byte of a block stands for at most 255 bytes of output
_PREFIX_WORTH_IT = 256 * 1024
_MORE = 15  # in a token: the length goes on in the bytes that follow
_SHORTEST_MATCH = 4
_MAX_SEQUENCES = 4096  # past that the C library is faster than reading on in Python


def check_claim(payload: Buffer, compression: int, uncompressed_size: int) -> None:
    """Raise where the sizes cannot be true, before anything is allocated for them."""
    if compression == COMPRESSION_NONE:
        return
    if compression != COMPRESSION_LZ4:
        raise FormatError(f"compression {compression} is not known (1 none, 2 LZ4)")
    if uncompressed_size > len(payload) * _MAX_RATIO + 64:
        raise FormatError(
            f"{len(payload)} bytes of LZ4 cannot hold the {uncompressed_size} bytes that are claimed"
        )


def decompress(
    payload: Buffer, compression: int, uncompressed_size: int, *, most_bytes: int | None = None
) -> Buffer:
    """The payload as it was before compression; itself where it was not compressed.

    `most_bytes`: FormatError where it is larger than that, before anything is allocated for it.
    """
    if compression == COMPRESSION_NONE:
        return payload
    check_claim(payload, compression, uncompressed_size)
    if most_bytes is not None and uncompressed_size > most_bytes:
        raise FormatError(
            f"{uncompressed_size} bytes would have to be decompressed, {most_bytes} at most are"
        )
    try:
        data: bytes = lz4.block.decompress(payload, uncompressed_size=uncompressed_size)
    except (lz4.block.LZ4BlockError, ValueError, OverflowError, MemoryError) as broken:
        raise FormatError("the LZ4 block is broken") from broken
    if len(data) != uncompressed_size:
        raise FormatError(f"the LZ4 block holds {len(data)} bytes where {uncompressed_size} are claimed")
    return data


def compress(data: Buffer) -> bytes:
    """One LZ4 block, without a size in front of it."""
    block: bytes = lz4.block.compress(data, store_size=False)
    return block


def decompress_prefix(
    payload: Buffer,
    compression: int,
    uncompressed_size: int,
    size: int,
    *,
    is_cut: bool = False,
    most_bytes: int | None = None,
) -> Buffer:
    """At least the first `size` bytes of the payload (or all of it), as cheaply as possible.

    The head of a large chunk holds all but its values; reading 4 KiB of it costs microseconds
    where the whole costs a millisecond. `most_bytes` as for `decompress`, where it takes the whole.
    `is_cut`: the payload goes on behind what is given, so its claim of a size cannot be checked here.
    """
    if compression == COMPRESSION_NONE:
        return payload
    if uncompressed_size > max(_PREFIX_WORTH_IT, 2 * size) and compression == COMPRESSION_LZ4:
        if not is_cut:
            check_claim(payload, compression, uncompressed_size)
        prefix = _prefix(bytes(payload[: 2 * size + 1024]), size)
        if prefix is not None:
            return prefix
    return decompress(payload, compression, uncompressed_size, most_bytes=most_bytes)


def decompress_what_is_there(block: Buffer, most_bytes: int) -> bytearray:
    """The first bytes of a block that is cut or broken, as far as it goes; `most_bytes` at least."""
    out = bytearray()
    _decode(bytes(block), most_bytes, out)
    return out


def _prefix(src: bytes, size: int) -> bytearray | None:
    """Decode sequences until `size` bytes are there; None where the block is not worth it."""
    out = bytearray()
    return out if _decode(src, size, out) else None


def _decode(src: bytes, size: int, out: bytearray) -> bool:
    """Decode sequences to `out` until it has `size` bytes; False where that was not possible."""
    pos = 0
    try:
        for _ in range(_MAX_SEQUENCES):
            token = src[pos]
            pos += 1
            literals = token >> 4
            if literals == _MORE:
                literals, pos = long_length(src, pos)
            take = min(literals, size - len(out))
            if pos + take > len(src):
                return False
            out += src[pos : pos + take]
            pos += literals
            if len(out) >= size:
                return True
            distance = src[pos] | src[pos + 1] << 8
            pos += 2
            length = (token & 15) + _SHORTEST_MATCH
            if length == _MORE + _SHORTEST_MATCH:
                length, pos = long_length(src, pos, length)
            start = len(out) - distance
            if distance == 0 or start < 0:
                return False
            if distance >= length:
                out += out[start : start + length]
            else:
                repeat = bytes(out[start:])
                out += (repeat * (min(length, size) // distance + 1))[: min(length, size)]
            if len(out) >= size:
                return True
    except IndexError:
        return False
    return False


def long_length(src: Buffer, pos: int, length: int = _MORE) -> tuple[int, int]:
    """A length that its token had no room for, and the position behind it."""
    step = 16
    while True:
        ahead = bytes(src[pos : pos + step])
        last = ahead.lstrip(b"\xff")
        full = len(ahead) - len(last)
        pos, length = pos + full, length + 255 * full
        if last:
            return length + last[0], pos + 1
        if not ahead:
            raise IndexError("the block ends inside a length")
        step = 8192  # the length of a megabyte takes 4 KiB
