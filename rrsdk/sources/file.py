"""Recordings in files: read from the footer where there is one, from end to end where not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.codec.footer import FooterPlace, footer_hash, read_footer, read_trailer
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_TRAILER,
    MAGIC,
    MESSAGE_HEADER,
    NEWEST_KNOWN,
    STREAM_HEADER,
    Kind,
    parse_stream_header,
)
from rrsdk.errors import FormatError
from rrsdk.sources.indexed import IndexedStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Activation, Chunks, Message, StoreInfo
    from rrsdk.sources.damage import Damage
    from rrsdk.sources.origin import FileOrigin, MemoryOrigin

# Walking messages and reading pipes need the whole codec; a file with a footer does not.


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a file: one stream with its footer, or streams without one that can be relied on."""

    start: int
    end: int
    footer: memoryview | None
    """The payload of the End message, which stands at the region's end before the trailer."""


class FileSource:
    """A regular file, or memory. Chunks stay where they lie until somebody reads or copies them."""

    def __init__(
        self,
        origin: FileOrigin | MemoryOrigin,
        *,
        damage: Damage | None,
        warn: Callable[[str], None],
    ) -> None:
        self.name = origin.name
        self.size: int | None = origin.size
        self.origin = origin
        self._damage, self._warn = damage, warn

    def close(self) -> None:
        """Close the file."""
        if self.origin.fileno is not None:
            os.close(self.origin.fileno)
            self.origin.fileno = None

    def messages(self) -> Iterator[Message]:
        """Store infos, then chunks by store, then activations, stream by stream."""
        if self.origin.size == 0:
            raise FormatError(
                "the file is empty", source=self.name, hint="check that it was written to the end"
            )
        for region in self.regions():
            indexed = self._indexed(region)
            if indexed is None:
                from rrsdk.sources.scan import Scan

                scan = Scan(self.origin, region.start, region.end, damage=self._damage, warn=self._warn)
                yield from scan.messages()
            else:
                yield from indexed

    def _indexed(self, region: Region) -> list[StoreInfo | Chunks | Activation] | None:
        """The stream as its footer describes it; None where it must be walked instead."""
        if region.footer is None:
            return None
        from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE

        header = parse_stream_header(bytes(self.origin.read(region.start, STREAM_HEADER.size)), region.start)
        if header.version.release < FIRST_CURRENT_RELEASE or header.version.release > NEWEST_KNOWN:
            return None
        end = region.end - FOOTER_ENTRY.size - FOOTER_TRAILER.size - MESSAGE_HEADER.size - len(region.footer)
        stream = IndexedStream(self.origin, region.start, end)
        try:
            footer = read_footer(region.footer)
            if not footer:  # what `rerun rrd route` writes for a recording that had none, chunks or not
                return None
            messages = stream.messages(footer)
        except FormatError as error:
            if stream.oldest_release() < FIRST_CURRENT_RELEASE:
                return None
            error.located(source=self.name, offset=region.end - len(region.footer))
            if self._damage is None:
                error.hint = error.hint or "run with --continue-on-error to go by the messages instead"
                raise
            self._warn(f"{error}; going by the messages instead")
            return None
        # A stream whose header is current can still carry old chunks: `rerun rrd route` passes them on.
        return messages if stream.oldest_release() >= FIRST_CURRENT_RELEASE else None

    def regions(self) -> list[Region]:
        """Take the file apart from its end: each trailer says where its stream began."""
        regions: list[Region] = []
        end = self.origin.size
        while end > 0:
            region = self._last_region(end)
            regions.append(region)
            end = region.start
        return regions[::-1]

    def _last_region(self, end: int) -> Region:
        size = FOOTER_ENTRY.size + FOOTER_TRAILER.size
        whole = Region(0, end, None)
        if end < STREAM_HEADER.size + size:
            return whole
        try:
            places = read_trailer(bytes(self.origin.read(end - size, size)))
            if places is None:
                return whole
            if len(places) != 1:
                raise FormatError(f"{len(places)} footers for one stream")
            return self._with_footer(end, places[0])
        except FormatError as error:
            error.located(source=self.name, offset=end - size)
            if self._damage is None:
                error.hint = "run with --continue-on-error to go by the messages instead"
                raise
            self._warn(f"{error}; going by the messages instead")
            return whole

    def _with_footer(self, end: int, place: FooterPlace) -> Region:
        payload_at = end - FOOTER_ENTRY.size - FOOTER_TRAILER.size - place.size
        start = payload_at - place.start
        if place.size > end or start < 0:
            raise FormatError(
                f"the footer should stand at byte {place.start} and have {place.size} bytes, "
                f"which this file of {end} bytes does not have there"
            )
        if bytes(self.origin.read(start, 4)) != MAGIC:
            raise FormatError("the footer points at a stream that does not begin where it says")
        head = self.origin.read(payload_at - MESSAGE_HEADER.size, MESSAGE_HEADER.size)
        if MESSAGE_HEADER.unpack(head) != (Kind.END, place.size):
            raise FormatError("the footer's own message header is broken")
        payload = self.origin.read(payload_at, place.size)
        if footer_hash(payload) != place.xxh32:
            raise FormatError("the footer does not match its checksum")
        return Region(start, end, payload)
