"""What did this look like at a time, and how did it change: asked of any store of chunks."""

from __future__ import annotations

from rrsdk.query.latest_at import Hit, LatestAt, latest_at, latest_at_many
from rrsdk.query.range import RangeResult, range  # noqa: A004  # what it is called everywhere

__all__ = ["Hit", "LatestAt", "RangeResult", "latest_at", "latest_at_many", "range"]
