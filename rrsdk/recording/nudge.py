"""A signal that comes when the main thread has just begun to wait is handled now, not never.

Python's handlers run in the main thread, between two of its instructions. One that has let go of
the interpreter and is about to wait in C (for a semaphore, as a pool's idle worker does) does not
look any more: the handler would run when the wait is over, and whoever sent the signal may wait for
just that. So a thread of ours hears of the signal by the wakeup descriptor, which is written to
whatever the main thread does, and sends the signal once more, until it has been heard.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_FIRST_S: Final = 0.02
_LONGEST_S: Final = 1.0

_ends: tuple[socket.socket, socket.socket] | None = None


def insist(
    number: int, handler: Callable[[int, FrameType | None], None], has_begun: Callable[[], bool]
) -> None:
    """See to it that `handler` begins soon after the signal. To be called in the main thread."""
    global _ends  # noqa: PLW0603  # there is one wakeup descriptor for the process
    if _ends is not None or not hasattr(signal, "pthread_kill"):
        return
    heard, told = socket.socketpair()
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    if before != -1:  # somebody else's, who hears of signals in this way already
        signal.set_wakeup_fd(before)
        heard.close()
        told.close()
        return
    _ends = heard, told
    main = threading.main_thread().ident
    assert main is not None, "it runs"
    threading.Thread(
        target=_listen, args=(heard, number, handler, has_begun, main), name="rrsdk signals", daemon=True
    ).start()


def _listen(
    heard: socket.socket,
    number: int,
    handler: Callable[[int, FrameType | None], None],
    has_begun: Callable[[], bool],
    main: int,
) -> None:
    while data := heard.recv(64):
        wait_s = _FIRST_S
        while number in data:
            time.sleep(wait_s)
            if has_begun() or signal.getsignal(number) is not handler:
                break
            signal.pthread_kill(main, number)
            wait_s = min(2 * wait_s, _LONGEST_S)


def forked() -> None:
    """In a forked child, whose signals are its own: it has a copy of our descriptor."""
    global _ends  # of this process
    ends, _ends = _ends, None
    if ends is None:
        return
    before = signal.set_wakeup_fd(-1)
    if before not in (-1, ends[1].fileno()):
        signal.set_wakeup_fd(before)
    for end in ends:
        end.close()
