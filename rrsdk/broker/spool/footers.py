"""Which files are due for a footer, and who makes it: a process of its own, or for little this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.finishing import Finished, Finishing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

_LITTLE_BYTES: Final = 16 * 1024 * 1024
_AGAIN_S: Final = 60.0


class Footers:
    """Begins, waits, and says what has become complete."""

    def __init__(self, disk: Disk, folder: str) -> None:
        self._disk, self._folder = disk, folder
        self._finishing = Finishing(folder)
        self._again_at: dict[int, float] = {}
        """Of those that did not succeed."""

    def start(self, due: Sequence[File]) -> None:
        """Have footers made for these, where nobody is at work; those that failed have to wait.

        OSError where no process can be started.
        """
        now = time.monotonic()
        ready = [file for file in due if self._again_at.get(file.number, 0.0) <= now]
        if ready and not self._finishing.is_busy:
            for file in ready:
                self._again_at[file.number] = now + _AGAIN_S
            self._finishing.start(ready)

    def take(self) -> list[Finished]:
        """What has become complete."""
        found = self._finishing.take()
        for number, _ in found:
            self._again_at.pop(number, None)
        return found

    def last(self, files: Sequence[File], *, timeout_s: float, told: Callable[[str], None]) -> list[Finished]:
        """Footers for all of these, as far as they are made in time."""
        found = self._finishing.take(timeout_s) or self._finishing.stop()
        done = {number for number, _ in found}
        left = [file for file in files if file.number not in done]
        if not left:
            return found
        if sum(file.end for file in left) <= _LITTLE_BYTES:
            return found + self._here(left, told)
        try:
            self._finishing.start(left)
        except OSError as error:
            told(f"footers are left to the next start: {error.strerror}")
            return found
        return found + (self._finishing.take(timeout_s) or self._finishing.stop())

    def _here(self, files: Sequence[File], told: Callable[[str], None]) -> list[Finished]:
        from rrsdk.broker.spool.finish import finish  # needs what reads recordings

        found: list[Finished] = []
        for file in files:
            try:
                reason = finish(self._disk, self._folder, file)
            except OSError as error:
                told(f"{file.path}: its footer is left to the next start: {error.strerror}")
                continue
            found.append(Finished(file.number, reason))
        return found

    def stop(self) -> None:
        """Let nobody go on."""
        self._finishing.stop()
