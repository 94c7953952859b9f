"""Messages to the bytes of a stream, without I/O: header, messages, footer.

What an encoder hands out is to be written in order and without gaps. Chunks that lie in an origin
are not read: an `Extent` says which of its bytes belong here, and whoever writes copies them.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.footer import end_of_stream, write_footer
from rrsdk.codec.frames import CURRENT_VERSION, MESSAGE_HEADER, Kind, Version, message_header, stream_header
from rrsdk.codec.payload import info_content
from rrsdk.ipc.manifest import OFFSET, SIZE, Manifest, join
from rrsdk.message import Buffer, ChunkMsg, Chunks, Message, Origin, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.builder import ManifestBuilder
    from rrsdk.ipc.packed import PackedRows

_HEADER = MESSAGE_HEADER.size


class Extent(NamedTuple):
    """Bytes of an origin, by the ranges they lie in; one range follows the other in the stream."""

    origin: Origin
    ranges: list[tuple[int, int]]


class Encoder:
    """One stream. One manifest a store, however many sources its chunks came from."""

    def __init__(self, *, version: Version = CURRENT_VERSION, is_live: bool = False) -> None:
        """`is_live`: it may last for hours, so that rows of manifests are kept in little memory."""
        self._version = version
        self._is_live = is_live
        self.position = 0
        """How long the stream is so far."""
        self._stores: dict[StoreId, bytes] = {}
        self._manifests: dict[StoreId, list[Manifest | ManifestBuilder | PackedRows]] = {}
        self._infos: dict[StoreId, bytes] = {}
        self._activation = b""
        self.warnings: list[str] = []

    def begin(self) -> bytes:
        """The stream's header: what comes first."""
        return self._count(stream_header(self._version))

    def encode(self, message: Message) -> Sequence[Buffer | Extent]:
        """What is to be written for one message (or the many that a `Chunks` stands for)."""
        if isinstance(message, ChunkMsg):
            return self._chunk(message)
        if isinstance(message, Chunks):
            return self._chunks(message) if len(message) else ()
        if isinstance(message, StoreInfo):
            said = info_content(message.payload)
            if self._infos.get(message.store) == said:  # the SDK says it twice, and so does every input
                return ()
            self._infos[message.store] = said
            return self._payload(Kind.STORE_INFO, message.payload)
        if (
            message.payload == self._activation
        ):  # the last one holds: only one that follows itself is a repeat
            return ()
        self._activation = message.payload
        return self._payload(Kind.BLUEPRINT_ACTIVATION, message.payload)

    def end(self) -> bytes:
        """The footer: what comes last; nothing where Rerun could not read one, which `warnings` then says."""
        manifests: list[tuple[bytes, Manifest]] = []
        for store, pieces in self._manifests.items():
            built = [piece if isinstance(piece, Manifest) else piece.build() for piece in pieces]
            manifests.append((self._stores[store], join(built)))
            twice = manifests[-1][1].name_that_is_there_twice()
            if twice is not None:
                self.warnings.append(
                    f"{store}: written without a footer, which Rerun could not read: "
                    f"two timelines or components are both called {twice} in it"
                )
        if self.warnings:
            return b""
        return self._count(end_of_stream(write_footer(manifests), self.position))

    def manifest_bytes(self) -> int:
        """What the manifests of a live stream take."""
        return sum(getattr(piece, "size_bytes", 0) for pieces in self._manifests.values() for piece in pieces)

    def forget_manifests(self) -> None:
        """Of a stream that will end without a footer."""
        self._manifests.clear()

    def _new_builder(self) -> ManifestBuilder | PackedRows:
        if self._is_live:
            from rrsdk.ipc.packed import PackedRows

            return PackedRows()
        from rrsdk.ipc.builder import ManifestBuilder

        return ManifestBuilder()

    def _count(self, data: bytes) -> bytes:
        self.position += len(data)
        return data

    def _payload(self, kind: Kind, payload: bytes) -> Sequence[Buffer]:
        return (self._count(message_header(kind, len(payload)) + payload),)

    def _chunk(self, message: ChunkMsg) -> Sequence[Buffer]:
        size = message.size
        header = self._count(message_header(Kind.CHUNK, size))
        self._stores.setdefault(message.store, message.store_raw)
        pieces = self._manifests.setdefault(message.store, [])
        if not pieces or isinstance(pieces[-1], Manifest):
            pieces.append(self._new_builder())
        builder = pieces[-1]
        assert not isinstance(builder, Manifest)
        builder.add(message.row, offset=self.position, size=size, size_uncompressed=message.size_uncompressed)
        self.position += size
        return (header, *message.parts)

    def _chunks(self, message: Chunks) -> Sequence[Extent]:
        offsets, sizes = message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE)
        placed = array("Q")
        ranges: list[tuple[int, int]] = []
        at = self.position
        first = last = offsets[0] - _HEADER
        for offset, size in zip(offsets, sizes):
            if offset - _HEADER != last:
                ranges.append((first, last))
                at += last - first
                first = offset - _HEADER
            placed.append(at + offset - first)
            last = offset + size
        ranges.append((first, last))
        self.position = at + last - first
        self._stores.setdefault(message.store, message.store_raw)
        self._manifests.setdefault(message.store, []).append(message.manifest.moved(placed))
        return (Extent(message.origin, ranges),)
