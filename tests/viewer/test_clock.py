"""The time cursor: what playing, stepping, looping and following do to it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.timeline import TimeType
from rrviewer.clock import Clock, Loop, Play, Span, best_timeline

KINDS = {"frame": TimeType.SEQUENCE, "log_time": TimeType.TIMESTAMP}
SPANS = {"frame": Span(10, 20), "log_time": Span(0, 5_000_000_000)}


def begun() -> Clock:
    return Clock().grown(SPANS, KINDS)


def test_one_s_own_timeline_is_chosen_and_followed() -> None:
    clock = begun()
    assert (clock.timeline, clock.time, clock.play) == ("frame", 20, Play.FOLLOWING)
    grown = clock.grown({**SPANS, "frame": Span(10, 35)}, KINDS)
    assert grown.time == 35
    moved = grown.at(12)
    assert (moved.time, moved.play) == (12, Play.PAUSED)
    assert moved.grown({**SPANS, "frame": Span(10, 99)}, KINDS).time == 12


def test_a_timeline_without_extent_is_chosen_last() -> None:
    assert best_timeline({}, {"a": Span(3, 3), "b": Span(0, 1), "log_time": Span(0, 9)}) == "b"
    assert best_timeline({}, {"log_time": Span(0, 9)}) == "log_time"
    assert best_timeline({}, {}) == ""


def test_each_timeline_remembers_its_cursor() -> None:
    clock = begun().at(13).on("log_time")
    assert clock.time == 0
    assert clock.at(7).on("frame").time == 13
    gone = clock.grown({"frame": Span(10, 20)}, KINDS)
    assert (gone.timeline, gone.time) == ("frame", 13)


def test_sequences_play_by_steps_and_times_by_seconds() -> None:
    clock = begun().at(10).toggled()
    assert clock.play is Play.PLAYING
    assert clock.tick(0.1).time == 13
    slow = clock
    for _ in range(10):
        slow = slow.tick(0.01)
    assert slow.time == 13, "what lies between two steps is not lost"
    assert begun().on("log_time").at(0).toggled().tick(1.5).time == 1_500_000_000


def test_the_end() -> None:
    clock = begun().at(19).toggled()
    ended = clock.tick(10)
    assert (ended.time, ended.play) == (20, Play.PAUSED)
    assert ended.toggled().time == 10, "begins anew"
    looping = replace(clock, loop=Loop.ALL)
    assert looping.tick(2 / 30).time == 11
    part = replace(clock.selecting(Span(15, 12)), loop=Loop.SELECTION)
    assert part.selections["frame"] == Span(12, 15)
    assert 12 <= part.tick(1.0).time <= 15
    assert part.selecting(None).loop is Loop.ALL


def test_steps() -> None:
    clock = begun().at(12)
    assert clock.stepped(1).time == 13
    assert clock.stepped(-9).time == 10
    assert clock.stepped(1, among=[10, 12, 17]).time == 17
    assert clock.stepped(-1, among=[10, 11, 17]).time == 11
    assert clock.at(14).stepped(1, among=[10, 12, 17]).time == 17
    assert clock.at(99).stepped(5, among=[10, 12, 17]).time == 17


@given(st.floats(0, 100), st.floats(0.01, 10), st.sampled_from(Loop), st.integers(0, 5))
@settings(max_examples=200)
def test_the_cursor_stays_within(seconds: float, speed: float, loop: Loop, length: int) -> None:
    clock = Clock().grown({"frame": Span(-3, -3 + length)}, {"frame": TimeType.SEQUENCE})
    clock = replace(clock.at(-3), play=Play.PLAYING, loop=loop, speed=speed).selecting(Span(-2, -2))
    assert -3 <= clock.tick(seconds).time <= -3 + max(length, 1)
