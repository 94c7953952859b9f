"""A data file while a batch is written to it, and what of a recording is carried into its next part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from xxhash import xxh3_64, xxh3_64_intdigest

from rrsdk.broker.spool.state import Extent
from rrsdk.codec.frames import MESSAGE_HEADER, STREAM_HEADER, Kind, parse_message_header
from rrsdk.codec.heads import HeadReader
from rrsdk.errors import RrError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.broker.spool.descriptors import Descriptors
    from rrsdk.broker.spool.state import File
    from rrsdk.message import Buffer
    from rrsdk.sinks.disk import Disk

SIGN_SIZE: Final = 4096
"""So much of a file's beginning is enough to know it again."""
_SMALL: Final = 16 * 1024
_BLOCK: Final = 1024 * 1024


class UnreadableError(OSError):
    """What was to be carried into the next part cannot be read."""


class Growing:
    """A data file in one batch: what it gets, and what it has got."""

    __slots__ = ("begin", "digest", "end", "file", "has_large", "is_new", "pieces", "statics", "written")

    def __init__(self, file: File, *, is_new: bool = False) -> None:
        self.file, self.is_new = file, is_new
        self.begin = self.end = self.written = file.end
        self.pieces: list[Buffer] = []
        """From `written` to `end`."""
        self.has_large = False
        self.digest = xxh3_64()
        self.statics: list[Place] = []
        """What this batch has brought that its next part would need."""

    def flush(self, descriptors: Descriptors) -> None:
        """Have written what waits; OSError where it is not, or not all."""
        if not self.pieces:
            return
        pieces: list[Buffer] = _joined(self.pieces) if self.has_large else [b"".join(self.pieces)]
        for piece in pieces:
            self.digest.update(piece)
        self.pieces, self.has_large = [], False
        descriptors.append(self.file, self.written, pieces)
        if self.is_new and not self.written:
            start = pieces[0][:SIGN_SIZE]
            self.file = self.file._replace(sign_size=len(start), sign=xxh3_64_intdigest(start))
        self.written = self.end

    def copy(
        self, descriptors: Descriptors, disk: Disk, source: File, ranges: Iterable[tuple[int, int]]
    ) -> None:
        """Bytes of another file, a block at a time."""
        for start, end in ranges:
            while start < end:
                try:
                    block = disk.pread(descriptors.fileno(source), min(_BLOCK, end - start), start)
                except OSError as error:
                    raise UnreadableError(*error.args) from error
                if not block:
                    raise UnreadableError(5, "the file has become shorter than it was")
                self.pieces.append(block)
                self.end += len(block)
                start += len(block)
                if self.end - self.written >= _BLOCK:
                    self.flush(descriptors)

    @property
    def extent(self) -> Extent:
        """What the journal says of it."""
        return Extent(self.file.number, self.begin, self.end, self.digest.intdigest())


def _joined(pieces: list[Buffer]) -> list[Buffer]:
    """With small neighbours made one, so that there are few; large ones are not copied."""
    found: list[Buffer] = []
    small: list[Buffer] = []
    for piece in pieces:
        if len(piece) < _SMALL:
            small.append(piece)
            continue
        if small:
            found.append(b"".join(small))
            small = []
        found.append(piece)
    if small:
        found.append(b"".join(small))
    return found


class Place(NamedTuple):
    """A message in a data file: kind and payload."""

    kind: int
    offset: int
    size: int


class FileOnDisk:
    """A data file as codecs read it."""

    def __init__(self, disk: Disk, fileno: int, name: str, size: int) -> None:
        self.name = name
        self.fileno: int | None = None
        self._disk, self._fileno, self.size = disk, fileno, size

    def read(self, offset: int, size: int) -> memoryview:
        data = b""
        while len(data) < size:
            try:
                more = self._disk.pread(self._fileno, size - len(data), offset + len(data))
            except OSError as error:
                raise UnreadableError(*error.args) from error
            if not more:
                raise TruncatedError("the file has been cut", source=self.name, offset=offset + len(data))
            data = data + more if data else more
        return memoryview(data)


def walk(origin: FileOnDisk, start: int, end: int) -> Iterator[Place]:
    """The messages of a region that hold nothing back: as far as they are whole."""
    while start + MESSAGE_HEADER.size <= end:
        kind, size = parse_message_header(origin.read(start, MESSAGE_HEADER.size))
        start += MESSAGE_HEADER.size
        if kind > Kind.BLUEPRINT_ACTIVATION or size > end - start:
            return
        yield Place(kind, start, size)
        start += size


def carried(origin: FileOnDisk, head: int, later: Iterable[Place]) -> tuple[list[tuple[int, int]], bool]:
    """Which bytes of a part the next one begins with, and whether a store info is among them.

    These are the last store info, and all static data. `later` are the store infos and static chunks behind
    the head, in their order. Of chunks that hold the same components of the same entity the last one is
    enough.
    """
    heads = HeadReader(origin, origin.size)
    info: Place | None = None
    statics: dict[object, Place] = {}
    for place in (*walk(origin, STREAM_HEADER.size, head), *later):
        if place.kind == Kind.STORE_INFO:
            info = place
        elif place.kind == Kind.CHUNK:
            key: object = place.offset
            try:
                layout = heads.head(place.offset, place.size)[1].shape.layout
                key = layout.entity, frozenset(column.name for column in layout.components)
            except RrError:
                pass  # whatever it is, it goes along
            statics.pop(key, None)
            statics[key] = place
    places = [*([info] if info else []), *statics.values()]
    return _ranges(places), info is not None


def _ranges(places: list[Place]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for _, offset, size in places:
        start = offset - MESSAGE_HEADER.size
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], offset + size
        else:
            found.append((start, offset + size))
    return found
