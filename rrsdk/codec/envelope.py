"""What travels over ZeroMQ, without I/O: words (msgpack maps) and the stamp in front of data.

`rrsdk/broker/PROTOCOL.md` says what they mean; both ends of the pipe read and write them here.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgpack

from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""`v` of hello, welcome, subscribe and subscribed."""
MAGIC = b"RRP1"
PRODUCER_SIZE = SPOOL_SIZE = 16
MAX_WORD = 4 * 1024 * 1024
"""A word is short; the longest is a hello of a producer with thousands of stores."""
MAX_U64 = 0xFFFFFFFFFFFFFFFF

Word: TypeAlias = "dict[str, Any]"

_STAMP = struct.Struct("<4sBBHI16sQQQ")
_INDEX = struct.Struct("<Q")
STAMP_SIZE = _STAMP.size
INDEX_SIZE = _INDEX.size
MAX_PLACE = 128

# Lists are allocated as long as they claim to be, once a level of nesting (1,024 at most): so this bounds
# what a few hostile bytes can ask for.
_MAX_ITEMS = 4096


class Kind(IntEnum):
    """What a payload is; 1 to 3 are the numbers that .rrd files use."""

    STORE_INFO = 1
    CHUNK = 2
    ACTIVATION = 3
    TABLE = 4
    DROPPED = 16
    PROBE = 17


class Phase(IntEnum):
    """Which part of a subscription a delivery belongs to: the stamp's flags."""

    STORES = 0
    STATIC = 1
    TEMPORAL = 2
    LIVE = 3


class Stamp(NamedTuple):
    """The first frame of everything that is not a word."""

    kind: int
    link: int
    producer: bytes
    epoch: int
    seq: int
    size: int
    flags: int = 0

    def pack(self) -> bytes:
        """The frame."""
        return _STAMP.pack(
            MAGIC, self.kind, self.flags, 0, self.link, self.producer, self.epoch, self.seq, self.size
        )

    @classmethod
    def unpack(cls, frame: bytes | memoryview) -> Stamp:
        """From a frame; FormatError where it is not a stamp. Which kinds there are is for others to say."""
        if len(frame) != STAMP_SIZE:
            raise FormatError(f"a stamp has {STAMP_SIZE} bytes, this frame {len(frame)}")
        magic, kind, flags, _, link, producer, epoch, seq, size = _STAMP.unpack(frame)
        if magic != MAGIC:
            raise FormatError("a stamp begins with RRP1")
        return cls(kind, link, producer, epoch, seq, size, flags)


def pack_place(index: int, rest: bytes = b"") -> bytes:
    """The frame behind a delivery's stamp: its index in the broker's log, and what only the broker reads."""
    return _INDEX.pack(index) + rest


def unpack_place(frame: bytes | memoryview) -> tuple[int, bytes]:
    """The other way round."""
    if not INDEX_SIZE <= len(frame) <= MAX_PLACE:
        raise FormatError(f"a place has {INDEX_SIZE} to {MAX_PLACE} bytes, this frame {len(frame)}")
    (index,) = _INDEX.unpack_from(frame)
    return int(index), bytes(frame[INDEX_SIZE:])


def pack_word(word: Mapping[str, Any]) -> bytes:
    """One word as its frame."""
    packed: bytes = msgpack.packb(word, use_bin_type=True)
    return packed


def unpack_word(frame: bytes | memoryview) -> Word:
    """The word in a frame; FormatError where it is none. Costs memory by the frame's size only."""
    if len(frame) > MAX_WORD:
        raise FormatError(f"a word of {len(frame)} bytes is too long ({MAX_WORD} are allowed)")
    try:
        word = msgpack.unpackb(
            frame,
            raw=False,
            strict_map_key=True,
            max_array_len=_MAX_ITEMS,
            max_map_len=_MAX_ITEMS,
            max_ext_len=0,
        )
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise FormatError(f"a word is no msgpack: {error or type(error).__name__}") from None
    if not isinstance(word, dict) or not all(isinstance(key, str) for key in word):
        raise FormatError("a word is a msgpack map with strings as keys")
    if not isinstance(word.get("t"), str):
        raise FormatError("a word says in t which one it is")
    return word


def number(word: Mapping[str, Any], key: str, default: int | None = None) -> int:
    """An unsigned 64-bit integer of a word; FormatError where it is missing (without default) or no such."""
    value = word.get(key, default)
    if type(value) is not int or not 0 <= value <= MAX_U64:  # a bool is an int, but not here
        raise FormatError(f"{word.get('t')}: {key} must be an unsigned integer")
    return value


def text(word: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A string of a word."""
    value = word.get(key, default)
    if not isinstance(value, str):
        raise FormatError(f"{word.get('t')}: {key} must be a string")
    return value


def binary(word: Mapping[str, Any], key: str, size: int | None = None) -> bytes:
    """A binary of a word, of this size."""
    value = word.get(key)
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        raise FormatError(f"{word.get('t')}: {key} must be {size if size is not None else 'some'} bytes")
    return value


def flag(word: Mapping[str, Any], key: str, default: bool | None = None) -> bool:
    """A truth value of a word."""
    value = word.get(key, default)
    if not isinstance(value, bool):
        raise FormatError(f"{word.get('t')}: {key} must be true or false")
    return value


class Dropped(NamedTuple):
    """The payload of kind 16: messages `first` to the stamp's `seq` were dropped by their producer."""

    first: int
    messages: int
    rows: int
    size: int
    reason: str

    def pack(self) -> bytes:
        """As msgpack."""
        said = {
            "first": self.first,
            "messages": self.messages,
            "rows": self.rows,
            "bytes": self.size,
            "reason": self.reason,
        }
        packed: bytes = msgpack.packb(said, use_bin_type=True)
        return packed

    @classmethod
    def unpack(cls, payload: bytes | memoryview) -> Dropped:
        """From msgpack; FormatError where it is not that."""
        if len(payload) > MAX_WORD:
            raise FormatError("what was dropped is described at too great length")
        try:
            said = msgpack.unpackb(
                payload, raw=False, max_array_len=_MAX_ITEMS, max_map_len=_MAX_ITEMS, max_ext_len=0
            )
        except (ValueError, msgpack.UnpackException, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise FormatError("what was dropped is not described by a msgpack map")
        named = {**said, "t": "dropped"}
        first, messages, rows, size = (number(named, key) for key in ("first", "messages", "rows", "bytes"))
        return cls(first, messages, rows, size, text(named, "reason", ""))
