"""rrtool query: a recording as a table, written as CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from rrsdk.errors import UsageError
from rrtool.options import reads_recordings
from rrtool.tables import Sink, asks_one_recording, load, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from rrsdk.dataframe import Recording, View
    from rrsdk.sinks.output import Output

_ENDINGS = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".arrows": "arrows",
}
_FORMATS = ("csv", "ndjson", "parquet", "arrow", "arrows")
_BINARY = ("parquet", "arrow", "arrows")


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
    type=click.Choice(_FORMATS),
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
    kind = kind or _kind_of(output)
    if output is None and kind in _BINARY and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(f"{kind} is binary and standard output is a terminal; use -o FILE or a pipe")
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


def _kind_of(output: str | None) -> str:
    if output is None:
        return "csv"
    ending = os.path.splitext(output)[1].lower()
    if ending not in _ENDINGS:
        raise UsageError(
            f"-o {output}: its name does not tell a format",
            hint=f"end it in {', '.join(_ENDINGS)}, or add --format",
        )
    return _ENDINGS[ending]


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


def write(view: View, output: str | None, kind: str, limit: int | None) -> None:
    """Write the rows of a view."""
    from rrsdk.sinks.output import open_output, standard_output

    sink = standard_output() if output is None else open_output(output)
    try:
        _write(limited(view.to_arrow_reader(), limit), view.schema(), sink, kind)
        sink.commit()
    except BaseException:
        sink.abort()
        raise


def limited(batches: Iterable[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    """The first so many rows."""
    left = limit
    for batch in batches:
        if left is not None:
            batch = batch[:left]
            left -= len(batch)
        if len(batch):
            yield batch
        if left == 0:
            return


def _write(batches: Iterator[pa.RecordBatch], schema: pa.Schema, sink: Output, kind: str) -> None:
    if kind in ("csv", "ndjson"):
        from rrtool.reports.rows import csv_head, csv_rows, json_rows

        if kind == "csv":
            sink.write(csv_head(schema.names))
        for batch in batches:
            sink.write(csv_rows(batch) if kind == "csv" else json_rows(batch))
            sink.flush()
        return
    import pyarrow as pa

    try:
        with _writer(kind, Sink(sink), schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
    except (pa.ArrowException, NotImplementedError) as error:
        raise refused(error, sink.name, kind) from error


def _writer(kind: str, sink: Sink, schema: pa.Schema) -> Any:
    if kind == "parquet":
        from pyarrow.parquet import ParquetWriter

        return ParquetWriter(sink, schema)
    import pyarrow as pa

    return pa.ipc.new_stream(sink, schema) if kind == "arrows" else pa.ipc.new_file(sink, schema)
