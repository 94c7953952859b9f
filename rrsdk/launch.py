"""Starts other programs of the kit as processes of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from typing import IO

from rrsdk.errors import OutputError

_READY_S = 20.0
_LOOK_S = 0.05


def broker(*, port: int, control: int, memory_limit: str, detach: bool = True) -> bool:
    """Have an `rrtool serve` on a session's port, whose control socket is on `control`.

    Returns whether one was started: where one runs already, it is used. OutputError where it does
    not answer in time.
    """
    if _listens(control):
        return False
    command = [sys.executable, "-m", "rrtool", "serve", "--port", str(port), "--memory-limit", memory_limit]
    with tempfile.TemporaryFile() as said:  # not a pipe: the program outlives us, and would stumble over it
        try:
            process = subprocess.Popen(  # noqa: S603  # our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=detach,
            )
        except OSError as error:
            raise OutputError(f"rrtool serve cannot be started: {error.strerror}") from error
        _wait(process, port, control, said)
    return True


def _wait(process: subprocess.Popen[bytes], port: int, control: int, said: IO[bytes]) -> None:
    """Until it listens."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if _listens(control):
            return
        if process.poll() is not None:
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines()
            raise OutputError(f"rrtool serve did not start: {lines[-1] if lines else 'it does not say why'}")
        time.sleep(_LOOK_S)
    process.terminate()
    raise OutputError(f"rrtool serve does not answer on port {port} after {_READY_S:g} s")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
