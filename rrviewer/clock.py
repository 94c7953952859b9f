"""The time cursor of one recording: playing, following, looping. Pure: time passes by `tick`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Mapping

_NS = 1_000_000_000
DEFAULT_FPS = 30.0


class Play(Enum):
    """Whether the cursor moves by itself."""

    PAUSED = "paused"
    PLAYING = "playing"
    FOLLOWING = "following"
    """It stays at the end of what has come."""


class Loop(Enum):
    """What happens at the end while playing."""

    OFF = "off"
    ALL = "all"
    SELECTION = "selection"


class Span(NamedTuple):
    """First and last time of a timeline, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A value: every change gives another one. Each timeline remembers its cursor and its selection.

    `spans`: what timelines there are in the recording, and their ends; it grows while data come in.
    Sequences play at `fps` steps a second, times at their own pace; both times `speed`.
    """

    spans: Mapping[str, Span] = field(default_factory=dict)
    kinds: Mapping[str, TimeType] = field(default_factory=dict)
    timeline: str = ""
    cursors: Mapping[str, float] = field(default_factory=dict)
    """A sequence's may lie between two steps while it plays; what is shown is `time`."""
    selections: Mapping[str, Span] = field(default_factory=dict)
    play: Play = Play.FOLLOWING
    loop: Loop = Loop.OFF
    speed: float = 1.0
    fps: float = DEFAULT_FPS

    @property
    def span(self) -> Span | None:
        """Of the chosen timeline."""
        return self.spans.get(self.timeline)

    @property
    def time(self) -> int:
        """Where the cursor is; 0 where nothing has a time."""
        span = self.span
        if self.timeline in self.cursors:
            return int(self.cursors[self.timeline] // 1)
        return span.first if span else 0

    def grown(self, spans: Mapping[str, Span], kinds: Mapping[str, TimeType]) -> Clock:
        """Data came or went. Chooses a timeline where none is chosen, or the chosen one is gone."""
        timeline = self.timeline if self.timeline in spans else best_timeline(kinds, spans)
        clock = replace(self, spans=dict(spans), kinds=dict(kinds), timeline=timeline)
        if clock.play is Play.FOLLOWING and clock.span is not None:
            return clock.placed(clock.span.last)
        if timeline not in clock.cursors and clock.span is not None:
            return clock.placed(clock.span.first)
        return clock

    def on(self, timeline: str) -> Clock:
        """The same on another timeline, where its cursor was last."""
        clock = replace(self, timeline=timeline)
        return clock.grown(clock.spans, clock.kinds)

    def at(self, time: float) -> Clock:
        """The cursor there; who moves it stops following."""
        play = Play.PAUSED if self.play is Play.FOLLOWING else self.play
        return replace(self.placed(time), play=play)

    def stepped(self, times: int, *, among: list[int] | None = None) -> Clock:
        """To the next (or with negative `times` an earlier) moment; of `among`, sorted, where it is given."""
        if among:
            place = bisect_right(among, self.time) - 1 if times > 0 else bisect_left(among, self.time)
            return replace(self, play=Play.PAUSED).at(among[min(max(place + times, 0), len(among) - 1)])
        step = 1 if self.kinds.get(self.timeline) is TimeType.SEQUENCE else int(_NS / self.fps)
        span = self.span or Span(0, 0)
        return replace(self, play=Play.PAUSED).at(min(max(self.time + times * step, span.first), span.last))

    def toggled(self) -> Clock:
        """Play or pause. Playing begins anew where the cursor is at the end."""
        if self.play is not Play.PAUSED:
            return replace(self, play=Play.PAUSED)
        clock = replace(self, play=Play.PLAYING)
        span = clock.bounds()
        return clock.placed(span.first) if span is not None and clock.time >= span.last else clock

    def tick(self, seconds: float) -> Clock:
        """That much time has passed."""
        span = self.bounds()
        if self.play is not Play.PLAYING or span is None:
            return self
        pace = self.fps if self.kinds.get(self.timeline) is TimeType.SEQUENCE else _NS
        cursor = self.cursors.get(self.timeline, span.first) + seconds * self.speed * pace
        if cursor <= span.last:
            return self.placed(max(cursor, span.first))
        if self.loop is Loop.OFF:
            return replace(self.placed(span.last), play=Play.PAUSED)
        length = span.last - span.first
        return self.placed(span.first + ((cursor - span.first) % length if length else 0))

    def selecting(self, selection: Span | None) -> Clock:
        """A part of the timeline chosen, or none."""
        selections = {name: span for name, span in self.selections.items() if name != self.timeline}
        if selection is not None:
            selections[self.timeline] = Span(min(selection), max(selection))
        loop = Loop.ALL if selection is None and self.loop is Loop.SELECTION else self.loop
        return replace(self, selections=selections, loop=loop)

    def bounds(self) -> Span | None:
        """Between what it plays: the selection where that loops, else all."""
        if self.loop is Loop.SELECTION and self.timeline in self.selections:
            return self.selections[self.timeline]
        return self.span

    def placed(self, time: float) -> Clock:
        """The cursor there, and whatever moves it still does."""
        return replace(self, cursors={**self.cursors, self.timeline: time})


def best_timeline(kinds: Mapping[str, TimeType], spans: Mapping[str, Span]) -> str:
    """What people most likely want to see: a timeline of their own, not `log_time` or `log_tick`."""
    own = [name for name in spans if name not in ("log_time", "log_tick")]
    return min(own or spans, key=lambda name: (spans[name].first == spans[name].last, name), default="")
