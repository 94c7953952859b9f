"""Source(s) → transform → sink: what every verb that writes a recording does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.message import HEADER_SIZE, ChunkMsg, Chunks, Message
from rrsdk.sinks import open_sink
from rrsdk.sources import Source, open_source
from rrsdk.sources.damage import Damage
from rrtool.progress import Progress
from rrtool.streams import EXIT_LOSS, refuse_terminal

if TYPE_CHECKING:
    from rrsdk.errors import RrError

Transform = Callable[[Iterable[Message]], Iterable[Message]]


def rewrite(
    inputs: Iterable[str],
    output: str | None,
    transform: Transform,
    *,
    continue_on_error: bool,
    quiet: bool,
    left_out: Sequence[RrError] = (),
    dry_run: bool = False,
) -> int:
    """Read all inputs in order, transform what comes, write one stream; returns the exit code.

    The output appears when everything has gone well, and not before: it may be one of the inputs.
    With `dry_run` nothing is written, and standard output hears what would be.
    A transform may leave out chunks that turn out to be broken, and put the reasons in `left_out`.
    """
    if not dry_run:
        refuse_terminal(output)
    damage = Damage() if continue_on_error else None
    with ExitStack() as stack:
        progress = Progress(quiet=quiet)
        sources = [opened(name, stack, damage=damage, warn=progress.warn) for name in inputs]
        total = sum(source.size or 0 for source in sources)
        progress.expect(total)
        stack.enter_context(progress)
        sink = open_sink(output, on_bytes=progress.advance, dry_run=dry_run)
        messages = merged(sources, damage, alone=len(sources) == 1)
        try:
            for message in transform(messages if damage is None else sound(messages, damage)):
                sink.put(message)
            sink.close()
            for line in sink.warnings:
                progress.warn(line)
            if dry_run:
                say_what_would_be(output, sink.bytes_written, total)
        except FormatError as error:
            sink.abort()
            error.hint = error.hint or "run with --continue-on-error to leave out what is broken"
            raise
        except BaseException:
            sink.abort()
            raise
    return report_losses(damage, progress, left_out)


def say_what_would_be(output: str | None, size: int, before: int) -> None:
    """The line of a dry run."""
    was = f", from {before:,}" if before else ""
    sys.stdout.write(f"would write {output or 'standard output'}: {size:,} bytes{was}\n")


def opened(name: str, stack: ExitStack, *, damage: Damage | None, warn: Callable[[str], None]) -> Source:
    """A source that is closed with the stack."""
    source = open_source(name, damage=damage, warn=warn)
    stack.callback(source.close)
    return source


def one_by_one(names: Sequence[str], progress: Progress, damage: Damage | None) -> Iterator[Source]:
    """Sources, each open until the next is asked for: there may be more than a process can have open."""
    progress.expect(sum(os.path.getsize(name) for name in names if os.path.isfile(name)))
    for name in names:
        with ExitStack() as stack:
            yield opened(name, stack, damage=damage, warn=progress.warn)


def watched(
    sources: Iterable[Source], progress: Progress, damage: Damage | None, *, alone: bool
) -> Iterator[Message]:
    """`merged`, counted as they pass."""
    for message in merged(sources, damage, alone=alone):
        yield message
        if isinstance(message, Chunks):
            progress.advance(message.manifest.total_size())
        elif isinstance(message, ChunkMsg):
            progress.advance(message.size)


def merged(sources: Iterable[Source], damage: Damage | None, *, alone: bool) -> Iterator[Message]:
    """The messages of all sources, one source after the other; one that is no recording may be skipped,
    unless it is `alone`.
    """
    for source in sources:
        try:
            yield from source.messages()
        except FormatError as error:
            if damage is None or alone:
                raise
            damage.add(source.name, 0, source.size or 0, error)


def sound(messages: Iterable[Message], damage: Damage) -> Iterator[Message]:
    """Leave out chunks that cannot be opened: without this, what is copied is not looked into."""
    from rrsdk.codec.chunks import ChunkReader

    reader = ChunkReader()
    for message in messages:
        if not isinstance(message, Chunks):
            yield message
            continue
        keep = bytearray(len(message))
        for row in range(len(message)):
            start, end = message.extent(row)
            try:
                reader.open(message.origin.read(start + HEADER_SIZE, end - start - HEADER_SIZE))
                keep[row] = 1
            except FormatError as error:
                damage.add(message.origin.name, start, end, error)
        if any(keep):
            yield message if all(keep) else message.take(keep)


def report_losses(damage: Damage | None, progress: Progress, left_out: Sequence[RrError] = ()) -> int:
    """Say what had to be skipped; the exit code that follows from it."""
    losses = damage.losses if damage is not None else []
    for loss in losses:
        progress.warn(str(loss))
    for error in left_out:
        progress.warn(f"{error}; the chunk was left out")
    return EXIT_LOSS if losses or left_out else 0
