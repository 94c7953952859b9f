"""A span of time cut out of recordings: rows on one timeline from START to END, and what held at START.

Static data stay. Chunks that lie wholly inside are copied, those that lie wholly outside are not
looked at, and only those that straddle an end are opened. Temporal data that are not on the
timeline have no place in the span and are left out; how much that was is said. Carried rows come
last, once all chunks that could hold one have passed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError, RrError, UsageError
from rrsdk.identity import StoreKind
from rrsdk.ipc.keys import COMPONENT_KEY, INDEX_KEY
from rrsdk.ipc.manifest import CHUNK_ID, ENTITY, IS_STATIC, NUM_ROWS
from rrsdk.ipc.schema import ArrowType, Kind
from rrsdk.message import ChunkMsg, Chunks, Message
from rrsdk.timeline import MAX_TIME, MIN_TIME, TimeType, parse_time
from rrtool.transforms.filter_carry import State
from rrtool.transforms.filter_names import Choice, is_property
from rrtool.transforms.filter_read import message_at, whole_message
from rrtool.transforms.filter_rows import rows_between, timeline_at, with_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.ipc.layout import LaidOut
    from rrsdk.ipc.table import Column

_OPTION: Final = re.compile(r"((?:[^:\\]|\\.)+):(.*?)\.\.(.*)", re.DOTALL)
_TIME_TYPES: Final = {Kind.TIMESTAMP: TimeType.TIMESTAMP, Kind.DURATION: TimeType.DURATION}
_INSIDE, _OUTSIDE, _PARTLY = 0, 1, 2


class TimeCut:
    """One --time option. What its bounds mean is known when the timeline's type is."""

    def __init__(
        self,
        timeline: str,
        start: str,
        end: str,
        *,
        carry: bool = True,
        components: Choice | None = None,
        skip: Callable[[RrError], None] | None = None,
        bounds: tuple[int, int] | None = None,
        state: type[State] | Callable[..., State] = State,
        keep_others: bool = False,
    ) -> None:
        """`bounds`: START and END as integers, where they are known. `keep_others`: data that are not on the
        timeline stay. `state` makes what collects the rows to carry.
        """
        self.timeline = timeline
        self._start, self._end = start, end
        self._components, self._skip = components, skip
        self._carry = carry and bool(start)
        self._keep_others = keep_others
        self._reader = ChunkReader()
        self._type: TimeType | None = None
        self._given, self._bounds = bounds, (MIN_TIME, MAX_TIME)
        self._state = state(timeline, wants=self._wants, broken=self._broken, reader=self._reader)
        self._others: set[str] = set()
        self._kept_rows = 0
        self._left_out: dict[str, int] = {}

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        carry: bool = True,
        components: Choice | None = None,
        skip: Callable[[RrError], None] | None = None,
    ) -> TimeCut:
        """From `TIMELINE:START..END`; a colon in the timeline's name is written `\\:`."""
        found = _OPTION.fullmatch(text)
        if found is None:
            raise UsageError(
                f"--time {text!r} is not TIMELINE:START..END", hint="write it like frame:100..200"
            )
        timeline = re.sub(r"\\(.)", r"\1", found[1])
        return cls(
            timeline, found[2].strip(), found[3].strip(), carry=carry, components=components, skip=skip
        )

    def __call__(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages inside the span, then those of rows that held at its start."""
        for message in messages:
            if not isinstance(message, (Chunks, ChunkMsg)) or message.store.kind is not StoreKind.RECORDING:
                yield message
            elif isinstance(message, Chunks):
                yield from self._chunks(message)
            else:
                yield from self._chunk(message)
        if self._type is None and self._others:
            known = ", ".join(sorted(self._others))
            raise UsageError(f"nothing is on timeline {self.timeline!r}", hint=f"there are {known}")
        if self._carry:
            yield from self._state.carried()

    def warnings(self) -> list[str]:
        """What a user should know of what was done."""
        lines = []
        if self._left_out:
            rows, names = sum(self._left_out.values()), sorted(self._left_out)
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            lines.append(
                f"--time: {rows} rows are not on timeline {self.timeline} and were left out ({shown})"
            )
        if not self._kept_rows:
            lines.append(
                f"--time: no row lies in the span {self._start}..{self._end} of timeline {self.timeline}"
            )
        return lines

    # ---- bounds ----

    def _resolve(self, kind: ArrowType) -> tuple[int, int]:
        """The bounds as integers on a timeline of this type."""
        time_type = time_type_of(kind)
        if time_type is not self._type:
            if self._type is not None:
                raise FormatError(
                    f"timeline {self.timeline} has one type in one chunk and another in the next"
                )
            if self._given is not None:
                start, end = self._given
            else:
                start = parse_time(self._start, time_type) if self._start else MIN_TIME
                end = parse_time(self._end, time_type) if self._end else MAX_TIME
            if start > end:
                raise UsageError(f"--time: {self._start} is after {self._end}")
            self._type, self._bounds = time_type, (start, end)
            self._state.start = start
        return self._bounds

    def _wants(self, entity: str, component: str) -> bool:
        choice = self._components
        return not choice or choice.wants(component, of_property=is_property(entity))

    # ---- many chunks by their manifest ----

    def _chunks(self, chunks: Chunks) -> Iterator[Message]:
        manifest = chunks.manifest
        table = manifest.table
        self._others.update(manifest.timelines())
        static, rows = table.flags(IS_STATIC), table.u64(NUM_ROWS)
        if any(static):
            self._state.hide(chunks)
        starts, ends = spans_on(chunks, self.timeline)
        keep, before = bytearray(static), bytearray(len(manifest))
        partly: list[int] = []
        if starts is None or ends is None:
            for place, is_static in enumerate(static):
                if not is_static:
                    keep[place] = self._stays(table.raw(ENTITY)[place], rows[place])
        else:
            low, high = self._resolve(starts.field.type)
            there, first, last = starts.present(), starts.values, ends.values
            for place, is_static in enumerate(static):
                if is_static:
                    continue
                if not there[place]:
                    keep[place] = self._stays(table.raw(ENTITY)[place], rows[place])
                    continue
                begin, end = first[place], last[place]
                assert isinstance(begin, int)
                assert isinstance(end, int)
                before[place] = begin <= low
                where = _place(begin, end, low, high)
                if where == _INSIDE:
                    keep[place] = 1
                    self._kept_rows += rows[place]
                elif where == _PARTLY:
                    partly.append(place)
        if any(before) and self._carry:
            self._state.add_listed(chunks.take(before))
        if all(keep):
            yield chunks
        elif any(keep):
            yield chunks.take(keep)
        for place in partly:
            yield from self._cut(chunks, place)

    def _cut(self, chunks: Chunks, place: int) -> Iterator[Message]:
        table = chunks.manifest.table
        try:
            chunk = self._reader.open(message_at(chunks, place))
            message = self._inside(chunks, chunk, table.raw(CHUNK_ID)[place])
        except RrError as error:
            start, end = chunks.extent(place)
            entity = table.raw(ENTITY)[place].decode("utf-8", "replace")
            self._broken(error.located(source=chunks.origin.name, offset=start, end=end, entity=entity))
        else:
            if message is not None:
                yield message

    # ---- one chunk ----

    def _chunk(self, message: ChunkMsg) -> Iterator[Message]:
        row = message.row
        layout = row.shape.layout
        self._others.update(index.name for index in layout.indexes)
        if layout.is_static:
            self._state.hide(message)
            yield message
            return
        number = timeline_at(layout, self.timeline)
        if number is None:
            if self._stays(layout.entity.encode(), row.shape.batch.num_rows):
                yield message
            return
        low, high = self._resolve(layout.indexes[number].field.type)
        span = row.spans[number]
        if span is None:
            return
        where = _place(*span, low, high)
        begins_before = span[0] <= low and self._carry
        if where == _INSIDE:
            self._kept_rows += row.shape.batch.num_rows
            yield message
        if where != _PARTLY and not begins_before:
            return
        try:
            chunk = self._reader.open(whole_message(message))
            if begins_before:
                self._state.add(message, chunk)
            inside = self._inside(message, chunk, row.chunk_id) if where == _PARTLY else None
        except RrError as error:
            self._broken(error.located(entity=layout.entity))
        else:
            if inside is not None:
                yield inside

    def _inside(self, of: Chunks | ChunkMsg, chunk: LaidOut, chunk_id: bytes) -> ChunkMsg | None:
        """The rows of a chunk that lie in the span."""
        number = timeline_at(chunk.shape.layout, self.timeline)
        if number is None:
            raise FormatError(f"the chunk is not on timeline {self.timeline}, as its manifest has it")
        ranges = rows_between(chunk, number, *self._bounds)
        if not ranges:
            return None
        self._kept_rows += sum(stop - start for start, stop in ranges)
        return with_rows(of.store, of.store_raw, chunk, chunk_id, ranges, why="inside", reader=self._reader)

    # ---- what is remembered ----

    def _stays(self, entity: bytes, rows: int) -> bool:
        """Whether data that are not on the timeline stay; those that do not are counted."""
        if rows and not self._keep_others:
            name = entity.decode("utf-8", "replace")
            self._left_out[name] = self._left_out.get(name, 0) + rows
        return self._keep_others

    def _broken(self, error: RrError) -> None:
        if self._skip is None:
            raise error
        self._skip(error)


def spans_on(chunks: Chunks, timeline: str) -> tuple[Column | None, Column | None]:
    """The manifest's columns of the times of each chunk on a timeline."""
    found: dict[str, Column] = {}
    for column in chunks.manifest.table.columns.values():
        metadata = column.field.metadata
        if metadata.get(INDEX_KEY) == timeline and COMPONENT_KEY not in metadata:
            found[column.field.name.rpartition(":")[2]] = column
    return found.get("start"), found.get("end")


def time_type_of(kind: ArrowType) -> TimeType:
    """What an index of this type counts."""
    return _TIME_TYPES.get(kind.kind, TimeType.SEQUENCE)


def _place(begin: int, end: int, low: int, high: int) -> int:
    if end < low or begin > high:
        return _OUTSIDE
    return _INSIDE if low <= begin and end <= high else _PARTLY
