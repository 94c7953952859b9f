"""Sizes and durations as people write them: `512MiB`, `90s`, `10min`."""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_POWERS: Final = " KMGT"

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|h|d)", re.IGNORECASE)
_SECONDS: Final = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_size(text: str) -> int:
    """Bytes in `2MiB`, `512KiB`, `1.5GB`, `1024B`, `1024`: powers of 1024 with an i, of 1000 without."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"{text!r} is not a size; write it like 2MiB, 512KiB, 1GB or 1024B")
    unit: int = (1024 if match[3] else 1000) ** _POWERS.index(match[2].upper() or " ")
    return int(match[1]) * unit if match[1].isdigit() else round(float(match[1]) * unit)


def parse_duration_s(text: str) -> float:
    """Seconds in `90s`, `10min`, `1.5h`, `1d`."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write it like 90s, 10min, 1h or 1d")
    return float(match[1]) * _SECONDS[match[2].lower()]
