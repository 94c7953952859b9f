"""What a kind of view is: a query that becomes a frozen scene, and a widget that draws scenes.

    (store, timeline, time, what the blueprint says)  ──scene()──►  Scene  ──draw()──►  pixels
      any thread, no Qt                                 frozen        GUI thread

Plugins implement `ViewClass` and are found by entry point (group `rrkit.views`), the built-in ones, too.
Nothing here imports Qt: the web server computes the same scenes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from rrsdk.store.reader import StoreReader

NO_TIMELINE = ""
"""The timeline of a recording that has only static data."""


class TimeRange(NamedTuple):
    """A span of times, both included; None is without an end. As latest-at: `TimeRange(t, t)` of one time."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Properties:
    """What a blueprint says of a view or an entity: components by name, as Arrow arrays of instances.

    A name is `Archetype:field`, as in a recording: `Background:color`, `EntityBehavior:visible`.
    """

    values: Mapping[str, pa.Array] = field(default_factory=dict)

    def get(self, name: str) -> pa.Array | None:
        """One component's instances; None where nothing is said."""
        return self.values.get(name)

    def first(self, name: str, default: Any = None) -> Any:
        """The first instance as a Python value."""
        found = self.values.get(name)
        return default if found is None or not len(found) else found[0].as_py()


@dataclass(frozen=True, slots=True)
class Shown:
    """One entity in a view, as the blueprint wants it there."""

    entity: str
    overrides: Properties = Properties()
    """In place of what the recording says."""
    visualizers: tuple[str, ...] | None = None
    """Those that the blueprint names, by type (`Points3D`); None: whatever fits its components."""
    is_visible: bool = True
    is_interactive: bool = True
    range: TimeRange | None = None
    """The visible time range of this entity, on the query's timeline, absolute; None: the view's way
    (latest-at for spatial views, everything for plots and logs)."""


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """All that a scene is made of. Equal queries over an unchanged store give equal scenes."""

    store: StoreReader
    timeline: str
    """NO_TIMELINE where there are only static data."""
    time: int
    origin: str
    """The entity whose space the view shows, or under which its entities lie."""
    entities: tuple[Shown, ...]
    """In the order of their paths; those that are not visible are left out."""
    properties: Properties = Properties()
    """Of the view: `Background:color`, `LineGrid3D:visible`, `ScalarAxis:range`, …"""
    defaults: Properties = Properties()
    """For what an entity does not have."""
    budget: int = 1_000_000
    """How many points, samples or rows a scene should hold at most, where it can do with fewer."""
    width_px: int = 1000
    """How wide the view is: what is smaller than a pixel need not be told apart."""


class Problem(NamedTuple):
    """What could not be shown: it is said in the view, and everything else goes on."""

    entity: str
    what: str
    """One line."""


class Scene(Protocol):
    """What to draw: a frozen dataclass of numbers, texts and buffers. Sent between threads, never changed."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Entities with data that cannot be shown, and why."""


class Recommendation(NamedTuple):
    """A view that would be there if nobody said otherwise."""

    origin: str
    contents: str = "$origin/**"
    """As in a blueprint: `+ $origin/**`, lines of `+`/`-` expressions."""
    name: str | None = None
    """None: as the origin's last part."""


class Picked(NamedTuple):
    """What is under the pointer, or chosen: an entity, one of its instances, or no instance."""

    entity: str
    instance: int | None = None
    position: tuple[float, float, float] | None = None
    """Where, in the view's space (2D: pixels and depth 0), where that says something."""


class Widget(Protocol):
    """Draws scenes of one kind of view. A QWidget; used from the GUI thread alone."""

    def draw(self, scene: Any) -> None:
        """Show this scene from now on. Cheap where little has changed since the last one."""

    def mark(self, hovered: Picked | None, selected: Sequence[Picked]) -> None:
        """Show what is hovered and selected, here and in other views."""

    def fit(self) -> None:
        """Bring everything into view."""

    def is_drawn(self) -> bool:
        """Whether the last scene is on the screen, all of it: screenshots wait for this."""

    def release(self) -> None:
        """The view is closed: give back what the graphics card holds."""


class Host(Protocol):
    """What a widget may ask of, and tell, the window around it."""

    def hover(self, picked: Picked | None) -> None:
        """The pointer is over this."""

    def select(self, picked: Sequence[Picked], *, add: bool = False) -> None:
        """This was clicked on; `add`: Ctrl was held."""

    def set_time(self, time: int) -> None:
        """Move the time cursor (a click into a plot)."""

    def set_property(self, name: str, value: pa.Array) -> None:
        """Edit the view's part of the blueprint (`VisualBounds2D:range` after a zoom)."""

    def again(self) -> None:
        """Something outside of query and store changed (the size, a zoom): compute the scene once more."""

    def menu(self, picked: Picked | None, global_position: tuple[int, int]) -> None:
        """Show the context menu of a thing, or of the view."""


class ViewClass(Protocol):
    """One kind of view. An instance serves all views of its kind, and keeps no state of any."""

    @property
    def identifier(self) -> str:
        """As blueprints name it: `3D`, `2D`, `TimeSeries`, `BarChart`, `TextLog`, `TextDocument`, `Tensor`,
        `Dataframe`."""

    @property
    def title(self) -> str:
        """For people: `3D`, `Time series`."""

    def fits(self, store: StoreReader, entity: str) -> tuple[str, ...]:
        """The visualizers that can show an entity here (`Points3D`, `Image`, …); none where it has nothing
        for this kind of view."""

    def recommend(self, store: StoreReader) -> Sequence[Recommendation]:
        """The views of this kind that a recording should get by itself."""

    def scene(self, query: ViewQuery) -> Scene:
        """The scene. Called by a worker thread, and by the web server; raises only for what is a bug."""

    def widget(self) -> Callable[[Host], Widget]:
        """Imports the widget's module (Qt, OpenGL) and returns what makes one."""
