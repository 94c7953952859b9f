"""The operating system's files, as far as writers that must survive need them; tests stand in between.

Everything here raises OSError and nothing else, and a `Disk` keeps no state: whoever simulates a lost
power supply, or a disk that is full at the hundredth call, implements the same few calls.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.message import Buffer

_ALWAYS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Disk(Protocol):
    """Calls of the operating system."""

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        """A descriptor; `flags` are those of `os.open`."""

    def close(self, fileno: int) -> None:
        """Give it back; on some file systems this is where a full disk is noticed."""

    def writev(self, fileno: int, pieces: Sequence[Buffer]) -> int:
        """Write at the descriptor's place; how many bytes were, which may be fewer."""

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        """Bytes from a place on; fewer at the end."""

    def seek(self, fileno: int, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the descriptor's place."""

    def truncate(self, fileno: int, size: int) -> None:
        """Cut off what is behind `size`."""

    def size(self, fileno: int) -> int:
        """How long the file is."""

    def sync(self, fileno: int) -> None:
        """Return when the file's content, and its length, would survive a power loss."""

    def sync_folder(self, path: str) -> None:
        """The same for the names in a folder."""

    def rename(self, path: str, to: str) -> None:
        """Give another name, replacing what has it."""

    def remove(self, path: str) -> None:
        """Take a name away."""

    def make_folder(self, path: str) -> None:
        """With those above it; no error where it is there."""


class SystemDisk:
    """The real one."""

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        return os.open(path, flags | _ALWAYS, mode)

    def close(self, fileno: int) -> None:
        os.close(fileno)

    def writev(self, fileno: int, pieces: Sequence[Buffer]) -> int:
        if hasattr(os, "writev"):
            return os.writev(fileno, pieces)
        return os.write(fileno, pieces[0])

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(fileno, size, offset)
        before = os.lseek(fileno, 0, os.SEEK_CUR)
        try:
            os.lseek(fileno, offset, os.SEEK_SET)
            return os.read(fileno, size)
        finally:
            os.lseek(fileno, before, os.SEEK_SET)

    def seek(self, fileno: int, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(fileno, offset, whence)

    def truncate(self, fileno: int, size: int) -> None:
        os.ftruncate(fileno, size)

    def size(self, fileno: int) -> int:
        return os.fstat(fileno).st_size

    def sync(self, fileno: int) -> None:
        if hasattr(os, "fdatasync"):
            os.fdatasync(fileno)
        else:
            os.fsync(fileno)

    def sync_folder(self, path: str) -> None:
        if os.name == "nt":  # a folder cannot be opened there
            return
        fileno = os.open(path or ".", os.O_RDONLY | _ALWAYS)
        try:
            os.fsync(fileno)
        finally:
            os.close(fileno)

    def rename(self, path: str, to: str) -> None:
        os.replace(path, to)

    def remove(self, path: str) -> None:
        os.remove(path)

    def make_folder(self, path: str) -> None:
        os.makedirs(path, exist_ok=True)


DISK: Disk = SystemDisk()
