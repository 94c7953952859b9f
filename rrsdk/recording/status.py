"""How a recording stands, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.recording.core import Core
    from rrsdk.sinks.live import SinkStatus


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """Rows in this process, and how each sink stands."""

    application_id: str
    recording_id: str
    waiting_rows: int
    """Logged, and not yet with the sinks."""
    dropped_rows: int
    """There was no room for them."""
    refused_rows: int
    """They could not be encoded."""
    lost_rows: int
    """A sink failed with them in hand, or there was none any more."""
    sinks: tuple[SinkStatus, ...]


def status_of(stream: Core) -> RecordingStatus:
    """How it stands now."""
    batcher = stream.batcher
    return RecordingStatus(
        stream.store.application_id,
        stream.store.recording_id,
        batcher.left(),
        batcher.gate.dropped_rows,
        batcher.refused_rows,
        batcher.lost_rows,
        tuple(sink.status() for sink in stream.outlets.sinks),
    )
