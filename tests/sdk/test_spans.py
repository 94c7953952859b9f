"""Spans against lists: what is latest, what overlaps, what comes next, however chunks lie and were added."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.store.spans import Spans

TIMES = st.integers(-20, 20)
LARGE = st.sampled_from([-(2**63), 2**63 - 1])


@st.composite
def bounds(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Chunks as (start, end, number), in the order in which they were inserted."""
    found = []
    for number in range(draw(st.integers(0, 40))):
        one, other = draw(TIMES | LARGE), draw(TIMES | LARGE)
        found.append((min(one, other), max(one, other), number))
    return found


@settings(max_examples=100, deadline=None)
@given(bounds(), st.lists(st.integers(1, 8)), TIMES, TIMES)
def test_spans_answer_as_lists_do(
    chunks: list[tuple[int, int, int]], steps: list[int], time: int, other: int
) -> None:
    spans, rest = Spans.of([]), list(chunks)
    for step in [*steps, len(chunks)]:
        spans, rest = spans.extended(rest[:step]), rest[step:]
    check(spans, chunks, time, other)
    check(Spans.of(chunks), chunks, time, other)
    gone = [number for _, _, number in chunks[::3]]
    left = [one for one in chunks if one[2] not in gone]
    check(spans.without(gone), left, time, other)


def check(spans: Spans, chunks: list[tuple[int, int, int]], time: int, other: int) -> None:
    ordered = sorted(chunks, key=lambda one: (one[0], one[2]))
    assert list(zip(spans.starts, spans.ends, spans.numbers)) == ordered
    first, last = min(time, other), max(time, other)
    assert spans.overlapping(first, last).tolist() == [n for s, e, n in ordered if s <= last and e >= first]
    begun = [end for start, end, _ in ordered if start <= time]
    end = min((s for s, _, _ in chunks if s > time), default=2**63)
    assert spans.alone(time) == (max(begun[:-1], default=-(2**63) - 1), end)
    reached = {number: min(end, time) for start, end, number in chunks if start <= time}
    tried = list(spans.at_or_before(time))
    assert sorted(tried) == sorted(reached)
    assert [reached[number] for number in tried] == sorted(reached.values(), reverse=True)
    by_number = {number: (start, end) for start, end, number in chunks}

    def look(number: int) -> tuple[int, int] | None:
        """Every chunk has rows at its first and last time, and nowhere else."""
        start, end = by_number[number]
        return (end if end <= time else start, number) if start <= time else None

    expected = max((found for number in by_number if (found := look(number))), default=None)
    assert spans.latest(time, look) == expected


def test_a_shared_beginning_may_go_on_twice() -> None:
    base = Spans.of([]).extended([(0, 5, 0), (1, 1, 1)])
    one, other = base.extended([(2, 9, 2)]), base.extended([(2, 3, 3), (4, 4, 4)])
    assert one.numbers.tolist() == [0, 1, 2]
    assert other.numbers.tolist() == [0, 1, 3, 4]
    assert base.numbers.tolist() == [0, 1]
    assert other.overlapping(3, 3).tolist() == [0, 3]


def test_of_a_hundred_thousand_chunks_few_are_looked_at() -> None:
    """None overlap; one covers all; one of a thousand reaches far: the rest is skipped, not asked."""
    count = 100_000
    starts = np.arange(count, dtype=np.int64) * 10
    for reach in ({}, {0: count * 10}, {place: place * 10 + 500 for place in range(0, count, 1000)}):
        ends = starts + 5
        for place, end in reach.items():
            ends[place] = end
        spans = Spans(starts, ends, np.arange(count, dtype=np.int64))
        for time in (7, 50_000, 999_999, 2_000_000):
            looked: list[int] = []

            def look(number: int, time: int = time, looked: list[int] = looked) -> tuple[int, int]:
                looked.append(number)
                return (number * 10, number)

            assert spans.latest(time, look) == (
                min(time, (count - 1) * 10) // 10 * 10,
                min(time // 10, count - 1),
            )
            assert len(looked) <= 3
