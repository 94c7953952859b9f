"""The messages of an MCAP file in their order, by channel.

The package `mcap` takes chunks, channels and schemas apart. Messages, of which there may be millions, are
taken apart here: there, an object and six calls for each take most of the time.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rrsdk.errors import FormatError, RrError, TruncatedError, UsageError
from rrsdk.importers import LARGEST_BLOB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcap.records import Channel, Schema

MAGIC: Final = b"\x89MCAP0\r\n"
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 3, 4, 5, 6, 15
_FRAME: Final = struct.Struct("<BQ")
_MESSAGE_HEAD: Final = struct.Struct("<HIQQ")


class Told(NamedTuple):
    """A channel, as a file says it before its messages."""

    channel: Channel
    schema: Schema | None


class Record(NamedTuple):
    """One message."""

    channel: int
    log_time: int
    publish_time: int
    data: bytes


class McapFile:
    """Reads one file from its beginning to the end of its data; what comes behind that repeats it."""

    def __init__(self, name: str, size: int) -> None:
        """UsageError where the package is missing."""
        try:
            from mcap import records, stream_reader
            from mcap.data_stream import ReadDataStream
        except ImportError:
            raise UsageError(
                "reading MCAP needs the package mcap", hint="pip install 'rrkit[mcap]'"
            ) from None
        self._name, self._size = name, size
        self._records, self._reader, self._stream = records, stream_reader, ReadDataStream
        self._schemas: dict[int, Schema] = {}
        self.channels: dict[int, Told] = {}
        """Those met so far."""

    def batches(self) -> Iterator[list[Record]]:
        """The messages of each chunk, or those in none one by one. FormatError saying at which byte."""
        at = len(MAGIC)
        with open(self._name, "rb") as file:
            file.seek(at)
            while at < self._size:
                try:
                    kind, length = _FRAME.unpack(file.read(_FRAME.size))
                    if length > self._size - at - _FRAME.size:
                        raise TruncatedError(f"a record of {length} bytes goes beyond the end")
                    if kind == _DATA_END:
                        return
                    if kind in (_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK):
                        found = self._opened(kind, file.read(length))
                    else:
                        file.seek(length, io.SEEK_CUR)
                        found = []
                except RrError as error:
                    raise error.located(source=self._name, offset=at) from None
                except Exception as error:  # whatever the package says of broken bytes
                    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
                    raise FormatError(
                        f"cannot be read as MCAP: {reason}", source=self._name, offset=at
                    ) from error
                if found:
                    yield found
                at += _FRAME.size + length

    def _opened(self, kind: int, body: bytes) -> list[Record]:
        if kind == _CHUNK:
            chunk = self._records.Chunk.read(self._bytes(body))
            stream, size = self._reader.get_chunk_data_stream(chunk, validate_crc=True)
            return self._inside(stream.read(size))
        if kind == _MESSAGE:
            return [self._message(body, 0, len(body))]
        self._learn(kind, body)
        return []

    def _inside(self, data: bytes) -> list[Record]:
        found, at, size = [], 0, len(data)
        while at < size:
            kind, length = _FRAME.unpack_from(data, at)
            at += _FRAME.size
            if length > size - at:
                raise FormatError("a record goes beyond its chunk")
            if kind == _MESSAGE:
                found.append(self._message(data, at, at + length))
            elif kind in (_SCHEMA, _CHANNEL):
                self._learn(kind, data[at : at + length])
            at += length
        return found

    def _message(self, data: bytes, start: int, end: int) -> Record:
        first = start + _MESSAGE_HEAD.size
        if first > end:
            raise FormatError("a message is too short")
        if end - first > LARGEST_BLOB:
            raise FormatError(f"a message has {end - first} bytes; a value has 2 GiB at most")
        channel, _, log_time, publish_time = _MESSAGE_HEAD.unpack_from(data, start)
        if channel not in self.channels:
            raise FormatError(f"a message is of channel {channel}, of which nothing was said")
        return Record(channel, log_time, publish_time, data[first:end])

    def _learn(self, kind: int, body: bytes) -> None:
        if kind == _SCHEMA:
            schema = self._records.Schema.read(self._bytes(body))
            self._schemas[schema.id] = schema
            return
        channel = self._records.Channel.read(self._bytes(body))
        self.channels[channel.id] = Told(channel, self._schemas.get(channel.schema_id))

    def _bytes(self, body: bytes) -> Any:
        return self._stream(io.BytesIO(body))
