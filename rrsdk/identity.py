"""Who a piece of data belongs to: stores, and the 128-bit ids of chunks and rows."""

from __future__ import annotations

import os
import struct
import time
from _thread import allocate_lock  # what threading.Lock is, without importing threading
from dataclasses import dataclass
from enum import IntEnum

from rrsdk.errors import FormatError

CHUNK_PREFIX = "chunk_"
ROW_PREFIX = "row_"

_TUID = struct.Struct(">QQ")


class StoreKind(IntEnum):
    """What a store holds; the numbers are the format's."""

    RECORDING = 1
    BLUEPRINT = 2


@dataclass(frozen=True, slots=True, order=True)
class StoreId:
    """A logical recording or blueprint: same kind, application and recording id, same store."""

    kind: StoreKind
    application_id: str
    recording_id: str

    def __str__(self) -> str:
        return f"{self.kind.name.lower()} {self.application_id}/{self.recording_id}"


@dataclass(frozen=True, slots=True, order=True)
class Tuid:
    """A time-ordered unique id: nanoseconds since the epoch, then a counter with a random start.

    As bytes both halves are big-endian, so that ids sort by time.
    """

    time_ns: int
    inc: int

    def to_bytes(self) -> bytes:
        """The 16 bytes that stand in Arrow columns."""
        return _TUID.pack(self.time_ns, self.inc)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Tuid:
        """From the 16 bytes of an Arrow column."""
        if len(raw) != 16:
            raise FormatError(f"an id has 16 bytes, this one has {len(raw)}")
        return cls(*_TUID.unpack(raw))

    def __str__(self) -> str:
        return format_tuid(self.to_bytes())


def format_tuid(raw: bytes) -> str:
    """The 32 hex digits of an id as Rerun writes them: time in upper case, counter in lower."""
    digits = raw.hex()
    return digits[:16].upper() + digits[16:]


def format_chunk_id(raw: bytes) -> str:
    """A chunk id as it stands in the metadata of a chunk: `chunk_` and 32 hex digits."""
    return CHUNK_PREFIX + format_tuid(raw)


def parse_chunk_id(text: str) -> bytes:
    """The 16 bytes of a chunk id; the `chunk_` prefix may be missing (files before 0.24)."""
    digits = text.removeprefix(CHUNK_PREFIX)
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    if len(raw) != 16 or len(digits) != 32:
        raise FormatError(f"{text[:80]!r} is not a chunk id")
    return raw


class _Clock:
    """Where new ids come from. Ids of one process ascend, even if the system's clock is set back."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew: in a forked child the lock may be another thread's, and the counter is the parent's."""
        self._lock = allocate_lock()
        self._last_ns = 0
        self._next = int.from_bytes(os.urandom(8), "big") >> 1  # half of the range is left to count up in

    def take(self, count: int) -> Tuid:
        with self._lock:
            self._last_ns = max(self._last_ns, time.time_ns())
            first = Tuid(self._last_ns, self._next)
            self._next += count
            return first


_CLOCK = _Clock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_CLOCK.reset)


def new_tuid() -> Tuid:
    """An id that nobody else has: of now, and greater than all that this process was given before.

    May be called from any thread, and in forked children.
    """
    return _CLOCK.take(1)


def reserve_tuids(count: int) -> Tuid:
    """The first of `count` new ids that differ in their counter only, which goes up by one."""
    return _CLOCK.take(count)
