"""One child process: how long it took, what it cost the processors, how much memory it held at most."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

TIMEOUT_S = 300.0
_KIB = 1024


class Cost(NamedTuple):
    """What one run cost."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    rc: int
    """Exit status, negative for a signal."""


def run(command: Sequence[str], *, env: dict[str, str], stderr: str) -> Cost:
    """Run a program with nothing on stdin and stdout to nowhere; `stderr` is a file that it overwrites."""
    actions: list[tuple[object, ...]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], list(command), env, file_actions=actions)
    timer = threading.Timer(TIMEOUT_S, os.kill, (child, signal.SIGKILL))
    timer.daemon = True
    timer.start()
    try:
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
    finally:
        timer.cancel()
    unit = 1 if sys.platform == "darwin" else _KIB
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss * unit, os.waitstatus_to_exitcode(status))


def median(values: Sequence[float]) -> float:
    """The middle value (the mean of the two middle ones); `statistics` would be a large import."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def middle(costs: Sequence[Cost]) -> Cost:
    """Each quantity's median; the worst exit status."""
    return Cost(
        median([cost.wall_s for cost in costs]),
        median([cost.cpu_s for cost in costs]),
        int(median([cost.peak_bytes for cost in costs])),
        max((cost.rc for cost in costs), key=abs),
    )
