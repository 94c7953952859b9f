"""The recordings that are measured: written once by the real SDK, kept in a folder, read into the page cache.

The SDK runs in a process of its own: a child inherits the peak memory of what started it, so the
program that measures must stay small.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZES = {"tiny": 30_000, "scalars": 200_000, "cloud": 200, "images": 200, "small": 50}
QUICK_SIZES = {"tiny": 2_000, "scalars": 10_000, "cloud": 10, "images": 10, "small": 5}
SMALL_ENTITY = {
    "tiny": "/e1",
    "scalars": "/s1",
    "cloud": "/__properties",
    "images": "/__properties",
    "small": "/log",
}
"""What `filter by entity` drops: one that exists, and that leaves most of the bytes."""

_ENTRY = struct.Struct("<QQI")
_TRAILER = struct.Struct("<8sI")
_HEADER_SIZE = 16
_BLOCK = 1 << 20


def folder() -> Path:
    """Where workloads are kept: RRKIT_BENCH_DIR, else a folder in the system's temporary one."""
    found = Path(os.environ.get("RRKIT_BENCH_DIR") or Path(tempfile.gettempdir()) / "rrkit-bench")
    found.mkdir(parents=True, exist_ok=True)
    return found


def workload(name: str, *, size: int, footer: bool) -> Path:
    """The path of a workload, which is made where it is not there yet."""
    target = folder() / f"{name}-{size}{'' if footer else '-nofooter'}.rrd"
    if not target.exists():
        making = target.with_suffix(".making")
        if footer:
            command = [
                sys.executable,
                str(ROOT / "tests/recordings.py"),
                name,
                str(making),
                "--size",
                str(size),
            ]
            subprocess.run(command, check=True, cwd=ROOT)
        else:
            cut_footer(workload(name, size=size, footer=True), making)
        making.rename(target)
    return target


def cut_footer(path: Path, target: Path) -> None:
    """Copy a recording of one stream as a crash would have left it: no End message, no trailer."""
    with path.open("rb") as source, target.open("wb") as sink:
        source.seek(-_ENTRY.size - _TRAILER.size, os.SEEK_END)
        start, _, _ = _ENTRY.unpack(source.read(_ENTRY.size))
        magic, entries = _TRAILER.unpack(source.read(_TRAILER.size))
        if (magic, entries) != (b"RRF2FOOT", 1):
            raise ValueError(f"{path.name} does not end with the footer of one stream")
        source.seek(0)
        left = start - _HEADER_SIZE
        while left:
            left -= sink.write(source.read(min(left, _BLOCK)))


def warm(path: Path) -> None:
    """Read a file so that it is in the page cache."""
    with path.open("rb", buffering=0) as source:
        while source.read(_BLOCK):
            pass
