"""What can be had of a damaged recording: every message that proves sound, and what is known of the rest.

A walk from the first byte to the last, footers notwithstanding: each chunk is opened as a whole and handed
to a check. Where something is broken, `Resync` says where to go on. What was lost is told by the bytes it
lay in, and, where the head of a chunk or a footer still says so, by entity and times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.checksum import has_checksum, sound_part, with_checksum
from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.footer import footer_hash, read_footer
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_TRAILER,
    MAGIC,
    MESSAGE_HEADER,
    OLD_MAGICS,
    STREAM_HEADER,
    Kind,
    parse_stream_header,
    trailer_size,
)
from rrsdk.codec.heads import HeadReader
from rrsdk.codec.lost import LostChunk, Range, lost_by_footer, lost_chunk
from rrsdk.codec.payload import read_info_version, write_info
from rrsdk.codec.resync import Resync, is_activation, looks_like_footer
from rrsdk.errors import FormatError, TruncatedError, VersionError
from rrsdk.identity import Tuid
from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE
from rrsdk.ipc.rows import describe
from rrsdk.message import Activation, ChunkMsg, Chunks, Message, Origin, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from rrsdk.codec.wire import Envelope
    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import LaidOut

_HEADER = MESSAGE_HEADER.size
_TRAILER = FOOTER_ENTRY.size + FOOTER_TRAILER.size
UNKNOWN_APPLICATION = "recovered"
"""Of chunks whose application only a store info knew, before 0.25, and that is lost."""


class _Footer(NamedTuple):
    at: int
    size: int


class Salvage:
    """Walks the first `end` bytes of an origin; `messages()` is read once, then the rest says how it went."""

    def __init__(
        self,
        origin: Origin,
        end: int,
        *,
        check: Callable[[LaidOut], str | None],
        warn: Callable[[str], None],
    ) -> None:
        """`check` says what is wrong with the values of a chunk that could be opened, None if nothing is."""
        self._origin, self._end = origin, end
        self._check = check
        self._heads = HeadReader(origin, end)
        self._window, self._reader = self._heads.window, self._heads.reader
        self._resync = Resync(origin, end)
        self._arrivals = Arrivals(origin.name, self._reader, warn, application_id=UNKNOWN_APPLICATION)
        self._builders: dict[bytes, ManifestBuilder] = {}
        self._activations: list[Activation] = []
        self._announced: set[StoreId] = set()
        self._is_old = True
        """Whether chunks may be too old to be opened without migration: until a header denies it."""
        self._footers: list[_Footer] = []
        self._kept: set[bytes] = set()

        self.lost: list[Range] = []
        """The bytes that could not be used, in order."""
        self.notes: list[str] = []
        """What was wrong, but cost nothing."""
        self.found = False
        """Whether there was any message."""
        self.chunks = self.rows = 0
        """How much was kept."""
        self.made_up: list[StoreId] = []
        """Stores whose info is lost, so that another was made."""

    def messages(self) -> Iterator[Message]:
        """Store infos and old chunks as they come, other chunks and activations at each stream's end."""
        for message in self._walk():
            self.found = True
            yield message

    def _walk(self) -> Iterator[Message]:
        pos = 0
        while pos < self._end:
            pos = self._run(pos)
            if pos == self._end:
                break
            try:
                pos = yield from self._step(pos)
            except VersionError:
                raise
            except FormatError as error:
                pos = yield from self._damaged(pos, error)
        yield from self._flush()

    def lost_chunks(self) -> list[LostChunk]:
        """The chunks that footers name and that are not there, and those whose heads could still be read."""
        found = {lost.chunk.chunk_id: lost.chunk for lost in self.lost if lost.chunk is not None}
        for footer in self._footers if self.lost else ():
            try:
                manifests = read_footer(self._origin.read(footer.at, footer.size))
                for chunk in lost_by_footer(manifests, self._kept):
                    found[chunk.chunk_id] = chunk
            except FormatError:
                continue  # it was read once, so this is no more than a file that changes
        return [chunk for chunk_id, chunk in found.items() if chunk_id not in self._kept]

    # ---- walking ----

    def _run(self, pos: int) -> int:
        """Take in the small chunks that come next; returns where something else stands, broken or not."""
        try:
            for at, size, envelope, chunk in self._heads.run(pos):
                if not chunk.shape.layout.is_current or _denies(envelope, chunk) or self._check(chunk):
                    break
                self._keep(at, size, envelope, chunk)
                pos = at + size
        except FormatError:
            pass  # the step that follows meets it again
        return pos

    def _step(self, pos: int) -> Generator[Message, None, int]:
        """Take in what stands at `pos`; the generator returns where the next thing stands."""
        left = self._end - pos
        head = bytes(self._window.at(pos, min(_HEADER, left)))
        if head[:4] == MAGIC:
            self._begin(pos, head)
            return pos + STREAM_HEADER.size
        if pos == 0:
            if left > STREAM_HEADER.size and self._resync.begins(STREAM_HEADER.size):
                self.notes.append("the stream header is damaged")
                return STREAM_HEADER.size
            if head[:4] in OLD_MAGICS:
                parse_stream_header(head, pos)
            if not self._resync.begins(0):
                raise FormatError(f"not an .rrd recording: it starts with {head[:4]!r}, not {MAGIC!r}")
            self.notes.append("the stream header is missing")
        if left < _HEADER:
            raise TruncatedError("the input ends inside a message header")
        kind, size = map(int, MESSAGE_HEADER.unpack(head))
        at = pos + _HEADER
        if kind > Kind.BLUEPRINT_ACTIVATION:
            raise FormatError(f"unknown message kind {kind}")
        if kind == Kind.END:
            return (yield from self._ended(pos, size))
        if size > left - _HEADER:
            raise _cut(size, left - _HEADER)
        if kind == Kind.CHUNK:
            yield from self._chunk(at, size)
            return at + size
        if size > _MOST_SAID:
            raise FormatError(f"a message of {size} bytes that should be short")
        payload = bytes(self._window.at(at, size))
        if kind == Kind.STORE_INFO:
            info = self._arrivals.info(payload)
            version = read_info_version(payload)
            self._is_old = self._is_old or (version is not None and version.release < FIRST_CURRENT_RELEASE)
            self._announced.add(info.store)
            yield info
        elif not is_activation(payload):
            raise FormatError("an activation says what only other messages say")
        else:
            self._activations.append(self._arrivals.activation(payload))
        return at + size

    def _begin(self, pos: int, head: bytes) -> None:
        """A stream begins. What its header says wrongly costs nothing if what follows makes sense."""
        try:
            version = parse_stream_header(
                head[: STREAM_HEADER.size].ljust(STREAM_HEADER.size, b"\0"), pos
            ).version
            if len(head) < STREAM_HEADER.size:
                raise TruncatedError("the input ends inside a stream header")
        except FormatError as error:
            if not self._resync.begins(pos + STREAM_HEADER.size) or pos + STREAM_HEADER.size >= self._end:
                if pos == 0 or not isinstance(error, VersionError):
                    raise
                raise FormatError(error.what) from error
            self.notes.append(f"byte {pos}: the stream header is damaged: {error.what}")
            self._is_old = True
        else:
            self._arrivals.begin(version)
            self._is_old = not self._arrivals.is_current

    def _chunk(self, at: int, size: int) -> Iterator[Message]:
        message = self._window.at(at, size)
        try:
            envelope = self._reader.envelope(message)
            chunk = self._reader.open(message, envelope)
            is_old = not chunk.shape.layout.is_current
        except FormatError:
            sound = sound_part(Kind.CHUNK, message)
            if sound is not None:
                yield from self._with_new_checksum(at, sound)
                return
            if not self._is_old:
                raise
            is_old = True
        if is_old:
            yield from self._old_chunk(message)
            return
        self._prove(chunk)
        if not _denies(envelope, chunk):
            self._keep(at, size, envelope, chunk)
            return
        # What is around the chunk is damaged: it gets a new message.
        self.notes.append(f"byte {at}: the message around a chunk contradicts it; it was made anew")
        store = self._arrivals.store(envelope.store)
        payload = bytes(chunk.payload)
        yield from self._alone(pack_chunk(store, envelope.store, payload, chunk, chunk.chunk_id))

    def _with_new_checksum(self, at: int, message: memoryview) -> Iterator[Message]:
        envelope = self._reader.envelope(message)
        chunk = self._reader.open(message, envelope)
        self._prove(chunk)
        self.notes.append(f"byte {at}: the checksum of a sound chunk is damaged; it was made anew")
        store, row = self._arrivals.store(envelope.store), describe(chunk, chunk.chunk_id)
        found = with_checksum(ChunkMsg(store, envelope.store, row, (message,), envelope.payload_size))
        assert isinstance(found, ChunkMsg)
        yield from self._alone(found)

    def _old_chunk(self, message: memoryview) -> Iterator[Message]:
        found = self._arrivals.old_chunk(message)
        problem = self._check(self._reader.open(b"".join(found.parts)))
        if problem is not None:
            raise FormatError(problem, entity=found.row.shape.layout.entity)
        yield from self._alone(found)

    def _prove(self, chunk: LaidOut) -> None:
        problem = self._check(chunk)
        if problem is not None:
            raise FormatError(problem, entity=chunk.shape.layout.entity)

    def _keep(self, at: int, size: int, envelope: Envelope, chunk: LaidOut) -> None:
        """A chunk that is copied from where it lies."""
        row = describe(chunk, envelope.chunk_id or chunk.chunk_id)
        self._arrivals.store(envelope.store)
        builder = self._builders.get(envelope.store)
        if builder is None:
            builder = self._builders[envelope.store] = ManifestBuilder()
        builder.add(row, offset=at, size=size, size_uncompressed=envelope.payload_size)
        self._kept.add(row.chunk_id)
        self.chunks += 1
        self.rows += row.shape.batch.num_rows

    def _alone(self, message: ChunkMsg) -> Iterator[Message]:
        """A chunk that is written as a message of its own."""
        yield from self._announce(message.store)
        yield message
        self._kept.add(message.row.chunk_id)
        self.chunks += 1
        self.rows += message.row.shape.batch.num_rows

    def _announce(self, store: StoreId) -> Iterator[Message]:
        if store not in self._announced:
            self._announced.add(store)
            self.made_up.append(store)
            yield StoreInfo(store, write_info(store, row_id=Tuid(0, 0)))

    def _flush(self) -> Iterator[Message]:
        for raw, builder in self._builders.items():
            store = self._arrivals.store(raw)
            yield from self._announce(store)
            yield Chunks(store, raw, builder.build(), self._origin)
        yield from self._activations
        self._builders, self._activations = {}, []

    # ---- ends of streams ----

    def _ended(self, pos: int, size: int) -> Generator[Message, None, int]:
        """An End message stands at `pos`; the generator returns where what belongs to it ends."""
        at, left = pos + _HEADER, self._end - pos - _HEADER
        begin = bytes(self._origin.read(at, min(size, left, 64)))
        if size > left:
            if not looks_like_footer(begin):
                raise _cut(size, left)
            self.notes.append("the input ends inside its footer; it was made anew")
            yield from self._flush()
            return self._end
        after = at + size
        trailer = self._trailer(after)
        goes_on = bool(trailer) or self._resync.begins(after)
        if size:
            self._footer(at, size, trailer, is_placed=goes_on and looks_like_footer(begin))
        elif not goes_on and left:
            raise FormatError("a message without anything in it, as in a hole of zeros")
        yield from self._flush()
        if goes_on:
            return after + trailer
        if self._end - after < _TRAILER:
            self.notes.append("the input ends inside the trailer behind its footer; it was made anew")
            return self._end
        if self._resync.begins(after + _TRAILER):
            self.notes.append(f"byte {after}: the trailer behind the footer is damaged; it was made anew")
            return after + _TRAILER
        return after

    def _footer(self, at: int, size: int, trailer: int, *, is_placed: bool) -> None:
        """Keep in mind where a footer stands that can be believed; `is_placed`: at least it is one."""
        payload = self._origin.read(at, size)
        if has_checksum(payload):
            raise FormatError("another kind of message that says it is the end")
        try:
            read_footer(payload)
            entry = self._origin.read(at + size, FOOTER_ENTRY.size) if trailer else None
            if entry is not None and FOOTER_ENTRY.unpack(entry)[2] != footer_hash(payload):
                raise FormatError("it does not match its checksum")
        except FormatError as error:
            if not is_placed:
                raise
            self.notes.append(f"byte {at}: the footer is broken ({error.what}); it was made anew")
        else:
            self._footers.append(_Footer(at, size))

    def _trailer(self, pos: int) -> int:
        """How long the trailer at `pos` is; 0 where there is none."""
        left = self._end - pos
        try:
            size = trailer_size(
                lambda size: self._window.at(pos, size) if size <= left else None, ended=True, offset=pos
            )
        except TruncatedError:
            return 0
        return size or 0

    # ---- damage ----

    def _damaged(self, pos: int, error: FormatError) -> Generator[Message, None, int]:
        """Say what is lost from `pos` on; the generator returns where reading goes on."""
        after = self._resync.length_leads_to(pos)
        if after is not None and after - pos > _HEADER:
            repaired = self._with_another_kind(pos, after)
            if repaired is not None:
                yield from self._alone(repaired)
                self.notes.append(
                    f"byte {pos}: a chunk whose message said that it is something else: {error.what}"
                )
                return after
        if after is None:
            after = self._resync.search(pos + 1)
        about = lost_chunk(self._heads, self._arrivals, pos, after)
        what = error.what if error.entity is None or about is not None else f"{error.what} ({error.entity})"
        last = self.lost[-1] if self.lost else None
        if last is not None and last.end == pos and last.chunk is None and about is None:
            self.lost[-1] = replace(last, end=after)
        else:
            self.lost.append(Range(pos, after, what, about))
        return after

    def _with_another_kind(self, pos: int, after: int) -> ChunkMsg | None:
        """The chunk in a message whose kind is damaged and whose length is not."""
        kind, _ = MESSAGE_HEADER.unpack(self._origin.read(pos, _HEADER))
        if kind == Kind.CHUNK:
            return None
        message = self._origin.read(pos + _HEADER, after - pos - _HEADER)
        try:
            envelope = self._reader.envelope(message)
            chunk = self._reader.open(message, envelope)
            if not chunk.shape.layout.is_current or _denies(envelope, chunk):
                return None
            self._prove(chunk)
            store, row = self._arrivals.store(envelope.store), describe(chunk, chunk.chunk_id)
        except FormatError:
            return None
        return ChunkMsg(store, envelope.store, row, (message,), envelope.payload_size)


def _denies(envelope: Envelope, chunk: LaidOut) -> bool:
    """Whether a message says something of its chunk that is not so."""
    if envelope.chunk_id is not None and envelope.chunk_id != chunk.chunk_id:
        return True
    return envelope.is_static is not None and envelope.is_static != chunk.shape.layout.is_static


def _cut(size: int, left: int) -> TruncatedError:
    return TruncatedError(f"the input ends inside a message: {size - left} of its {size} bytes are missing")


_MOST_SAID = 16 * 1024 * 1024
"""Store infos and activations are short; nothing is allocated for one that claims otherwise."""
