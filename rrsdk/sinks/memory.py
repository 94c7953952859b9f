"""Recordings written to memory: to be sent, kept, or looked at by a test."""

from __future__ import annotations

from rrsdk.codec.frames import CURRENT_VERSION, Version
from rrsdk.errors import UsageError
from rrsdk.sinks.output import Output
from rrsdk.sinks.rrd import RrdSink


class MemoryOutput(Output):
    """Collects what is written; `data` is there once all of it is."""

    def __init__(self, name: str) -> None:
        super().__init__(name, -1, owned=False)
        self._kernel_copies = False
        self._received = bytearray()
        self.data: bytes | None = None

    def _write_out(self, data: memoryview) -> None:
        self._received += data

    def commit(self) -> None:
        """Everything has been written."""
        self.flush()
        self.data = bytes(self._received)
        self._received.clear()

    def abort(self) -> None:
        """Forget what was written."""
        super().abort()
        self._received.clear()


class MemorySink(RrdSink):
    """A stream whose bytes are `data` when the sink is closed."""

    def __init__(self, *, name: str = "memory", version: Version = CURRENT_VERSION) -> None:
        self._memory = MemoryOutput(name)
        super().__init__(self._memory, version=version)

    @property
    def data(self) -> bytes:
        """The whole recording, footer and all; UsageError before `close`."""
        if self._memory.data is None:
            raise UsageError("the recording is not complete", source=self.name, hint="close the sink first")
        return self._memory.data
