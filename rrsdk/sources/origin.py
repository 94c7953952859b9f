"""Bytes that chunks lie in: an open file or memory, and a window for reading forward through one."""

from __future__ import annotations

import os

from rrsdk.errors import TruncatedError
from rrsdk.message import Origin

READ_AHEAD = 1024 * 1024
NEAR = 64 * 1024


class FileOrigin:
    """A regular file, read at offsets; keeps its bytes readable even when the path is replaced."""

    def __init__(self, name: str, fileno: int, size: int) -> None:
        self.name = name
        self.fileno: int | None = fileno
        self.size = size

    def read(self, offset: int, size: int) -> memoryview:
        assert self.fileno is not None
        data = os.pread(self.fileno, size, offset)
        while len(data) < size:  # a read may stop short of a large size
            more = os.pread(self.fileno, size - len(data), offset + len(data))
            if not more:
                raise TruncatedError(
                    f"{size - len(data)} bytes are missing: the file was cut while it was read",
                    source=self.name,
                    offset=offset + len(data),
                )
            data += more
        return memoryview(data)


class MemoryOrigin:
    """Bytes in memory."""

    def __init__(self, name: str, data: bytes | memoryview) -> None:
        self.name = name
        self.fileno: int | None = None
        self._data = memoryview(data)
        self.size = len(data)

    def read(self, offset: int, size: int) -> memoryview:
        found = self._data[offset : offset + size]
        if len(found) < size:
            raise TruncatedError(f"{size - len(found)} bytes are missing", source=self.name, offset=offset)
        return found


class Window:
    """Reads an origin forward: small pieces from a block read ahead, large ones on their own."""

    def __init__(self, origin: Origin, end: int) -> None:
        self.origin = origin
        self.end = end
        self._base = 0
        self._buf = memoryview(b"")

    def at(self, offset: int, size: int) -> memoryview:
        """The bytes at `offset`, which must end before the window's end."""
        start = offset - self._base
        if start < 0 or start + size > len(self._buf):
            near = 0 <= start <= len(self._buf) + NEAR
            ahead = max(size, min(READ_AHEAD if near else NEAR, self.end - offset))
            self._buf = self.origin.read(offset, ahead)
            self._base, start = offset, 0
        return self._buf[start : start + size]
