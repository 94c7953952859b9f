"""One file (or pipe) as it is written: header, messages, footer; whatever fails leaves it readable."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from rrsdk.codec.checksum import with_checksum
from rrsdk.codec.encoder import Encoder, Extent
from rrsdk.codec.frames import Kind, message_header
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sinks import claim
from rrsdk.sinks.append import Appender
from rrsdk.sinks.disk import DISK, Disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Message

MANIFEST_BYTES: Final = 32 * 1024 * 1024
"""What the rows of a footer may take, which is 400,000 chunks: ending the file takes 4 s then, and 300 MB."""
_LOOKED_AT_EVERY: Final = 1024
_MOST_DUE: Final = 4096


class Part:
    """A descriptor that messages are appended to. Its calls raise OSError."""

    def __init__(
        self,
        path: str,
        fileno: int,
        *,
        owned: bool,
        write_footer: bool,
        report: Callable[[str], None],
        checksum: bool = False,
        disk: Disk = DISK,
        manifest_bytes: int = MANIFEST_BYTES,
    ) -> None:
        """`owned`: it is closed at the end, and was claimed. `checksum`: every message gets one."""
        self.path, self.fileno, self.owned = path, fileno, owned
        self.is_regular = stat.S_ISREG(os.fstat(fileno).st_mode)
        self._write_footer, self._manifest_bytes = write_footer, manifest_bytes
        self._report, self._disk, self._checksum = report, disk, checksum
        self._appender = Appender(fileno, is_regular=self.is_regular, disk=disk)
        self._encoder = Encoder(is_live=True)
        self._chunks = 0
        self._due: list[Buffer] = [self._encoder.begin()]
        """What must be written before anything else: the header, store infos that found a full disk."""

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._appender.position

    def keeps(self, message: Message) -> bool:
        """Whether the message will be written later where it cannot be now."""
        return not isinstance(message, ChunkMsg) and len(self._due) < _MOST_DUE

    def write(self, message: Message) -> int:
        """Append it whole; where its payload lies."""
        if self._checksum and not isinstance(message, Chunks):
            message = with_checksum(message)
        if not isinstance(message, ChunkMsg):
            if self.keeps(message):
                pieces = self._encoder.encode(message)
                assert not any(isinstance(piece, Extent) for piece in pieces), "what is logged lies in memory"
                self._due += pieces  # type: ignore[arg-type]
            self.write_due()
            return self.size
        size = message.size
        self._append([message_header(Kind.CHUNK, size), *message.parts])
        if self._write_footer:
            self._encoder.encode(message)  # puts it down in the manifest
            self._chunks += 1
            if self._chunks % _LOOKED_AT_EVERY == 0:
                self._look_at_manifest()
        return self.size - size

    def write_due(self) -> None:
        """Append what should have been written before."""
        self._append([])

    def _append(self, pieces: list[Buffer]) -> None:
        self._appender.append([*self._due, *pieces])
        self._due.clear()

    def _look_at_manifest(self) -> None:
        if self._encoder.manifest_bytes() > self._manifest_bytes:
            self._write_footer = False
            self._encoder.forget_manifests()
            self._report(
                f"{self.path}: has {self._chunks} chunks, whose footer would take too much memory: "
                "it gets none, and can be read all the same; "
                f"`rrtool merge {self.path} -o OUT` makes a copy with one"
            )

    def read(self, offset: int, size: int) -> bytes:
        """Bytes that were written."""
        return self._disk.pread(self.fileno, size, offset)

    def finish(self) -> None:
        """Write the footer; nothing may follow."""
        self.write_due()
        if self._write_footer:
            self._write_footer = False
            end = self._encoder.end()
            for line in self._encoder.warnings:
                self._report(line)
            self._append([end])

    def close(self) -> None:
        """Give the descriptor back; on some file systems this is where a full disk is noticed."""
        if self.owned:
            self.owned = False
            try:
                claim.release(self.fileno)
            finally:
                self._disk.close(self.fileno)

    def is_at(self, path: str) -> bool:
        """Whether this is the file of that name."""
        try:
            return self.owned and os.path.samestat(os.fstat(self.fileno), os.stat(path))
        except OSError:
            return False
