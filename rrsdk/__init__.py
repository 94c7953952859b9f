"""Log multimodal data over time, and read it back: the SDK of rrkit.

Everything public has its name here and is imported when it is first asked for: `import rrsdk`
alone costs nothing, and a program pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.chunk import Chunk
    from rrsdk.errors import (
        FormatError,
        InputError,
        OutputError,
        RrError,
        TruncatedError,
        UsageError,
        VersionError,
    )
    from rrsdk.identity import StoreId, StoreKind, Tuid, new_tuid
    from rrsdk.sinks import Sink, open_sink
    from rrsdk.sinks.memory import MemorySink
    from rrsdk.sources import Source, open_source
    from rrsdk.sources.chunks import read_chunks
    from rrsdk.sources.damage import Damage, Loss
    from rrsdk.sources.memory import MemorySource
    from rrsdk.timeline import TimeType

__all__ = [
    # data
    "Chunk",
    "StoreId",
    "StoreKind",
    "TimeType",
    "Tuid",
    "new_tuid",
    # reading and writing
    "read_chunks",
    "open_source",
    "open_sink",
    "Source",
    "Sink",
    "MemorySource",
    "MemorySink",
    "Damage",
    "Loss",
    # errors
    "RrError",
    "UsageError",
    "InputError",
    "OutputError",
    "FormatError",
    "TruncatedError",
    "VersionError",
]

_ROOMS = {
    "rrsdk.chunk": ("Chunk",),
    "rrsdk.errors": (
        "RrError",
        "UsageError",
        "InputError",
        "OutputError",
        "FormatError",
        "TruncatedError",
        "VersionError",
    ),
    "rrsdk.identity": ("StoreId", "StoreKind", "Tuid", "new_tuid"),
    "rrsdk.sinks": ("Sink", "open_sink"),
    "rrsdk.sinks.memory": ("MemorySink",),
    "rrsdk.sources": ("Source", "open_source"),
    "rrsdk.sources.chunks": ("read_chunks",),
    "rrsdk.sources.damage": ("Damage", "Loss"),
    "rrsdk.sources.memory": ("MemorySource",),
    "rrsdk.timeline": ("TimeType",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(room), name)
    globals()[name] = found  # so that this is asked once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
