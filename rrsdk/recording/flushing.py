"""Waiting until everything is where it belongs, and for how long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rrsdk.components.strictness import strict_mode
from rrsdk.errors import OutputError
from rrsdk.sinks.live import Flushed

if TYPE_CHECKING:
    from rrsdk.recording.core import Core
    from rrsdk.sinks.live import LiveSink

STALLED_S: Final = 30.0
"""Nothing moved for so long: nothing will."""
_LOOK_S: Final = 1.0


def flush(stream: Core, *, timeout_s: float) -> bool:
    """Whether all that was logged is written or acknowledged; raises in strict mode where it is not."""
    ended = flushed(stream, timeout_s=timeout_s)
    if not ended and strict_mode():
        raise OutputError(f"not flushed: {ended.why}")
    return ended.done


def flushed(stream: Core, *, timeout_s: float, stalled_s: float = STALLED_S) -> Flushed:
    """How a flush ended."""
    if not stream.enabled:
        return Flushed(True)
    deadline = time.monotonic() + min(max(timeout_s, 0.0), 1e9)
    left = _progress(stream)
    moved = time.monotonic()
    while not stream.batcher.flush(min(max(deadline - time.monotonic(), 0.0), _LOOK_S)):
        now = _progress(stream)
        if now != left:
            left, moved = now, time.monotonic()
        if time.monotonic() >= deadline or time.monotonic() - moved > stalled_s:
            rows = stream.batcher.left()
            return Flushed(False, 0, rows, 0, f"{rows} rows wait for {_names(stream)}")
    failed: list[Flushed] = []
    for sink in stream.outlets.sinks:
        ended = _flushed(sink, deadline, stalled_s)
        if not ended:
            failed.append(ended)
    if not failed:
        return Flushed(True)
    return Flushed(
        False,
        sum(one.messages for one in failed),
        sum(one.rows for one in failed),
        sum(one.bytes for one in failed),
        "; ".join(one.why for one in failed),
    )


def _flushed(sink: LiveSink, deadline: float, stalled_s: float) -> Flushed:
    held, moved = sink.status().held, time.monotonic()
    while True:
        now = time.monotonic()
        ended = sink.flush(min(max(deadline - now, 0.0), _LOOK_S))
        if ended:
            return ended
        status = sink.status()
        if status.held != held:
            held, moved = status.held, time.monotonic()
        now = time.monotonic()
        if now >= deadline or now - moved > stalled_s or status.state in ("broken", "closed"):
            return ended


def _progress(stream: Core) -> int:
    return stream.batcher.left()


def _names(stream: Core) -> str:
    return ", ".join(sink.name for sink in stream.outlets.sinks)


def close(stream: Core, *, timeout_s: float) -> Flushed:
    """Flush what can be flushed in time, close the sinks; what is logged from now on is dropped."""
    stream.is_closed = True
    deadline = time.monotonic() + timeout_s
    batcher = stream.batcher
    stopped = batcher.stop(timeout_s)
    failed: list[Flushed] = []
    if not stopped:
        rows = batcher.left()
        failed.append(Flushed(False, 0, rows, 0, f"{rows} rows wait for {_names(stream)}"))
    held = stream.outlets.held
    if stream.outlets.is_held and held:
        failed.append(Flushed(False, held.messages, held.rows, held.bytes, "no sink was chosen"))
    for sink in stream.outlets.sinks:
        ended = stream.outlets.end(sink, max(deadline - time.monotonic(), 0.0))
        if not ended:
            failed.append(ended)
    batcher.gate.shut(parked=True)
    if not failed:
        return Flushed(True)
    rows = sum(one.rows for one in failed)
    return Flushed(
        False,
        sum(one.messages for one in failed),
        rows,
        sum(one.bytes for one in failed),
        "; ".join(one.why for one in failed),
    )
