"""A line on the terminal that says how far a long job has come, and leaves no trace."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from types import TracebackType

DELAY_S = 0.5
EVERY_S = 0.1


class Progress:
    """Counts bytes; after half a second of work shows them on stderr, if that is a terminal.

    with Progress(total_bytes=size, quiet=quiet) as progress:
        for message in source:
            ...
            progress.advance(message.size_bytes)
    """

    def __init__(
        self, *, total_bytes: int | None = None, quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total = total_bytes
        self._done = 0
        self._shown = False
        self._silent = quiet or not _is_terminal(self._stream)
        self._start = self._next = 0.0

    def expect(self, total_bytes: int) -> None:
        """Say how much there is to do; 0 where that is not known."""
        self._total = total_bytes or None

    def __enter__(self) -> Progress:
        if not self._silent:
            self._start = monotonic()
            self._next = self._start + DELAY_S
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def advance(self, bytes_done: int) -> None:
        """Add to what is done. Cheap enough to call for every chunk."""
        self._done += bytes_done
        if self._silent:
            return
        now = monotonic()
        if now >= self._next:
            self._next = now + EVERY_S
            self._show(now)

    def warn(self, line: str) -> None:
        """Write a line to stderr, untangled from the progress line. Warnings come through `quiet`."""
        self._clear()
        self._stream.write(line + "\n")
        self._stream.flush()

    def _show(self, now: float) -> None:
        rate = self._done / max(now - self._start, 1e-9)
        text = f"{self._done / 1e6:,.0f} MB"
        if self._total:
            share = min(self._done / self._total, 1.0)
            text = f"{share:4.0%} of {self._total / 1e6:,.0f} MB"
        self._stream.write(f"\r\x1b[K{text}, {rate / 1e6:,.0f} MB/s")
        self._stream.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
