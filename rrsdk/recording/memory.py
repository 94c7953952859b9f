"""Recordings that stay in the program: taken out whole, or read as a stream."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rrsdk.recording import flushing
from rrsdk.recording.announce import announcement
from rrsdk.sinks.memory import MemorySink

if TYPE_CHECKING:
    from rrsdk.recording.core import Core
    from rrsdk.sinks.hold import HoldSink, StreamSink


class MemoryRecording:
    """What `memory_recording` gives: everything logged since, until it is taken out."""

    def __init__(self, stream: Core, sink: HoldSink) -> None:
        self._stream, self._sink = stream, sink

    def num_msgs(self) -> int:
        """How many messages there are."""
        flushing.flush(self._stream, timeout_s=1e38)
        return len(self._sink)

    def drain_as_bytes(self) -> bytes:
        """Everything there is, as the bytes of a recording file; it is then forgotten."""
        flushing.flush(self._stream, timeout_s=1e38)
        file = MemorySink()
        file.put(announcement(self._stream.store))
        for message in self._sink.take():
            file.put(message)
        file.close()
        return file.data


class BinaryStream:
    """What `binary_stream` gives: the bytes of a recording as they come."""

    def __init__(self, stream: Core, sink: StreamSink) -> None:
        self._stream, self._sink = stream, sink

    def read(self, *, flush: bool = True, flush_timeout_sec: float = math.inf) -> bytes | None:
        """What came since the last call; None where nothing did."""
        if flush:
            self.flush(flush_timeout_sec)
        return self._sink.read() or None

    def flush(self, timeout_sec: float = math.inf) -> None:
        """Wait until what was logged can be read."""
        flushing.flush(self._stream, timeout_s=min(timeout_sec, 1e38))
