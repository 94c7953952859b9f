"""scripts/bench PART, one of PARTS; `--help` of each says what it is."""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = {
    "files": "files",
    "log": "log_calls",
    "pipe": "pipe",
    "soak": "soak",
    "spool": "spool",
    "restart": "restart",
    "recover": "recover",
    "store": "store",
    "lazy": "lazy",
    "dataframe": "dataframe",
    "directory": "directory",
}


def main(arguments: list[str]) -> int:
    """Run the part that is named first; without one, files."""
    part = arguments.pop(0) if arguments and arguments[0] in PARTS else "files"
    code: int = import_module(f"tests.benchmarks.{PARTS[part]}").main(arguments)
    return code


sys.exit(main(sys.argv[1:]))
