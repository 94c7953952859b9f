"""Blueprints of all kinds, made alike with both SDKs: strategies of functions from a pair of modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rrsdk.archetypes.making import names, signatures
from rrsdk.blueprint.view import known
from rrsdk.component.tables import ARCHETYPE_FIELDS, COMPONENT_TYPES
from rrsdk.components.choices import choice, lines

Form = Callable[["Sdk"], Any]


@dataclass(frozen=True)
class Sdk:
    """`rr` and `rrb`, ours or the real ones."""

    rr: Any
    rrb: Any


def same(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Form]:
    """Values that are the same for both."""
    return values.map(lambda value: lambda sdk: value)


def built(make: Callable[..., Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Form]:
    """Values of a class of the SDK: `make` gets it, and the parts."""
    return st.tuples(*parts).map(lambda values: lambda sdk: make(sdk, *values))


def either(*forms: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    return st.one_of(*forms)


def some(form: st.SearchStrategy[Form], least: int = 0) -> st.SearchStrategy[Form]:
    """A list of them."""
    return st.lists(form, min_size=least, max_size=3).map(lambda made: lambda sdk: [one(sdk) for one in made])


TEXT = st.text("abcxyz /_", min_size=1, max_size=6)
NUMBER = st.floats(-1000, 1000, width=32)
SHARES = st.lists(st.integers(1, 5), min_size=1, max_size=3)
COUNT = st.integers(0, 1000)
TIME = st.integers(-(2**40), 2**40)
FLAG = st.booleans()
PATH = st.sampled_from(["/", "/world", "world/cam", "/a/b c"])
TIMELINE = st.sampled_from(["frame", "log_time", "t 1"])
COLOR = st.one_of(
    st.just([1, 2, 3]), st.just((1, 2, 3, 4)), st.just(0x11223344), st.just(np.array([0.0, 0.5, 1.0]))
)
ID = st.binary(min_size=16, max_size=16)

BOUNDARY = either(
    built(lambda sdk, n: sdk.rrb.TimeRangeBoundary.cursor_relative(seq=n), TIME),
    built(lambda sdk, n: sdk.rrb.TimeRangeBoundary.cursor_relative(seconds=n), NUMBER),
    built(lambda sdk: sdk.rrb.TimeRangeBoundary.cursor_relative()),
    built(lambda sdk, n: sdk.rrb.TimeRangeBoundary.absolute(nanos=n), TIME),
    built(lambda sdk, n: sdk.rrb.TimeRangeBoundary.absolute(seconds=n), NUMBER),
    built(lambda sdk: sdk.rrb.TimeRangeBoundary.infinite()),
)
RANGE = built(lambda sdk, a, b: sdk.rrb.TimeRange(start=a(sdk), end=b(sdk)), BOUNDARY, BOUNDARY)
VISIBLE = either(
    built(lambda sdk, name, a: sdk.rrb.VisibleTimeRange(name, range=a(sdk)), TIMELINE, RANGE),
    built(
        lambda sdk, name, a, b: sdk.rrb.VisibleTimeRange(name, start=a(sdk), end=b(sdk)),
        TIMELINE,
        BOUNDARY,
        BOUNDARY,
    ),
)
RANGES = st.dictionaries(TIMELINE, RANGE, min_size=1).map(
    lambda made: lambda sdk: [sdk.rrb.VisibleTimeRange(name, one(sdk)) for name, one in made.items()]
)
SELECTOR = either(
    built(lambda sdk, path: sdk.rrb.components.ComponentColumnSelector(f"{path}:c"), PATH),
    built(lambda sdk, p: sdk.rrb.components.ComponentColumnSelector(entity_path=p, component="A:b"), PATH),
)
INDEX = built(lambda sdk, a, b: sdk.rr.TensorDimensionIndexSelection(dimension=a, index=b), COUNT, COUNT)
DIMENSION = either(
    built(lambda sdk, a, b: sdk.rr.TensorDimensionSelection(dimension=a, invert=b), COUNT, FLAG), same(COUNT)
)

# Components whose values are not numbers, texts, flags or enums.
FORMS: dict[str, st.SearchStrategy[Form]] = {
    "AbsoluteTimeRange": built(
        lambda sdk, a, b: sdk.rrb.components.AbsoluteTimeRange(min=a, max=b), TIME, TIME
    ),
    "ColumnOrder": same(st.lists(PATH, min_size=1, max_size=3)),
    "ColumnType": built(
        lambda sdk, a, b: sdk.rrb.encodings.ColumnType(component=a, component_type_name=b), TEXT, TEXT
    ),
    "FilterByRange": built(lambda sdk, a, b: sdk.rrb.components.FilterByRange(a, b), TIME, TIME),
    "FilterIsNotNull": SELECTOR,
    "SelectedColumns": some(either(SELECTOR, same(TIMELINE), same(st.just("/a:B:c"))), least=1),
    "SortBy": built(lambda sdk, a: sdk.rrb.encodings.SortBy(a), TEXT),
    "TensorDimensionIndexSlider": same(COUNT),
    "TensorHeightDimension": DIMENSION,
    "TensorWidthDimension": DIMENSION,
    "TensorDimensionIndexSelection": INDEX,
    "TextLogColumn": either(
        built(lambda sdk, a: sdk.rrb.components.TextLogColumn("body", visible=a), FLAG),
        built(lambda sdk: sdk.rrb.components.TextLogColumn("EntityPath")),
    ),
    "TimeRange": RANGE,
    "TimelineColumn": built(
        lambda sdk, a, b: sdk.rrb.components.TimelineColumn(a, visible=b), TIMELINE, FLAG
    ),
    "VisibleTimeRange": VISIBLE,
    "VisualizerComponentMapping": built(
        lambda sdk, a, b, c: sdk.rrb.encodings.VisualizerComponentMapping(
            target=a, source_kind="SourceComponent", source_component=b, selector=c
        ),
        TEXT,
        st.none() | TEXT,
        st.none() | TEXT,
    ),
    "Color": same(COLOR),
    "Plane3D": built(lambda sdk, a: sdk.rr.components.Plane3D.XY.with_distance(a), NUMBER),
    "Range1D": same(st.just([1, 2.5]) | st.just((0, 1))),
    "ViewCoordinates": built(lambda sdk: sdk.rr.components.ViewCoordinates.RDF),
    "TextLogLevel": built(lambda sdk: sdk.rr.TextLogLevel.WARN),
}
OF_TYPE = {
    "utf8": TEXT,
    "bool": FLAG,
    "float32": NUMBER,
    "float64": NUMBER,
    "uint32": COUNT,
    "uint64": COUNT,
    "int64": TIME,
    "fixed_size_list<uint8>[16]": ID,
    "fixed_size_list<float32>[2]": st.just([1, 2.5]),
    "fixed_size_list<float32>[3]": st.just([1, 2.5, 3]) | st.just(np.arange(3.0)),
}


def of_component(component: str) -> st.SearchStrategy[Form]:
    """Values for a component such as `rerun.components.Color`, in the forms that people pass."""
    short = component.rpartition(".")[2]
    if short in FORMS:
        return FORMS[short]
    for name in (short, f"blueprint.{short}"):
        if name in lines():
            members = [member.name for member in choice(name)]
            return either(
                same(st.sampled_from([*members, *map(str.lower, members)])),
                same(st.sampled_from([member.value for member in choice(name)])),
            )
    return same(OF_TYPE[COMPONENT_TYPES[component]])


# Where the constructor has parameters of its own.
OWN: dict[str, dict[str, st.SearchStrategy[Form]]] = {
    "Background": {
        "color_or_kind": either(same(COLOR), built(lambda sdk: sdk.rrb.BackgroundKind.GradientBright))
    },
    "DataframeQuery": {
        "timeline": same(TIMELINE),
        "filter_by_range": either(same(st.tuples(TIME, TIME)), FORMS["FilterByRange"]),
        "filter_is_not_null": either(SELECTOR, same(st.just("/a:b"))),
        "apply_latest_at": same(FLAG),
        "select": FORMS["SelectedColumns"],
        "entity_order": FORMS["ColumnOrder"],
        "auto_scroll": same(FLAG),
    },
    "VisibleTimeRanges": {"ranges": RANGES},
    "VisualBounds2D": {"x_range": same(st.just([0, 1.5])), "y_range": same(st.just((2, 3)))},
}
REQUIRED = {"VisibleTimeRanges": ("ranges",), "VisualBounds2D": ("x_range", "y_range")}
ARCHETYPES = sorted(name[10:] for name in names() if name.startswith("blueprint."))


def archetype(name: str) -> st.SearchStrategy[Form]:
    """One archetype of blueprints, with any of its parameters."""
    if name in OWN:
        parameters, required = OWN[name], REQUIRED.get(name, ())
    else:
        fields = ARCHETYPE_FIELDS[f"rerun.blueprint.archetypes.{name}"]
        told = signatures()[f"blueprint.{name}"]
        required = tuple(one.name for one in told if one.required)
        parameters = {
            one.name: some(of_component(fields[one.name]), least=1)
            if one.many and not fields[one.name].endswith(("Order", "Columns"))
            else of_component(fields[one.name])
            for one in told
        }
    given = st.fixed_dictionaries(
        {key: parameters[key] for key in required},
        optional={key: value for key, value in parameters.items() if key not in required},
    )
    return given.map(
        lambda made: lambda sdk: getattr(sdk.rrb.archetypes, name)(**{k: v(sdk) for k, v in made.items()})
    )


POINTS = built(lambda sdk, r: sdk.rr.Points3D.from_fields(radii=r, colors=[1, 2, 3]), NUMBER)
OVERRIDE = either(
    POINTS,
    built(lambda sdk, a: sdk.rrb.EntityBehavior(visible=a), FLAG),
    built(lambda sdk: sdk.rr.SeriesLines(widths=2, names="a").visualizer()),
    built(
        lambda sdk, one: sdk.rr.SeriesPoints().visualizer(mappings=[one(sdk)]),
        FORMS["VisualizerComponentMapping"],
    ),
    built(lambda sdk, one: sdk.rrb.VisibleTimeRanges([one(sdk)]), VISIBLE),
    built(lambda sdk: sdk.rrb.Visualizer("Points2D")),
)
OVERRIDES = st.dictionaries(PATH, either(OVERRIDE, some(OVERRIDE, least=1)), max_size=2).map(
    lambda made: lambda sdk: {path: one(sdk) for path, one in made.items()}
)
DEFAULTS = some(either(POINTS, built(lambda sdk: sdk.rr.Scalars.from_fields(scalars=1))))


def view(name: str) -> st.SearchStrategy[Form]:
    """One view."""
    parameters = {
        "origin": same(PATH),
        "contents": same(st.just("+ $origin/**") | st.just(["/a/**", "- /a/b"])),
        "name": same(TEXT),
        "visible": same(FLAG),
        "titlebar": same(FLAG),
        "defaults": DEFAULTS,
        "overrides": OVERRIDES,
        **{key: archetype(kind) for key, kind in known()[name][1].items()},
    }
    return st.fixed_dictionaries({}, optional=parameters).map(
        lambda made: lambda sdk: getattr(sdk.rrb, name)(**{k: v(sdk) for k, v in made.items()})
    )


VIEWS = st.sampled_from(sorted(known())).flatmap(view)
CONTAINERS = {
    "Horizontal": {"column_shares": same(SHARES)},
    "Vertical": {"row_shares": same(SHARES)},
    "Grid": {"column_shares": same(SHARES), "row_shares": same(SHARES), "grid_columns": same(COUNT)},
    "Tabs": {"active_tab": same(st.just(0))},
}


def container(parts: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    """One container of some parts."""

    def of_kind(kind: str) -> st.SearchStrategy[Form]:
        options = {"name": same(TEXT), "visible": same(FLAG), **CONTAINERS[kind]}
        return st.tuples(
            st.lists(parts, min_size=1, max_size=3), st.fixed_dictionaries({}, optional=options)
        ).map(
            lambda made: (
                lambda sdk: getattr(sdk.rrb, kind)(
                    *(one(sdk) for one in made[0]), **{k: v(sdk) for k, v in made[1].items()}
                )
            )
        )

    return st.sampled_from(sorted(CONTAINERS)).flatmap(of_kind)


PARTS = st.recursive(VIEWS, container, max_leaves=4)
STATE = st.sampled_from(["expanded", "Collapsed", 1])
PANELS = [
    built(lambda sdk, state: sdk.rrb.TopPanel(state=state), STATE),
    built(lambda sdk, state: sdk.rrb.BlueprintPanel(state=state), STATE),
    built(lambda sdk, expanded: sdk.rrb.SelectionPanel(expanded=expanded), FLAG),
    built(
        lambda sdk, fps, selection: sdk.rrb.TimePanel(
            state="collapsed",
            timeline="frame",
            fps=fps,
            play_state="Playing",
            loop_mode="selection",
            playback_speed=2,
            time_selection=selection(sdk),
        ),
        st.none() | st.floats(1, 100),
        FORMS["AbsoluteTimeRange"],
    ),
]
OPTIONS = st.fixed_dictionaries(
    {}, optional={"auto_layout": FLAG, "auto_views": FLAG, "collapse_panels": FLAG}
)
WHOLE = st.tuples(
    st.lists(PARTS, max_size=2), st.lists(st.sampled_from(PANELS), unique_by=id, max_size=3), OPTIONS
).flatmap(
    lambda made: st.tuples(*made[1]).map(
        lambda panels: lambda sdk: sdk.rrb.Blueprint(*(one(sdk) for one in (*made[0], *panels)), **made[2])
    )
)
