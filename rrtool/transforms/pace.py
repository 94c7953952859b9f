"""Chunks one by one, and when each is due when a recording is played at its own pace."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rrsdk.codec import frames
from rrsdk.codec.receive import Receiver
from rrsdk.errors import UsageError
from rrsdk.ipc.keys import COMPONENT_KEY, INDEX_KEY
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.ipc.schema import Kind
from rrsdk.message import ChunkMsg, Chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.ipc.schema import ArrowType
    from rrsdk.message import Message

    _Waiting = Callable[[], Message]

STEPS_A_SECOND = 30.0
_UNITS_A_SECOND = (1.0, 1e3, 1e6, 1e9)
"""Of Arrow's time units 0 to 3."""
_USUAL = "log_time"


def singly(messages: Iterable[Message]) -> Iterator[Message]:
    """Every chunk as a message of its own, its bytes untouched."""
    for message in messages:
        if isinstance(message, Chunks):
            reader = _reader(message)
            table = message.manifest.table
            for offset, size in zip(table.u64(OFFSET), table.u64(SIZE)):
                yield _from_file(reader, message, offset, size)
        else:
            yield message


def paced(messages: Iterable[Message], *, timeline: str | None) -> Iterator[tuple[float, Message]]:
    """Seconds since the first time, and the message: what has no time first, then by time.

    Of chunks that lie in a file only where they lie is kept.
    """
    untimed: list[_Waiting] = []
    timed: list[tuple[float, int, _Waiting]] = []
    names: set[str] = set()
    for waiting, times in _with_times(messages):
        names.update(times)
        chosen = timeline or (_USUAL if _USUAL in times else next(iter(times), ""))
        if chosen in times:
            timed.append((times[chosen], len(timed), waiting))
        else:
            untimed.append(waiting)
    if timeline is not None and timeline not in names:
        there = f"there is {', '.join(sorted(names))}" if names else "nothing has a time"
        raise UsageError(f"no timeline is called {timeline}; {there}")
    for waiting in untimed:
        yield 0.0, waiting()
    timed.sort(key=lambda item: item[:2])
    for start, _, waiting in timed:
        yield start - timed[0][0], waiting()


def _with_times(messages: Iterable[Message]) -> Iterator[tuple[_Waiting, dict[str, float]]]:
    """Each message, to be had later, and where it begins on each timeline, in seconds."""
    for message in messages:
        if isinstance(message, Chunks):
            yield from _in_file(message)
        elif isinstance(message, ChunkMsg):
            indexes = message.row.shape.layout.indexes
            spans = zip(indexes, message.row.spans)
            times = {
                column.name: _seconds(span[0], column.field.type)
                for column, span in spans
                if span is not None
            }
            yield partial(_itself, message), times
        else:
            yield partial(_itself, message), {}


def _in_file(chunks: Chunks) -> Iterator[tuple[_Waiting, dict[str, float]]]:
    reader, table = _reader(chunks), chunks.manifest.table
    timelines = [
        (column.field.metadata[INDEX_KEY], column.field.type, column.values, column.present())
        for column in table.columns.values()
        if INDEX_KEY in column.field.metadata
        and COMPONENT_KEY not in column.field.metadata
        and column.field.name.endswith(":start")
    ]
    for row, (offset, size) in enumerate(zip(table.u64(OFFSET), table.u64(SIZE))):
        times = {
            name: _seconds(int(starts[row]), kind) for name, kind, starts, there in timelines if there[row]
        }
        yield partial(_from_file, reader, chunks, offset, size), times


def _seconds(time: int, kind: ArrowType) -> float:
    if kind.kind in (Kind.TIMESTAMP, Kind.DURATION):
        return time / _UNITS_A_SECOND[kind.params[0]]
    return time / STEPS_A_SECOND


def _from_file(reader: Receiver, chunks: Chunks, offset: int, size: int) -> Message:
    return reader.read(frames.Kind.CHUNK, chunks.origin.read(offset, size))


def _itself(message: Message) -> Message:
    return message


def _reader(chunks: Chunks) -> Receiver:
    return Receiver(chunks.origin.name, warn=_ignore)


def _ignore(_line: str) -> None:
    """What is odd was said when the file was opened."""
