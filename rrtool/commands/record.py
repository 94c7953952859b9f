"""rrtool record: what a session holds and gets, written to a file while it comes."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import click

from rrsdk.errors import UsageError
from rrsdk.message import ChunkMsg
from rrsdk.sinks.live import Amount
from rrsdk.sinks.save import save_sink
from rrsdk.sinks.succession import SaveOptions
from rrsdk.sources.damage import Damage
from rrsdk.sources.live import open_live
from rrtool.options import ROTATE
from rrtool.pipeline import report_losses
from rrtool.progress import Progress
from rrtool.reports.times import format_bytes
from rrtool.streams import EXIT_LOSS

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.sinks.rotation import Rotate
    from rrsdk.sources.missed import LiveSource

CLOSE_S = 10.0


@click.command("record")
@click.argument("url", metavar="URL")
@click.option(
    "-o", "--output", type=click.Path(readable=False), required=True, metavar="OUT", help="Write this file."
)
@click.option("--newest-first", is_flag=True, help="Of what the session holds, the newest data first.")
@click.option(
    "--until-idle", type=click.FloatRange(min=0), metavar="S", help="End when nothing came for S seconds."
)
@click.option("--duration", type=click.FloatRange(min=0), metavar="S", help="End after S seconds.")
@click.option(
    "--rotate",
    type=ROTATE,
    metavar="SIZE|TIME",
    help="Begin another file when one has this size (1GiB) or age (10min): OUT, OUT.0002, …",
)
@click.option(
    "--overflow-dir",
    type=click.Path(readable=False),
    metavar="DIR",
    help="Go on in this folder where OUT cannot be written any more.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress; warnings and errors only.")
def command(
    url: str,
    output: str,
    newest_first: bool,
    until_idle: float | None,
    duration: float | None,
    rotate: Rotate | None,
    overflow_dir: str | None,
    quiet: bool,
) -> int:
    """Record a session: what it holds now, and what it gets.

    URL is HOST:PORT, or rerun+http://HOST:PORT/proxy for the gRPC server of Rerun. The file can be
    read while it grows. Interrupting (Ctrl-C, SIGTERM) ends it properly, with a footer. A session
    that restarts is recorded on; one that stays away for half a minute ends the recording.
    Exit code 3: something was missed, and how much was said.

    With --rotate each file can be read alone: it begins with all static data so far. Files of an
    earlier run are left alone, but for OUT itself.

    \b
    Examples:
      rrtool record localhost:9876 -o run.rrd
      rrtool record tcp://robot:9876 -o minute.rrd --duration 60
      rrtool record localhost:9876 -o day.rrd --rotate 1h --overflow-dir /var/spare
      rrtool record rerun+http://localhost:9876/proxy -o run.rrd --until-idle 5
    """
    if output in ("", "-"):
        raise UsageError("-o needs the name of a file; to see what comes use `rrtool tail`")
    options = SaveOptions(rotate=rotate, overflow_dir=overflow_dir)
    damage = Damage()
    with Progress(quiet=quiet) as progress:
        source = open_live(
            url, newest_first=newest_first, idle_s=until_idle, damage=damage, warn=progress.warn
        )
        try:
            sink = save_sink(output, options=options, report=progress.warn)
            timer = threading.Timer(duration, source.close) if duration is not None else None
            with _ending_properly(source):
                if timer is not None:
                    timer.daemon = True
                    timer.start()
                recorded = Amount()
                stores: set[StoreId] = set()
                try:
                    for message in source.messages():
                        sink.put(message)
                        stores.add(message.store)
                        if isinstance(message, ChunkMsg):
                            recorded += Amount.of(message)
                            progress.advance(message.size)
                finally:
                    ended = sink.close(CLOSE_S)
                    if timer is not None:
                        timer.cancel()
        finally:
            source.close()
        if not ended:
            progress.warn(ended.why)
        losses = report_losses(damage, progress)
        lost = sink.status().lost
        rows, size = recorded.rows - lost.rows, recorded.bytes - lost.bytes
        chunks = f"{recorded.messages - lost.messages} chunks ({rows} rows, {format_bytes(size)})"
        if not quiet:
            said = "1 store" if len(stores) == 1 else f"{len(stores)} stores"
            files = f" in {sink.parts} files" if sink.parts > 1 else ""
            progress.warn(f"{output}: recorded {chunks} of {said}{files}")
    return EXIT_LOSS if losses or lost or source.missed.messages or not ended else 0


class _ending_properly:  # noqa: N801  # used as a function
    """Interrupts end the source, once; the second one is an interrupt again."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # there is no SIGHUP on Windows
            if number is not None:
                self._before[number] = signal.signal(number, self._end)

    def _end(self, _number: int, _frame: object) -> None:
        self._restore()
        self._source.close()

    def _restore(self) -> None:
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, before)  # type: ignore[arg-type]

    def __exit__(self, *_: object) -> None:
        self._restore()
