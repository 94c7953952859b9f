"""Values of several parts that blueprints are made of: columns of tables and logs, filters, mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rrsdk.components.choices import choice
from rrsdk.components.records import Record


@dataclass(frozen=True)
class AbsoluteTimeRange(Record):
    """From one time to another."""

    min: Any
    max: Any


@dataclass(frozen=True, init=False)
class ComponentColumnSelector(Record):
    """A component of an entity: by `"entity:component"`, or by both."""

    entity_path: str
    component: str

    def __init__(self, spec: str | None = None, *, entity_path: Any = None, component: Any = None) -> None:
        if spec is not None:
            if entity_path is not None or component is not None:
                raise ValueError("ComponentColumnSelector: either `spec`, or `entity_path` and `component`")
            if str(spec).count(":") != 1:
                raise ValueError(f"a column is written like /entity:component, not {spec!r}")
            entity_path, _, component = spec.partition(":")
        elif entity_path is None or component is None:
            raise ValueError("ComponentColumnSelector: `entity_path` and `component` must both be given")
        object.__setattr__(self, "entity_path", str(entity_path))
        object.__setattr__(self, "component", str(component))


@dataclass(frozen=True)
class FilterByRange(Record):
    """Only rows from one time to another."""

    start: Any
    end: Any


@dataclass(frozen=True, init=False)
class FilterIsNotNull(Record):
    """Only rows that have something in a column."""

    active: bool
    column: ComponentColumnSelector

    def __init__(self, active: Any, column: Any = None) -> None:
        if column is None:  # a column alone
            active, column = True, active
        object.__setattr__(self, "active", bool(active))
        object.__setattr__(self, "column", _selector(column))


def _selector(column: Any) -> Any:
    return ComponentColumnSelector(column) if isinstance(column, str) else column


@dataclass(frozen=True, init=False)
class SelectedColumns(Record):
    """Which columns a table shows: timelines by name, components as `"entity:component"`."""

    time_columns: tuple[str, ...]
    component_columns: tuple[Any, ...]

    def __init__(self, columns: Any) -> None:
        times, components = [], []
        for column in columns:
            if hasattr(column, "component"):
                components.append(column)
            elif isinstance(column, str) and column.count(":") == 1:
                components.append(ComponentColumnSelector(column))
            elif isinstance(column, str) or hasattr(column, "as_arrow_array"):
                times.append(str(column))
            else:
                raise ValueError(f"a column is text or a ComponentColumnSelector, not {column!r}")
        object.__setattr__(self, "time_columns", tuple(times))
        object.__setattr__(self, "component_columns", tuple(components))


@dataclass(frozen=True)
class SortBy(Record):
    """By which column a table is sorted, and which way."""

    column: Any
    direction: Any = None


@dataclass(frozen=True)
class ColumnType(Record):
    """What a column of a table holds."""

    component: str | None = None
    component_type_name: str | None = None


@dataclass(frozen=True)
class ColumnOrder(Record):
    """Entities in the order in which a table shows them."""

    entity_paths: Any


@dataclass(frozen=True)
class TensorDimensionIndexSlider(Record):
    """A dimension of a tensor that gets a slider."""

    dimension: int


@dataclass(frozen=True, init=False)
class TextLogColumn(Record):
    """A column of a text log: `EntityPath`, `LogLevel` or `Body`."""

    visible: bool
    kind: Any

    def __init__(self, kind: Any, *, visible: Any = True) -> None:
        object.__setattr__(self, "visible", bool(visible))
        object.__setattr__(self, "kind", choice("blueprint.TextLogColumnKind").auto(kind))


@dataclass(frozen=True, init=False)
class TimelineColumn(Record):
    """A timeline as a column of a text log."""

    visible: bool
    timeline: str

    def __init__(self, timeline: Any, *, visible: Any = True) -> None:
        object.__setattr__(self, "visible", bool(visible))
        object.__setattr__(self, "timeline", str(timeline))


@dataclass(frozen=True)
class VisualBounds2D(Record):
    """What of a plane is visible at least."""

    x_range: Any
    y_range: Any


@dataclass(frozen=True, init=False)
class VisualizerComponentMapping(Record):
    """Where a visualizer takes one of its components from."""

    target: str
    source_kind: Any
    source_component: str | None
    selector: str | None

    def __init__(
        self,
        target: Any,
        source_kind: Any,
        *,
        source_component: str | None = None,
        selector: str | None = None,
    ) -> None:
        object.__setattr__(self, "target", str(target))
        object.__setattr__(self, "source_kind", choice("blueprint.ComponentSourceKind").auto(source_kind))
        object.__setattr__(self, "source_component", source_component)
        object.__setattr__(self, "selector", selector)
