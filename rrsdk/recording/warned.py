"""Mistakes in logging as log lines of the recording itself, for whoever looks at the data."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from rrsdk.components import strictness
from rrsdk.components.strictness import is_of_this_package
from rrsdk.recording import here

if TYPE_CHECKING:
    from types import FrameType

ENTITY = "__warnings"

_busy = threading.local()


def listen() -> None:
    """Log mistakes from now on: there is a recording."""
    strictness.heard = log_warning


def log_warning(text: str) -> None:
    """A TextLog in the recording that is current here, with the lines of the program that led to it."""
    stream = here.of_thread.recording or here.of_process
    if stream is None or getattr(_busy, "now", False):  # of what is wrong with this very line
        return
    from rrsdk.archetypes import TextLog

    _busy.now = True
    try:
        stream.log(ENTITY, TextLog("\n".join([text, *_places()]), level="WARN"))  # type: ignore[attr-defined, unused-ignore]
    finally:
        _busy.now = False


def _places() -> list[str]:
    found: list[str] = []
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # without source lines, which cost a file each
    while frame is not None:
        name = frame.f_code.co_filename
        if found or not is_of_this_package(name):
            found.append(f'File "{name}", line {frame.f_lineno}, in {frame.f_code.co_name}')
        frame = frame.f_back
    return found
