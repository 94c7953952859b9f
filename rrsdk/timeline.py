"""Times: what a timeline counts, and its 64-bit integers read from text and written as text.

Every time is an integer: a sequence number, or nanoseconds since zero (durations) or since 1970 in
UTC (timestamps). Nanoseconds do not fit Python's datetime, so only whole seconds go through it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Final

from rrsdk.errors import UsageError

NS_PER_S: Final = 1_000_000_000
MIN_TIME: Final = -(2**63)
MAX_TIME: Final = 2**63 - 1

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": NS_PER_S,
    "min": 60 * NS_PER_S,
    "h": 3600 * NS_PER_S,
}
_NUMBER: Final = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?\s*(ns|us|µs|ms|s|min|h)?", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_DIGITS: Final = r"(\d{1,19})"
_ISO_DURATION: Final = re.compile(
    rf"([+-]?)P(?=.*\d[WDHMS]$)(?:{_DIGITS}W)?(?:{_DIGITS}D)?"
    rf"(?:T(?:{_DIGITS}H)?(?:{_DIGITS}M)?(?:{_DIGITS}(?:[.,](\d{{1,9}}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)


class TimeType(Enum):
    """What a timeline counts."""

    SEQUENCE = "sequence number"
    DURATION = "duration"
    TIMESTAMP = "timestamp"


def parse_time(text: str, kind: TimeType) -> int:
    """A time as a user writes it.

    Sequence: `42`. Duration: seconds, or with a unit: `1.5`, `1.5s`, `-20ms`, `10min`; or as Rerun
    prints it: `PT1.5S`, `P1DT2H`. Timestamp: `2024-02-29`, `2024-02-29T12:00:00.5Z`, `… +02:00`
    (UTC where no zone is given), or seconds since 1970.
    """
    text = text.strip()
    if kind is TimeType.SEQUENCE:
        value = int(text) if re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII) else None
    else:
        value = _parse_iso(text) if kind is TimeType.TIMESTAMP else _parse_iso_duration(text)
        value = _parse_number(text) if value is None else value
    if value is None:
        raise UsageError(f"{text!r} is not a {kind.value}", hint=_HINTS[kind])
    if not MIN_TIME <= value <= MAX_TIME:
        raise UsageError(f"{text!r} is further away than 64 bits can say")
    return value


_HINTS: Final = {
    TimeType.SEQUENCE: "write a whole number like 42",
    TimeType.DURATION: "write seconds like 1.5, a unit like 200ms, or PT1.5S",
    TimeType.TIMESTAMP: "write it like 2024-02-29T12:00:00.5Z, or seconds since 1970",
}


def _parse_number(text: str) -> int | None:
    """A decimal number of seconds or of the unit behind it; exact, without floating point."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return None
    unit = _UNITS[found[4] or "s"]
    whole, fraction = found[2] or "0", found[3] or ""
    if len(whole) > 19 or len(fraction) > 30:
        return None
    scale: int = 10 ** len(fraction)
    value = int(whole) * unit + int(fraction or "0") * unit // scale
    return -value if found[1] == "-" else value


def _parse_iso(text: str) -> int | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[i] or 0) for i in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    zone = found[8]
    seconds = _whole_seconds(moment - _EPOCH)
    if zone and zone != "Z":
        offset = 3600 * int(zone[1:3]) + 60 * int(zone[-2:])
        seconds += offset if zone[0] == "-" else -offset
    return seconds * NS_PER_S + int((found[7] or "").ljust(9, "0"))


def _parse_iso_duration(text: str) -> int | None:
    """ISO 8601 without years and months, which are not equally long."""
    found = _ISO_DURATION.fullmatch(text)
    if found is None:
        return None
    sign, weeks, days, hours, minutes, seconds, fraction = found.groups()
    minute = int(minutes or 0) + 60 * (int(hours or 0) + 24 * (int(days or 0) + 7 * int(weeks or 0)))
    value = (60 * minute + int(seconds or 0)) * NS_PER_S + int((fraction or "").ljust(9, "0"))
    return -value if sign == "-" else value


def _whole_seconds(span: timedelta) -> int:
    return span.days * 86_400 + span.seconds


def format_time(value: int, kind: TimeType) -> str:
    """The time as text that `parse_time` reads back: `42`, `1.5s`, `2024-02-29T12:00:00.5Z`."""
    if kind is TimeType.SEQUENCE:
        return str(value)
    if kind is TimeType.DURATION:
        sign = "-" if value < 0 else ""
        seconds, rest = divmod(abs(value), NS_PER_S)
        return f"{sign}{seconds}{_fraction(rest)}s"
    seconds, rest = divmod(value, NS_PER_S)  # towards the past, so that the fraction is never negative
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(rest)}Z"


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""
