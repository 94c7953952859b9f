"""What travels: between a source and a sink, through transforms, over wires.

    StoreInfo · Chunks · ChunkMsg · Activation

`Chunks` is many chunk messages at once, undecoded and still lying where they came from, described
by their manifest. A verb that only selects, orders or copies never looks at anything else; one
that changes a chunk takes it out of its `Chunks` and sends a `ChunkMsg` instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rrsdk.ipc.manifest import OFFSET, SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.ipc.rows import Row

HEADER_SIZE = 16
"""Bytes before each message's payload."""

Buffer: TypeAlias = bytes | bytearray | memoryview


class Origin(Protocol):
    """Bytes that stay readable: an open file, or memory."""

    @property
    def name(self) -> str:
        """For error messages."""

    @property
    def fileno(self) -> int | None:
        """A descriptor whose bytes the kernel can copy, at the same offsets."""

    def read(self, offset: int, size: int) -> memoryview:
        """Exactly these bytes; TruncatedError where they are not all there."""


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store is announced; comes before the store's data, may be repeated, the last one holds."""

    store: StoreId
    payload: bytes
    """The SetStoreInfo protobuf, as it was received."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A blueprint is made active or the default."""

    store: StoreId
    payload: bytes
    """The BlueprintActivationCommand protobuf, as it was received."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """Chunk messages of one store, in the order they have in their origin.

    The manifest's offsets are those of the messages' payloads in `origin`; each is preceded by
    its 16-byte header.
    """

    store: StoreId
    store_raw: bytes
    """The serialized StoreId, as the messages carry it."""
    manifest: Manifest
    origin: Origin

    def __len__(self) -> int:
        return len(self.manifest)

    def extent(self, row: int) -> tuple[int, int]:
        """Where in the origin one chunk message begins, with its header, and ends."""
        offset = self.manifest.table.u64(OFFSET)[row]
        return offset - HEADER_SIZE, offset + self.manifest.table.u64(SIZE)[row]

    def take(self, keep: Sequence[int]) -> Chunks:
        """The chunks where `keep` is not zero."""
        return Chunks(self.store, self.store_raw, self.manifest.take(keep), self.origin)


@dataclass(frozen=True, slots=True)
class ChunkMsg:
    """One chunk that was made or changed here, ready to be written."""

    store: StoreId
    store_raw: bytes
    row: Row
    parts: tuple[Buffer, ...]
    """The ArrowMsg protobuf, in pieces."""
    size_uncompressed: int
    """The size of the Arrow payload before compression."""

    @property
    def size(self) -> int:
        """The size of the message."""
        return sum(len(part) for part in self.parts)


Message: TypeAlias = StoreInfo | Activation | Chunks | ChunkMsg
