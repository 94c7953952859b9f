"""The process that writes footers, as the one that wants them sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.broker.spool.state import File

_LOOK_S = 0.02


class Finished(NamedTuple):
    """A file that is complete; `reason` says why it has no footer, if it has none."""

    number: int
    reason: str


class Finishing:
    """At most one process at a time."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether `take` will say more, later."""
        return self._process is not None

    def start(self, files: Iterable[File]) -> None:
        """Have footers made. OSError where no process can be started."""
        assert self._process is None
        said = tempfile.TemporaryFile()  # noqa: SIM115  # not a pipe, which nobody would empty
        try:
            process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-m", "rrsdk.broker.spool.finish", os.path.abspath(self._folder)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._process, self._said = process, said
            assert process.stdin is not None
            named = [(file.number, file.path, file.end, file.sign_size, file.sign) for file in files]
            process.stdin.write(json.dumps(named).encode())
            process.stdin.write(b"\n")
            process.stdin.flush()
        except OSError:
            self.stop()
            said.close()
            raise

    def take(self, wait_s: float = 0.0) -> list[Finished]:
        """What was done, once the process has ended; nothing before."""
        process = self._process
        if process is None:
            return []
        deadline = time.monotonic() + wait_s
        while process.poll() is None:
            if time.monotonic() >= deadline:
                return []
            time.sleep(_LOOK_S)
        return self._end()

    def stop(self) -> list[Finished]:
        """Now; what it has not done is to be done again."""
        if self._process is None:
            return []
        self._process.kill()
        self._process.wait()
        return self._end()

    def _end(self) -> list[Finished]:
        process, said = self._process, self._said
        self._process = self._said = None
        assert process is not None
        assert said is not None
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                pass
        found: list[Finished] = []
        with said:
            said.seek(0)
            for line in said.read().splitlines():
                try:
                    number, reason = json.loads(line)
                    found.append(Finished(int(number), str(reason)))
                except (ValueError, TypeError):
                    break  # it was killed in the middle of a line
        return found
