"""VideoFrameReference: when a frame is, in seconds or nanoseconds from the video's start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.components.strictness import complain
from rrsdk.components.times import video_nanos
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.batch import ComponentColumnList
    from rrsdk.components.likes import NumbersLike, TextLike


class VideoFrameReferenceOwn:
    """What `VideoFrameReference` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        timestamp: Any = None,
        *,
        seconds: float | None = None,
        nanoseconds: int | None = None,
        video_reference: TextLike | None = None,
        opacity: Any = None,
        draw_order: Any = None,
    ) -> None:
        field = "VideoFrameReference:timestamp"
        try:
            if timestamp is None:
                timestamp = video_nanos(seconds, nanoseconds, field)
            elif seconds is not None or nanoseconds is not None:
                raise LogError("either `timestamp`, or `seconds` or `nanoseconds`", field=field)
            elif isinstance(timestamp, float):
                complain(LogError("a number with a fraction is to be said as `seconds`", field=field))
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, field)
            return
        self.set_fields(timestamp, video_reference, opacity, draw_order)

    @classmethod
    def columns_secs(cls: Any, seconds: NumbersLike) -> ComponentColumnList:
        """Columns for `send_columns`, from whole seconds."""
        return _columns(cls, seconds, 1_000_000_000)

    @classmethod
    def columns_millis(cls: Any, milliseconds: NumbersLike) -> ComponentColumnList:
        """Columns for `send_columns`, from whole milliseconds."""
        return _columns(cls, milliseconds, 1_000_000)

    @classmethod
    def columns_nanos(cls: Any, nanoseconds: NumbersLike) -> ComponentColumnList:
        """Columns for `send_columns`, from nanoseconds."""
        return _columns(cls, nanoseconds, 1)


def _columns(cls: Any, times: NumbersLike, unit: int) -> ComponentColumnList:
    found: ComponentColumnList = cls.columns(timestamp=np.asarray(times, np.int64) * unit)
    return found
