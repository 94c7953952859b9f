"""One part of a recording: the rows in it, what held when it began, and all that has no place in time."""

from __future__ import annotations

from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.heads import HeadReader
from rrsdk.errors import RrError
from rrsdk.identity import StoreKind
from rrsdk.ipc.manifest import ENTITY, OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks
from rrtool.transforms.filter_columns import ColumnFilter
from rrtool.transforms.filter_names import Choice
from rrtool.transforms.filter_read import message_at, whole_message
from rrtool.transforms.filter_rows import timeline_at, times_of
from rrtool.transforms.filter_time import TimeCut
from rrtool.transforms.key_frames import CODEC_TYPE, codec_name, codecs_of, column_of_type, knows, the_one
from rrtool.transforms.route import Route
from rrtool.transforms.split_carry import SAMPLE, Codecs, PartState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import LaidOut
    from rrsdk.message import Message
    from rrtool.transforms.split_plan import Extent

CODEC = "VideoStream:codec"


class Part(NamedTuple):
    """Which part of a recording."""

    number: int
    begin: int
    end: int
    """Where the next part begins; behind the last time for the last one."""


class Splitter:
    """Makes parts of the messages of one file, all of which are at hand."""

    def __init__(
        self,
        messages: list[Message],
        extent: Extent,
        *,
        prefix: str | None,
        drop_timelines: bool,
        skip: Callable[[RrError], None] | None = None,
    ) -> None:
        """`prefix`: what the parts' recordings are called instead of by their own id."""
        self._messages, self._extent, self._prefix = messages, extent, prefix
        self._drop_timelines, self._skip = drop_timelines, skip
        self._codecs = find_codecs(messages, skip)

    def part(self, part: Part) -> Iterator[Message]:
        """The messages of one part."""
        timeline = self._extent.timeline
        last = part.end if part.end >= self._extent.end else part.end - 1
        cut = TimeCut(
            timeline,
            str(part.begin),
            str(last),
            skip=self._skip,
            bounds=(part.begin, last),
            state=partial(PartState, codecs=self._codecs),
            keep_others=not self._drop_timelines,
        )
        messages = cut(self._messages)
        if self._drop_timelines:
            only = Choice("timeline", [], [_Named(timeline)])
            messages = ColumnFilter(only, Choice("component", [], []), skip=self._skip)(messages)
        route = Route(self._prefix, suffix=f"-{part.number}" if self._prefix is None else str(part.number))
        return route(messages)

    def warnings(self) -> list[str]:
        """What a user should know of what was done."""
        unknown = sorted({(entity, codec) for (_, entity), codec in self._codecs.items() if not knows(codec)},
                         key=str)  # fmt: skip
        lines = [
            f"{entity} is a video stream in {codec_name(codec)}, whose key frames are not known: "
            "each part has all of it from the beginning"
            for entity, codec in unknown
        ]
        what = "were left out" if self._drop_timelines else "are in every part"
        return lines + self._extent.what_is_elsewhere(what)


class _Named:
    """The timeline of that name, whatever is in it."""

    names_properties = True

    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, name: str) -> bool:
        return name == self.text


def find_codecs(messages: Iterable[Message], skip: Callable[[RrError], None] | None) -> Codecs:
    """The codec of each video stream."""
    reader = ChunkReader()
    streams: set[tuple[StoreId, str]] = set()
    named: dict[tuple[StoreId, str], set[int]] = {}

    def look(store: StoreId, read: Callable[[], memoryview]) -> None:
        try:
            chunk = reader.open(read())
            column = column_of_type(chunk.shape.layout, CODEC_TYPE)
            if column is not None:
                found = codecs_of(column, chunk.shape.batch.num_rows, chunk.buffer)
                named.setdefault((store, chunk.shape.layout.entity), set()).update(found)
        except RrError as error:
            if skip is None:
                raise
            skip(error)

    for message in messages:
        if message.store.kind is not StoreKind.RECORDING:
            continue
        if isinstance(message, Chunks):
            components = message.manifest.components()
            entities = message.manifest.table.raw(ENTITY)
            for entity in set(compress(entities, components.get(SAMPLE, b""))):
                streams.add((message.store, entity.decode()))
            for place, there in enumerate(components.get(CODEC, b"")):
                if there:
                    look(message.store, partial(message_at, message, place))
        elif isinstance(message, ChunkMsg):
            layout = message.row.shape.layout
            names = {one.name for one in layout.components}
            if SAMPLE in names:
                streams.add((message.store, layout.entity))
            if CODEC in names:
                look(message.store, partial(whole_message, message))
    return {stream: the_one(named.get(stream, ())) for stream in streams}


def row_times(messages: Iterable[Message], extent: Extent) -> Iterator[tuple[memoryview[int], float]]:
    """The times of each chunk's rows, and what a row of it takes in the file on average."""
    reader = ChunkReader()

    def times(chunk: LaidOut, size: int) -> Iterator[tuple[memoryview[int], float]]:
        number = timeline_at(chunk.shape.layout, extent.timeline)
        if number is not None and chunk.shape.batch.num_rows:
            yield times_of(chunk, number), size / chunk.shape.batch.num_rows

    for message in messages:
        if message.store.kind is not StoreKind.RECORDING:
            continue
        if isinstance(message, Chunks):
            offsets, sizes = message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE)
            heads = HeadReader(
                message.origin, max(map(int.__add__, offsets, sizes), default=0), reader=reader
            )
            on = message.manifest.on_timeline(extent.timeline)
            for there, offset, size in zip(on, offsets, sizes):
                if there:
                    yield from times(heads.head(offset, size)[1], size)
        elif isinstance(message, ChunkMsg):
            yield from times(reader.open(whole_message(message)), message.size)
