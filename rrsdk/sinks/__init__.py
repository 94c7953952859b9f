"""Where messages go. `open_sink` chooses by name; what a sink writes appears whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rrsdk.codec.frames import CURRENT_VERSION, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message
    from rrsdk.sinks.rrd import RrdSink


class Sink(Protocol):
    """Anything messages can be written to."""

    name: str
    """For error messages."""

    @property
    def bytes_written(self) -> int:
        """How much has been written so far."""

    @property
    def warnings(self) -> list[str]:
        """What a user should hear of what was written; complete after `close`."""

    def put(self, message: Message) -> None:
        """Write one message. A store's info comes before its chunks."""

    def close(self) -> None:
        """Write the footer and make the output appear."""

    def abort(self) -> None:
        """Leave no trace."""


def open_sink(
    path: str | None,
    *,
    version: Version = CURRENT_VERSION,
    on_bytes: Callable[[int], None] | None = None,
    dry_run: bool = False,
) -> RrdSink:
    """A sink for a path, or for standard output where `path` is None; with `dry_run` it only counts.

    `on_bytes` hears of every piece that was written how long it is: a message may be gigabytes.
    """
    from rrsdk.sinks.output import Nowhere, open_output, standard_output
    from rrsdk.sinks.rrd import RrdSink

    if dry_run:
        return RrdSink(Nowhere(path or "stdout"), version=version)
    output = standard_output() if path is None else open_output(path)
    output.on_bytes = on_bytes
    return RrdSink(output, version=version)
