"""Which recordings there are in this process, and which one each thread logs to. Types are for `current`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rrsdk.recording.context import Context


class _Local(threading.local):
    """What this thread logs with, found once."""

    context: Context


class _OfThread(threading.local):
    recording: Any = None


local = _Local()
of_thread = _OfThread()
of_process: Any = None
is_forked = False
"""Whether this process was forked from one that recorded."""


def forget() -> None:
    """Another recording is the current one: every thread has to look anew."""
    global local  # noqa: PLW0603  # replacing it is how all threads forget at once
    local = _Local()


def set_of_process(recording: Any) -> Any:
    """Make a recording the process's; returns the one that was."""
    global of_process  # there is one for the process, as in Rerun
    before, of_process = of_process, recording
    forget()
    return before


def set_of_thread(recording: Any) -> Any:
    """Make a recording this thread's; returns the one that was."""
    before = of_thread.recording
    if recording is not before:
        of_thread.recording = recording
        forget()
    return before


def mark_forked() -> None:
    """This is a forked child."""
    global is_forked  # noqa: PLW0603  # of this process
    is_forked = True
