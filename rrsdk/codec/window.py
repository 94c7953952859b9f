"""A window on an origin that is read forward: messages by the block, large ones on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.message import Origin

READ_AHEAD = 1024 * 1024
NEAR = 64 * 1024


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
