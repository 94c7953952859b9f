"""Standard input and output as every verb means them, and the exit code that all share. No click here."""

from __future__ import annotations

import os
import sys

from rrsdk.errors import UsageError

STDIN = "-"
EXIT_LOSS = 3
"""What a verb returns when it is done but had to skip something, and said so."""


def heading(line: str) -> str:
    """A line that stands out where standard output is a terminal; NO_COLOR and TERM=dumb are heeded."""
    if not line or sys.stdout is None or not sys.stdout.isatty():
        return line
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return line
    return f"\033[1m{line}\033[0m"


def refuse_terminal(output: str | None) -> None:
    """Stop before binary data would be written to a terminal. Call it before any work is done."""
    if output is None and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError("a recording is binary and standard output is a terminal; use -o FILE or a pipe")
