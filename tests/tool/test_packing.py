"""The plan of compaction: every row once, limits kept, and packed again nothing changes."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rrtool.transforms.packing import Bin, Limits, Lot, pack, slices, tiers

LIMITS = st.builds(Limits, st.integers(1, 30), st.integers(1, 12), st.integers(1, 12), st.none())
TIMES = st.tuples(st.integers(0, 40), st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@st.composite
def lots(draw: st.DrawFn) -> list[Lot]:
    """Chunks of up to two kinds, their row ids in order or interleaved."""
    found = []
    for place in range(draw(st.integers(1, 25))):
        rows = draw(st.integers(0, 6))
        first = draw(st.integers(0, 60))
        ids = (b"%03d" % first, b"%03d" % (first + draw(st.integers(0, 9)))) if rows else (b"", b"")
        span = draw(TIMES) if rows else None
        found.append(
            Lot(
                place, draw(st.sampled_from([b"a", b"b"])), None, 0, rows, True, draw(st.integers(0, 200)),
                *ids, draw(st.booleans()), rows < 2 or draw(st.booleans()), (span,),
            )
        )  # fmt: skip
    return found


def again(number: int, one: Bin) -> Lot:
    """What the next compaction sees of a chunk that was made from a bin."""
    key = one.lots[0].key
    return Lot(
        number, key, None, 0, one.rows, True, one.bits,
        one.first_row, one.last_row, one.in_order or len(one.lots) > 1, one.times_sorted, tuple(one.spans),
    )  # fmt: skip


@settings(max_examples=500)
@given(lots(), LIMITS)
def test_packing(given_lots: list[Lot], limits: Limits) -> None:
    bins = pack(given_lots, limits)
    taken = sorted(lot.place for one in bins for lot in one.lots)
    assert taken == [lot.place for lot in given_lots], "every chunk goes into one bin"
    for one in bins:
        assert len({lot.key for lot in one.lots}) == 1
        assert one.rows == sum(lot.rows for lot in one.lots)
        assert one.bits == sum(lot.bits for lot in one.lots)
        full = [lot for lot in one.lots if lot.rows]
        for before, after in itertools.pairwise(full):
            assert before.last_row <= after.first_row, "the rows of a bin are in order"
        if len(one.lots) > 1:
            ordered = all(lot.times_sorted for lot in one.lots) and all(
                before.spans[0] is not None
                and after.spans[0] is not None
                and before.spans[0][1] <= after.spans[0][0]
                for before, after in itertools.pairwise(full)
            )
            assert one.times_sorted == ordered
            assert one.rows <= limits.rows(ordered)
            assert one.bits <= 8 * limits.max_bytes
            assert one.in_order == all(lot.rows_sorted for lot in one.lots)
        spans = [lot.spans[0] for lot in full if lot.spans[0] is not None]
        hull = (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None
        assert tuple(one.spans) == (hull,)
    settled = pack([again(number, one) for number, one in enumerate(bins)], limits)
    assert [len(one.lots) for one in settled] == [1] * len(bins), "packed again, every bin stands alone"


@given(lots(), LIMITS)
def test_neighbours_that_fit_are_joined(given_lots: list[Lot], limits: Limits) -> None:
    """Chunks that follow one another, one writer's, are packed as tightly as their order allows."""
    row = 0
    chain = []
    for lot in given_lots:
        times = (row, row + lot.rows) if lot.rows else None
        ids = (b"%05d" % row, b"%05d" % (row + lot.rows)) if lot.rows else (b"", b"")
        chain.append(
            lot._replace(key=b"a", first_row=ids[0], last_row=ids[1], times_sorted=True, spans=(times,))
        )
        row += lot.rows + 1
    bins = [one for one in pack(chain, limits) if one.rows]
    for before, after in itertools.pairwise(sorted(bins, key=lambda one: one.order)):
        assert before.rows + after.rows > limits.max_rows or before.bits + after.bits > 8 * limits.max_bytes


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(-3, 20)), min_size=1, max_size=40),
    st.lists(st.integers(0, 30), min_size=40, max_size=40),
    st.integers(0, 2),
    LIMITS,
)
def test_slices(rows: list[tuple[int, int]], other: list[int], timelines: int, limits: Limits) -> None:
    weights = [0, *itertools.accumulate(weight for weight, _ in rows)]
    steps = list(itertools.accumulate(step for _, step in rows))
    times = [steps, other[: len(rows)]][:timelines]
    found = list(slices(weights, times, limits))
    assert [start for start, _ in found] == [0, *(stop for _, stop in found[:-1])]
    assert found[-1][1] == len(rows)
    for start, stop in found:
        ordered = all(column[start:stop] == sorted(column[start:stop]) for column in times)
        assert 0 < stop - start <= limits.rows(ordered)
        assert stop - start == 1 or weights[stop] - weights[start] <= 8 * limits.max_bytes
    for (start, _), (after, _) in itertools.pairwise(found):
        stop = after + 1  # a slice ends only where one more row would be too much
        ordered = all(column[start:stop] == sorted(column[start:stop]) for column in times)
        assert stop - start > limits.rows(ordered) or weights[stop] - weights[start] > 8 * limits.max_bytes


@given(
    st.lists(st.lists(st.integers(1, 10**6), min_size=3, max_size=3), min_size=1, max_size=6),
    st.floats(1, 50),
)
def test_tiers(chunks: list[list[int]], ratio: float) -> None:
    """Each size once; and what went together in every chunk goes together when chunks are joined."""
    for sizes in chunks:
        found = tiers(sizes, ratio)
        assert sorted(itertools.chain.from_iterable(found)) == list(range(len(sizes)))
        for group in found:
            own = [sizes[number] for number in group]
            assert len(own) == 1 or max(own) < ratio * min(own)
    alike = [sizes for sizes in chunks if len(tiers(sizes, ratio)) == 1]
    if alike:
        assert len(tiers([sum(column) for column in zip(*alike, strict=True)], ratio)) == 1


def test_rows_that_are_not_sorted_are_no_more_than_those_that_are() -> None:
    limits = Limits(1000, 7, 8192, None)
    assert limits.rows(False) == 7
    assert replace(limits, max_rows=10_000).rows(False) == 8192
