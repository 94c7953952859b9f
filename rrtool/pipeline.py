"""Source(s) → transform → sink: what every verb that writes a recording does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

from rrsdk.message import ChunkMsg, Chunks, Message
from rrsdk.sinks import open_sink
from rrsdk.sources import Source, open_source
from rrsdk.sources.damage import Damage
from rrtool.options import EXIT_LOSS, refuse_terminal
from rrtool.progress import Progress

Transform = Callable[[Iterable[Message]], Iterable[Message]]


def rewrite(
    inputs: Iterable[str],
    output: str | None,
    transform: Transform,
    *,
    continue_on_error: bool,
    quiet: bool,
) -> int:
    """Read all inputs in order, transform what comes, write one stream; returns the exit code.

    The output appears when everything has gone well, and not before: it may be one of the inputs.
    """
    refuse_terminal(output)
    damage = Damage() if continue_on_error else None
    with ExitStack() as stack:
        progress = Progress(quiet=quiet)
        sources = [opened(name, stack, damage=damage, warn=progress.warn) for name in inputs]
        progress.expect(sum(source.size or 0 for source in sources))
        stack.enter_context(progress)
        sink = open_sink(output)
        try:
            for message in transform(watched(sources, progress)):
                sink.put(message)
            sink.close()
        except BaseException:
            sink.abort()
            raise
    return report_losses(damage, progress)


def opened(name: str, stack: ExitStack, *, damage: Damage | None, warn: Callable[[str], None]) -> Source:
    """A source that is closed with the stack."""
    source = open_source(name, damage=damage, warn=warn)
    stack.callback(source.close)
    return source


def watched(sources: Iterable[Source], progress: Progress) -> Iterator[Message]:
    """The messages of all sources, one source after the other, counted as they pass."""
    for source in sources:
        for message in source.messages():
            yield message
            if isinstance(message, Chunks):
                progress.advance(message.manifest.total_size())
            elif isinstance(message, ChunkMsg):
                progress.advance(message.size)


def report_losses(damage: Damage | None, progress: Progress) -> int:
    """Say what had to be skipped; the exit code that follows from it."""
    if damage is None or not damage.losses:
        return 0
    for loss in damage.losses:
        progress.warn(str(loss))
    return EXIT_LOSS
