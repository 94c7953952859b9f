"""What `encodings` was called before Rerun 0.37."""

from __future__ import annotations

from typing import Any

from rrsdk import encodings
from rrsdk.components.strictness import warn_at_caller

warn_at_caller("`datatypes` is called `encodings` since Rerun 0.37", DeprecationWarning)


def __getattr__(name: str) -> Any:
    return getattr(encodings, name)
