"""Recordings that arrive in order and once: standard input, FIFOs, devices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rrsdk.codec.decoder import Decoder
from rrsdk.errors import FormatError
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.sources.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

BLOCK = 1024 * 1024


class PipeSource:
    """A descriptor that is read to its end; what was read is not kept."""

    on_footer: Callable[[bytes], None] | None = None
    """Is handed the payload of each footer that comes by."""

    def __init__(
        self,
        name: str,
        fileno: int,
        *,
        damage: Damage | None,
        warn: Callable[[str], None],
        owned: bool = True,
    ) -> None:
        self.name = name
        self.size: int | None = None
        self._fileno, self._owned = fileno, owned
        self._damage, self._warn = damage, warn

    def close(self) -> None:
        """Close the descriptor, unless it was lent."""
        if self._owned:
            os.close(self._fileno)

    def messages(self) -> Iterator[Message]:
        """Everything in the order it arrives."""
        if self._damage is not None:
            yield from self._patiently()
            return
        decoder = Decoder(self.name, warn=self._warn)
        decoder.on_footer = self.on_footer
        is_empty = True
        for data in self.blocks():
            is_empty = False
            decoder.feed(data)
            yield from decoder
        if is_empty:
            raise FormatError("the input is empty", source=self.name, offset=0)
        decoder.finish()
        yield from decoder

    def blocks(self) -> Iterator[bytes]:
        """What is there, as it comes."""
        while data := os.read(self._fileno, BLOCK):
            yield data

    def _patiently(self) -> Iterator[Message]:
        """Skipping damage needs to look ahead and back: take all of the input first."""
        assert self._damage is not None
        origin = MemoryOrigin(self.name, b"".join(self.blocks()))
        if not origin.size:
            raise FormatError("the input is empty", source=self.name, offset=0)
        if self.on_footer is not None:
            from rrsdk.sources.file import FileSource

            for region in FileSource(origin, damage=self._damage, warn=self._warn).regions():
                if region.footer is not None:
                    self.on_footer(bytes(region.footer))
        yield from Scan(origin, 0, origin.size, damage=self._damage, warn=self._warn).messages()
