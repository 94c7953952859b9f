"""What programs find under `rerun.recording_stream`: recordings and what is said of the current one."""

from __future__ import annotations

from rrsdk.recording.calls import recording_stream_generator_ctx, thread_local_stream
from rrsdk.recording.current import (
    get_application_id,
    get_data_recording,
    get_global_data_recording,
    get_recording_id,
    get_thread_local_data_recording,
    is_enabled,
    set_global_data_recording,
    set_thread_local_data_recording,
)
from rrsdk.recording.functions import binary_stream
from rrsdk.recording.memory import BinaryStream
from rrsdk.recording.stream import RecordingStream

__all__ = [
    "BinaryStream",
    "RecordingStream",
    "binary_stream",
    "get_application_id",
    "get_data_recording",
    "get_global_data_recording",
    "get_recording_id",
    "get_thread_local_data_recording",
    "is_enabled",
    "recording_stream_generator_ctx",
    "set_global_data_recording",
    "set_thread_local_data_recording",
    "thread_local_stream",
]
