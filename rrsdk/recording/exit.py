"""The end of a process: everything is flushed within a deadline, and what was left is said.

A main program ends through atexit, a child of multiprocessing through multiprocessing's own
finalizers, any child perhaps through `os._exit`, a pool's worker by SIGTERM.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from rrsdk.recording import family, flushing, here, nudge
from rrsdk.recording.core import streams
from rrsdk.recording.reports import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


AT_EXIT_S: Final = 5.0
AT_SIGNAL_S: Final = 0.5
_LOOK_S: Final = 0.001

_is_registered = False
_is_armed = False
_is_over = False
_is_terminating = False
_to_do: list[None] = [None]
"""Who takes it out does it."""
_lock = threading.RLock()
_really_exit = os._exit
before_closing: list[Callable[[], None]] = []
"""What is to be done when children have sent what they had and recordings are still open."""


def register() -> None:
    """From now on recordings are finished when the process ends."""
    global _is_registered  # noqa: PLW0603  # once for the process
    if not _is_registered:
        _is_registered = True
        # pyarrow's first array imports pandas where that is installed, and pandas imports this. It hooks into
        # forks and into the interpreter's end: when one of them has begun, as when rows wait until then, it
        # cannot any more, and rows would be lost.
        import concurrent.futures.thread  # noqa: F401

        atexit.register(_at_exit)


def forked() -> None:
    """In a forked child, which ends in ways of its own."""
    global _is_armed, _is_over, _is_terminating, _lock  # noqa: PLW0603  # of this process
    _is_armed = _is_over = _is_terminating = False
    _to_do[:] = [None]
    _lock = threading.RLock()
    nudge.forked()
    if hasattr(signal, "SIGTERM") and signal.getsignal(signal.SIGTERM) is on_term:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until it has something to lose


def hold_sigterm() -> set[signal.Signals | int]:
    """Before a fork: Python forgets the signals that a child gets before its interpreter is in order."""
    if not hasattr(signal, "pthread_sigmask"):
        return set()
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}))


def let_sigterm(before: set[signal.Signals | int]) -> None:
    """After it: what came meanwhile comes now."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _at_exit() -> None:
    """atexit: but children are waited for first, where multiprocessing has yet to do so."""
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None and not util.is_exiting():
        util.Finalize(None, shutdown, exitpriority=-100)  # called when they are joined
        return
    shutdown()


def shutdown(timeout_s: float = AT_EXIT_S) -> None:
    """Finish all recordings of this process, and say what was left.

    That is done once, by a thread of its own. A signal may come amid it, and its handler calls this
    too, on top of a thread that stands still until the handler is done: so nothing is locked here,
    and who comes later looks whether it is over.
    """
    try:
        threading.Thread(target=_finish_once, args=(timeout_s,), name="rrsdk exit", daemon=True).start()
    except RuntimeError:  # the interpreter is shutting down: no threads, and no handlers either
        _finish_once(timeout_s)
    deadline = time.monotonic() + 2 * timeout_s
    while not _is_over and time.monotonic() < deadline:
        time.sleep(_LOOK_S)


def _finish_once(timeout_s: float) -> None:
    global _is_over  # noqa: PLW0603  # of this process
    try:
        _to_do.pop()
    except IndexError:  # somebody is at it
        return
    try:
        _finish(timeout_s)
    finally:
        _is_over = True


def _finish(timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    try:
        family.close(timeout_s / 2)
        for do in before_closing:
            do()
        for stream in streams():
            ended = flushing.close(stream, timeout_s=max(deadline - time.monotonic(), 0.1))
            if not ended:
                stream.reporter.say(
                    f"{stream.store}: at exit {ended.rows} rows ({ended.bytes} bytes) were left: {ended.why}"
                )
    except Exception as error:  # noqa: BLE001  # whatever it is, the process has to end
        LOGGER.warning("at exit: %s: %s", type(error).__name__, error)


def unregister() -> None:
    """The program calls `shutdown` itself."""
    atexit.unregister(_at_exit)


def arm_child_of_family() -> None:
    """A child of multiprocessing that writes a file of its own must finish it, however it ends."""
    if family.in_child() or here.is_forked:
        arm_child()


def arm_child() -> None:
    """In a child that logs: however it ends, what it logged is sent first."""
    global _is_armed  # noqa: PLW0603  # of this process
    with _lock:
        if _is_armed:
            return
        _is_armed = True
    if family.in_child():
        from multiprocessing import util

        if family.is_preparing():  # what is registered now is forgotten when the child's work begins
            util.register_after_fork(_later, _finish_with_multiprocessing)
        else:
            _finish_with_multiprocessing()
    os._exit = _flush_and_exit  # type: ignore[assignment]
    if (
        hasattr(signal, "SIGTERM")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, on_term)
        nudge.insist(signal.SIGTERM, on_term, lambda: _is_terminating)


class _Later:
    """Something that lives as long as the process."""


_later = _Later()


def _finish_with_multiprocessing(_: object = None) -> None:
    from multiprocessing import util

    util.Finalize(None, shutdown, exitpriority=-100)


def _flush_and_exit(status: int) -> None:
    """What `os._exit` is in a child: a forked one has no other end, and trainers like it, too."""
    try:
        shutdown()
    finally:
        _really_exit(status)


def on_term(number: int, _frame: FrameType | None) -> None:
    """End by this signal, when recordings are finished: it is how `with Pool()` ends its workers."""
    global _is_terminating  # noqa: PLW0603  # of this process
    _is_terminating = True
    signal.signal(number, signal.SIG_IGN)
    shutdown(AT_SIGNAL_S)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
