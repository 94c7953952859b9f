"""What `recover` says: how much was kept, which bytes were lost, and what is known of what lay in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.identity import format_chunk_id
from rrtool.reports.stores import name_store, store_json
from rrtool.reports.text import one_line
from rrtool.reports.times import format_bytes, format_times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rrsdk.codec.lost import LostChunk, Range, Span
    from rrsdk.identity import StoreId

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Recovery:
    """How the recovery of one input went."""

    source: str
    size: int
    chunks: int
    rows: int
    repeats: int
    """Chunks that were there more than once, and were written once."""
    ranges: Sequence[Range]
    lost_chunks: Sequence[LostChunk]
    made_up: Sequence[StoreId]
    notes: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was lost."""
        return not (self.ranges or self.lost_chunks or self.made_up)

    @property
    def lost_bytes(self) -> int:
        return sum(one.end - one.start for one in self.ranges)

    def lines(self) -> Iterator[str]:
        """For people."""
        for note in self.notes[:MAX_SHOWN]:
            yield one_line(f"{self.source}: {note}")
        for one in self.ranges[:MAX_SHOWN]:
            size = one.end - one.start
            yield one_line(f"{self.source}, bytes {one.start} to {one.end}: lost {size} bytes: {one.reason}")
        yield from self._more(self.ranges, "ranges of bytes")
        for chunk in self.lost_chunks[:MAX_SHOWN]:
            yield one_line(f"{self.source}: lost {_chunk_text(chunk)}")
        yield from self._more(self.lost_chunks, "chunks")
        for store in self.made_up:
            yield f"{self.source}: {name_store(store)}: nothing announces this store; it got a new store info"
        yield self._summary()

    def _more(self, them: Sequence[object], what: str) -> Iterator[str]:
        if len(them) > MAX_SHOWN:
            yield f"{self.source}: lost {len(them) - MAX_SHOWN} {what} more (--json names all)"

    def _summary(self) -> str:
        kept = f"{_count(self.chunks, 'chunk')} ({_count(self.rows, 'row')}) recovered"
        if self.repeats:
            kept += f", {_count(self.repeats, 'repeat')} left out"
        if self.is_complete:
            return f"{self.source}: {kept}; nothing was lost"
        lost = f"{format_bytes(self.lost_bytes)} in {_count(len(self.ranges), 'place')} lost"
        named = f", {_count(len(self.lost_chunks), 'chunk')} of them known" if self.lost_chunks else ""
        return f"{self.source}: {kept}; {lost}{named}"

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "source": self.source,
            "bytes": self.size,
            "recovered": {"chunks": self.chunks, "rows": self.rows, "repeats_left_out": self.repeats},
            "lost_bytes": self.lost_bytes,
            "lost_ranges": [
                {
                    "start": one.start,
                    "end": one.end,
                    "reason": one_line(one.reason),
                    "chunk": None if one.chunk is None else format_chunk_id(one.chunk.chunk_id),
                }
                for one in self.ranges
            ],
            "lost_chunks": [_chunk_json(chunk) for chunk in self.lost_chunks],
            "store_infos_made": [store_json(store) for store in self.made_up],
            "notes": [one_line(note) for note in self.notes],
        }


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _chunk_text(chunk: LostChunk) -> str:
    spans = "; ".join(f"{span.timeline} {_span_text(span)}" for span in chunk.spans) or "static"
    return f"{format_chunk_id(chunk.chunk_id)} of {chunk.entity}: {_count(chunk.rows, 'row')}, {spans}"


def _span_text(span: Span) -> str:
    first, last = format_times((span.first, span.last), span.type)
    return first if first == last else f"{first} to {last}"


def _chunk_json(chunk: LostChunk) -> dict[str, object]:
    return {
        "id": format_chunk_id(chunk.chunk_id),
        "store": store_json(chunk.store),
        "entity": chunk.entity,
        "rows": chunk.rows,
        "times": {
            span.timeline: {
                "start": span.first,
                "end": span.last,
                "text": _span_text(span),
            }
            for span in chunk.spans
        },
    }
