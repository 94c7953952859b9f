"""What people should hear while a program logs: one line each, once, through Python's logging."""

from __future__ import annotations

import logging
from typing import Final

LOGGER: Final = logging.getLogger("rrsdk")
"""Warnings that no handler wants are written to stderr, as Python does it."""

_MOST: Final = 1000


class Reporter:
    """Says each thing once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, key: str, line: str) -> None:
        """Say the line, unless something was said under this key."""
        if key in self._said or len(self._said) >= _MOST:
            return
        self._said.add(key)
        self.say(line)

    def say(self, line: str) -> None:
        """Say the line."""
        try:
            LOGGER.warning("%s", line)
        except Exception:  # noqa: BLE001, S110  # stderr is gone: there is nobody left to tell
            pass
