"""rrtool get: what one entity looked like at a time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rrsdk.errors import UsageError
from rrtool.options import reads_recordings
from rrtool.tables import asks_one_recording, load

if TYPE_CHECKING:
    from rrsdk.query import Hit, LatestAt
    from rrsdk.timeline import TimeType


@click.command("get")
@reads_recordings
@click.argument("entity", metavar="ENTITY")
@click.option("--at", "at", required=True, metavar="T:VALUE", help="The timeline, and the time on it.")
@click.option("--component", multiple=True, metavar="C", help="Only this component; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One object instead of text, and values in full.")
@asks_one_recording
def command(
    inputs: tuple[str, ...],
    entity: str,
    at: str,
    component: tuple[str, ...],
    as_json: bool,
    recording_id: str | None,
) -> None:
    """Show the latest value of each component of an entity at a time, as the viewer would have it.

    Several inputs are one recording. What was cleared is not there; static data always are. Times
    as they are written elsewhere: frame:42, elapsed:1.5s, log_time:2024-02-29T12:00:00Z.

    \b
    Examples:
      rrtool get drive.rrd --at frame:42 /robot/arm
      rrtool get drive.rrd --at log_time:2024-02-29T12:00:00Z /imu --json | jq .components
    """
    from rrsdk.entity import format_path, parse_path
    from rrsdk.query import latest_at
    from rrsdk.timeline import format_time, parse_time

    with load(inputs, recording_id) as recording:
        timeline, value = _moment(at, recording.schema().to_arrow().names)
        kind = recording.schema().index(timeline).kind
        path = format_path(parse_path(entity))
        found = latest_at(recording.store, path, timeline, parse_time(value, kind), component or None)
        text = _json(found, kind) if as_json else _text(found, kind)
        if not found.hits and not as_json:
            click.echo(
                f"rrtool get: {path} has nothing at {timeline} {format_time(found.time, kind)}", err=True
            )
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


def _moment(text: str, names: list[str]) -> tuple[str, str]:
    """Timeline and time; a timeline's own name may have a colon in it."""
    known = max((name for name in names if text.startswith(f"{name}:")), key=len, default=None)
    name = text.partition(":")[0] if known is None else known
    if not text[len(name) :].startswith(":"):
        raise UsageError(f"--at {text!r} is not TIMELINE:VALUE", hint="write it like frame:42")
    return name, text[len(name) + 1 :]


def _time(hit: Hit, kind: TimeType) -> str | None:
    from rrsdk.timeline import format_time

    return None if hit.time is None else format_time(hit.time, kind)


def _json(found: LatestAt, kind: TimeType) -> str:
    from rrsdk.timeline import format_time
    from rrtool.reports.plain import plain
    from rrtool.reports.text import compact_json

    components: dict[str, Any] = {
        name: {"time": _time(hit, kind), "row_id": str(hit.row_id), "values": plain(hit.to_pylist())}
        for name, hit in sorted(found.hits.items())
    }
    at = {"timeline": found.timeline, "time": format_time(found.time, kind)}
    return compact_json({"entity": found.entity, "at": at, "components": components}) + "\n"


def _text(found: LatestAt, kind: TimeType) -> str:
    from rrtool.reports.foreign import items
    from rrtool.reports.text import one_line

    rows = [
        (name, _time(hit, kind) or "static", items(hit.array)) for name, hit in sorted(found.hits.items())
    ]
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(2)]
    return "".join(
        f"{one_line(name):<{widths[0]}}  {when:<{widths[1]}}  {one_line(value)}\n"
        for name, when, value in rows
    )
