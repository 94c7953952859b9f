"""How children of a recording process carry on: what they must know, and what they make of it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rrsdk.errors import RrError
from rrsdk.sinks.claim import path_beside
from rrsdk.sinks.save import save_sink
from rrsdk.sinks.succession import SaveOptions

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.recording.reports import Reporter
    from rrsdk.sinks.live import LiveSink


@dataclass(frozen=True, slots=True)
class Kinship:
    """Where a process sends its data, so far as it matters to its children."""

    mode: str
    """`save`, `stdout`, `memory`: data stay in the process; `connect`, `grpc`: they leave it."""
    path: str = ""
    """Of the file, for `save`."""
    url: str = ""
    """Of the broker, for `connect` and `grpc`; of a serving process, its own."""
    options: dict[str, Any] = field(default_factory=dict)
    """What else `connect` or `save` was told."""

    @property
    def is_local(self) -> bool:
        """Whether the data end in the process itself."""
        return self.mode not in ("connect", "grpc")

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Origin:
    """The process whose recording a child takes part in."""

    pid: int
    socket: str
    """Where it listens to its children; empty where it could not."""


HELD = Kinship("memory")


def sinks_of_kin(store: StoreId, kin: Kinship, origin: Origin, report: Reporter) -> list[LiveSink]:
    """What a child sends to."""
    if kin.mode == "connect":
        from rrsdk.sinks.zmq.sink import ZmqSink

        return [ZmqSink(kin.url, **kin.options, report=report.say)]
    if kin.mode == "grpc":
        from rrsdk.sinks.grpc import GrpcSink

        return [GrpcSink(kin.url)]
    from rrsdk.sinks.uplink import UplinkSink

    def alone() -> LiveSink | None:
        path = own_path(store, kin)
        try:
            return save_sink(path, options=SaveOptions.of_plain(kin.options), report=report.say)
        except RrError as error:
            report.say(str(error))
            return None

    return [UplinkSink(origin.socket, owner=origin.pid, alone=alone, report=report.say)]


def own_path(store: StoreId, kin: Kinship) -> str:
    """The file of a child that is on its own."""
    return path_beside(kin.path or store.application_id.replace(os.sep, "-"))
