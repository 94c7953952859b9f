"""What is wrong with a recording: every chunk opened and checked, and the footer held against them.

`ChunkChecker` looks at one chunk after the other, `StreamCheck` keeps what a stream's footer must
agree with. Neither reads anything: messages come from the verb, so do the bytes of the footer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec import lz4
from rrsdk.codec.footer import read_footer
from rrsdk.codec.payload import read_store_id
from rrsdk.codec.wire import read_envelope
from rrsdk.errors import FormatError, RrError
from rrsdk.identity import format_chunk_id
from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.ipc.layout import LaidOut, LayoutCache, Shape
from rrsdk.ipc.manifest import (
    CHUNK_ID,
    ENTITY,
    IS_STATIC,
    NUM_ROWS,
    OFFSET,
    SIZE,
    SIZE_UNCOMPRESSED,
    Manifest,
)
from rrsdk.ipc.rows import Row, describe
from rrtool.reports.soundness import Soundness
from rrtool.reports.stores import name_store
from rrtool.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rrsdk.codec.wire import Envelope
    from rrsdk.message import Buffer


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    source: str
    offset: int | None
    entity: str | None
    what: str

    def __str__(self) -> str:
        place = [self.source]
        if self.offset is not None:
            place.append(f"byte {self.offset}")
        if self.entity is not None:
            place.append(f"entity {self.entity}")
        return one_line(f"{', '.join(place)}: {self.what}")


def problem_of(error: RrError, source: str, offset: int | None = None) -> Problem:
    """An error as a problem of a file."""
    at = error.offset if error.offset is not None else offset
    what = f"column {error.field}: {error.what}" if error.field else error.what
    return Problem(source, at, error.entity, what)


class Checked(NamedTuple):
    """What is left of a chunk when it was checked."""

    offset: int
    size: int
    store: bytes
    chunk_id: bytes
    shape: Shape
    size_uncompressed: int
    row: Row | None
    """With `deep`: what the footer should say of it."""


class ChunkChecker:
    """Opens and checks chunk messages."""

    def __init__(self, *, deep: bool) -> None:
        self._deep = deep
        self._layouts, self._soundness = LayoutCache(), Soundness()

    def check(self, message: Buffer, envelope: Envelope | None, offset: int) -> tuple[Checked, str | None]:
        """What is left of the message whose payload lies at `offset`, and what is wrong with its values.

        Of a chunk of an old object model only what the footer says is looked at: see `migrated`.
        """
        about = envelope or read_envelope(message, 0, len(message))
        block = memoryview(message)[about.payload_start : about.payload_end]
        payload = lz4.decompress(block, about.compression, about.uncompressed_size)
        chunk = self._layouts.read(payload)
        is_current = chunk.shape.layout.is_current
        found = _contradiction(chunk, about) or (self._problem(chunk) if is_current else None)
        chunk_id = about.chunk_id or chunk.chunk_id
        row = describe(chunk, chunk_id) if self._deep and is_current and found is None else None
        uncompressed = about.uncompressed_size or len(payload)
        return Checked(offset, len(message), about.store, chunk_id, chunk.shape, uncompressed, row), found

    def migrated(self, message: Buffer) -> str | None:
        """What is wrong with a chunk that was brought to the current object model."""
        about = read_envelope(message, 0, len(message))
        block = memoryview(message)[about.payload_start : about.payload_end]
        payload = lz4.decompress(block, about.compression, about.uncompressed_size)
        return self._problem(self._layouts.read(payload))

    def _problem(self, chunk: LaidOut) -> str | None:
        found = self._soundness.problem(chunk)
        if self._deep and found is None:
            from rrtool.reports.deep import chunk_problem

            found = chunk_problem(chunk)
        return found


def _contradiction(chunk: LaidOut, envelope: Envelope) -> str | None:
    """Where a message says something of its chunk that the chunk denies."""
    if envelope.chunk_id is not None and envelope.chunk_id != chunk.chunk_id:
        return f"the message is of {format_chunk_id(envelope.chunk_id)}, the chunk in it another one"
    if envelope.is_static is not None and envelope.is_static != chunk.shape.layout.is_static:
        return f"the message says that the chunk is {'' if envelope.is_static else 'not '}static"
    return None


@dataclass(slots=True)
class StreamCheck:
    """The chunks of one stream, and what its footer says of them."""

    source: str
    start: int
    """Where the stream begins in its source; a footer counts from there."""
    deep: bool
    chunks: dict[bytes, list[Checked]] = field(default_factory=dict)
    """By the serialized id of their store."""
    passed_over: set[int] = field(default_factory=set)
    """Offsets of messages that are broken or of an old object model: reported or nothing to compare."""

    seen: dict[bytes, set[bytes]] = field(default_factory=dict)
    """The chunk ids of each store, in this stream and those that the source holds before it."""

    said_repeats: bool = False

    def add(self, chunk: Checked) -> None:
        """A chunk that could be opened."""
        self.chunks.setdefault(chunk.store, []).append(chunk)

    def repeats(self) -> Iterator[Problem]:
        """Chunk ids that occur twice in a store, be it in two streams of one source; said once."""
        if self.said_repeats:
            return
        self.said_repeats = True
        for store, chunks in self.chunks.items():
            seen = self.seen.setdefault(store, set())
            for chunk in chunks:
                if chunk.chunk_id in seen:
                    what = f"{format_chunk_id(chunk.chunk_id)} is there twice"
                    yield self._problem(chunk, what)
                seen.add(chunk.chunk_id)

    def footer(self, payload: Buffer, offset: int) -> Iterator[Problem]:
        """Everything in which a footer is broken or disagrees with the chunks."""
        seen: set[bytes] = set()
        try:
            for store, manifest in read_footer(memoryview(payload)):
                name = name_store(read_store_id(store))
                if store in seen:
                    yield Problem(self.source, offset, None, f"the footer has two manifests for {name}")
                seen.add(store)
                yield from self._manifest(store, manifest, offset)
        except FormatError as error:
            yield problem_of(error, self.source, offset)
            return
        for store in self.chunks.keys() - seen:
            name = name_store(read_store_id(store))
            yield Problem(self.source, offset, None, f"the footer has no manifest for {name}")

    def _manifest(self, store: bytes, manifest: Manifest, offset: int) -> Iterator[Problem]:
        table = manifest.table
        begin = self.start
        chunks = sorted(self.chunks.get(store, []), key=lambda chunk: chunk.offset)
        if _differ(_claimed(manifest), _actual(chunks, begin)):
            # They may yet be the same in another order: only now is a tuple made of every row.
            listed = sorted(zip(*_claimed(manifest))) if len(manifest) else []
            there = list(zip(*_actual(chunks, begin)))
            if listed != there:
                yield from self._differences(listed, there, offset)
                return
        if self.deep and all(chunk.row is not None for chunk in chunks):
            from rrtool.reports.deep import manifest_differences

            builder = ManifestBuilder()
            places = {at: place for place, at in enumerate(table.u64(OFFSET))}
            for chunk in sorted(chunks, key=lambda one: places[one.offset - begin]):
                assert chunk.row is not None
                builder.add(
                    chunk.row,
                    offset=chunk.offset - begin,
                    size=chunk.size,
                    size_uncompressed=chunk.size_uncompressed,
                )
            for at, entity, what in manifest_differences(manifest, builder.build()):
                yield Problem(self.source, begin + at if at is not None else offset, entity, what)

    def _differences(
        self, listed: list[tuple[object, ...]], there: list[tuple[object, ...]], offset: int
    ) -> Iterator[Problem]:
        known = {row[0]: row for row in there}
        for row in listed:
            at, entity = row[0], row[2]
            assert isinstance(at, int)
            assert isinstance(entity, bytes)
            name = entity.decode("utf-8", "replace")
            found = known.pop(at, None)
            if found is None:
                if self.start + at not in self.passed_over:
                    what = f"the footer places a chunk of {name} at byte {self.start + at}, where none begins"
                    yield Problem(self.source, offset, None, what)
                continue
            for what, claimed, actual in zip(_FIXED_NAMES, row, found):
                if claimed != actual:
                    says = f"the footer says {what} {_shown(claimed)}, the chunk {_shown(actual)}"
                    yield Problem(self.source, self.start + at, _shown(found[2]), says)
        for at, *rest in known.values():
            assert isinstance(at, int)
            what = "the footer does not know of this chunk"
            yield Problem(self.source, self.start + at, _shown(rest[1]), what)

    def _problem(self, chunk: Checked, what: str) -> Problem:
        return Problem(self.source, chunk.offset, chunk.shape.layout.entity, what)


def _claimed(manifest: Manifest) -> Iterator[list[object]]:
    """The columns that every manifest has."""
    table = manifest.table
    yield list(table.u64(OFFSET))
    yield list(table.u64(SIZE))
    yield list(table.raw(ENTITY))
    yield list(table.raw(CHUNK_ID))
    yield list(map(bool, table.flags(IS_STATIC)))
    yield list(table.u64(NUM_ROWS))
    yield list(table.u64(SIZE_UNCOMPRESSED))


def _actual(chunks: Sequence[Checked], begin: int) -> Iterator[list[object]]:
    """The same columns as the chunks have them; one at a time, as there may be many chunks."""
    yield [chunk.offset - begin for chunk in chunks]
    yield [chunk.size for chunk in chunks]
    yield [chunk.shape.layout.entity.encode() for chunk in chunks]
    yield [chunk.chunk_id for chunk in chunks]
    yield [chunk.shape.layout.is_static for chunk in chunks]
    yield [chunk.shape.batch.num_rows for chunk in chunks]
    yield [chunk.size_uncompressed for chunk in chunks]


def _differ(some: Iterable[list[object]], others: Iterable[list[object]]) -> bool:
    return any(one != other for one, other in zip(some, others))


_FIXED_NAMES = ("offset", "size", "entity", "id", "is_static", "num_rows", "uncompressed size")


def _shown(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    return (
        format_chunk_id(value) if len(value) == 16 and value[:1] != b"/" else value.decode("utf-8", "replace")
    )
