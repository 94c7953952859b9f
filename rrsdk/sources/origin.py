"""Bytes that chunks lie in: an open file, or memory."""

from __future__ import annotations

import os

from rrsdk.errors import TruncatedError


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
