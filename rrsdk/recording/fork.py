"""What a fork means for recordings: nobody forks amid a slice, and the child begins with empty hands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

if TYPE_CHECKING:
    import threading

    from rrsdk.recording.kinship import Origin
    from rrsdk.recording.stream import RecordingStream

_WAIT_S: Final = 1.0
"""How long a fork waits for a batcher to finish its slice; a child that is unlucky then is still sound."""

_streams: WeakSet[RecordingStream] = WeakSet()
_is_registered = False
_held: list[threading.Lock] = []
_origin: Origin | None = None
_is_child = False


def watch(stream: RecordingStream) -> None:
    """A recording that forked children take part in."""
    global _is_registered  # noqa: PLW0603  # once for the process and all its children
    _streams.add(stream)
    if not _is_registered and hasattr(os, "register_at_fork"):
        _is_registered = True
        os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)


def streams() -> list[RecordingStream]:
    """All recordings of this process."""
    return list(_streams)


def is_forked() -> bool:
    """Whether this process was forked from one that recorded."""
    return _is_child


def _before() -> None:
    global _origin  # noqa: PLW0603  # handed over to the child in memory
    _origin = None
    try:
        if any(stream.outlets.is_owner for stream in streams()):
            from rrsdk.recording import family

            _origin = family.origin_here()
    except Exception:  # noqa: BLE001, S110  # a fork must never fail of us; the child will write its own file
        pass
    for stream in streams():
        lock = stream.batcher.quiet
        if lock.acquire(timeout=_WAIT_S):
            _held.append(lock)


def _in_parent() -> None:
    while _held:
        _held.pop().release()
    if _origin is not None:
        from rrsdk.recording import family

        listening = family.relay()
        if listening is not None:
            listening.start()


def _in_child() -> None:
    global _is_child, _origin  # noqa: PLW0603  # of this process
    _held.clear()
    _is_child = True
    origin, _origin = _origin, None
    from rrsdk.recording import exit as at_exit
    from rrsdk.recording import family

    family.forked()
    for stream in streams():
        stream.forked(origin)
    at_exit.forked()
