"""Where a recording is cut: what its manifests say of a timeline, and the times at which parts begin.

A part goes from its first time to the next part's; the last one includes the end. All recordings of a
file are cut at the same times, so that parts still belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from rrsdk.errors import FormatError, UsageError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.manifest import ENTITY, IS_STATIC, NUM_ROWS
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.timeline import MAX_TIME, TimeType, format_time, parse_time
from rrtool.transforms.filter_rows import timeline_at
from rrtool.transforms.filter_time import spans_on, time_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rrsdk.ipc.schema import ArrowType
    from rrsdk.message import Message

MOST_PARTS: Final = 10_000
_LARGER_UNITS: Final = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))


@dataclass(slots=True)
class Extent:
    """What there is on the timeline, and what is not on it."""

    timeline: str
    time_type: TimeType | None = None
    first: int = MAX_TIME
    last: int = -(2**63)
    recordings: set[StoreId] = field(default_factory=set)
    others: dict[str, int] = field(default_factory=dict)
    """Rows that are not on it, by entity."""
    _timelines: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, messages: Iterable[Message], timeline: str) -> Extent:
        """Look at manifests; UsageError where nothing is on the timeline."""
        found = cls(timeline)
        for message in messages:
            if message.store.kind is StoreKind.RECORDING:
                found.recordings.add(message.store)
                if isinstance(message, Chunks):
                    found._chunks(message)
                elif isinstance(message, ChunkMsg):
                    found._chunk(message)
        if found.time_type is None or found.first > found.last:
            known = ", ".join(sorted(found._timelines)) or "none"
            raise UsageError(f"nothing is on timeline {timeline!r}", hint=f"there are {known}")
        return found

    def _chunks(self, chunks: Chunks) -> None:
        table = chunks.manifest.table
        self._timelines.update(chunks.manifest.timelines())
        starts, ends = spans_on(chunks, self.timeline)
        there = bytearray(len(chunks))
        if starts is not None and ends is not None:
            there = starts.present()
            self._is_of(starts.field.type)
            for on, begin, end in zip(there, starts.values, ends.values):
                if on:
                    assert isinstance(begin, int)
                    assert isinstance(end, int)
                    self.first, self.last = min(self.first, begin), max(self.last, end)
        rows = zip(there, table.flags(IS_STATIC), table.raw(ENTITY), table.u64(NUM_ROWS))
        for on, static, entity, count in rows:
            if count and not on and not static:
                self._other(entity.decode("utf-8", "replace"), count)

    def _chunk(self, message: ChunkMsg) -> None:
        layout = message.row.shape.layout
        self._timelines.update(index.name for index in layout.indexes)
        number = timeline_at(layout, self.timeline)
        if number is None:
            if not layout.is_static:
                self._other(layout.entity, message.row.shape.batch.num_rows)
            return
        self._is_of(layout.indexes[number].field.type)
        span = message.row.spans[number]
        if span is not None:
            self.first, self.last = min(self.first, span[0]), max(self.last, span[1])

    def _other(self, entity: str, rows: int) -> None:
        self.others[entity] = self.others.get(entity, 0) + rows

    def _is_of(self, kind: ArrowType) -> None:
        found = time_type_of(kind)
        if self.time_type not in (None, found):
            raise FormatError(f"timeline {self.timeline} has one type in one chunk and another in the next")
        self.time_type = found

    @property
    def end(self) -> int:
        """Where the last part ends: behind the last time."""
        return min(self.last + 1, MAX_TIME)

    def what_is_elsewhere(self, what_with_it: str) -> list[str]:
        """A line on the rows that are not on the timeline."""
        if not self.others:
            return []
        names = sorted(self.others)
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        rows = sum(self.others.values())
        return [f"{rows} rows are not on timeline {self.timeline} and {what_with_it} ({shown})"]


class Cuts(NamedTuple):
    """The times at which parts begin, but for the first; and those that were asked for in vain."""

    times: list[int]
    outside: list[str]


def cuts_at(extent: Extent, texts: Sequence[str]) -> Cuts:
    """Cuts at given times."""
    assert extent.time_type is not None
    times, outside = set(), []
    for text in texts:
        time = parse_time(text, extent.time_type)
        if extent.first < time <= extent.last:
            times.add(time)
        else:
            outside.append(text)
    return Cuts(sorted(times), outside)


def cuts_into(extent: Extent, parts: int) -> Cuts:
    """Cuts into parts that are equally long."""
    step = (extent.end - extent.first) // parts
    if not step:
        raise UsageError(
            f"timeline {extent.timeline} is too short for {parts} parts", hint="give a smaller --num-parts"
        )
    return Cuts([extent.first + number * step for number in range(1, parts)], [])


def cuts_every(extent: Extent, text: str) -> Cuts:
    """Cuts at equal distances, counted from the first time."""
    sequence = extent.time_type is TimeType.SEQUENCE
    step = parse_time(text, TimeType.SEQUENCE if sequence else TimeType.DURATION)
    if step <= 0:
        raise UsageError(f"--every {text}: must be more than nothing")
    if (extent.last - extent.first) // step >= MOST_PARTS:
        raise UsageError(f"--every {text} makes more than {MOST_PARTS:,} parts; give something longer")
    return Cuts(list(range(extent.first + step, extent.last + 1, step)), [])


def part_name(stem: str, begin: int, end: int, time_type: TimeType) -> str:
    """The file's name, as the real program has it: times as people write them, but for `.`, `:` and space."""

    def written(time: int) -> str:
        text = _duration(time) if time_type is TimeType.DURATION else format_time(time, time_type)
        return "".join("_" if letter in ".: " else letter for letter in text)

    return f"{stem}_{written(begin)}__{written(end)}.rrd"


def _duration(time: int) -> str:
    """In the largest unit of which there is one: `1.5s`, `20ms`, `0ns`."""
    size = abs(time)
    unit, name = next((one for one in _LARGER_UNITS if size >= one[0]), _LARGER_UNITS[-1])
    whole, rest = divmod(size, unit)
    digits = f".{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{'-' if time < 0 else ''}{whole}{digits}{name}"
