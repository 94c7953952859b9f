"""Appending to a file whole or not at all: what a failed write left behind is taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from rrsdk.sinks.disk import DISK, Disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.message import Buffer

_MAX_PIECES: Final = 512  # of one writev; the system's own limit is 1024
_JOINED_BELOW: Final = 64 * 1024


class Appender:
    """Writes pieces behind one another at a descriptor's place."""

    def __init__(self, fileno: int, *, is_regular: bool, position: int = 0, disk: Disk = DISK) -> None:
        """`is_regular`: what was written can be taken back. `position` is only counted from."""
        self.position = position
        self.is_torn = False
        """Half a message lies there and could not be taken back: nothing may follow it."""
        self._fileno, self._disk, self._is_regular = fileno, disk, is_regular

    def append(self, pieces: Sequence[Buffer]) -> None:
        """All of it, or an OSError and (unless `is_torn` says so) nothing."""
        if self.is_torn:
            raise OSError(0, "what was written last is not whole")
        written = 0
        try:
            waiting = [memoryview(piece) for piece in pieces if len(piece)]
            if len(waiting) > 1 and sum(map(len, waiting)) < _JOINED_BELOW:
                waiting = [memoryview(b"".join(waiting))]
            while waiting:
                done = self._disk.writev(self._fileno, waiting[:_MAX_PIECES])
                written += done
                while waiting and done >= len(waiting[0]):
                    done -= len(waiting.pop(0))
                if done:
                    waiting[0] = waiting[0][done:]
        except OSError:
            if written:
                self._take_back(written)
            raise
        self.position += written

    def _take_back(self, written: int) -> None:
        if self._is_regular:
            try:
                end = self._disk.seek(self._fileno, -written, os.SEEK_CUR)
                self._disk.truncate(self._fileno, end)
                return
            except OSError:
                pass
        self.is_torn = True
