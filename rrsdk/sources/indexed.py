"""A stream read by its footer: nothing is decoded, but every message header is checked.

The footer's manifests must account for every chunk message, and the messages must lie end to end;
else what is copied on the strength of the footer would not be what the file holds.
"""

from __future__ import annotations

from array import array
from itertools import chain, repeat

from rrsdk.codec.checksum import check
from rrsdk.codec.frames import MESSAGE_HEADER, NEWEST_KNOWN, STREAM_HEADER, Kind
from rrsdk.codec.payload import read_activation_store, read_info_store, read_info_version, read_store_id
from rrsdk.codec.window import Window
from rrsdk.codec.wire import write_bytes
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import OFFSET, SIZE, Manifest
from rrsdk.message import Activation, Chunks, Origin, StoreInfo

_HEADER = MESSAGE_HEADER.size


class IndexedStream:
    """One stream of an origin, from its header at `start` to its End message at `end`."""

    def __init__(self, origin: Origin, start: int, end: int) -> None:
        self._origin = origin
        self._start, self._end = start, end
        self._window = Window(origin, end)
        self._infos: list[StoreInfo] = []
        self._activations: list[Activation] = []

    def messages(self, footer: list[tuple[bytes, Manifest]]) -> list[StoreInfo | Chunks | Activation]:
        """Store infos, then each store's chunks, then activations."""
        placed: list[tuple[bytes, Manifest]] = []
        for raw, manifest in footer:
            offsets = manifest.table.u64(OFFSET)
            if self._start:
                offsets = array("Q", [offset + self._start for offset in offsets])
            placed.append((raw, manifest.moved(offsets)))
        self._walk(placed)
        chunks = [Chunks(read_store_id(raw), raw, manifest, self._origin) for raw, manifest in placed]
        return [*self._infos, *chunks, *self._activations]

    def oldest_release(self) -> tuple[int, int]:
        """The oldest release that any store says it was written by, of the stores seen so far."""
        versions = (read_info_version(info.payload) for info in self._infos)
        return min((version.release for version in versions if version), default=NEWEST_KNOWN)

    def _walk(self, placed: list[tuple[bytes, Manifest]]) -> None:
        places = (
            zip(manifest.table.u64(OFFSET), manifest.table.u64(SIZE), repeat(number))
            for number, (_, manifest) in enumerate(placed)
        )
        entries = sorted(chain.from_iterable(places))
        begins = [write_bytes(1, raw) for raw, _ in placed]
        heads: dict[tuple[int, int], bytes] = {}  # how a message of a size and a store begins
        pos, end = self._start + STREAM_HEADER.size, self._end
        block, base = memoryview(b""), 0
        for offset, size, number in entries:
            before = offset - _HEADER
            if before < pos or size > end - offset:
                raise FormatError(f"the footer places a chunk at byte {offset}, where it cannot be")
            if before > pos:
                self._between(pos, before)
            head = heads.get((size, number))
            if head is None:
                head = heads[size, number] = MESSAGE_HEADER.pack(Kind.CHUNK, size) + begins[number]
            start = before - base
            if start + len(head) > len(block) or start < 0:
                block, base = self._window.block(before, min(len(head), end - before))
                start = before - base
            if block[start : start + len(head)] != head:
                raise FormatError(
                    "the footer places a chunk here, but its message does not begin", offset=before
                )
            pos = offset + size
        self._between(pos, end)

    def _between(self, pos: int, end: int) -> None:
        """Read the messages that are no chunks, which must fill `pos:end`."""
        while pos < end:
            if end - pos < _HEADER:
                raise FormatError("messages overlap", offset=pos)
            number, size = MESSAGE_HEADER.unpack(self._window.at(pos, _HEADER))
            if number > Kind.BLUEPRINT_ACTIVATION:
                raise FormatError(f"unknown message kind {number}", offset=pos)
            if size > end - pos - _HEADER:
                raise FormatError("a message is longer than the footer leaves room for", offset=pos)
            payload = bytes(self._origin.read(pos + _HEADER, size))
            check(number, payload)
            if number == Kind.STORE_INFO:
                self._infos.append(StoreInfo(read_info_store(payload)[0], payload))
            elif number == Kind.BLUEPRINT_ACTIVATION:
                self._activations.append(Activation(read_activation_store(payload)[0], payload))
            else:
                raise FormatError(
                    f"a {Kind(number).name.lower()} message the footer does not know of", offset=pos
                )
            pos += _HEADER + size
