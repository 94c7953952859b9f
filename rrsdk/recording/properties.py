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

    from rrsdk.recording.core import Core

ROOT: Final = format_path((PROPERTIES,))


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


class Facts:
    """A Loggable of a few single values."""

    nbytes = 200
    is_broken = False
    __slots__ = ("layout", "values")

    def __init__(self, **values: Any) -> None:
        self.layout = tuple(values)
        self.values = tuple(values.values())

    @classmethod
    def encode(cls, rows: Sequence[Facts]) -> list[Column]:
        """A column a fact."""
        offsets = pa.array(np.arange(len(rows) + 1, dtype=np.int32))
        columns = []
        for name, values in zip(rows[0].layout, zip(*(row.values for row in rows))):
            field = _FIELDS[name]
            instances = pa.array(values, field.type.value_type)
            columns.append(Column(field, pa.ListArray.from_arrays(offsets, instances)))
        return columns


def describe_start(stream: Core, *, send_properties: bool) -> None:
    """When the recording began; which of how many processes this is, where a launcher says so."""
    if send_properties:
        _send(stream, ROOT, Facts(start_time=time.time_ns()))
    ranked = settings.rank()
    if ranked is not None:
        rank, size = ranked
        _send(stream, format_path((PROPERTIES, "ranks", str(rank))), Facts(rank=rank, world_size=size))


def _send(stream: Core, entity: str, facts: Facts) -> None:
    """Without a thread and without a sink yet: it goes out with the first row."""
    stream.batcher.pending.extend(entity)((STATIC, time.time_ns(), facts))


def property_path(name: str) -> str:
    """The entity of a property with this name."""
    return format_path((PROPERTIES, name))
