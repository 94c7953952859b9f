"""How much memory a broker may fill: a share of what this machine, or this container, has."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_PERCENT = 75
_UNKNOWN = 4 * 1024**3
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def total_memory() -> int:
    """Bytes of memory there are for this process."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        total = _UNKNOWN
    for name in _LIMITS:
        try:
            text = Path(name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def share_of_memory(percent: float) -> int:
    """So many hundredths of it."""
    return int(total_memory() * percent / 100)
