"""Small video streams, encoded during a run: material for tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import rerun as rr

from tests import recordings


def encoded(codec: str, frames: int, *, every: int, noise: bool = False) -> list[bytes]:
    """Samples in Annex B, one a frame; each `every`th is a key frame with its parameters."""
    import av

    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.framerate, context.time_base = Fraction(30), Fraction(1, 30)
    context.max_b_frames, context.gop_size = 0, every
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={every}:scenecut=0:repeat-headers=1:log-level=none",
        "x265-params": f"keyint={every}:scenecut=0:bframes=0:repeat-headers=1:log-level=none",
    }
    rng, found = np.random.default_rng(5), []
    for number in range(frames):
        picture = (
            rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            if noise
            else np.full((48, 64, 3), 9 * number % 250, np.uint8)
        )
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        found += [bytes(packet) for packet in context.encode(frame)]
    found += [bytes(packet) for packet in context.encode(None)]
    assert len(found) == frames
    return found


def stream(
    path: Path,
    samples: list[bytes],
    *,
    codec: rr.VideoCodec | None = rr.VideoCodec.H264,
    one_row_chunks: bool = False,
) -> Path:
    """A recording of a video stream at /video, a sample each frame, and a number beside each."""
    with recordings.open_stream(path, "video", one_row_chunks=one_row_chunks) as recording:
        if codec is not None:
            recording.log("video", rr.VideoStream(codec=codec), static=True)
        for number, sample in enumerate(samples):
            recording.set_time("frame", sequence=number)
            recording.log("video", rr.VideoStream.from_fields(sample=sample))
            recording.log("number", rr.Scalars(float(number)))
    return path
