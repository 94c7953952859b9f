"""Protobuf's wire format, as little of it as the hot paths need, without the protobuf package.

Every chunk of a recording is wrapped in an ArrowMsg. Copying, filtering and scanning want to know
where its Arrow payload lies and whose it is, tens of thousands of times and without copying the
payload; importing protobuf alone would cost more than a whole merge. Everything else goes through
the generated module (see `payload`); the tests hold the two against each other.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rrsdk.codec import checksum
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

Buffer: TypeAlias = bytes | bytearray | memoryview

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

COMPRESSION_NONE, COMPRESSION_LZ4 = 1, 2
ENCODING_ARROW_IPC = 1
_CHUNK = 2
"""The kind of message that ArrowMsg is the payload of."""

_U64 = struct.Struct("<Q")
_TUID_WIRE = struct.Struct("<BQBQ")  # tag 0x09, time; tag 0x11, counter
_TUID_BYTES = struct.Struct(">QQ")
_ENVELOPE_TAIL = struct.Struct("<HBQBQBB")  # field 6 with a whole Tuid in it, then field 7


def read_varint(buf: Buffer, pos: int, end: int) -> tuple[int, int]:
    """The varint at `pos` and the position after it."""
    result = shift = 0
    while pos < end:
        byte = buf[pos]
        pos += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFFFFFFFFFFFFFF, pos
        shift += 7
        if shift > 63:
            raise FormatError("a varint is longer than ten bytes")
    raise FormatError("a protobuf message ends inside a varint")


def read_fields(buf: Buffer, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Walk a message: (field number, wire type, value or start, end) of each field.

    For length-delimited fields the last two are the content's bounds; for the others the third
    is the value.
    """
    pos = start
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise FormatError("a protobuf field has number 0")
        if wire_type == VARINT:
            value, pos = read_varint(buf, pos, end)
            yield number, VARINT, value, pos
        elif wire_type == BYTES:
            length, pos = read_varint(buf, pos, end)
            if length > end - pos:
                raise FormatError(f"protobuf field {number} claims {length} bytes, {end - pos} are left")
            yield number, BYTES, pos, pos + length
            pos += length
        elif wire_type in (FIXED64, FIXED32):
            width = 8 if wire_type == FIXED64 else 4
            if width > end - pos:
                raise FormatError(f"protobuf field {number} is cut off")
            yield number, wire_type, int.from_bytes(buf[pos : pos + width], "little"), pos + width
            pos += width
        else:
            raise FormatError(f"protobuf wire type {wire_type} is not known")


class Envelope(NamedTuple):
    """What an ArrowMsg says of its chunk; `payload_start:payload_end` are positions in the buffer."""

    store: bytes
    """The serialized StoreId: two chunks of one writer and store carry the same bytes."""
    compression: int
    uncompressed_size: int
    payload_start: int
    payload_end: int
    chunk_id: bytes | None
    """16 bytes as in Arrow columns (big-endian halves); writers before 0.24 left it out."""
    is_static: bool | None

    @property
    def payload_size(self) -> int:
        """Bytes of the Arrow payload before compression, which need not be said where there is none."""
        return self.uncompressed_size or self.payload_end - self.payload_start


def read_envelope(buf: Buffer, start: int, end: int) -> Envelope:
    """Parse the ArrowMsg at `buf[start:end]` without touching its payload."""
    store = b""
    compression = uncompressed_size = encoding = 0
    payload_start = payload_end = -1
    chunk_id: bytes | None = None
    is_static: bool | None = None
    for number, wire_type, value, stop in read_fields(buf, start, end):
        if number == 5 and wire_type == BYTES:
            payload_start, payload_end = value, stop
        elif number == 1 and wire_type == BYTES:
            store = bytes(buf[value:stop])
        elif number == 2 and wire_type == VARINT:
            compression = value
        elif number == 3 and wire_type == VARINT:
            uncompressed_size = value
        elif number == 4 and wire_type == VARINT:
            encoding = value
        elif number == 6 and wire_type == BYTES:
            chunk_id = read_tuid(buf, value, stop)
        elif number == 7 and wire_type == VARINT:
            is_static = bool(value)
    if payload_start < 0:
        raise FormatError("a chunk message carries no Arrow data")
    if encoding != ENCODING_ARROW_IPC:
        raise FormatError(f"chunk encoding {encoding} is not known (1, Arrow IPC, is)")
    return Envelope(store, compression, uncompressed_size, payload_start, payload_end, chunk_id, is_static)


def read_envelope_parts(head: Buffer, tail: Buffer, size: int) -> Envelope | None:
    """The envelope of a large ArrowMsg from its first and last bytes; None where they do not suffice.

    Relies on the payload being the longest field by far, as it is for a message of this `size`.
    """
    try:
        return _from_ends(head, tail, size)
    except FormatError:
        return None  # whether the message is broken or only longer than its ends, reading all of it will tell


def _from_ends(head: Buffer, tail: Buffer, size: int) -> Envelope | None:
    pos = 0
    while pos < len(head):
        tag, after = read_varint(head, pos, len(head))
        if tag & 7 == VARINT:
            _, pos = read_varint(head, after, len(head))
            continue
        if tag & 7 != BYTES:
            return None
        length, start = read_varint(head, after, len(head))
        if tag >> 3 != 5:
            pos = start + length
            continue
        end = start + length
        behind = size - end
        if not 0 <= behind <= len(tail):
            return None
        outer = b"".join((bytes(head[:pos]), b"\x2a\x00", bytes(tail[len(tail) - behind :])))
        envelope = read_envelope(outer, 0, len(outer))
        return envelope._replace(payload_start=start, payload_end=end)
    return None


class EnvelopeReader:
    """Reads many envelopes, most of which begin with the same bytes: those of the last store.

    The real SDK writes the fields in one order; whatever deviates takes the general way.
    """

    def __init__(self) -> None:
        # Serialized up to the tag of the uncompressed size; one tuple, so that threads may share a reader.
        self._last: tuple[bytes, bytes, int] = (b"", b"", 0)

    def read(self, buf: Buffer, start: int, end: int) -> Envelope:
        """Parse the whole ArrowMsg at `buf[start:end]`; FormatError where it does not match its checksum."""
        prefix, store, compression = self._last
        pos = start + len(prefix)
        if prefix and buf[start:pos] == prefix:
            size = shift = 0
            try:
                while True:
                    byte = buf[pos]
                    pos += 1
                    size |= (byte & 0x7F) << shift
                    if byte < 0x80:
                        break
                    shift += 7
                if buf[pos : pos + 3] == b"\x20\x01\x2a" and shift < 63:
                    pos += 3
                    length = shift = 0
                    while True:
                        byte = buf[pos]
                        pos += 1
                        length |= (byte & 0x7F) << shift
                        if byte < 0x80:
                            break
                        shift += 7
                    stop = pos + length
                    rest = end - stop - _ENVELOPE_TAIL.size
                    if (rest == 0 or rest == checksum.SIZE) and shift < 63:
                        if rest and not checksum.check(_CHUNK, memoryview(buf)[start:end]):
                            raise IndexError  # another field that is as long
                        tag, first, time_ns, second, inc, last, static = _ENVELOPE_TAIL.unpack_from(buf, stop)
                        if tag == 0x1232 and first == 9 and second == 0x11 and last == 0x38 and static < 2:
                            chunk_id = _TUID_BYTES.pack(time_ns, inc)
                            return Envelope(store, compression, size, pos, stop, chunk_id, bool(static))
            except IndexError:
                pass
        checksum.check(_CHUNK, memoryview(buf)[start:end])
        envelope = read_envelope(buf, start, end)
        prefix = write_bytes(1, envelope.store) + b"\x10" + write_varint(envelope.compression) + b"\x18"
        self._last = prefix, envelope.store, envelope.compression
        return envelope


def read_tuid(buf: Buffer, start: int, end: int) -> bytes:
    """A Tuid message as the 16 bytes it has in Arrow columns."""
    if end - start == _TUID_WIRE.size:
        first, time_ns, second, inc = _TUID_WIRE.unpack_from(buf, start)
        if first == 0x09 and second == 0x11:
            return _TUID_BYTES.pack(time_ns, inc)
    time_ns = inc = 0
    for number, wire_type, value, _ in read_fields(buf, start, end):
        if number == 1 and wire_type == FIXED64:
            time_ns = value
        elif number == 2 and wire_type == FIXED64:
            inc = value
    return _TUID_BYTES.pack(time_ns, inc)


def write_varint(value: int) -> bytes:
    """A non-negative integer below 2^64 as a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_bytes(number: int, content: Buffer) -> bytes:
    """A length-delimited field."""
    return b"".join((write_varint(number << 3 | BYTES), write_varint(len(content)), content))


def write_tuid(raw: bytes) -> bytes:
    """The Tuid message for 16 bytes of an Arrow column."""
    time_ns, inc = _TUID_BYTES.unpack(raw)
    return _TUID_WIRE.pack(0x09, time_ns, 0x11, inc)


def write_envelope(
    store: bytes,
    *,
    compression: int,
    uncompressed_size: int,
    payload_size: int,
    chunk_id: bytes,
    is_static: bool,
) -> tuple[bytes, bytes]:
    """An ArrowMsg's bytes before and after its payload, in the order the real SDK writes them."""
    before = b"".join(
        (
            write_bytes(1, store),
            b"\x10",
            write_varint(compression),
            b"\x18",
            write_varint(uncompressed_size),
            b"\x20\x01\x2a",
            write_varint(payload_size),
        )
    )
    after = b"\x32\x12%b\x38%c" % (write_tuid(chunk_id), is_static)
    return before, after
