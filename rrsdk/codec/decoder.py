"""The bytes of streams to messages, without I/O: push bytes in, take messages out.

    decoder = Decoder("stdin", warn=print)
    decoder.feed(data)
    for message in decoder: ...
    decoder.finish()
    for message in decoder: ...

Iterating stops where more bytes are needed. What is broken raises FormatError with its offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.checksum import has_checksum
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Frame, FrameDecoder, Kind, StreamStart
from rrsdk.errors import FormatError
from rrsdk.message import ChunkMsg, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Decoder:
    """Turns what was fed into messages; chunks of an older object model come in the current one.

    Footers are stepped over: all they say of chunks is found in the chunks.
    """

    on_footer: Callable[[bytes], None] | None = None
    """Is handed each footer's payload, where somebody wants it nevertheless."""

    def __init__(self, name: str, *, warn: Callable[[str], None]) -> None:
        """`name` is the input's, for errors; `warn` hears of releases that are not known yet."""
        self._name = name
        self._frames = FrameDecoder()
        self._reader = ChunkReader()
        self._arrivals = Arrivals(name, self._reader, warn)

    def feed(self, data: bytes | memoryview) -> None:
        """Add the next bytes, which must not change."""
        self._frames.feed(data)

    def finish(self) -> None:
        """Say that the input has ended: what is incomplete then is an error."""
        self._frames.finish()

    def __iter__(self) -> Iterator[Message]:
        try:
            for event in self._frames:
                message = self._message(event)
                if message is not None:
                    yield message
        except FormatError as error:
            raise error.located(source=self._name, offset=self._frames.offset) from error.__cause__

    def _message(self, event: StreamStart | Frame) -> Message | None:
        if isinstance(event, StreamStart):
            self._arrivals.begin(event.version)
            return None
        try:
            if event.kind is Kind.CHUNK:
                return self._chunk(event.payload)
            if event.kind is Kind.STORE_INFO:
                return self._arrivals.info(bytes(event.payload))
            if event.kind is Kind.BLUEPRINT_ACTIVATION:
                return self._arrivals.activation(bytes(event.payload))
        except FormatError as error:
            raise error.located(offset=event.offset) from error.__cause__
        if has_checksum(event.payload):
            raise FormatError("another kind of message that says it is the end", offset=event.offset)
        if self.on_footer is not None and len(event.payload):
            self.on_footer(bytes(event.payload))
        return None

    def _chunk(self, message: memoryview) -> ChunkMsg:
        if self._arrivals.is_current:
            envelope = self._reader.envelope(message)
            row = self._reader.row(message, envelope)
            if row.shape.layout.is_current:
                store = self._arrivals.store(envelope.store)
                return ChunkMsg(store, envelope.store, row, (message,), envelope.payload_size)
        return self._arrivals.old_chunk(message)
