"""Ways to break a recording, by an own small reader of its framing: what is tested must not make the test."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import xxhash

HEADER = struct.Struct("<QQ")
ENTRY = struct.Struct("<QQI")
TRAILER = struct.Struct("<8sI")
STREAM_HEADER_SIZE = 12
END, STORE_INFO, CHUNK = 0, 1, 2


class Place(NamedTuple):
    """One message: where its header stands, its kind, where its payload begins and ends."""

    header: int
    kind: int
    start: int
    end: int


def places(data: bytes) -> Iterator[Place]:
    """The messages of the first stream in `data`."""
    pos = STREAM_HEADER_SIZE
    while len(data) - pos >= HEADER.size:
        kind, size = HEADER.unpack_from(data, pos)
        start = pos + HEADER.size
        yield Place(pos, kind, start, start + size)
        if kind == END:
            return
        pos = start + size


def chunks(data: bytes) -> list[Place]:
    return [place for place in places(data) if place.kind == CHUNK]


def without_footer(data: bytes) -> bytes:
    """As a crash would have left it: no End message, no trailer."""
    return data[: next(place.header for place in places(data) if place.kind == END)]


def with_payload(data: bytes, place: Place, payload: bytes) -> bytes:
    """Another payload for one message of a stream without footer."""
    return data[: place.header] + HEADER.pack(place.kind, len(payload)) + payload + data[place.end :]


def with_footer_entry(data: bytes, *, start: int | None = None, size: int | None = None) -> bytes:
    """A trailer that says something else."""
    at = len(data) - ENTRY.size - TRAILER.size
    old_start, old_size, digest = ENTRY.unpack_from(data, at)
    entry = ENTRY.pack(old_start if start is None else start, old_size if size is None else size, digest)
    return data[:at] + entry + data[at + ENTRY.size :]


def with_footer(data: bytes, footer: bytes) -> bytes:
    """Another footer, with a trailer that agrees with it."""
    head = without_footer(data)
    place = ENTRY.pack(len(head) + HEADER.size, len(footer), xxhash.xxh32_intdigest(footer, seed=7850921))
    return head + HEADER.pack(END, len(footer)) + footer + place + TRAILER.pack(b"RRF2FOOT", 1)


def flipped(data: bytes, bit: int) -> bytes:
    """One bit turned over."""
    at, shift = divmod(bit, 8)
    return data[:at] + bytes((data[at] ^ 1 << shift,)) + data[at + 1 :]


def overwritten(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]
