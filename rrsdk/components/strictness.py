"""What happens to a mistake in logging: a warning at the user's line, or in strict mode an exception."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

from rrsdk.settings import STRICT

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.errors import LogError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_ON, _OFF = ("1", "true", "on", "yes"), ("0", "false", "off", "no", "")


class RerunWarning(UserWarning):
    """Something was asked of the SDK that it could not do; the program goes on without."""


def _from_environment() -> bool:
    text = os.environ.get(STRICT, "").strip().lower()
    if text not in _ON + _OFF:
        warnings.warn(
            f"{STRICT} is {text!r}, none of {' '.join(_ON + _OFF[:-1])}", RerunWarning, stacklevel=2
        )
    return text in _ON


_strict = _from_environment()

heard: Callable[[str], None] | None = None
"""Hears of each mistake besides: where there are recordings, it is logged."""


def strict_mode() -> bool:
    """Whether mistakes in logging raise `LogError`; otherwise they warn and what is wrong is left out."""
    return _strict


def set_strict_mode(mode: bool) -> None:
    """Let mistakes raise, or only warn; the environment's RERUN_STRICT says what holds at the start."""
    global _strict  # noqa: PLW0603 - a switch for the whole process, as in Rerun
    _strict = bool(mode)


def complain(error: LogError, *, strict: bool | None = None) -> None:
    """Raise it in strict mode, else warn of it at the line outside of this package that led here."""
    if _strict if strict is None else strict:
        raise error
    text = str(error)
    warn_at_caller(text)
    if heard is not None:
        heard(text)


def is_of_this_package(file: str) -> bool:
    """Whether code of that file is ours, not the user's."""
    return file.startswith((_PACKAGE, "<rrsdk "))


def warn_at_caller(text: str, category: type[Warning] = RerunWarning) -> None:
    """A warning that points to the user's line, however deep in the SDK it is noticed."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to a caller's frame without building a whole stack
    while frame.f_back is not None and is_of_this_package(frame.f_code.co_filename):
        frame = frame.f_back
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    module = frame.f_globals.get("__name__", "__main__")
    warnings.warn_explicit(
        text, category, frame.f_code.co_filename, frame.f_lineno, module=module, registry=registry
    )
