"""Times and sizes as text, the way the real program writes them.

Nanoseconds do not fit Python's datetime, and the calendar is a dozen lines: everything stays in
integers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rrsdk.ipc.schema import ArrowType, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNITS = (1, 1_000, 1_000_000, 1_000_000_000)
"""How many of Arrow's time units 0 to 3 make a second."""


def format_times(values: Iterable[int], kind: ArrowType) -> list[str]:
    """The times of an index or of a column, by its type."""
    if kind.kind is Kind.TIMESTAMP:
        return timestamps(values, unit=kind.params[0], zone="Z" if kind.timezone else "")
    if kind.kind is Kind.DURATION:
        return [duration(value, unit=kind.params[0]) for value in values]
    return list(map(str, values))


def timestamps(values: Iterable[int], *, unit: int = 3, zone: str = "") -> list[str]:
    """ISO 8601 without a zone; as many digits of a second as are needed, in threes."""
    found: list[str] = []
    per_second = _UNITS[unit]
    second, prefix = None, ""
    for value in values:
        whole, rest = divmod(value, per_second)
        if whole != second:
            second, prefix = whole, moment(whole)
        if rest:
            digits = f"{rest * (1_000_000_000 // per_second):09d}"
            while digits.endswith("000"):
                digits = digits[:-3]
            found.append(f"{prefix}.{digits}{zone}")
        else:
            found.append(prefix + zone)
    return found


@lru_cache(maxsize=1024)
def moment(seconds: int) -> str:
    """Seconds since 1970 as a date and time of day."""
    days, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{date(days)}T{hour:02d}:{minute:02d}:{second:02d}"


def date(days: int) -> str:
    """Days since 1970 in the Gregorian calendar, reckoned in years that begin in March."""
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    month = month + 3 if month < 10 else month - 9
    return f"{year + 400 * era + (month < 3):04d}-{month:02d}-{day:02d}"


def duration(value: int, *, unit: int = 3) -> str:
    """ISO 8601 in seconds only: `PT1.5S`, `-PT0.1S`, `P0D`."""
    if value == 0:
        return "P0D"
    whole, rest = divmod(abs(value), _UNITS[unit])
    digits = f".{rest * (1_000_000_000 // _UNITS[unit]):09d}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}PT{whole}{digits}S"


def format_bytes(size: float) -> str:
    """`913 B`, `52.0 KiB`, `112 KiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    power = 0
    while size >= 1024 and power < 4:
        size, power = size / 1024, power + 1
    return f"{size:.{size < 100:d}f} {'KMGT'[power - 1]}iB"
