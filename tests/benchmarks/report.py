"""What every part of scripts/bench prints and writes: rows of Markdown, the machine, a JSON file."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads

PACKAGES = (
    "rerun-sdk",
    "pyarrow",
    "numpy",
    "pyzmq",
    "msgpack",
    "grpcio",
    "lz4",
    "xxhash",
    "protobuf",
    "click",
)
SHM = Path("/dev/shm")
PEER_TIMEOUT_S = 300.0


def say(text: str) -> None:
    """Tell the user at once: a row may have taken a minute."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table_line(values: Sequence[str], widths: Sequence[int]) -> str:
    """A row of Markdown, padded so that it reads well as it is."""
    return "| " + " | ".join(value.ljust(width) for value, width in zip(values, widths, strict=True)) + " |"


def measured(
    names: Iterable[str],
    measure: Callable[[str], dict[str, Any]],
    cells: Callable[[dict[str, Any]], list[str]],
    columns: Sequence[str],
    widths: Sequence[int],
) -> list[dict[str, Any]]:
    """Measure one thing after the other, and print the table row by row."""
    rows = []
    say(table_line(columns, widths))
    say("|" + " --- |" * len(columns))
    for name in names:
        rows.append(measure(name))
        say(table_line(cells(rows[-1]), widths))
    return rows


def peer_binary() -> Path:
    """The compiled peer itself; the script that pip installs starts a Python first."""
    spec = importlib.util.find_spec("rerun_cli")
    if spec is None or spec.origin is None:
        raise SystemExit("rerun-sdk is not installed: there is nothing to compare with")
    return Path(spec.origin).with_name("rerun.exe" if sys.platform == "win32" else "rerun")


def machine() -> dict[str, Any]:
    """What it ran on, without anything that names the host."""
    from importlib.metadata import PackageNotFoundError, version

    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    model = platform.processor()
    about = Path("/proc/cpuinfo")
    if about.exists():
        names = [text for text in about.read_text().splitlines() if text.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "cpu": model,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": versions,
    }


def finish(part: str, rows: list[dict[str, Any]], target: Path | None, *, quick: bool) -> int:
    """Write the JSON file and say the last line; 1 where a row failed."""
    now = dt.datetime.now(dt.timezone.utc)
    target = target or workloads.folder() / f"bench-{part}-{now:%Y-%m-%d-%H%M}.json"
    result = {
        "part": part,
        "date": now.isoformat(timespec="seconds"),
        "quick": quick,
        "machine": machine(),
        "rows": rows,
    }
    target.write_text(json.dumps(result, indent=1) + "\n")
    missed = sum(not verdict["reached"] for row in rows for verdict in row.get("asked_for", ()))
    failed = sum("failed" in row for row in rows)
    say(f"{len(rows)} rows, {missed} targets missed, {failed} failed; {target}")
    return 1 if failed else 0
