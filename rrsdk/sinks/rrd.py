"""Writes one stream: header, messages, footer. What already lies in a file is copied, not read."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from rrsdk.codec.footer import end_of_stream, write_footer
from rrsdk.codec.frames import CURRENT_VERSION, MESSAGE_HEADER, Kind, Version, message_header, stream_header
from rrsdk.codec.payload import info_content
from rrsdk.ipc.manifest import OFFSET, SIZE, Manifest, join
from rrsdk.message import ChunkMsg, Chunks, Message, Origin, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.builder import ManifestBuilder
    from rrsdk.sinks.output import Output

_HEADER = MESSAGE_HEADER.size
_KERNEL_WORTH_IT = 64 * 1024
_BLOCK = 1024 * 1024


class RrdSink:
    """A stream on an output. One manifest a store, however many sources its chunks came from."""

    def __init__(self, output: Output, *, version: Version = CURRENT_VERSION) -> None:
        self.name = output.name
        self._output = output
        self._stores: dict[StoreId, bytes] = {}
        self._manifests: dict[StoreId, list[Manifest | ManifestBuilder]] = {}
        self._infos: dict[StoreId, bytes] = {}
        self._activation = b""
        output.write(stream_header(version))

    @property
    def bytes_written(self) -> int:
        """How long the stream is so far."""
        return self._output.position

    def put(self, message: Message) -> None:
        """Append one message (or the many that a `Chunks` stands for)."""
        if isinstance(message, ChunkMsg):
            self._put_chunk(message)
        elif isinstance(message, Chunks):
            self._put_chunks(message)
        elif isinstance(message, StoreInfo):
            said = info_content(message.payload)
            if self._infos.get(message.store) != said:  # the SDK says it twice, and so does every input
                self._infos[message.store] = said
                self._put_payload(Kind.STORE_INFO, message.payload)
        elif message.payload != self._activation:
            self._activation = message.payload  # the last one holds: only one that follows itself is a repeat
            self._put_payload(Kind.BLUEPRINT_ACTIVATION, message.payload)

    def _put_payload(self, kind: Kind, payload: bytes) -> None:
        self._output.write(message_header(kind, len(payload)) + payload)

    def _put_chunk(self, message: ChunkMsg) -> None:
        size = message.size
        self._output.write(message_header(Kind.CHUNK, size))
        offset = self._output.position
        for part in message.parts:
            self._output.write(part)
        self._stores.setdefault(message.store, message.store_raw)
        pieces = self._manifests.setdefault(message.store, [])
        if not pieces or isinstance(pieces[-1], Manifest):
            from rrsdk.ipc.builder import ManifestBuilder

            pieces.append(ManifestBuilder())
        builder = pieces[-1]
        assert not isinstance(builder, Manifest)
        builder.add(message.row, offset=offset, size=size, size_uncompressed=message.size_uncompressed)

    def _put_chunks(self, message: Chunks) -> None:
        if not len(message):
            return
        offsets, sizes = message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE)
        placed = array("Q")
        ranges: list[tuple[int, int]] = []
        at = self._output.position
        first = last = offsets[0] - _HEADER
        for offset, size in zip(offsets, sizes):
            if offset - _HEADER != last:
                ranges.append((first, last))
                at += last - first
                first = offset - _HEADER
            placed.append(at + offset - first)
            last = offset + size
        ranges.append((first, last))
        self._copy(message.origin, ranges)
        self._stores.setdefault(message.store, message.store_raw)
        self._manifests.setdefault(message.store, []).append(message.manifest.moved(placed))

    def _copy(self, origin: Origin, ranges: Sequence[tuple[int, int]]) -> None:
        """Append ranges of an origin: large ones in the kernel, small neighbours from blocks."""
        block, base = memoryview(b""), 0
        for start, end in ranges:
            if end - start >= _KERNEL_WORTH_IT:
                self._output.copy(origin, start, end)
                continue
            if not base <= start <= end <= base + len(block):
                ahead = min(max(ranges[-1][1] - start, end - start), _BLOCK)
                block, base = origin.read(start, ahead), start
            self._output.write(block[start - base : end - base])

    def close(self) -> None:
        """Write the footer; then the output is complete."""
        manifests = []
        for store, pieces in self._manifests.items():
            built = [piece if isinstance(piece, Manifest) else piece.build() for piece in pieces]
            manifests.append((self._stores[store], join(built)))
        self._output.write(end_of_stream(write_footer(manifests), self._output.position))
        self._output.commit()

    def abort(self) -> None:
        """Leave no trace of the stream, where that is possible."""
        self._output.abort()
