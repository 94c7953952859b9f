"""Properties of views whose constructors take other things than their fields."""

from __future__ import annotations

from typing import Any

from rrsdk.archetypes.base import broken
from rrsdk.components.blueprint_records import FilterByRange, FilterIsNotNull, VisualBounds2D
from rrsdk.components.choices import choice
from rrsdk.components.strictness import warn_at_caller
from rrsdk.components.time_ranges import TimeRange, TimeRangeBoundary, VisibleTimeRange
from rrsdk.errors import LogError


class BackgroundOwn:
    """A color alone is a solid background; nothing at all the dark gradient."""

    __slots__ = ()

    def __init__(self: Any, color_or_kind: Any = None, *, color: Any = None, kind: Any = None) -> None:
        kinds = choice("blueprint.BackgroundKind")
        if color_or_kind is not None:
            if color is not None or kind is not None:
                why = "either `color_or_kind`, or `color` and `kind`"
                broken(self, LogError(why, field="Background:color"))
                return
            if isinstance(color_or_kind, kinds):
                kind = color_or_kind
            else:
                color = color_or_kind
        if kind is None:
            kind = kinds["GradientDark" if color is None else "SolidColor"]
        self.set_fields(kind=kind, color=color)


class DataframeQueryOwn:
    """Filters may be given as what they are made of."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        timeline: Any = None,
        filter_by_range: Any = None,
        filter_is_not_null: Any = None,
        apply_latest_at: Any = False,
        select: Any = None,
        entity_order: Any = None,
        auto_scroll: Any = False,
    ) -> None:
        if isinstance(filter_by_range, tuple):
            filter_by_range = FilterByRange(*filter_by_range)
        if filter_is_not_null is not None and not isinstance(filter_is_not_null, FilterIsNotNull):
            filter_is_not_null = FilterIsNotNull(True, filter_is_not_null)
        self.set_fields(
            timeline=timeline,
            filter_by_range=filter_by_range,
            filter_is_not_null=filter_is_not_null,
            apply_latest_at=apply_latest_at,
            select=select,
            entity_order=entity_order,
            auto_scroll=auto_scroll,
        )


class VisibleTimeRangesOwn:
    """Several ranges, one for each timeline; or the parts of a single one."""

    __slots__ = ()

    def __init__(
        self: Any,
        ranges: Any = None,
        *,
        timeline: Any = None,
        range: TimeRange | None = None,  # noqa: A002 - as in Rerun
        start: TimeRangeBoundary | None = None,
        end: TimeRangeBoundary | None = None,
    ) -> None:
        try:
            if (ranges is None) == (timeline is None):
                raise ValueError("either `ranges` or `timeline` must be given")
            if timeline is not None:
                ranges = [VisibleTimeRange(timeline, range, start=start, end=end)]
        except (TypeError, ValueError) as error:
            broken(self, LogError(str(error), field="VisibleTimeRanges:ranges"))
            return
        if hasattr(ranges, "timeline"):
            ranges = [ranges]
        names = [str(getattr(one, "timeline", one)) for one in ranges]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            warn_at_caller(f"VisibleTimeRanges: timeline {twice!r} is there twice; only the first counts")
        self.set_fields(ranges=ranges)


class VisualBounds2DOwn:
    """Both ranges, or none."""

    __slots__ = ()

    def __init__(self: Any, *, x_range: Any = None, y_range: Any = None) -> None:
        if (x_range is None) != (y_range is None):
            raise ValueError("VisualBounds2D: `x_range` and `y_range` must both be given")
        self.set_fields(range=None if x_range is None else VisualBounds2D(x_range, y_range))


OWN: dict[str, type[Any]] = {
    "Background": BackgroundOwn,
    "DataframeQuery": DataframeQueryOwn,
    "VisibleTimeRanges": VisibleTimeRangesOwn,
    "VisualBounds2D": VisualBounds2DOwn,
}
