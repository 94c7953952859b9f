"""Where reading can go on behind damage: the next place at which a message or a stream provably begins.

Headers are 16 bytes without a signature, so a place must prove itself: a message of a known kind, as long
as there is room for, that begins with the id of a store and whose fields fill it; a chunk's payload must
begin as Arrow streams do. Of a large message only both ends are read for that. What nothing proves is
passed over, never believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec import lz4, wire
from rrsdk.codec.footer import footer_hash
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_MAGIC,
    MAGIC,
    MESSAGE_HEADER,
    OLDEST_READABLE,
    STREAM_HEADER,
    Kind,
)
from rrsdk.codec.payload import read_activation_store, read_info_store, read_store_id
from rrsdk.errors import FormatError, RrError
from rrsdk.ipc.stream import CONTINUATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.message import Origin

_FIRST_BLOCK, _BLOCK = 32 * 1024, 1024 * 1024
_HEADER = MESSAGE_HEADER.size
_FIRST_FIELD = 0x0A
"""What every payload begins with: its field 1, of bytes. All writers put fields in order."""
_WHOLE = 256 * 1024
"""Larger chunks are judged by their ends; other messages are never so large."""
_ENDS = 32 * 1024, 64
_PROBE = 64
_MAX_FOOTER = 1 << 30
_NEEDLES = tuple(
    kind.to_bytes(8, "little") for kind in (Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION)
)
_NO_KIND = bytes(7)
"""What all headers have behind the kind's lowest byte: looked for first, since most data have no such run."""
_ACTIVATION_FIELDS = {1: wire.BYTES, 2: wire.VARINT, 3: wire.VARINT}
_OVERLAP = len(FOOTER_MAGIC) - 1


class Resync:
    """Looks for beginnings in the first `end` bytes of an origin."""

    def __init__(self, origin: Origin, end: int) -> None:
        self._origin = origin
        self._end = end

    def next_start(self, pos: int) -> int:
        """Where reading can go on if what stands at `pos` is broken; the end where nowhere.

        A length is believed where something provably begins behind it: then only that message is lost,
        and what lies in it (a recording, even) is not taken for more messages.
        """
        after = self.length_leads_to(pos)
        return self.search(pos + 1) if after is None else after

    def length_leads_to(self, pos: int) -> int | None:
        """Where the message at `pos` ends, if something provably begins there."""
        if self._end - pos < _HEADER:
            return None
        _, size = MESSAGE_HEADER.unpack(self._origin.read(pos, _HEADER))
        after = pos + _HEADER + int(size)
        return after if after <= self._end and self.begins(after) else None

    def begins(self, pos: int) -> bool:
        """Whether a stream or a message provably begins at `pos`, or the input ends there."""
        left = self._end - pos
        if left == 0:
            return True
        head = bytes(self._origin.read(pos, min(_HEADER, left)))
        if head[:4] == MAGIC:
            return is_stream_header(head)
        if len(head) < _HEADER:
            return False
        kind, size = MESSAGE_HEADER.unpack(head)
        if kind > Kind.BLUEPRINT_ACTIVATION or size > left - _HEADER:
            return False
        return self._proves(pos + _HEADER, int(kind), int(size))

    def search(self, pos: int) -> int:
        """The first place from `pos` on where something provably begins; the end where none is."""
        at, size = pos, _FIRST_BLOCK  # most damage is short
        while at < self._end:
            block = bytes(self._origin.read(at, min(size, self._end - at)))
            size = min(2 * size, _BLOCK)
            for hit in sorted({*self._messages(block, at), *self._streams(block, at, pos)}):
                if self.begins(hit):
                    return hit
            if at + len(block) >= self._end:
                break
            at += len(block) - _OVERLAP
        return self._end

    def _messages(self, block: bytes, at: int) -> Iterator[int]:
        """Places in a block that look like message headers with a field behind them."""
        end = self._end
        for needle in _NEEDLES if _NO_KIND in block else ():
            hit = block.find(needle)
            while hit >= 0:
                if hit + _HEADER >= len(block):
                    yield at + hit  # what follows lies in the next block
                elif block[hit + _HEADER] == _FIRST_FIELD:
                    size = int.from_bytes(block[hit + 8 : hit + _HEADER], "little")
                    if size <= end - at - hit - _HEADER:
                        yield at + hit
                hit = block.find(needle, hit + 1)

    def _streams(self, block: bytes, at: int, since: int) -> Iterator[int]:
        """Places of stream headers, and of footers that a trailer in the block points back at."""
        hit = block.find(MAGIC)
        while hit >= 0:
            if block[hit : hit + len(FOOTER_MAGIC)] == FOOTER_MAGIC:
                footer = self._footer_before(at + hit)
                if footer is not None and footer >= since:
                    yield footer
            else:
                yield at + hit
            hit = block.find(MAGIC, hit + 1)

    def _footer_before(self, trailer: int) -> int | None:
        """Where the End message begins whose trailer's magic stands here."""
        entry = trailer - FOOTER_ENTRY.size
        if entry < _HEADER:
            return None
        _, size, digest = FOOTER_ENTRY.unpack(self._origin.read(entry, FOOTER_ENTRY.size))
        start = entry - int(size) - _HEADER
        if start < 0 or size > _MAX_FOOTER:
            return None
        if MESSAGE_HEADER.unpack(self._origin.read(start, _HEADER)) != (Kind.END, size):
            return None
        return start if footer_hash(self._origin.read(start + _HEADER, int(size))) == digest else None

    # ---- proofs ----

    def _proves(self, at: int, kind: int, size: int) -> bool:
        try:
            if kind == Kind.END:
                return self._is_end(at, size)
            if size < 2 or bytes(self._origin.read(at, 1))[0] != _FIRST_FIELD:
                return False
            if kind == Kind.CHUNK:
                return self._is_chunk(at, size)
            if size > _WHOLE:
                return False
            payload = bytes(self._origin.read(at, size))
            if kind == Kind.STORE_INFO:
                return bool(read_info_store(payload)[1])
            return is_activation(payload)
        except RrError:
            return False

    def _is_end(self, at: int, size: int) -> bool:
        """Of zeros every 16 are an End message without footer: so something else must follow it."""
        if size:
            return looks_like_footer(bytes(self._origin.read(at, min(size, _PROBE))))
        left = self._end - at
        return left == 0 or bytes(self._origin.read(at, min(4, left))) == MAGIC

    def _is_chunk(self, at: int, size: int) -> bool:
        if size <= _WHOLE:
            head = self._origin.read(at, size)
            envelope = wire.read_envelope(head, 0, size)
        else:
            first, last = _ENDS
            head = self._origin.read(at, first)
            found = wire.read_envelope_parts(head, self._origin.read(at + size - last, last), size)
            if found is None:
                return False
            envelope = found
        read_store_id(envelope.store)
        block, claim = head[envelope.payload_start : envelope.payload_end], envelope.uncompressed_size
        if envelope.compression == wire.COMPRESSION_NONE:
            begin = bytes(block[: len(CONTINUATION)])
        else:
            wanted = len(CONTINUATION)
            begin = bytes(
                lz4.decompress_prefix(block, envelope.compression, claim, wanted, is_cut=size > _WHOLE)
            )
        return begin[: len(CONTINUATION)] == CONTINUATION


def is_stream_header(head: bytes) -> bool:
    """Whether these bytes are a stream header of a release that can be read."""
    if len(head) < STREAM_HEADER.size or head[: len(FOOTER_MAGIC)] == FOOTER_MAGIC:
        return False
    magic, major, minor, _, _, compression, serializer, _, _ = STREAM_HEADER.unpack(
        head[: STREAM_HEADER.size]
    )
    return magic == MAGIC and (major, minor) >= OLDEST_READABLE and serializer == 2 and compression <= 1


def is_activation(payload: bytes) -> bool:
    """Whether a payload says nothing but what an activation can say: chunks begin with a store id, too."""
    for number, wire_type, _, _ in wire.read_fields(payload, 0, len(payload)):
        if _ACTIVATION_FIELDS.get(number, wire_type if number > 7 else None) != wire_type:
            return False
    return bool(read_activation_store(payload)[1])


def looks_like_footer(begin: bytes) -> bool:
    """Whether a payload begins as footers do: a manifest that begins with the id of its store."""
    if begin[:1] != bytes((_FIRST_FIELD,)):
        return False
    try:
        _, inner = wire.read_varint(begin, 1, len(begin))
    except FormatError:
        return False
    return begin[inner : inner + 1] == bytes((_FIRST_FIELD,))
