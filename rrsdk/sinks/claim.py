"""A recording file has one writer: a second one is told before it has changed a byte.

Each would write at a place of its own, and nobody could read what is left: so it went with ranks of
a training run that save under one name, and with programs that are started twice.
"""

from __future__ import annotations

import os
import stat
import threading
from typing import Any

try:
    import fcntl as _fcntl
except ImportError:  # Windows: then only this process knows
    _fcntl = None  # type: ignore[assignment]

_locks: Any = _fcntl
_lock = threading.Lock()
_claimed: dict[tuple[int, int], int] = {}
"""The files that this process writes, by device and number; and its pid, which a forked child has not."""
_completed: dict[tuple[int, int], int] = {}
"""Those that it wrote."""


def is_claimed_here(path: str) -> bool:
    """Whether this process writes the file. To be asked first: closing a file gives up its locks."""
    return _is_among(path, _claimed)


def was_written_here(path: str) -> bool:
    """Whether this process wrote the file, and completed it."""
    return _is_among(path, _completed)


def _is_among(path: str, files: dict[tuple[int, int], int]) -> bool:
    try:
        about = os.stat(path)
    except OSError:
        return False
    return files.get((about.st_dev, about.st_ino)) == os.getpid()


def claim(fileno: int) -> bool:
    """Whether nobody else writes the file, who would be told now if this process did.

    The lock is this process's: a forked child does not have it, and a killed one leaves none.
    """
    about = os.fstat(fileno)
    if not stat.S_ISREG(about.st_mode):
        return True
    with _lock:
        if _locks is not None:
            try:
                _locks.lockf(fileno, _locks.LOCK_EX | _locks.LOCK_NB)
            except (BlockingIOError, PermissionError):
                return False
            except OSError:  # a file system without locks
                pass
        _claimed[about.st_dev, about.st_ino] = os.getpid()
    return True


def release(fileno: int) -> None:
    """The file will be closed, which gives up the lock."""
    about = os.fstat(fileno)
    with _lock:
        if _claimed.pop((about.st_dev, about.st_ino), None) is not None:
            _completed[about.st_dev, about.st_ino] = os.getpid()


def path_beside(path: str, number: int = 1) -> str:
    """Where a process writes that finds a file claimed: `run.rrd` becomes `run.1234.rrd`."""
    stem, _ = os.path.splitext(path)
    return f"{stem}.{os.getpid()}.rrd" if number == 1 else f"{stem}.{os.getpid()}.{number}.rrd"
