"""Imports MP4 as it is encoded: AssetVideo, and a reference to each frame at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.importers.marks import check
from rrsdk.importers.rows import timed
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.importers import File

suffixes: Final = frozenset({".mp4"})


def read(file: File) -> Iterator[Chunk]:
    """The video at zero of the timeline `video`, and its frames. UsageError where PyAV is not installed."""
    from rrsdk.archetypes import AssetVideo, VideoFrameReference

    data = file.read()
    check(data, file.suffix)
    asset = AssetVideo.from_fields(blob=data)
    times = asset.read_frame_timestamps_nanos().tolist()
    frames = [(time, VideoFrameReference.from_fields(timestamp=time)) for time in times]
    yield timed(file.entity, "video", TimeType.DURATION, [(0, asset)])
    if frames:
        yield timed(file.entity, "video", TimeType.DURATION, frames)
