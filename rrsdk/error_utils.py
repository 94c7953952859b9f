"""Where Rerun has what mistakes do; programs import the warning from here, to filter it."""

from __future__ import annotations

from rrsdk.components.strictness import RerunWarning, set_strict_mode, strict_mode

__all__ = ["RerunWarning", "set_strict_mode", "strict_mode"]
