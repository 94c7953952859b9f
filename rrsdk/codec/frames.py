"""The outermost layer of an .rrd stream: headers, messages, footers. A decoder without I/O.

Feed it bytes in pieces of any size; it hands out complete frames, raises, or asks for more.
It never allocates what a length in the input claims: it only keeps what it was fed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError, TruncatedError, VersionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAGIC = b"RRF2"
FOOTER_MAGIC = b"RRF2FOOT"
OLD_MAGICS = (b"RRF0", b"RRF1")
OLDEST_READABLE = (0, 23)
NEWEST_KNOWN = (0, 41)

STREAM_HEADER = struct.Struct("<4s4B4B")
MESSAGE_HEADER = struct.Struct("<QQ")
FOOTER_ENTRY = struct.Struct("<QQI")
FOOTER_TRAILER = struct.Struct("<8sI")
FOOTER_HASH_SEED = 7850921

_MAX_FOOTERS = 64  # a stream has one; the bound only keeps a broken trailer from being searched for long


class Kind(IntEnum):
    """What a message's payload is."""

    END = 0
    STORE_INFO = 1
    CHUNK = 2
    BLUEPRINT_ACTIVATION = 3


@dataclass(frozen=True, slots=True)
class Version:
    """The release that wrote a stream."""

    major: int
    minor: int
    patch: int
    meta: int = 0

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        number = self.meta & 0x3F
        suffix = {0b00: "", 0b01: f"-rc.{number}", 0b10: f"-alpha.{number}", 0b11: f"-alpha.{number}+dev"}
        return text + suffix[self.meta >> 6]

    @property
    def release(self) -> tuple[int, int]:
        """(major, minor): what compatibility is decided by."""
        return self.major, self.minor


CURRENT_VERSION = Version(0, 41, 0)


@dataclass(frozen=True, slots=True)
class StreamStart:
    """A stream header; `offset` is where it stands in the input."""

    offset: int
    version: Version
    compression: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `offset` is its header's; the payload starts 16 bytes on."""

    offset: int
    kind: Kind
    payload: memoryview

    @property
    def payload_offset(self) -> int:
        return self.offset + MESSAGE_HEADER.size

    @property
    def end(self) -> int:
        return self.payload_offset + len(self.payload)


def stream_header(version: Version = CURRENT_VERSION, *, compression: int = 1) -> bytes:
    """The 12 bytes that open a stream; `compression` 1 says that payloads may be LZ4."""
    return STREAM_HEADER.pack(
        MAGIC, version.major, version.minor, version.patch, version.meta, compression, 2, 0, 0
    )


def message_header(kind: Kind, size: int) -> bytes:
    """The 16 bytes before a message's payload."""
    return MESSAGE_HEADER.pack(kind, size)


def parse_message_header(raw: memoryview) -> tuple[int, int]:
    """Kind and payload size in the 16 bytes of a message header; the kind may be unknown."""
    number, size = MESSAGE_HEADER.unpack(raw)
    return int(number), int(size)


def parse_stream_header(raw: bytes, offset: int) -> StreamStart:
    """Check the 12 bytes of a stream header; raises what a user must hear about a wrong file."""
    magic = raw[:4]
    if magic in OLD_MAGICS:
        raise VersionError(
            f"this recording was written before Rerun 0.23 ({magic.decode()})",
            offset=offset,
            hint="load and save it with a Rerun release between 0.22 and 0.23 first",
        )
    if magic != MAGIC:
        raise FormatError(
            f"not an .rrd recording: it starts with {magic!r}, not {MAGIC!r}",
            offset=offset,
            hint="check that the right file was given",
        )
    _, major, minor, patch, meta, compression, serializer, _, _ = STREAM_HEADER.unpack(raw)
    version = Version(major, minor, patch, meta)
    if version.release < OLDEST_READABLE:
        raise VersionError(
            f"this recording was written by Rerun {version}; 0.23 and later can be read",
            offset=offset,
            hint="load and save it with Rerun 0.23 first",
        )
    if serializer != 2:
        raise FormatError(f"message serializer {serializer} is not known (2, protobuf, is)", offset=offset)
    if compression > 1:
        raise FormatError(f"stream compression {compression} is not known (0 none, 1 LZ4)", offset=offset)
    return StreamStart(offset, version, compression)


def trailer_size(peek: Callable[[int], memoryview | None], *, ended: bool, offset: int) -> int | None:
    """How long the stream footer behind an End message is: 0 where there is none.

    `peek` hands out the next bytes, or None where there are not so many; `ended` says that no more
    will come, else None back asks for more. `offset` is where the bytes stand, for what is raised.
    """
    head = peek(MESSAGE_HEADER.size)
    if head is not None and MESSAGE_HEADER.unpack(head)[0] <= Kind.BLUEPRINT_ACTIVATION:
        return 0  # another message: a footer never begins so early in its stream
    for entries in range(1, _MAX_FOOTERS + 1):
        size = entries * FOOTER_ENTRY.size + FOOTER_TRAILER.size
        raw = peek(size)
        if raw is None:
            at_magic = bytes(peek(len(MAGIC)) or b"") == MAGIC  # another stream follows at once
            if ended and entries == 1 and not at_magic and peek(1) is not None:
                raise TruncatedError("the input ends inside the trailer behind its footer", offset=offset)
            return 0 if ended or at_magic else None
        if FOOTER_TRAILER.unpack(raw[-FOOTER_TRAILER.size :]) == (FOOTER_MAGIC, entries):
            return size
    return 0


class FrameDecoder:
    """Push bytes in with `feed`, take frames out by iterating, say `finish` at the end.

    Iterating stops where more bytes are needed. After `finish`, a stream that breaks off in the
    middle of something raises `TruncatedError` from the iteration.
    """

    def __init__(self) -> None:
        self._buf: memoryview = memoryview(b"")
        self._base = 0  # offset in the input of _buf[0]
        self._pos = 0
        self._waiting: list[bytes | memoryview] = []
        self._waiting_size = 0
        self._finished = False
        self._started = False
        self._after_end = False

    @property
    def offset(self) -> int:
        """How far the input has been consumed."""
        return self._base + self._pos

    def feed(self, data: bytes | memoryview) -> None:
        """Add the next bytes of the input; they are kept, not copied, until a frame needs joining."""
        self._waiting.append(data)
        self._waiting_size += len(data)

    def finish(self) -> None:
        """Say that the input has ended."""
        self._finished = True

    def unread(self) -> memoryview:
        """What was fed and not consumed."""
        self._join()
        return self._buf[self._pos :]

    def _available(self) -> int:
        return len(self._buf) - self._pos + self._waiting_size

    def _join(self) -> None:
        if not self._waiting:
            return
        rest = self._buf[self._pos :]
        self._base += self._pos
        self._pos = 0
        if not len(rest) and len(self._waiting) == 1:
            self._buf = memoryview(self._waiting[0])
        else:
            self._buf = memoryview(b"".join((rest, *self._waiting)))
        self._waiting, self._waiting_size = [], 0

    def _peek(self, size: int) -> memoryview | None:
        """The next `size` bytes without consuming them, or None where they are not there yet."""
        if self._available() < size:
            return None
        if len(self._buf) - self._pos < size:
            self._join()
        return self._buf[self._pos : self._pos + size]

    def __iter__(self) -> Iterator[StreamStart | Frame]:
        return self

    def __next__(self) -> StreamStart | Frame:
        if self._after_end:
            self._skip_trailer()
        if not self._started or self._at_magic():
            return self._next_stream()
        head = self._peek(MESSAGE_HEADER.size)
        if head is None:
            raise self._stop("a message header")
        number, size = MESSAGE_HEADER.unpack(head)
        if number > Kind.BLUEPRINT_ACTIVATION:
            raise FormatError(f"unknown message kind {number}", offset=self.offset)
        whole = self._peek(MESSAGE_HEADER.size + size)
        if whole is None:
            missing = MESSAGE_HEADER.size + size - self._available()
            raise self._stop(f"a message: {missing} of its {size} bytes are missing")
        frame = Frame(self.offset, Kind(number), whole[MESSAGE_HEADER.size :])
        self._pos += len(whole)
        self._after_end = number == Kind.END
        return frame

    def _at_magic(self) -> bool:
        head = self._peek(len(MAGIC))
        return head is not None and head == MAGIC

    def _next_stream(self) -> StreamStart:
        head = self._peek(STREAM_HEADER.size)
        if head is None:
            if self._finished and not self._started and not self._available():
                raise TruncatedError("the input is empty", offset=self.offset)
            if self._finished and not self._started:
                found = bytes(self.unread()[:4])
                if not MAGIC.startswith(found):
                    raise FormatError(f"not an .rrd recording: it starts with {found!r}", offset=self.offset)
            raise self._stop("a stream header")
        start = parse_stream_header(bytes(head), self.offset)
        self._pos += STREAM_HEADER.size
        self._started = True
        return start

    def _stop(self, where: str) -> TruncatedError | StopIteration:
        if self._finished and self._available():
            return TruncatedError(f"the input ends inside {where}", offset=self.offset)
        return StopIteration()

    def _skip_trailer(self) -> None:
        """Step over the stream footer after an End message, if one is there."""
        size = trailer_size(self._peek, ended=self._finished, offset=self.offset)
        if size is None:
            raise StopIteration
        self._pos += size
        self._after_end = False
