"""The time context: which times rows get that one thread logs to one recording."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from rrsdk.batcher.times import time_layout

if TYPE_CHECKING:
    from rrsdk.batcher.gate import Gate
    from rrsdk.timeline import TimeType


class Context:
    """What `log` must know, ready to be used: the snapshot is a tuple that rows refer to."""

    __slots__ = ("stream", "gate", "snapshot", "_values", "_names", "_kinds", "_log_time", "__weakref__")

    def __init__(self, stream: Any, gate: Gate, log_time: bool) -> None:
        self.stream = weakref.ref(stream)  # a thread that logged to it once must not keep it alive
        self.gate = gate
        self._log_time = log_time
        self.reset()

    def reset(self) -> None:
        """No timelines but the built-in ones."""
        self._names: list[str] = []
        self._kinds: list[TimeType] = []
        self._values: list[Any] = [None]
        self._laid_out()

    def set(self, name: str, kind: TimeType, value: int) -> None:
        """A time on one timeline, until another is set."""
        try:
            place = self._names.index(name)
        except ValueError:
            self._check(name, kind)
            self._names.append(name)
            self._kinds.append(kind)
            self._values.append(value)
            self._laid_out()
            return
        self._values[place + 1] = value
        if self._kinds[place] is not kind:
            self._check(name, kind)
            self._kinds[place] = kind
            self._laid_out()
        else:
            self.snapshot = tuple(self._values)

    def disable(self, name: str) -> None:
        """No time on one timeline any more."""
        if name in self._names:
            place = self._names.index(name)
            del self._names[place], self._kinds[place], self._values[place + 1]
            self._laid_out()

    def stamp_log_time(self, enabled: bool) -> None:
        """Whether rows get the time of the call."""
        self._log_time = enabled
        self._laid_out()

    def _check(self, name: str, kind: TimeType) -> None:
        """Before anything is changed: a name that is none would be met again by every later call."""
        if not isinstance(name, str):
            raise TypeError(f"set_time: the name of a timeline is text, not {type(name).__name__}")
        if not name:
            raise ValueError("set_time: the name of a timeline must not be empty")
        stream = self.stream()
        if stream is not None:
            stream.check_timeline(name, kind)

    def _laid_out(self) -> None:
        self._values[0] = time_layout(tuple(zip(self._names, self._kinds)), self._log_time).key
        self.snapshot = tuple(self._values)
