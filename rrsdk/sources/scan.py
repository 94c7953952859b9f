"""A linear walk over the messages of a file that has no footer to go by.

Every chunk's manifest row is made from its head, so that what comes out is the same as from a
file with a footer. Of large chunks only the head and the tail are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.checksum import SIZE, has_checksum
from rrsdk.codec.frames import (
    MAGIC,
    MESSAGE_HEADER,
    STREAM_HEADER,
    Kind,
    parse_message_header,
    parse_stream_header,
    trailer_size,
)
from rrsdk.codec.heads import HeadReader
from rrsdk.codec.resync import Resync
from rrsdk.errors import FormatError, TruncatedError
from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.ipc.rows import describe
from rrsdk.message import Activation, Chunks, Message, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from rrsdk.sources.damage import Damage


class Scan:
    """Walks the region `start:end` of an origin; `messages()` is read once."""

    def __init__(
        self,
        origin: Origin,
        start: int,
        end: int,
        *,
        damage: Damage | None,
        warn: Callable[[str], None],
        in_place: bool = False,
    ) -> None:
        """`in_place`: chunks of older object models too are described where they lie, as what they will be
        once they are migrated, and are not sent: whoever reads them there migrates them.
        """
        self._origin = origin
        self._in_place = in_place
        self._start, self._end = start, end
        self._damage = damage
        self._heads = HeadReader(origin, end)
        self._window = self._heads.window
        self._builders: dict[bytes, ManifestBuilder] = {}
        self._activations: list[Activation] = []
        self._arrivals = Arrivals(origin.name, self._heads.reader, warn)

    def messages(self) -> Iterator[Message]:
        """Store infos as they come; chunks and activations at each stream's end."""
        pos = self._start
        while pos < self._end:
            try:
                if pos > self._start and self._arrivals.is_current:
                    pos = self._run(pos)
                    if pos == self._end:
                        break
                after = yield from self._step(pos)
            except FormatError as error:
                if self._damage is None or pos == self._start:
                    raise error.located(source=self._origin.name, offset=pos) from error.__cause__
                after = Resync(self._origin, self._end).next_start(pos)
                self._damage.add(self._origin.name, pos, after, error)
            pos = after
        yield from self._flush()

    def _step(self, pos: int) -> Generator[Message, None, int]:
        """Handle what stands at `pos`; the generator returns where the next thing stands."""
        left = self._end - pos
        head = self._window.at(pos, min(STREAM_HEADER.size, left))
        if pos == self._start or head[:4] == MAGIC:
            if left < STREAM_HEADER.size and MAGIC.startswith(bytes(head[:4])):
                raise TruncatedError("the input ends inside a stream header", offset=pos)
            self._arrivals.begin(parse_stream_header(bytes(head), pos).version)
            return pos + STREAM_HEADER.size
        if left < MESSAGE_HEADER.size:
            raise TruncatedError("the input ends inside a message header", offset=pos)
        number, size = parse_message_header(self._window.at(pos, MESSAGE_HEADER.size))
        if number > Kind.BLUEPRINT_ACTIVATION:
            raise FormatError(f"unknown message kind {number}", offset=pos, hint=_HINT)
        if size > left - MESSAGE_HEADER.size:
            missing = size - left + MESSAGE_HEADER.size
            raise TruncatedError(
                f"the input ends inside a message: {missing} of its {size} bytes are missing",
                offset=pos,
                hint=_HINT,
            )
        at = pos + MESSAGE_HEADER.size
        if number == Kind.CHUNK:
            yield from self._chunk(at, size)
        elif number == Kind.STORE_INFO:
            yield self._arrivals.info(bytes(self._window.at(at, size)))
        elif number == Kind.BLUEPRINT_ACTIVATION:
            self._activations.append(self._arrivals.activation(bytes(self._window.at(at, size))))
        else:
            if has_checksum(self._window.at(at, size)[-SIZE:]):
                raise FormatError("another kind of message that says it is the end", offset=pos, hint=_HINT)
            yield from self._flush()
            return self._after_trailer(at + size)
        return at + size

    def _after_trailer(self, pos: int) -> int:
        """Where the next stream begins: past this one's trailer, if it has one."""
        left = self._end - pos
        size = trailer_size(
            lambda size: self._window.at(pos, size) if size <= left else None, ended=True, offset=pos
        )
        return pos + (size or 0)

    def _run(self, pos: int) -> int:
        """Take in the small chunks that come next; returns where something else stands, broken or not."""
        builders = self._builders
        try:
            for at, size, envelope, chunk in self._heads.run(pos):
                row = describe(chunk, envelope.chunk_id or chunk.chunk_id)
                if not chunk.shape.layout.is_current:
                    break
                builder = builders.get(envelope.store)
                if builder is None:
                    builder = builders[envelope.store] = ManifestBuilder()
                builder.add(row, offset=at, size=size, size_uncompressed=envelope.payload_size)
                pos = at + size
        except FormatError:
            pass  # the step that follows meets it again, and knows what to do
        return pos

    def _chunk(self, at: int, size: int) -> Iterator[Message]:
        if not self._arrivals.is_current:
            yield from self._old_chunk(at, size)
            return
        envelope, chunk = self._heads.head(at, size)
        row = describe(chunk, envelope.chunk_id or chunk.chunk_id)
        if not row.shape.layout.is_current:
            yield from self._old_chunk(at, size)
            return
        builder = self._builders.setdefault(envelope.store, ManifestBuilder())
        builder.add(row, offset=at, size=size, size_uncompressed=envelope.payload_size)

    def _old_chunk(self, at: int, size: int) -> Iterator[Message]:
        message = self._arrivals.old_chunk(self._window.at(at, size))
        if self._in_place:
            builder = self._builders.setdefault(message.store_raw, ManifestBuilder())
            builder.add(message.row, offset=at, size=size, size_uncompressed=message.size_uncompressed)
        else:
            yield message

    def _flush(self) -> Iterator[Message]:
        for raw, builder in self._builders.items():
            yield Chunks(self._arrivals.store(raw), raw, builder.build(), self._origin)
        yield from self._activations
        self._builders, self._activations = {}, []


_HINT = "run with --continue-on-error to skip what is broken"
