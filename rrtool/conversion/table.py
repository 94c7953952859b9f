"""A table made of a recording, on the timeline that tells most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.timeline import TimeType
from rrtool.tables import load, refuse_binary, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.dataframe import Recording

_AUTOMATIC = ("log_time", "log_tick")
_ORDER = (TimeType.SEQUENCE, TimeType.TIMESTAMP, TimeType.DURATION)


def make_table(
    inputs: Sequence[str], output: str | None, kind: str, *, index: str | None, recording_id: str | None
) -> None:
    """Write a recording as a table: a row for each time of a timeline, or one row where all is static."""
    refuse_binary(output, kind)
    with load(inputs, recording_id) as recording:
        write(recording.reader(best_timeline(recording) if index is None else index), output, kind, None)


def best_timeline(recording: Recording) -> str | None:
    """The user's own timeline on which most entities are; None where everything is static."""
    on = recording.store.schema().timelines_of.values()
    ranked = sorted(
        (
            _AUTOMATIC.index(one.name) + 1 if one.name in _AUTOMATIC else 0,
            -sum(one.name in each for each in on),
            _ORDER.index(one.kind),
            one.name,
        )
        for one in recording.schema().index_columns()
    )
    return ranked[0][-1] if ranked else None
