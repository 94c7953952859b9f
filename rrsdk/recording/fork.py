"""What a fork means for recordings: nobody forks amid a slice, and the child begins with empty hands."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from rrsdk.recording import exit, family, here  # noqa: A004  # the end of the process
from rrsdk.recording.core import streams

if TYPE_CHECKING:
    from rrsdk.recording.kinship import Origin

_WAIT_S: Final = 1.0
"""How long a fork waits for a batcher to finish its slice; a child that is unlucky then is still sound."""

_is_registered = False
_held: list[threading.Lock] = []
_origin: Origin | None = None
_mask = threading.local()
"""What the forking thread had blocked of signals."""


def register() -> None:
    """From now on forked children take part in what this process records."""
    global _is_registered  # noqa: PLW0603  # once for the process and all its children
    if not _is_registered and hasattr(os, "register_at_fork"):
        _is_registered = True
        os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)


def _before() -> None:
    global _origin  # noqa: PLW0603  # handed over to the child in memory
    _mask.before = exit.hold_sigterm()
    _origin = None
    try:
        import multiprocessing.process  # noqa: F401  # it makes a key, which all children then share

        if any(stream.outlets.is_owner for stream in streams()):
            _origin = family.origin_here()
    except Exception:  # noqa: BLE001, S110  # a fork must never fail of us; the child will write its own file
        pass
    for stream in streams():
        lock = stream.batcher.quiet
        if lock.acquire(timeout=_WAIT_S):
            _held.append(lock)


def _in_parent() -> None:
    exit.let_sigterm(_mask.before)
    while _held:
        _held.pop().release()
    if _origin is not None:
        family.expect_children()


def _in_child() -> None:
    global _origin  # of this process
    try:
        _held.clear()
        here.mark_forked()
        origin, _origin = _origin, None
        family.forked()
        for stream in streams():
            stream.forked(origin)
        exit.forked()
    finally:
        exit.let_sigterm(_mask.before)
