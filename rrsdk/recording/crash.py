"""Hears of a program's bad end, an uncaught exception or SIGTERM, and passes it on to who heard before."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from rrsdk.recording import exit, nudge  # noqa: A004  # the end of the process

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

WRITE_S: Final = 8.0
"""How long an end is held up for files: who sent SIGTERM often sends SIGKILL ten seconds later."""

_on_exception: Callable[[str], None] | None = None
_on_sigterm: Callable[[], None] | None = None
_exception_before: Any = None
_thread_before: Any = None
_term_before: Any = None
_has_begun = False
_is_fork_watched = False


def watch_exceptions(tell: Callable[[str], None]) -> None:
    """From now on `tell` hears the name of every exception that ends the program, or a thread of it."""
    global _on_exception, _exception_before, _thread_before  # noqa: PLW0603  # once for the process
    if _on_exception is None:
        _on_exception = tell
        _exception_before, sys.excepthook = sys.excepthook, _excepthook
        _thread_before, threading.excepthook = threading.excepthook, _thread_excepthook


def _excepthook(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    try:
        _tell(kind)
    finally:
        _exception_before(kind, value, trace)


def _thread_excepthook(args: threading.ExceptHookArgs) -> None:
    try:
        if args.exc_type is not SystemExit:
            _tell(args.exc_type)
    finally:
        _thread_before(args)


def _tell(kind: type[BaseException]) -> None:
    try:
        if _on_exception is not None:
            _on_exception(kind.__name__)
    except Exception:  # noqa: BLE001, S110  # the program's own exception matters more
        pass


def watch_sigterm(tell: Callable[[], None]) -> str:
    """From now on `tell` is called at SIGTERM, before what was called so far; else why that cannot be."""
    global _on_sigterm, _term_before, _is_fork_watched  # noqa: PLW0603  # once for the process
    if not hasattr(signal, "SIGTERM") or os.name == "nt":
        return "there is no such signal here"
    before = signal.getsignal(signal.SIGTERM)
    if before is _handle:
        return ""
    if before is signal.SIG_IGN:
        return "the program ignores it"
    if before is None:
        return "it has a handler that is none of Python's"
    if threading.current_thread() is not threading.main_thread():
        return "only the main thread can ask for that"
    _on_sigterm, _term_before = tell, before
    signal.signal(signal.SIGTERM, _handle)
    nudge.insist(signal.SIGTERM, _handle, lambda: _has_begun)
    if not _is_fork_watched and hasattr(os, "register_at_fork"):
        _is_fork_watched = True
        os.register_at_fork(after_in_child=_forked)
    return ""


def _handle(number: int, frame: FrameType | None) -> None:
    global _has_begun  # noqa: PLW0603  # of this process
    _has_begun = True
    before = _term_before
    try:
        if _on_sigterm is not None:
            _on_sigterm()
    except Exception:  # noqa: BLE001, S110  # the process has to end
        pass
    if callable(before):
        before(number, frame)
    else:
        exit.on_term(number, frame)


def _forked() -> None:
    """In a forked child: it has no black box, and ends as it would have without ours."""
    global _has_begun  # noqa: PLW0603  # of this process
    _has_begun = False
    if signal.getsignal(signal.SIGTERM) is _handle:
        is_ours = _term_before is exit.on_term  # then of the parent, which is a child that logs itself
        signal.signal(signal.SIGTERM, signal.SIG_DFL if is_ours else _term_before)
