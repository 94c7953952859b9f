"""A spool has one broker at a time, and waits for what an earlier one has left running."""

from __future__ import annotations

import os
import platform
import time
from typing import Final

from rrsdk.broker.spool.layout import FINISH_LOCK, LOCK, OURS
from rrsdk.errors import BusyError, OutputError
from rrsdk.sinks import claim

_WAIT_S: Final = 5.0
_LOOK_S: Final = 0.02


class Claim:
    """Held until it is released, or the process ends however it ends."""

    def __init__(self, folder: str) -> None:
        """BusyError where somebody else has it."""
        ours = os.path.join(folder, OURS)
        path = os.path.join(ours, LOCK)
        try:
            self._fileno: int | None = self._open(path, folder)
            self._wait_for_footers(os.path.join(ours, FINISH_LOCK), folder)
        except OSError as error:
            self.release()
            raise OutputError(f"the spool cannot be locked: {error.strerror}", source=folder) from error
        except BusyError:
            self.release()
            raise

    def _open(self, path: str, folder: str) -> int:
        self._fileno = None
        if claim.is_claimed_here(path):
            raise BusyError("this process spools there already", source=folder)
        fileno = _open(path)
        if not claim.claim(fileno):
            said = os.read(fileno, 200).decode("utf-8", "replace").split("\n")[0].strip()
            os.close(fileno)
            who = f"by another broker ({said})" if said.isprintable() and said else "by another broker"
            raise BusyError(f"is being written {who}", source=folder, hint="stop it, or take another folder")
        os.ftruncate(fileno, 0)
        os.write(fileno, f"process {os.getpid()} on {_machine()}\n".encode())
        return fileno

    def _wait_for_footers(self, path: str, folder: str) -> None:
        """Footers that a process is still writing for a broker that was killed: it ends as it notices."""
        fileno = _open(path)
        try:
            deadline = time.monotonic() + _WAIT_S
            while not claim.claim(fileno):
                if time.monotonic() > deadline:
                    raise BusyError("footers are still being written there", source=folder)
                time.sleep(_LOOK_S)
            claim.release(fileno)
        finally:
            os.close(fileno)

    def release(self) -> None:
        """Others may have it."""
        fileno, self._fileno = self._fileno, None
        if fileno is not None:
            claim.release(fileno)
            os.close(fileno)


def _machine() -> str:
    """What this machine is called."""
    return platform.node()


def _open(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.open(path, flags, 0o666)
