"""Properties: what holds for a recording as a whole, kept as static data under `/__properties`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from rrsdk import settings
from rrsdk.batcher.times import STATIC
from rrsdk.component.column import Column
from rrsdk.entity import PROPERTIES, format_path
from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_KEY, COMPONENT_TYPE_KEY, KIND_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.recording.stream import RecordingStream

_ROOT: Final = format_path((PROPERTIES,))


def _field(name: str, instances: pa.DataType, component_type: str | None = None) -> pa.Field:
    about = {KIND_KEY: "data", COMPONENT_KEY: name}
    if component_type is not None:
        about |= {ARCHETYPE_KEY: "rerun.archetypes.RecordingInfo", COMPONENT_TYPE_KEY: component_type}
    return pa.field(name, pa.list_(instances), metadata=about)


_FIELDS: Final = {
    "start_time": _field("RecordingInfo:start_time", pa.int64(), "rerun.components.Timestamp"),
    "name": _field("RecordingInfo:name", pa.string(), "rerun.components.Name"),
    "rank": _field("rank", pa.int64()),
    "world_size": _field("world_size", pa.int64()),
}


class _Facts:
    """A Loggable of a few single values."""

    nbytes = 200
    is_broken = False
    __slots__ = ("layout", "values")

    def __init__(self, **values: Any) -> None:
        self.layout = tuple(values)
        self.values = tuple(values.values())

    @classmethod
    def encode(cls, rows: Sequence[_Facts]) -> list[Column]:
        """A column a fact."""
        offsets = pa.array(np.arange(len(rows) + 1, dtype=np.int32))
        columns = []
        for name, values in zip(rows[0].layout, zip(*(row.values for row in rows))):
            field = _FIELDS[name]
            instances = pa.array(values, field.type.value_type)
            columns.append(Column(field, pa.ListArray.from_arrays(offsets, instances)))
        return columns


def describe_start(stream: RecordingStream, *, send_properties: bool) -> None:
    """When the recording began; which of how many processes this is, where a launcher says so."""
    if send_properties:
        _send(stream, _ROOT, _Facts(start_time=time.time_ns()))
    ranked = settings.rank()
    if ranked is not None:
        rank, size = ranked
        _send(stream, format_path((PROPERTIES, "ranks", str(rank))), _Facts(rank=rank, world_size=size))


def _send(stream: RecordingStream, entity: str, facts: _Facts) -> None:
    """Without a thread and without a sink yet: it goes out with the first row."""
    stream.batcher.pending.extend(entity)((STATIC, time.time_ns(), facts))


def send_property(name: str, values: Any, recording: RecordingStream | None = None) -> None:
    """Set a property of the recording: an archetype or AnyValues under a name.

    rr.send_property("situation", rr.AnyValues(weather="rain"))
    """
    from rrsdk.recording.quick import log

    log(format_path((PROPERTIES, name)), values, static=True, recording=recording)


def send_recording_name(name: str, recording: RecordingStream | None = None) -> None:
    """Name the recording, for people."""
    _log(recording, _Facts(name=str(name)))


def send_recording_start_time_nanos(nanos: int, recording: RecordingStream | None = None) -> None:
    """Say when the recording began, in nanoseconds since 1970."""
    _log(recording, _Facts(start_time=int(nanos)))


def _log(recording: RecordingStream | None, facts: _Facts) -> None:
    from rrsdk.recording.quick import log

    log(_ROOT, facts, static=True, recording=recording)
