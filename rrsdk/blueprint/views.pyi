"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: E501
# mypy: disable-error-code="override, misc"

from collections.abc import Iterable, Mapping
from typing import Any

from rrsdk.archetypes import blueprint as archetypes
from rrsdk.blueprint.view import View

class AudioView(View):
    """A view of the class Audio; of its own it has `playback` (AudioPlayback)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        playback: archetypes.AudioPlayback | Any | None = None,
    ) -> None: ...

class BarChartView(View):
    """A view of the class BarChart; of its own it has `plot_legend` (PlotLegend), `background` (PlotBackground)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        plot_legend: archetypes.PlotLegend | Any | None = None,
        background: archetypes.PlotBackground | Any | None = None,
    ) -> None: ...

class DataframeView(View):
    """A view of the class Dataframe; of its own it has `query` (DataframeQuery)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        query: archetypes.DataframeQuery | Any | None = None,
    ) -> None: ...

class GraphView(View):
    """A view of the class Graph; of its own it has `background` (GraphBackground), `visual_bounds` (VisualBounds2D), `force_link` (ForceLink), `force_many_body` (ForceManyBody), `force_position` (ForcePosition), `force_collision_radius` (ForceCollisionRadius), `force_center` (ForceCenter)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        background: archetypes.GraphBackground | Any | None = None,
        visual_bounds: archetypes.VisualBounds2D | Any | None = None,
        force_link: archetypes.ForceLink | Any | None = None,
        force_many_body: archetypes.ForceManyBody | Any | None = None,
        force_position: archetypes.ForcePosition | Any | None = None,
        force_collision_radius: archetypes.ForceCollisionRadius | Any | None = None,
        force_center: archetypes.ForceCenter | Any | None = None,
    ) -> None: ...

class MapView(View):
    """A view of the class Map; of its own it has `zoom` (MapZoom), `background` (MapBackground)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        zoom: archetypes.MapZoom | Any | None = None,
        background: archetypes.MapBackground | Any | None = None,
    ) -> None: ...

class Spatial2DView(View):
    """A view of the class 2D; of its own it has `background` (Background), `visual_bounds` (VisualBounds2D), `spatial_information` (SpatialInformation), `time_ranges` (VisibleTimeRanges)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        background: archetypes.Background | Any | None = None,
        visual_bounds: archetypes.VisualBounds2D | Any | None = None,
        spatial_information: archetypes.SpatialInformation | Any | None = None,
        time_ranges: archetypes.VisibleTimeRanges | Any | None = None,
    ) -> None: ...

class Spatial3DView(View):
    """A view of the class 3D; of its own it has `background` (Background), `line_grid` (LineGrid3D), `spatial_information` (SpatialInformation), `eye_controls` (EyeControls3D), `time_ranges` (VisibleTimeRanges)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        background: archetypes.Background | Any | None = None,
        line_grid: archetypes.LineGrid3D | Any | None = None,
        spatial_information: archetypes.SpatialInformation | Any | None = None,
        eye_controls: archetypes.EyeControls3D | Any | None = None,
        time_ranges: archetypes.VisibleTimeRanges | Any | None = None,
    ) -> None: ...

class StateTimelineView(View):
    """A view of the class StateTimeline; of its own it has `time_view` (TimeAxis), `time_ranges` (VisibleTimeRanges)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        time_view: archetypes.TimeAxis | Any | None = None,
        time_ranges: archetypes.VisibleTimeRanges | Any | None = None,
    ) -> None: ...

class TensorView(View):
    """A view of the class Tensor; of its own it has `slice_selection` (TensorSliceSelection), `scalar_mapping` (TensorScalarMapping), `view_fit` (TensorViewFit)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        slice_selection: archetypes.TensorSliceSelection | Any | None = None,
        scalar_mapping: archetypes.TensorScalarMapping | Any | None = None,
        view_fit: archetypes.TensorViewFit | Any | None = None,
    ) -> None: ...

class TextDocumentView(View):
    """A view of the class TextDocument; of its own it has `format_options` (TextDocumentFormat)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        format_options: archetypes.TextDocumentFormat | Any | None = None,
    ) -> None: ...

class TextLogView(View):
    """A view of the class TextLog; of its own it has `columns` (TextLogColumns), `rows` (TextLogRows), `format_options` (TextLogFormat)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        columns: archetypes.TextLogColumns | Any | None = None,
        rows: archetypes.TextLogRows | Any | None = None,
        format_options: archetypes.TextLogFormat | Any | None = None,
    ) -> None: ...

class TimeSeriesView(View):
    """A view of the class TimeSeries; of its own it has `axis_x` (TimeAxis), `axis_y` (ScalarAxis), `plot_legend` (PlotLegend), `background` (PlotBackground), `interaction` (PlotInteraction), `time_ranges` (VisibleTimeRanges)."""

    def __init__(
        self,
        *,
        origin: Any = '/',
        contents: Any = '$origin/**',
        name: str | None = None,
        visible: bool | None = None,
        titlebar: bool | None = None,
        defaults: Iterable[Any] | None = None,
        overrides: Mapping[Any, Any] | None = None,
        axis_x: archetypes.TimeAxis | Any | None = None,
        axis_y: archetypes.ScalarAxis | Any | None = None,
        plot_legend: archetypes.PlotLegend | Any | None = None,
        background: archetypes.PlotBackground | Any | None = None,
        interaction: archetypes.PlotInteraction | Any | None = None,
        time_ranges: archetypes.VisibleTimeRanges | Any | None = None,
    ) -> None: ...
