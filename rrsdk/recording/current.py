"""Which recording is meant where none is named: the thread's, else the process's."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rrsdk.recording import family, here
from rrsdk.recording.stream import RecordingStream

if TYPE_CHECKING:
    from rrsdk.recording.context import Context


def get_global_data_recording() -> RecordingStream | None:
    """The recording of the process: what `init` made, or was set since."""
    return cast("RecordingStream | None", here.of_process)


def set_global_data_recording(recording: RecordingStream | None) -> RecordingStream | None:
    """Make a recording the process's; returns the one that was."""
    return cast("RecordingStream | None", here.set_of_process(recording))


def get_thread_local_data_recording() -> RecordingStream | None:
    """The recording that this thread alone logs to."""
    return cast("RecordingStream | None", here.of_thread.recording)


def set_thread_local_data_recording(recording: RecordingStream | None) -> RecordingStream | None:
    """Make a recording this thread's; returns the one that was."""
    return cast("RecordingStream | None", here.set_of_thread(recording))


def get_data_recording(recording: RecordingStream | None = None) -> RecordingStream | None:
    """The recording that a call means: the one given, else the thread's, else the process's."""
    return recording or get_thread_local_data_recording() or get_global_data_recording()


def find(recording: RecordingStream | None = None) -> RecordingStream | None:
    """The recording that a call means; in a child of a process that records, its parent's."""
    found = get_data_recording(recording)
    if found is None:
        parents = family.recording_of_parent()
        if parents is not None:
            found = RecordingStream(
                parents.application_id, recording_id=parents.recording_id, send_properties=False
            )
            set_global_data_recording(found)
    return found


def context_here() -> Context | None:
    """The times of this thread for the recording that is current in it, if there is one."""
    try:
        return here.local.context
    except AttributeError:
        stream = find()
        if stream is None:
            return None
        here.local.context = context = stream.context
        return context


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
