"""The end of a process: everything is flushed within a deadline, and what was left is said.

A main program ends through atexit, a child of multiprocessing through multiprocessing's own
finalizers, a forked one perhaps through `os._exit`, a pool's worker by SIGTERM.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from rrsdk.recording import fork

if TYPE_CHECKING:
    from types import FrameType

    from rrsdk.recording.stream import RecordingStream

AT_EXIT_S: Final = 5.0
AT_SIGNAL_S: Final = 0.5

_streams: WeakSet[RecordingStream] = WeakSet()
_is_registered = False
_is_armed = False
_is_over = False
_lock = threading.RLock()
_really_exit = os._exit


def watch(stream: RecordingStream) -> None:
    """A recording to be finished when the process ends."""
    global _is_registered  # noqa: PLW0603  # once for the process
    _streams.add(stream)
    if not _is_registered:
        _is_registered = True
        atexit.register(_at_exit)


def forked() -> None:
    """In a forked child, which ends in ways of its own."""
    global _is_armed, _is_over, _lock  # noqa: PLW0603  # of this process
    _is_armed = _is_over = False
    _lock = threading.RLock()


def _at_exit() -> None:
    """atexit: but children are waited for first, where multiprocessing has yet to do so."""
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None and not util.is_exiting():
        util.Finalize(None, shutdown, exitpriority=-100)  # called when they are joined
        return
    shutdown()


def shutdown(timeout_s: float = AT_EXIT_S) -> None:
    """Finish all recordings of this process, and say what was left."""
    global _is_over  # noqa: PLW0603  # of this process
    with _lock:
        if _is_over:
            return
        _is_over = True
    from rrsdk.recording import family

    deadline = time.monotonic() + timeout_s
    family.close(timeout_s / 2)
    for stream in list(_streams):
        ended = stream.close(max(deadline - time.monotonic(), 0.1))
        if not ended:
            stream.reporter.say(
                f"{stream.store}: at exit {ended.rows} rows ({ended.bytes} bytes) were left: {ended.why}"
            )
    _streams.clear()


def unregister() -> None:
    """The program calls `shutdown` itself."""
    atexit.unregister(_at_exit)


def arm_child() -> None:
    """In a child that logs: however it ends, what it logged is sent first."""
    global _is_armed  # noqa: PLW0603  # of this process
    with _lock:
        if _is_armed:
            return
        _is_armed = True
    util: Any = sys.modules.get("multiprocessing.util")
    process: Any = sys.modules.get("multiprocessing.process")
    if util is not None and process is not None and process.parent_process() is not None:
        util.Finalize(None, shutdown, exitpriority=-100)
    if fork.is_forked():
        os._exit = _flush_and_exit  # type: ignore[assignment]
    if (
        hasattr(signal, "SIGTERM")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, _on_term)


def _flush_and_exit(status: int) -> None:
    """What `os._exit` is in a forked child, which has no other end."""
    try:
        shutdown()
    finally:
        _really_exit(status)


def _on_term(number: int, _frame: FrameType | None) -> None:
    """How `with Pool()` ends its workers."""
    signal.signal(number, signal.SIG_DFL)
    worker = threading.Thread(target=shutdown, args=(AT_SIGNAL_S,), daemon=True)
    try:
        # In a thread of its own: the one that was interrupted may hold a lock that is needed here.
        worker.start()
        worker.join(2 * AT_SIGNAL_S)
    except RuntimeError:
        pass
    os.kill(os.getpid(), number)
