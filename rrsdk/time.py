"""What programs find under `rerun.time`: the times of the current thread."""

from __future__ import annotations

from rrsdk.recording.functions import disable_timeline, reset_time, set_log_tick_enabled, set_log_time_enabled
from rrsdk.recording.quick import set_time

__all__ = ["disable_timeline", "reset_time", "set_log_tick_enabled", "set_log_time_enabled", "set_time"]
