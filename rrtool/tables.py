"""A recording for the verbs that ask it questions, and the files that tables are written to."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from rrsdk.errors import OutputError, UsageError
from rrtool.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    import pyarrow as pa

    from rrsdk.dataframe import Recording, View
    from rrsdk.sinks.output import Output

    F = TypeVar("F", bound=Callable[..., Any])

ENDINGS = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".arrows": "arrows",
}
FORMATS = ("csv", "ndjson", "parquet", "arrow", "arrows")
_BINARY = ("parquet", "arrow", "arrows")


def asks_one_recording(verb: F) -> F:
    """Option `recording_id`, for inputs that hold several."""
    return click.option(
        "--recording",
        "recording_id",
        metavar="ID",
        help="Which recording, where the inputs hold several.  [default: the only one]",
    )(verb)


def load(inputs: Sequence[str], recording_id: str | None) -> Recording:
    """The recording in the inputs, all of them together."""
    from rrsdk.dataframe import load_recording

    try:
        return load_recording(inputs, recording_id=recording_id, warn=Progress(quiet=True).warn)
    except UsageError as error:
        if error.hint is not None and error.hint.startswith("say which"):
            error.hint = "say which with --recording ID"
        raise


def kind_of(output: str | None) -> str:
    """The format that an output's name tells; CSV for standard output."""
    if output is None:
        return "csv"
    ending = os.path.splitext(output)[1].lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"-o {output}: its name does not tell a format",
            hint=f"end it in {', '.join(ENDINGS)}, or add --format",
        )
    return ENDINGS[ending]


def refuse_binary(output: str | None, kind: str) -> None:
    """Stop before a table that nobody can read would be written to a terminal."""
    if output is None and kind in _BINARY and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(f"{kind} is binary and standard output is a terminal; use -o FILE or a pipe")


def write(view: View, output: str | None, kind: str, limit: int | None) -> None:
    """Write the rows of a view."""
    from rrsdk.sinks.output import open_output, standard_output

    sink = standard_output() if output is None else open_output(output)
    try:
        _write(_limited(view.to_arrow_reader(), limit), view.schema(), sink, kind)
        sink.commit()
    except BaseException:
        sink.abort()
        raise


def _limited(batches: Iterable[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
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
        with _writer(kind, _Sink(sink), schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
    except (pa.ArrowException, NotImplementedError) as error:
        raise _refused(error, sink.name, kind) from error


def _writer(kind: str, sink: _Sink, schema: pa.Schema) -> Any:
    if kind == "parquet":
        from pyarrow.parquet import ParquetWriter

        return ParquetWriter(sink, schema)
    import pyarrow as pa

    return pa.ipc.new_stream(sink, schema) if kind == "arrows" else pa.ipc.new_file(sink, schema)


class _Sink(io.RawIOBase):
    """An output as a file that pyarrow writes to."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._output.write(piece)
        return len(piece)

    def tell(self) -> int:
        return self._output.position


def _refused(error: Exception, name: str, kind: str) -> OutputError:
    """What to say where a format cannot hold a table."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return OutputError(f"cannot be written as {kind}: {first}", source=name, hint="use another format")
