"""For a broker that is a black box: what it keeps is written when that is asked for, and at its end."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rrsdk.broker.dump import dump, path_of_now
from rrsdk.broker.recent import KeepLast, parse_keep_last
from rrsdk.errors import RrError, UsageError
from rrtool.reports.times import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.broker.service import Broker


class LastWords:
    """Where and when; `say` hears what was written, a line each."""

    def __init__(self, path: str | None, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._is_asked = False

    def write_if_asked(self, broker: Broker) -> None:
        """A failure is said, and the broker goes on."""
        if self._is_asked:
            self._is_asked = False
            try:
                self.write(broker)
            except RrError as error:
                self._say(str(error))

    def write(self, broker: Broker) -> None:
        """To the file that was named, or to a new one; OutputError where that cannot be."""
        done = dump(broker, self._path or path_of_now(), warn=self._say)
        if done is not None:
            missed = f"; {done.missed.rows} rows went before they were written" if any(done.missed) else ""
            size = format_bytes(done.held.bytes)
            self._say(f"{done.path}: {done.held.rows} rows ({size}) written{missed}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """SIGUSR1 asks for them, where there is such a signal."""
        number = getattr(signal, "SIGUSR1", None)
        if number is None:
            yield
            return

        def ask(_number: int, _frame: object) -> None:
            self._is_asked = True

        before = signal.signal(number, ask)
        try:
            yield
        finally:
            signal.signal(number, before)


def keep_last(text: str | None, path: str | None, *, spools: bool) -> KeepLast | None:
    """What `--keep-last` and `--keep-last-to` mean together."""
    if text is None:
        if path is not None:
            raise UsageError("--keep-last-to wants --keep-last", hint="write it like --keep-last 30s")
        return None
    if spools:
        raise UsageError("--keep-last forgets, --spool keeps everything: choose one of them")
    try:
        return parse_keep_last(text)
    except UsageError as error:
        raise UsageError(f"--keep-last: {error.what}", hint=error.hint) from None
