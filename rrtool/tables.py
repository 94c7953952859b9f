"""A recording for the verbs that ask it questions, and the files that tables are written to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import click

from rrsdk.errors import OutputError, UsageError
from rrtool.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from rrsdk.dataframe import Recording
    from rrsdk.sinks.output import Output

    F = TypeVar("F", bound=Callable[..., Any])


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


class Sink(io.RawIOBase):
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


def refused(error: Exception, name: str, kind: str) -> OutputError:
    """What to say where a format cannot hold a table."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return OutputError(f"cannot be written as {kind}: {first}", source=name, hint="use another format")
