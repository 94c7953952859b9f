"""rrtool split: a recording cut into parts along a timeline, each of which stands on its own."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from rrsdk.errors import RrError, UsageError
from rrsdk.sinks import open_sink
from rrsdk.sources.damage import Damage
from rrtool.many import Job, over_many
from rrtool.options import SIZE, reads_recordings, shared_options, tolerates_errors
from rrtool.pipeline import merged, opened, report_losses, say_what_would_be, sound
from rrtool.progress import Progress
from rrtool.transforms.merge import without_repeats
from rrtool.transforms.split import Part, Splitter
from rrtool.transforms.split_plan import Extent, cuts_at, cuts_every, cuts_into, part_name

if TYPE_CHECKING:
    from rrsdk.sinks.rrd import RrdSink


@click.command("split")
@reads_recordings
@click.option(
    "-o",
    "--output-dir",
    "output",
    required=True,
    type=click.Path(readable=False),
    metavar="DIR",
    help="Where the parts go; made if it is not there.",
)
@click.option("--timeline", required=True, metavar="NAME", help="The timeline to cut along.")
@click.option(
    "-t", "--time", "times", multiple=True, metavar="TIME", help="Cut here; may be given many times."
)
@click.option("-n", "--num-parts", type=click.IntRange(2, 10_000), metavar="N", help="Parts equally long.")
@click.option("--every", metavar="SPAN", help="A part each 10min, 0.5s, 200ms; or so many sequence numbers.")
@click.option("--max-bytes", type=SIZE, metavar="SIZE", help="Parts of at most this size, like 100MiB.")
@click.option(
    "--recording-id", "prefix", metavar="PREFIX", help="Call the parts' recordings PREFIX0, PREFIX1, …"
)
@click.option(
    "--drop-unused-timelines", is_flag=True, help="Drop all other timelines, and what is only on these."
)
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; say what would be written, and how large it would be."
)
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str,
    timeline: str,
    times: tuple[str, ...],
    num_parts: int | None,
    every: str | None,
    max_bytes: int | None,
    prefix: str | None,
    drop_unused_timelines: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Cut a recording into parts along a timeline, each of which stands on its own.

    The part DIR/NAME_100__200.rrd holds the rows from 100 on and before 200, the last part its end too.
    Its recording is called ID-0, ID-1, …. Static data, blueprints and what is not on the timeline are in
    every part; so is what held when the part began, with its own times: the latest row of each component,
    of video streams (H.264, H.265) all samples since the last key frame, of transforms and pinholes with
    named frames all rows. Routed to one id and merged, the parts say what the whole said.

    Times are written as for filter --time. Each input is cut on its own, directories are mirrored.

    \b
    Examples:
      rrtool split drive.rrd -o parts --timeline log_time --every 10min
      rrtool split drive.rrd -o parts --timeline frame --time 100 --time 200
      rrtool split drive.rrd -o parts --timeline frame --max-bytes 100MB
    """
    ways = [times, num_parts, every, max_bytes]
    if sum(one not in (None, ()) for one in ways) != 1:
        raise UsageError("give one of --time, --num-parts, --every and --max-bytes")
    if prefix == "":
        raise UsageError("an id must not be empty")
    options = {
        "timeline": timeline,
        "times": times,
        "num_parts": num_parts,
        "every": every,
        "max_bytes": max_bytes,
        "prefix": prefix,
        "drop_timelines": drop_unused_timelines,
    }
    return over_many(
        Job("split", _split, options),
        inputs,
        output,
        is_folder=True,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


def _split(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    timeline: str,
    times: tuple[str, ...],
    num_parts: int | None,
    every: str | None,
    max_bytes: int | None,
    prefix: str | None,
    drop_timelines: bool,
    continue_on_error: bool,
    jobs: int,  # files are spread over cores, parts are not
    quiet: bool,
    dry_run: bool,
) -> int:
    assert output is not None
    (name,) = inputs
    damage = Damage() if continue_on_error else None
    broken: list[RrError] = []
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        source = opened(name, stack, damage=damage, warn=progress.warn)
        progress.expect(source.size or 0)
        found = merged([source], damage, alone=True)
        messages = list(without_repeats(found if damage is None else sound(found, damage)))
        try:
            extent = Extent.of(messages, timeline)
            if prefix is not None and len(extent.recordings) > 1:
                raise UsageError(
                    f"{name} holds {len(extent.recordings)} recordings, which cannot all be called {prefix}0"
                )
            skip = None if damage is None else broken.append
            splitter = Splitter(messages, extent, prefix=prefix, drop_timelines=drop_timelines, skip=skip)
            writer = _Writer(output, extent, splitter, progress, dry_run=dry_run)
            if max_bytes is not None:
                from rrtool.transforms.split_sizes import parts_of_size

                for size in parts_of_size(messages, extent, max_bytes, writer.make, keep=writer.keep):
                    progress.warn(f"{writer.path}: has {size:,} bytes; its rows are of one time")
            else:
                if num_parts is not None:
                    cuts = cuts_into(extent, num_parts)
                else:
                    cuts = cuts_at(extent, times) if every is None else cuts_every(extent, every)
                for text in cuts.outside:
                    progress.warn(
                        f"--time {text}: all of {name} lies on one side of it; no cut was made there"
                    )
                bounds = [extent.first, *cuts.times, extent.end]
                for number, (begin, end) in enumerate(pairwise(bounds)):
                    writer.make(number, begin, end)
                    writer.keep(True)
        except RrError as error:
            raise error.located(source=name) from error.__cause__
        for line in splitter.warnings():
            progress.warn(f"{name}: {line}")
        return report_losses(damage, progress, broken)


class _Writer:
    """Makes the files of parts."""

    def __init__(
        self, output: str, extent: Extent, splitter: Splitter, progress: Progress, *, dry_run: bool
    ) -> None:
        folder, base = os.path.split(output)
        self._folder, self._stem = folder, os.path.splitext(base)[0]
        self._extent, self._splitter, self._progress = extent, splitter, progress
        self._dry_run = dry_run
        self._sink: RrdSink | None = None
        self.path = ""

    def make(self, number: int, begin: int, end: int) -> int:
        """Write a part; how large it is. It appears when it is kept."""
        assert self._extent.time_type is not None
        name = part_name(self._stem, begin, end, self._extent.time_type)
        self.path = os.path.join(self._folder, name)
        self._sink = sink = open_sink(self.path, on_bytes=self._progress.advance, dry_run=self._dry_run)
        try:
            for message in self._splitter.part(Part(number, begin, end)):
                sink.put(message)
            sink.finish()
        except BaseException:
            sink.abort()
            raise
        return sink.bytes_written

    def keep(self, is_good: bool) -> None:
        """What becomes of the part that was made."""
        sink = self._sink
        assert sink is not None
        if not is_good:
            sink.abort()
            return
        sink.close()
        for line in sink.warnings:
            self._progress.warn(line)
        if self._dry_run:
            say_what_would_be(self.path, sink.bytes_written, 0)
        else:
            sys.stdout.write(f"{self.path}: {sink.bytes_written:,} bytes\n")
