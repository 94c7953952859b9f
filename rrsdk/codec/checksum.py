"""Checksums of messages: one more protobuf field, behind all others, that Rerun does not know and skips.

    … fields of the message … · tag of field 33,333,333 (fixed64) · xxh3 of all that comes before it

The seed is the message's kind, so that a message under another kind does not match either. A checksum that is
itself damaged is known by its distance: one bit from what it should be, in the tag or in the number.
Why it is there and not in Arrow's metadata, the footer or another file: see ARCHITECTURE.md.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import xxhash

from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.message import Activation, Buffer, ChunkMsg, StoreInfo

_FIELD: Final = struct.Struct("<4sQ")
TAG: Final = b"\xa9\x85\x94\x7f"  # 33,333,333 << 3 | 1, as a varint
SIZE: Final = _FIELD.size
_TAG_BITS: Final = int.from_bytes(TAG, "little")
_STORE_INFO, _CHUNK, _ACTIVATION = 1, 2, 3


def checksum_field(kind: int, parts: Sequence[Buffer]) -> bytes:
    """The field for a message of this kind, given in pieces and without one."""
    digest = xxhash.xxh3_64(seed=kind)
    for part in parts:
        digest.update(part)
    return _FIELD.pack(TAG, digest.intdigest())


def has_checksum(message: Buffer) -> bool:
    """Whether a message ends with a checksum; of which kind, and whether it fits, is not looked at."""
    return bytes(message[-SIZE:-8]) == TAG


def check(kind: int, message: Buffer) -> bool:
    """Whether a message has a checksum; FormatError where that does not fit what it should protect."""
    tag = bytes(message[-SIZE:-8])
    if tag == TAG:
        if _number(message) != _digest(kind, message):
            raise FormatError("it does not match its checksum: some of its bits were changed")
        return True
    if _is_one_bit(int.from_bytes(tag, "little") ^ _TAG_BITS) and _number(message) == _digest(kind, message):
        raise FormatError("its checksum is damaged, though it is not")
    return False


def sound_part(kind: int, message: Buffer) -> memoryview | None:
    """The message without its checksum, where one changed bit of that is all that is wrong with it."""
    tag = int.from_bytes(message[-SIZE:-8], "little") ^ _TAG_BITS
    number = _number(message) ^ _digest(kind, message) if len(message) > SIZE else 0
    if (tag == 0 and _is_one_bit(number)) or (number == 0 and _is_one_bit(tag)):
        return memoryview(message)[:-SIZE]
    return None


def without_checksum(message: bytes) -> bytes:
    """What a message that was checked says."""
    return message[:-SIZE] if has_checksum(message) else message


def with_checksum(message: StoreInfo | Activation | ChunkMsg) -> StoreInfo | Activation | ChunkMsg:
    """The message with a checksum; FormatError where it has one that does not fit."""
    from rrsdk.message import ChunkMsg, StoreInfo

    if isinstance(message, ChunkMsg):
        last = message.parts[-1]
        if (len(last) < SIZE or has_checksum(last)) and check(_CHUNK, b"".join(message.parts)):
            return message
        return replace(message, parts=(*message.parts, checksum_field(_CHUNK, message.parts)))
    kind = _STORE_INFO if isinstance(message, StoreInfo) else _ACTIVATION
    if check(kind, message.payload):
        return message
    return replace(message, payload=message.payload + checksum_field(kind, (message.payload,)))


def _number(message: Buffer) -> int:
    return int.from_bytes(message[-8:], "little")


def _digest(kind: int, message: Buffer) -> int:
    return int(xxhash.xxh3_64_intdigest(memoryview(message)[:-SIZE], seed=kind))


def _is_one_bit(difference: int) -> bool:
    return difference != 0 and difference & (difference - 1) == 0
