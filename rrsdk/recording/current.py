"""Which recording is meant where none is named: the thread's, else the process's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rrsdk.recording.quick import forget

if TYPE_CHECKING:
    from rrsdk.recording.stream import RecordingStream


class _OfThread(threading.local):
    stream: RecordingStream | None = None


_global: RecordingStream | None = None
_of_thread = _OfThread()


def get_global_data_recording() -> RecordingStream | None:
    """The recording of the process: what `init` made, or was set since."""
    return _global


def set_global_data_recording(recording: RecordingStream | None) -> RecordingStream | None:
    """Make a recording the process's; returns the one that was."""
    global _global  # there is one for the process, as in Rerun
    before, _global = _global, recording
    forget()
    return before


def get_thread_local_data_recording() -> RecordingStream | None:
    """The recording that this thread alone logs to."""
    return _of_thread.stream


def set_thread_local_data_recording(recording: RecordingStream | None) -> RecordingStream | None:
    """Make a recording this thread's; returns the one that was."""
    before = _of_thread.stream
    if recording is not before:
        _of_thread.stream = recording
        forget()
    return before


def get_data_recording(recording: RecordingStream | None = None) -> RecordingStream | None:
    """The recording that a call means: the one given, else the thread's, else the process's."""
    return recording or _of_thread.stream or _global


def find() -> RecordingStream | None:
    """The current recording; in a child of a process that records, that recording."""
    found = _of_thread.stream or _global
    if found is None:
        from rrsdk.recording.family import adopted

        found = adopted()
        if found is not None:
            set_global_data_recording(found)
    return found


def is_enabled(recording: RecordingStream | None = None) -> bool:
    """Whether what is logged is recorded (see the environment variable RERUN)."""
    found = get_data_recording(recording)
    return found is not None and found.enabled


def get_application_id(recording: RecordingStream | None = None) -> str | None:
    """The application that a recording belongs to."""
    found = get_data_recording(recording)
    return None if found is None else found.store.application_id


def get_recording_id(recording: RecordingStream | None = None) -> str | None:
    """The id of a recording; with the application's, what makes it the same in several processes."""
    found = get_data_recording(recording)
    return None if found is None else found.store.recording_id
