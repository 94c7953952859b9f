"""What a broker holds, written to a file: whole, with a footer, while it runs or when it has ended."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from rrsdk.broker.local import END, Delivery, Missed
from rrsdk.codec.envelope import Kind
from rrsdk.codec.receive import Receiver
from rrsdk.errors import FormatError, OutputError
from rrsdk.message import ChunkMsg
from rrsdk.sinks import open_sink
from rrsdk.store.entry import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.broker.service import Broker
    from rrsdk.sinks import Sink

_PATIENCE_S: Final = 30.0


class Dumped(NamedTuple):
    """What became of it."""

    path: str
    held: Tally
    """What is in the file."""
    missed: Tally
    """What had to go while it was written."""


def dump(broker: Broker, path: str, *, warn: Callable[[str], None]) -> Dumped | None:
    """Write what the broker holds now; None where it holds nothing. Taking in goes on meanwhile.

    OutputError where that cannot be written, or the broker ends amid it: then it can be dumped again.
    """
    receiver = Receiver(broker.url, warn=warn)
    held = missed = Tally()
    sink: Sink | None = None
    try:
        for kind, payload in _running(broker) if broker.is_running else _ended(broker):
            if isinstance(payload, Missed):
                missed += Tally(*payload)
                continue
            if kind == Kind.TABLE:  # it belongs to no store, and files hold stores
                continue
            try:
                message = receiver.read(kind, payload)
            except FormatError as error:
                warn(f"left out: {error}")
                continue
            if sink is None:
                sink = open_sink(path)
            sink.put(message)
            rows = message.row.shape.batch.num_rows if isinstance(message, ChunkMsg) else 0
            held += Tally(1, rows, len(payload))
        if sink is None:
            return None
        sink.close()
    except BaseException:
        if sink is not None:
            sink.abort()
        raise
    return Dumped(path, held, missed)


def _running(broker: Broker) -> Iterator[tuple[int, bytes | Missed]]:
    subscription = broker.subscription(live=False, newest_first=False)
    try:
        while True:
            event = subscription.get(_PATIENCE_S)
            if event is None:
                raise OutputError(f"{broker.url}: the broker gave nothing for {_PATIENCE_S:.0f} s")
            if isinstance(event, Delivery):
                yield event.kind, event.payload()
            elif isinstance(event, Missed):
                yield 0, event
            elif event is END:
                break
    finally:
        subscription.close()
    if not broker.is_running:  # that was perhaps not all
        raise OutputError(f"{broker.url}: the broker ended while it was written down")


def _ended(broker: Broker) -> Iterator[tuple[int, bytes]]:
    for entry in broker.remains():
        yield entry.kind, b"".join(entry.parts)


def path_of_now() -> str:
    """A name that tells when: `last-20260131T120000Z.rrd`, in the current folder, and new."""
    name = time.strftime("last-%Y%m%dT%H%M%SZ", time.gmtime())
    number, path = 1, f"{name}.rrd"
    while os.path.lexists(path):
        number += 1
        path = f"{name}-{number}.rrd"
    return path
