"""When what was written is made durable: after each group of writes, now and then, or never."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rrsdk.errors import UsageError

_DEFAULT_MS = 100
_MOST_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Fsync:
    """`seconds` 0: always; None: never."""

    seconds: float | None = _DEFAULT_MS / 1000

    @property
    def is_never(self) -> bool:
        """Whether what was handed to the operating system is called durable."""
        return self.seconds is None

    @property
    def interval_s(self) -> float:
        """At most so long lies between a write and the fsync that makes it durable."""
        assert self.seconds is not None
        return self.seconds

    @classmethod
    def parse(cls, text: str) -> Fsync:
        """From `always`, `interval`, `interval:250` (milliseconds) or `never`; else UsageError."""
        if text == "always":
            return cls(0.0)
        if text == "never":
            return cls(None)
        if text == "interval":
            return cls()
        match = re.fullmatch(r"interval:(\d{1,9})(ms)?", text)
        if match is None or not 1 <= int(match[1]) <= _MOST_MS:
            raise UsageError(
                f"{text!r} is no way to sync", hint="use always, never, interval or interval:MILLISECONDS"
            )
        return cls(int(match[1]) / 1000)

    def __str__(self) -> str:
        if self.is_never:
            return "never"
        return f"interval:{self.interval_s * 1000:.0f}" if self.interval_s else "always"
