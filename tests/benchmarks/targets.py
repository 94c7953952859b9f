"""What must be reached: how many times faster than the peer, with how much memory; the issue's table."""

from __future__ import annotations

from typing import NamedTuple, Optional

from tests.benchmarks.measure import Cost

MB = 1_000_000
SMALL_WORKLOADS = ("scalars", "small")
"""Where Python's start dominates: what counts there is processor time."""

RATIOS: dict[str, dict[str, float]] = {
    "merge": {"tiny": 10, "cloud": 5, "images": 5},
    "merge-nofooter": {"tiny": 3, "cloud": 1.5, "images": 1.2},
    "filter-entity": {"tiny": 4, "cloud": 1.5, "images": 1},
    "filter-timeline": {"tiny": 1.5, "cloud": 1.2, "images": 1.1},
    "compact": {"tiny": 2, "cloud": 1.8, "images": 1.2},
    "print": {"tiny": 3, "cloud": 1, "images": 1},
    "stats": {"tiny": 2, "cloud": 1, "images": 1},
    "print-vvv": {"tiny": 3, "cloud": 5, "images": 5},
    "verify": {"tiny": 1, "cloud": 1, "images": 0.7},
}
CPU_S = {"merge": 0.15, "merge-nofooter": 0.15}
CPU_S_ELSE = 0.5


class Memory(NamedTuple):
    """At most this share of the peer's peak, or this many bytes, whichever is more."""

    share: Optional[float]  # noqa: UP045  # evaluated at runtime in 3.10's NamedTuple
    floor_mb: int


MEMORY = {
    "merge": Memory(0.3, 0),
    "merge-nofooter": Memory(0.5, 0),
    "filter-entity": Memory(1.0, 100),
    "filter-timeline": Memory(1.0, 100),
    "compact": Memory(1.0, 150),
    "verify": Memory(None, 150),
}


class Verdict(NamedTuple):
    """One thing that was asked for."""

    asked: str
    reached: bool


def judge(row: str, workload: str, ours: Cost, peer: Cost) -> list[Verdict]:
    """The targets of one row and whether they were reached."""
    if workload in SMALL_WORKLOADS:
        most = CPU_S.get(row, CPU_S_ELSE)
        return [Verdict(f"CPU ≤ {most:g} s", ours.cpu_s <= most)]
    least = RATIOS[row][workload]
    verdicts = [Verdict(f"≥ {least:g}×", peer.wall_s / ours.wall_s >= least)]
    memory = MEMORY.get(row)
    if memory is not None:
        most_bytes = max((memory.share or 0) * peer.peak_bytes, memory.floor_mb * MB)
        verdicts.append(Verdict(f"≤ {most_bytes / MB:.0f} MB", ours.peak_bytes <= most_bytes))
    return verdicts
