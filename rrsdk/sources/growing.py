"""A file that is still being written: what it holds, then what is appended, until it is closed."""

from __future__ import annotations

import os
import stat
import threading
from time import monotonic
from typing import TYPE_CHECKING

from rrsdk.codec.decoder import Decoder
from rrsdk.errors import InputError
from rrsdk.sources.missed import Missed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message

BLOCK = 1024 * 1024
POLL_S = 0.1


class GrowingSource:
    """Reads a file, and again whenever it has grown. A message that is not whole yet is waited for."""

    def __init__(self, path: str, *, idle_s: float | None = None, warn: Callable[[str], None]) -> None:
        """`idle_s`: end when nothing was appended for so long."""
        self.name = path
        self.size: int | None = None
        self.missed = Missed()
        self._idle_s = idle_s
        self._is_closed = threading.Event()
        self._decoder = Decoder(path, warn=warn)
        try:
            self._fileno = os.open(
                path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
            )
        except FileNotFoundError:
            raise InputError("no such file", source=path) from None
        except (OSError, ValueError) as error:
            raise InputError(f"cannot be opened: {error}", source=path) from error

        self._is_file = stat.S_ISREG(os.fstat(self._fileno).st_mode)

    def messages(self) -> Iterator[Message]:
        """What there is, then what is appended."""
        read = 0
        grown_at = monotonic()
        while not self._is_closed.is_set():
            try:
                data = os.read(self._fileno, BLOCK)
            except OSError as error:
                raise InputError(f"cannot be read: {error.strerror}", source=self.name) from error
            if data:
                read += len(data)
                self._decoder.feed(data)
                yield from self._decoder
                grown_at = monotonic()
                continue
            if self._is_file and os.fstat(self._fileno).st_size < read:
                raise InputError("was cut off while it was read", source=self.name, hint="start again")
            if self._idle_s is not None and monotonic() >= grown_at + self._idle_s:
                return
            self._is_closed.wait(POLL_S)

    def close(self) -> None:
        """End reading."""
        self._is_closed.set()
        if self._fileno >= 0:
            os.close(self._fileno)
            self._fileno = -1
