"""Writes one stream to an output. What already lies in a file is copied from file to file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.encoder import Encoder, Extent
from rrsdk.codec.frames import CURRENT_VERSION, Version

if TYPE_CHECKING:
    from rrsdk.message import Message
    from rrsdk.sinks.output import Output

_KERNEL_WORTH_IT = 64 * 1024
_BLOCK = 1024 * 1024


class RrdSink:
    """A stream on an output."""

    def __init__(self, output: Output, *, version: Version = CURRENT_VERSION) -> None:
        self.name = output.name
        self._output = output
        self._encoder = Encoder(version=version)
        self._is_finished = False
        output.write(self._encoder.begin())

    @property
    def bytes_written(self) -> int:
        """How long the stream is so far."""
        return self._encoder.position

    @property
    def warnings(self) -> list[str]:
        """What a user should hear of what was written."""
        return self._encoder.warnings

    def put(self, message: Message) -> None:
        """Append one message (or the many that a `Chunks` stands for)."""
        for piece in self._encoder.encode(message):
            if isinstance(piece, Extent):
                self._copy(piece)
            else:
                self._output.write(piece)

    def _copy(self, extent: Extent) -> None:
        """Append ranges of an origin: large ones from file to file, small neighbours from blocks."""
        origin, ranges = extent
        block, base = memoryview(b""), 0
        for start, end in ranges:
            if end - start >= _KERNEL_WORTH_IT:
                self._output.copy(origin, start, end)
                continue
            if not base <= start <= end <= base + len(block):
                ahead = min(max(ranges[-1][1] - start, end - start), _BLOCK)
                block, base = origin.read(start, ahead), start
            self._output.write(block[start - base : end - base])

    def finish(self) -> None:
        """Write the footer: `bytes_written` is final then, and it is still time to `abort`."""
        if not self._is_finished:
            self._is_finished = True
            self._output.write(self._encoder.end())

    def close(self) -> None:
        """Write the footer; then the output is complete."""
        self.finish()
        self._output.commit()

    def abort(self) -> None:
        """Leave no trace of the stream, where that is possible."""
        self._output.abort()
