"""When a file that grows is ended and the next one begun, and what the next one is called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rrsdk.errors import UsageError
from rrsdk.quantity import parse_duration_s, parse_size

LEAST_BYTES: Final = 64 * 1024
LEAST_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Rotate:
    """A part ends when it has so many bytes, or is so old; None: that does not matter."""

    size_bytes: int | None = None
    age_s: float | None = None

    def is_due(self, size_bytes: int, age_s: float, *, carried_bytes: int = 0) -> bool:
        """Whether a part should end now.

        A part holds at least as much as the static data that it begins with (`carried_bytes`), even if it
        grows larger for it: else parts would hold little else.
        """
        limit = self.size_bytes
        if limit is not None and size_bytes >= max(limit, 2 * carried_bytes):
            return True
        return self.age_s is not None and age_s >= self.age_s

    def __str__(self) -> str:
        size = [] if self.size_bytes is None else [f"{self.size_bytes}B"]
        return " or ".join(size + ([] if self.age_s is None else [f"{self.age_s:g}s"]))


def parse_rotate(value: Rotate | int | str | timedelta | None) -> Rotate | None:
    """`"1GiB"` or a number of bytes; `"10min"`, `"1h"` or a timedelta. UsageError where it is neither."""
    if value is None or isinstance(value, Rotate):
        return value
    if isinstance(value, timedelta):
        return _by_age(value.total_seconds(), value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _by_size(value, value)
    if not isinstance(value, str) or value.strip()[-1:] in ("m", "M"):  # minutes, or millions?
        raise _refused(value, "is neither a size nor a time")
    try:
        return _by_size(parse_size(value), value)
    except ValueError:
        pass
    try:
        return _by_age(parse_duration_s(value), value)
    except ValueError:
        raise _refused(value, "is neither a size nor a time") from None


def part_path(path: str, number: int) -> str:
    """The first part is `run.rrd`, then come `run.0002.rrd`, `run.0003.rrd`, and so on."""
    if number <= 1:
        return path
    stem, suffix = os.path.splitext(path)
    return f"{stem}.{number:04d}{suffix}"


def first_free_number(path: str, after: int = 1) -> int:
    """The number of the first part behind `after` that is not there."""
    number = after + 1
    while os.path.lexists(part_path(path, number)):
        number += 1
    return number


def _by_size(size: int, value: object) -> Rotate:
    if size < LEAST_BYTES:
        raise _refused(value, f"is too small: at least {LEAST_BYTES // 1024}KiB")
    return Rotate(size_bytes=size)


def _by_age(seconds: float, value: object) -> Rotate:
    if not LEAST_S <= seconds < float("inf"):
        raise _refused(value, f"is too short: at least {LEAST_S:g}s")
    return Rotate(age_s=seconds)


def _refused(value: object, what: str) -> UsageError:
    return UsageError(f"rotate={value!r} {what}", hint="write it like 1GiB, 500MB, 10min or 1h")
