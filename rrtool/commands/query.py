"""rrtool query: a recording as a table, written as CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rrsdk.errors import UsageError
from rrtool.options import reads_recordings
from rrtool.tables import FORMATS, asks_one_recording, kind_of, load, refuse_binary, write

if TYPE_CHECKING:
    from rrsdk.dataframe import Recording


@click.command("query")
@reads_recordings
@click.option("--index", metavar="T", help="The timeline that rows are counted on.")
@click.option("--static", is_flag=True, help="Instead of a timeline: static data only, which are one row.")
@click.option(
    "--contents",
    multiple=True,
    metavar="E",
    help="Entities, like /a/** or -/a/b/**; the most specific one decides. May be repeated.  [default: /**]",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="C,...",
    help="Only these columns, in this order: timelines, and components as /entity:Archetype:field.",
)
@click.option("--range", "between", metavar="A..B", help="Only rows from A to B; either may be left out.")
@click.option("--fill-latest-at", is_flag=True, help="Where nothing was logged in a row, show what was last.")
@click.option(
    "--forget-cleared",
    is_flag=True,
    help="With --fill-latest-at: what was cleared stays empty. Rerun fills it again, and so is the default.",
)
@click.option(
    "--using-index-values",
    metavar="V,...",
    help="Rows at exactly these times, whether or not anything was logged then.",
)
@click.option("--not-null", multiple=True, metavar="C", help="Only rows in which this column has a value.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most so many rows.")
@asks_one_recording
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="What is written.  [default: by the name of OUT; csv to standard output]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(readable=False),
    metavar="OUT",
    help="Write here, whole or not at all: .csv, .ndjson, .parquet, .arrow (IPC file), .arrows (IPC stream).",
)
def command(
    inputs: tuple[str, ...],
    index: str | None,
    static: bool,
    contents: tuple[str, ...],
    columns: tuple[str, ...],
    between: str | None,
    fill_latest_at: bool,
    forget_cleared: bool,
    using_index_values: str | None,
    not_null: tuple[str, ...],
    limit: int | None,
    recording_id: str | None,
    kind: str | None,
    output: str | None,
) -> None:
    """Show a recording as a table: a row for each time at which anything was logged.

    Several inputs are one recording. Times are written as they are read: 42; 1.5s, 200ms;
    2024-02-29T12:00:00Z. In CSV and JSON a component's cell is a JSON list of its instances, an
    empty cell (null) says that nothing was logged, durations are seconds.

    \b
    Examples:
      rrtool query drive.rrd --index frame --contents '/robot/**' --fill-latest-at
      rrtool query *.rrd --index log_time --range 2024-02-29T12:00..2024-02-29T12:05 -o noon.parquet
      rrtool query drive.rrd --index frame --columns frame,/imu:Scalars:scalars --limit 10
    """
    output = None if output == "-" else output
    kind = kind or kind_of(output)
    refuse_binary(output, kind)
    if forget_cleared and not fill_latest_at:
        raise UsageError("--forget-cleared says how to fill", hint="add --fill-latest-at")
    with load(inputs, recording_id) as recording:
        if index is None and not static:
            raise UsageError("rows need a timeline", hint=f"add --index, one of {_timelines(recording)}")
        if index is not None and static:
            raise UsageError("--index and --static exclude each other")
        view = recording.reader(index, contents=list(contents) or "/**")
        if between is not None:
            view = view.filter_range(*_bounds(between))
        if using_index_values is not None:
            values = [value for value in using_index_values.split(",") if value.strip()]
            view = view.using_index_values(values)
        if fill_latest_at:
            view = view.fill_latest_at(fill_past_clears=not forget_cleared)
        for column in not_null:
            view = view.filter_is_not_null(column)
        names = [name for one in columns for name in _names(one, recording)]
        write(view.select(*names) if names else view, output, kind, limit)


def _timelines(recording: Recording) -> str:
    return ", ".join(one.name for one in recording.schema().index_columns()) or "none, only --static"


def _bounds(text: str) -> tuple[str | None, str | None]:
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(
            f"--range {text!r} is not A..B", hint="write it like 100..200, 1.5s.. or ..2024-02-29T12:00"
        )
    return start.strip() or None, end.strip() or None


def _names(text: str, recording: Recording) -> list[str]:
    """The columns that an option names: one whose name has a comma in it, or several."""
    if text in recording.schema().column_names():
        return [text]
    return [name.strip() for name in text.split(",") if name.strip()]
