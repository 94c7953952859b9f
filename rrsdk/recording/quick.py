"""`log` and `set_time` as most calls need them: a look-up, a tuple, an append.

Whatever is not plain (lists as paths, several values, static data, large values, foreign objects,
mistakes, no recording yet) fails one of the look-ups here and goes the slow way, in `slow`.
"""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from rrsdk.recording import here
from rrsdk.recording.current import context_here
from rrsdk.recording.moments import time_of
from rrsdk.recording.slow import LARGE_VALUE, bare, bounded, log_slowly
from rrsdk.timeline import MAX_TIME, MIN_TIME, TimeType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.components.batch import AsComponents, DescribedComponentBatch
    from rrsdk.recording.stream import RecordingStream

_SEQUENCE: Final = TimeType.SEQUENCE


def log(
    entity_path: str | list[Any],
    entity: AsComponents | Iterable[DescribedComponentBatch],
    *extra: AsComponents | Iterable[DescribedComponentBatch],
    static: bool = False,
    recording: RecordingStream | None = None,
    strict: bool | None = None,
) -> None:
    """Log one or more archetypes to an entity, at the times that are set in this thread.

    The values are those at the call: arrays may be changed and archetypes used again afterwards.
    `static` data hold at all times, on all timelines. A mistake warns, naming the line of the call,
    and is left out; with `strict`, or in strict mode, it raises.

        rr.set_time("step", sequence=12)
        rr.log("train/loss", rr.Scalars(0.3))
    """
    try:
        context = here.local.context
        kind = type(entity)
        if (
            recording is None
            and not extra
            and not static
            and (kind in bounded or entity.nbytes < LARGE_VALUE)  # type: ignore[union-attr]
            and not entity.is_broken  # type: ignore[union-attr]  # others go the slow way
        ):
            value: object = entity
            if kind in bare:
                value = entity._scalars  # type: ignore[union-attr]  # noqa: SLF001  # see `bare`
                if value.__class__ is not float:
                    value = entity
            context.gate.fast[entity_path]((context.snapshot, time_ns(), value))  # type: ignore[index]
            return
    except (AttributeError, KeyError, TypeError):
        pass
    chosen = context_here() if recording is None else recording.context
    log_slowly(chosen, entity_path, (entity, *extra), static=static, strict=strict)


def set_time(
    timeline: str,
    *,
    recording: RecordingStream | None = None,
    sequence: int | None = None,
    duration: Any = None,
    timestamp: Any = None,
) -> None:
    """Set the time on a timeline: rows that this thread logs get it, until another is set.

    Exactly one of: `sequence`, a whole number; `duration`, seconds, timedelta or numpy.timedelta64;
    `timestamp`, seconds since 1970, datetime or numpy.datetime64.
    """
    if (
        type(sequence) is int
        and duration is None
        and timestamp is None
        and recording is None
        and MIN_TIME <= sequence <= MAX_TIME
    ):
        try:
            here.local.context.set(timeline, _SEQUENCE, sequence)
        except AttributeError:
            pass
        else:
            return
    kind, value = time_of(timeline, sequence, duration, timestamp)
    context = context_here() if recording is None else recording.context
    if context is not None:
        context.set(timeline, kind, value)
