"""Everything the environment can set, in one place."""

from __future__ import annotations

import os

from rrsdk.errors import UsageError

CHUNK_MAX_BYTES = "RERUN_CHUNK_MAX_BYTES"
CHUNK_MAX_ROWS = "RERUN_CHUNK_MAX_ROWS"
CHUNK_MAX_ROWS_IF_UNSORTED = "RERUN_CHUNK_MAX_ROWS_IF_UNSORTED"


def integer(name: str) -> int | None:
    """The whole number that an environment variable holds, or None where it is not set."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise UsageError(f"environment variable {name} must be a whole number, not {text!r}")
    return value
