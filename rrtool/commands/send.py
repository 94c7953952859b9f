"""rrtool send: recordings into a session, as they are, at once or at the pace they were made."""

from __future__ import annotations

from contextlib import ExitStack
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from rrsdk.endpoint import Transport, parse_endpoint
from rrsdk.errors import OutputError, UsageError
from rrsdk.message import Chunks
from rrsdk.sources.damage import Damage
from rrtool.options import tolerates_errors
from rrtool.pipeline import merged, opened, report_losses
from rrtool.progress import Progress
from rrtool.streams import EXIT_LOSS
from rrtool.transforms.pace import paced, singly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.endpoint import Endpoint
    from rrsdk.message import Message
    from rrsdk.sinks.live import Flushed, LiveSink, SinkStatus

CONNECT_TIMEOUT_S = 5.0
NO_PROGRESS_S = 30.0
CLOSE_S = 2.0


@click.command("send")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(readable=False), metavar="IN...")
@click.argument("url", metavar="URL")
@click.option("--realtime", is_flag=True, help="At the pace of a timeline instead of at once.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    metavar="X",
    help="With --realtime: so many times as fast; a sequence counts 30 steps a second.  [default: 1]",
)
@click.option(
    "--timeline", metavar="NAME", help="With --realtime: whose pace.  [default: log_time, else the first]"
)
@tolerates_errors
@click.option("-q", "--quiet", is_flag=True, help="No progress; warnings and errors only.")
def command(
    inputs: tuple[str, ...],
    url: str,
    realtime: bool,
    speed: float,
    timeline: str | None,
    continue_on_error: bool,
    quiet: bool,
) -> int:
    """Send recordings to a session, chunk by chunk, as they are.

    URL is HOST:PORT, or rerun+http://HOST:PORT/proxy for the gRPC server of Rerun. Ends when all is
    acknowledged. Exit code 3: something was not taken, and how much was said.

    \b
    Examples:
      rrtool send drive.rrd localhost:9876
      rrtool send drive.rrd localhost:9876 --realtime --speed 4 --timeline camera_time
      cat *.rrd | rrtool send - rerun+http://localhost:9876/proxy
    """
    if timeline is not None and not realtime:
        raise UsageError("--timeline makes sense with --realtime only")
    endpoint = parse_endpoint(url)
    damage = Damage() if continue_on_error else None
    with ExitStack() as stack:
        progress = Progress(quiet=quiet)
        sources = [opened(name, stack, damage=damage, warn=progress.warn) for name in inputs]
        progress.expect(sum(source.size or 0 for source in sources))
        stack.enter_context(progress)
        sink = _connected(endpoint)
        try:
            messages: Iterable[Message] = merged(sources, damage, alone=len(sources) == 1)
            if realtime:
                messages = _waiting(paced(messages, timeline=timeline), speed)
            else:
                messages = singly(messages)
            for message in messages:
                assert not isinstance(message, Chunks)
                sink.put(message)
                progress.advance(getattr(message, "size", 0))
            ended = _all_acknowledged(sink)
        finally:
            status = sink.status()
            sink.close(CLOSE_S)
    return max(_report(ended, status, progress), report_losses(damage, progress))


def _connected(endpoint: Endpoint) -> LiveSink:
    if endpoint.transport is Transport.GRPC:
        from rrsdk.sinks.grpc import GrpcSink

        return GrpcSink(endpoint)
    from rrsdk.sinks.zmq.sink import ZmqSink

    sink = ZmqSink(endpoint, name="rrtool send", start="")
    deadline = monotonic() + CONNECT_TIMEOUT_S
    while sink.status().state != "connected":
        if monotonic() >= deadline:
            why = sink.status().last_error
            sink.close(0)
            raise OutputError(
                f"nobody answers within {CONNECT_TIMEOUT_S:g} s" + (f" ({why})" if "key" in why else ""),
                source=endpoint.url,
                hint="is `rrtool serve` running?",
            )
        sleep(0.01)
    return sink


def _all_acknowledged(sink: LiveSink) -> Flushed:
    """Wait for it as long as anything moves."""
    before, since = sink.status().held, monotonic()
    while True:
        ended = sink.flush(1.0)
        held = sink.status().held
        if held != before:
            before, since = held, monotonic()
        if ended or monotonic() >= since + NO_PROGRESS_S:
            return ended


def _waiting(messages: Iterable[tuple[float, Message]], speed: float) -> Iterable[Message]:
    """Hand out each message when its time has come."""
    start = monotonic()
    for at_s, message in messages:
        left = at_s / speed - (monotonic() - start)
        if left > 0:
            sleep(left)
        yield message


def _report(ended: Flushed, status: SinkStatus, progress: Progress) -> int:
    code = 0
    for amount, what in (
        (status.lost, "lost: the session broke with it"),
        (status.dropped, "dropped: there was no room for it in time"),
        (status.refused, f"refused ({status.last_error})"),
    ):
        if amount:
            progress.warn(f"{status.name}: {amount} {what}")
            code = EXIT_LOSS
    if not ended:
        progress.warn(f"{status.name}: {ended.messages} messages ({ended.rows} rows) not taken: {ended.why}")
        code = EXIT_LOSS
    return code
