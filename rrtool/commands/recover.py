"""rrtool recover: a damaged recording made whole, without what cannot be read any more."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from rrsdk.codec.salvage import Salvage
from rrsdk.errors import FormatError, UsageError
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sinks import open_sink
from rrsdk.sources.opening import open_bytes
from rrtool.many import Job, over_many
from rrtool.memory import keep_freed_buffers
from rrtool.options import reads_recordings, shared_options, writes_recording
from rrtool.progress import Progress
from rrtool.reports.losses import Recovery
from rrtool.reports.soundness import Soundness
from rrtool.streams import EXIT_LOSS, refuse_terminal
from rrtool.transforms.merge import without_repeats


@click.command("recover")
@reads_recordings
@writes_recording
@click.option(
    "--json", "as_json", is_flag=True, help="The report as one object on standard output; wants -o."
)
@shared_options
def command(inputs: tuple[str, ...], output: str | None, as_json: bool, quiet: bool, jobs: int) -> int:
    """Keep all of a damaged recording that is sound, and say what was lost.

    Reads on behind unknown or cut messages, holes, other files' remains, and without header or
    footer. Every chunk is decoded before it is kept; a new footer is made. The report names the bytes
    that were lost and, where a footer or the head of a chunk still tells, entities and times.

    Exits with 0 where nothing was lost, 3 where something was, 1 where nothing can be recovered.
    Directories are mirrored; of these, what nothing can be recovered of is named, and the exit code is 3.

    \b
    Examples:
      rrtool recover crashed.rrd -o sound.rrd
      rrtool recover --json crashed.rrd -o sound.rrd > lost.json
      rrtool recover crashed/ -o sound/
    """
    refuse_terminal(output)
    if as_json and output is None:
        raise UsageError("--json wants -o: standard output cannot be both the report and the recording")
    keep_freed_buffers()
    return over_many(
        Job("recover", _recover, {"as_json": as_json}),
        inputs,
        output,
        continue_on_error=True,
        quiet=quiet,
        jobs=jobs,
    )


def _recover(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    as_json: bool,
    jobs: int,  # decoding is no slower than reading
    quiet: bool,
    dry_run: bool,
    continue_on_error: bool,  # of one damaged file it always does
) -> int:
    if len(inputs) > 1:
        raise UsageError("several inputs want a directory: -o DIR/")
    (name,) = inputs
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        origin = stack.enter_context(open_bytes(name))
        progress.expect(origin.size)
        if not origin.size:
            raise FormatError("the input is empty", source=origin.name, offset=0)
        salvage = Salvage(origin, origin.size, check=Soundness().problem, warn=progress.warn)
        sink = open_sink(output, on_bytes=progress.advance)
        written = 0
        try:
            for message in without_repeats(salvage.messages()):
                written += len(message) if isinstance(message, Chunks) else isinstance(message, ChunkMsg)
                sink.put(message)
            if not salvage.found:
                raise _nothing(salvage, origin.name)
            sink.close()
        except FormatError as error:
            sink.abort()
            raise error.located(source=origin.name) from error.__cause__
        except BaseException:
            sink.abort()
            raise
        recovery = Recovery(
            origin.name,
            origin.size,
            written,
            salvage.rows,
            salvage.chunks - written,
            salvage.lost,
            salvage.lost_chunks(),
            salvage.made_up,
            [*salvage.notes, *sink.warnings],
        )
    if as_json:
        from rrtool.reports.text import compact_json

        sys.stdout.write(compact_json(recovery.to_json()) + "\n")
    if not (quiet and recovery.is_complete):
        for line in recovery.lines():
            progress.warn(line)
    return 0 if recovery.is_complete else EXIT_LOSS


def _nothing(salvage: Salvage, name: str) -> FormatError:
    reason = salvage.lost[0].reason if salvage.lost else "it holds no message"
    return FormatError(f"nothing can be recovered: {reason}", source=name, offset=0)
