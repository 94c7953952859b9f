"""A program that logs a bit of everything, with the SDK it is told to: for test_logging.

python logging_program.py MODULE PATH
"""

from __future__ import annotations

import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

import numpy as np


def log_all(rr: Any, path: str) -> None:
    """The same calls, whichever SDK `rr` is."""
    rr.init("rrkit_interop", recording_id="same", send_properties=False)
    rr.log("early", rr.Scalars(0.5))
    rr.save(path)
    rng = np.random.default_rng(11)
    for frame in range(40):
        rr.set_time("frame", sequence=frame if frame % 7 else 40 - frame)
        rr.set_time("t", duration=0.1 * frame)
        rr.log("plot/sin", rr.Scalars(float(np.sin(frame))))
        if frame % 5 == 0:
            rr.log("plot/two", rr.Scalars([frame, frame + 0.5]), rr.AnyValues(note=f"n{frame}"))
        rr.log("log", rr.TextLog(f"frame {frame}", level="INFO" if frame % 2 else rr.TextLogLevel.WARN))
        points = rng.random((frame % 4, 3)).astype(np.float32)
        if frame % 3:
            rr.log("world/points", rr.Points3D(points, colors=[255, 0, frame], radii=0.5))
        else:
            rr.log("world/points", rr.Points3D(points))
    rr.set_time("wall", timestamp=1_700_000_000.25)
    rr.disable_timeline("frame")
    rr.log("world/flat", rr.Points2D([[1, 2], [3, 4]], labels=["a", "b"]))
    rr.log("world", rr.Transform3D(translation=[1, 2, 3], scale=2.0))
    rr.log("image", rr.Image(rng.integers(0, 255, (32, 24, 3), dtype=np.uint8)))
    rr.log("image/grey", rr.Image(rng.random((8, 8)).astype(np.float32)))
    rr.log("doc", rr.TextDocument("# hi", media_type="text/markdown"), static=True)
    rr.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    rr.log("gone", rr.Clear(recursive=True))
    rr.log(["a", 1, "b c/☮"], rr.Scalars(1))
    rr.reset_time()
    rr.set_time("t", duration=timedelta(minutes=1))
    rr.log("after", rr.Scalars(np.float32(1.5)))
    rr.send_property("run", rr.AnyValues(seed=11))
    rr.send_recording_name("a bit of everything")
    rr.send_columns(
        "columns",
        [rr.TimeColumn("frame", sequence=range(5)), rr.TimeColumn("t", duration=np.arange(5) * 0.5)],
        rr.Scalars.columns(scalars=np.arange(5.0)),
    )
    rr.disconnect()


if __name__ == "__main__":
    log_all(import_module(sys.argv[1]), sys.argv[2])
