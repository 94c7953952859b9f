"""How much of what a producer let go of lies before a number, or beyond it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rrsdk.sinks.live import Amount
from rrsdk.sinks.zmq.entry import Tally
from rrsdk.sinks.zmq.past import Past


def filled(lengths: list[int]) -> Past:
    """Runs of so many messages of one row and ten bytes each."""
    past, first = Past(), 1
    for length in lengths:
        past.add(first, first + length - 1, Tally(length, length, 10 * length))
        first += length
    return past


@given(st.lists(st.integers(1, 5), max_size=3000), st.floats(0, 1))
def test_beyond_a_number_is_exact_where_every_message_is_one(lengths: list[int], part: float) -> None:
    past, count = filled(lengths), sum(lengths)
    number = int(part * count)
    beyond = count - number
    assert past.take_beyond(number).amount() == Amount(beyond, beyond, 10 * beyond)
    assert past.total.amount() == Amount(number, number, 10 * number)
    assert past.take_beyond(0).amount() == Amount(number, number, 10 * number)
    assert not past
    assert not past.total.amount()


@given(st.lists(st.integers(1, 5), max_size=3000), st.floats(0, 1))
def test_up_to_a_number_only_what_is_whole(lengths: list[int], part: float) -> None:
    past, count = filled(lengths), sum(lengths)
    number = int(part * count)
    taken = past.take_up_to(number)
    assert all(last <= number for _, last, _ in taken)
    assert [first for first, _, _ in taken] == [1, *(last + 1 for _, last, _ in taken)][: len(taken)]
    messages = sum(tally.messages for _, _, tally in taken)
    assert messages + past.total.messages == count
    assert len(past.take_up_to(count)) + len(taken) <= 512
    assert not past


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(0, 30), st.integers(0, 30), st.integers(0, 150))
def test_the_last_ones_are_those_that_are_still_here(
    lengths: list[int], gone: int, more: int, count: int
) -> None:
    past, first = filled(lengths), sum(lengths) + 1
    gone = past.take_beyond(max(first - 1 - gone, 0)).amount().messages
    if more:
        past.add(first, first + more - 1, Tally(more, more, more))
    there = first - 1 - gone + more
    taken, number = past.take_last(count)
    assert number == taken.amount().messages == min(count, there)
    assert past.total.amount().messages == there - number


def test_a_run_of_which_only_the_sum_is_known_is_shared_out() -> None:
    past = Past()
    past.add(1, 10, Tally(5, 50, 500))  # the other five were dropped
    assert past.take_beyond(8).amount() == Amount(1, 10, 100)
    assert past.take_beyond(8).amount() == Amount()
    assert past.total.amount() == Amount(4, 40, 400)
