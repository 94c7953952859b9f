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
        block, base = self.block(offset, size)
        return block[offset - base : offset - base + size]

    def block(self, offset: int, size: int) -> tuple[memoryview, int]:
        """A block in which these bytes lie, and the offset it begins at: for loops that look often."""
        start = offset - self._base
        if start < 0 or start + size > len(self._buf):
            near = 0 <= start <= len(self._buf) + NEAR
            ahead = max(size, min(READ_AHEAD if near else NEAR, self.end - offset))
            self._buf = self.origin.read(offset, ahead)
            self._base = offset
        return self._buf, self._base
