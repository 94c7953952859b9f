"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: A002, E501
# mypy: disable-error-code="override, misc"

from collections.abc import Sequence
from typing import Any

from typing_extensions import Self

from rrsdk.archetypes.base import Archetype
from rrsdk.component.column import Descriptor
from rrsdk.components.batch import ComponentBatch, ComponentColumnList
from rrsdk.components.choices import (
    BackgroundKind,
    Colormap,
    ColumnDisplayMode,
    ContainerKind,
    Corner2D,
    Eye3DKind,
    LinkAxis,
    LoopMode,
    MagnificationFilter,
    MapProvider,
    PanelState,
    PlayState,
    PointsDisplay,
    TableLayoutKind,
    TooltipMode,
    ViewFit,
)
from rrsdk.components.likes import (
    ColorLike,
    ColorsLike,
    DirectionsLike,
    FlagLike,
    FlagsLike,
    NumberLike,
    NumbersLike,
    TextLike,
    TextsLike,
    VectorLike,
    VectorsLike,
)
from rrsdk.components.time_ranges import TimeRange, TimeRangeBoundary

class ActiveVisualizers(Archetype):
    """ActiveVisualizers, as Rerun has it: instruction_ids."""

    instruction_ids: ComponentBatch | None
    def __init__(self, instruction_ids: Any) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, instruction_ids: Any = None) -> Self: ...
    @classmethod
    def columns(cls, *, instruction_ids: Any = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_instruction_ids() -> Descriptor: ...

class AudioPlayback(Archetype):
    """AudioPlayback, as Rerun has it: volume."""

    volume: ComponentBatch | None
    def __init__(self, *, volume: NumberLike | None = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, volume: NumberLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, volume: NumbersLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_volume() -> Descriptor: ...

class Background(Archetype):
    """Background, as Rerun has it: kind, color."""

    kind: ComponentBatch | None
    color: ComponentBatch | None
    def __init__(
        self,
        color_or_kind: Any = None,
        *,
        color: ColorLike | None = None,
        kind: BackgroundKind | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        kind: BackgroundKind | str | int | Sequence[BackgroundKind | str | int] | None = None,
        color: ColorsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        kind: BackgroundKind | str | int | Sequence[BackgroundKind | str | int] | None = None,
        color: ColorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_kind() -> Descriptor: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...

class CardLayout(Archetype):
    """CardLayout, as Rerun has it: field_order, title, link."""

    field_order: ComponentBatch | None
    title: ComponentBatch | None
    link: ComponentBatch | None
    def __init__(
        self,
        field_order: TextsLike,
        *,
        title: TextLike | None = None,
        link: TextLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        field_order: TextsLike | None = None,
        title: TextLike | None = None,
        link: TextLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        field_order: TextsLike | None = None,
        title: TextsLike | None = None,
        link: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_field_order() -> Descriptor: ...
    @staticmethod
    def descriptor_title() -> Descriptor: ...
    @staticmethod
    def descriptor_link() -> Descriptor: ...

class ContainerBlueprint(Archetype):
    """ContainerBlueprint, as Rerun has it: container_kind, display_name, contents, col_shares, row_shares, active_tab, visible, grid_columns."""

    container_kind: ComponentBatch | None
    display_name: ComponentBatch | None
    contents: ComponentBatch | None
    col_shares: ComponentBatch | None
    row_shares: ComponentBatch | None
    active_tab: ComponentBatch | None
    visible: ComponentBatch | None
    grid_columns: ComponentBatch | None
    def __init__(
        self,
        container_kind: ContainerKind | str | int,
        *,
        display_name: TextLike | None = None,
        contents: TextsLike | None = None,
        col_shares: NumbersLike | None = None,
        row_shares: NumbersLike | None = None,
        active_tab: TextLike | None = None,
        visible: FlagLike | None = None,
        grid_columns: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        container_kind: ContainerKind | str | int | None = None,
        display_name: TextLike | None = None,
        contents: TextsLike | None = None,
        col_shares: NumbersLike | None = None,
        row_shares: NumbersLike | None = None,
        active_tab: TextLike | None = None,
        visible: FlagLike | None = None,
        grid_columns: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        container_kind: ContainerKind | str | int | Sequence[ContainerKind | str | int] | None = None,
        display_name: TextsLike | None = None,
        contents: TextsLike | None = None,
        col_shares: NumbersLike | None = None,
        row_shares: NumbersLike | None = None,
        active_tab: TextsLike | None = None,
        visible: FlagsLike | None = None,
        grid_columns: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_container_kind() -> Descriptor: ...
    @staticmethod
    def descriptor_display_name() -> Descriptor: ...
    @staticmethod
    def descriptor_contents() -> Descriptor: ...
    @staticmethod
    def descriptor_col_shares() -> Descriptor: ...
    @staticmethod
    def descriptor_row_shares() -> Descriptor: ...
    @staticmethod
    def descriptor_active_tab() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...
    @staticmethod
    def descriptor_grid_columns() -> Descriptor: ...

class DataframeQuery(Archetype):
    """DataframeQuery, as Rerun has it: timeline, filter_by_range, filter_is_not_null, apply_latest_at, select, entity_order, auto_scroll."""

    timeline: ComponentBatch | None
    filter_by_range: ComponentBatch | None
    filter_is_not_null: ComponentBatch | None
    apply_latest_at: ComponentBatch | None
    select: ComponentBatch | None
    entity_order: ComponentBatch | None
    auto_scroll: ComponentBatch | None
    def __init__(
        self,
        *,
        timeline: TextLike | None = None,
        filter_by_range: Any = None,
        filter_is_not_null: Any = None,
        apply_latest_at: FlagLike | None = None,
        select: Any = None,
        entity_order: Any = None,
        auto_scroll: FlagLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        timeline: TextLike | None = None,
        filter_by_range: Any = None,
        filter_is_not_null: Any = None,
        apply_latest_at: FlagLike | None = None,
        select: Any = None,
        entity_order: Any = None,
        auto_scroll: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        timeline: TextsLike | None = None,
        filter_by_range: Any = None,
        filter_is_not_null: Any = None,
        apply_latest_at: FlagsLike | None = None,
        select: Any = None,
        entity_order: Any = None,
        auto_scroll: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_timeline() -> Descriptor: ...
    @staticmethod
    def descriptor_filter_by_range() -> Descriptor: ...
    @staticmethod
    def descriptor_filter_is_not_null() -> Descriptor: ...
    @staticmethod
    def descriptor_apply_latest_at() -> Descriptor: ...
    @staticmethod
    def descriptor_select() -> Descriptor: ...
    @staticmethod
    def descriptor_entity_order() -> Descriptor: ...
    @staticmethod
    def descriptor_auto_scroll() -> Descriptor: ...

class EntityBehavior(Archetype):
    """EntityBehavior, as Rerun has it: interactive, visible."""

    interactive: ComponentBatch | None
    visible: ComponentBatch | None
    def __init__(self, *, interactive: FlagLike | None = None, visible: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        interactive: FlagLike | None = None,
        visible: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        interactive: FlagsLike | None = None,
        visible: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_interactive() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...

class EyeControls3D(Archetype):
    """EyeControls3D, as Rerun has it: kind, position, look_target, eye_up, speed, tracking_entity, spin_speed."""

    kind: ComponentBatch | None
    position: ComponentBatch | None
    look_target: ComponentBatch | None
    eye_up: ComponentBatch | None
    speed: ComponentBatch | None
    tracking_entity: ComponentBatch | None
    spin_speed: ComponentBatch | None
    def __init__(
        self,
        *,
        kind: Eye3DKind | str | int | None = None,
        position: VectorLike | None = None,
        look_target: VectorLike | None = None,
        eye_up: VectorLike | None = None,
        speed: NumberLike | None = None,
        tracking_entity: TextLike | None = None,
        spin_speed: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        kind: Eye3DKind | str | int | None = None,
        position: VectorLike | None = None,
        look_target: VectorLike | None = None,
        eye_up: VectorLike | None = None,
        speed: NumberLike | None = None,
        tracking_entity: TextLike | None = None,
        spin_speed: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        kind: Eye3DKind | str | int | Sequence[Eye3DKind | str | int] | None = None,
        position: VectorsLike | None = None,
        look_target: VectorsLike | None = None,
        eye_up: VectorsLike | None = None,
        speed: NumbersLike | None = None,
        tracking_entity: TextsLike | None = None,
        spin_speed: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_kind() -> Descriptor: ...
    @staticmethod
    def descriptor_position() -> Descriptor: ...
    @staticmethod
    def descriptor_look_target() -> Descriptor: ...
    @staticmethod
    def descriptor_eye_up() -> Descriptor: ...
    @staticmethod
    def descriptor_speed() -> Descriptor: ...
    @staticmethod
    def descriptor_tracking_entity() -> Descriptor: ...
    @staticmethod
    def descriptor_spin_speed() -> Descriptor: ...

class ForceCenter(Archetype):
    """ForceCenter, as Rerun has it: enabled, strength."""

    enabled: ComponentBatch | None
    strength: ComponentBatch | None
    def __init__(self, *, enabled: FlagLike | None = None, strength: NumberLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        enabled: FlagsLike | None = None,
        strength: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_enabled() -> Descriptor: ...
    @staticmethod
    def descriptor_strength() -> Descriptor: ...

class ForceCollisionRadius(Archetype):
    """ForceCollisionRadius, as Rerun has it: enabled, strength, iterations."""

    enabled: ComponentBatch | None
    strength: ComponentBatch | None
    iterations: ComponentBatch | None
    def __init__(
        self,
        *,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
        iterations: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
        iterations: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        enabled: FlagsLike | None = None,
        strength: NumbersLike | None = None,
        iterations: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_enabled() -> Descriptor: ...
    @staticmethod
    def descriptor_strength() -> Descriptor: ...
    @staticmethod
    def descriptor_iterations() -> Descriptor: ...

class ForceLink(Archetype):
    """ForceLink, as Rerun has it: enabled, distance, iterations."""

    enabled: ComponentBatch | None
    distance: ComponentBatch | None
    iterations: ComponentBatch | None
    def __init__(
        self,
        *,
        enabled: FlagLike | None = None,
        distance: NumberLike | None = None,
        iterations: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        enabled: FlagLike | None = None,
        distance: NumberLike | None = None,
        iterations: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        enabled: FlagsLike | None = None,
        distance: NumbersLike | None = None,
        iterations: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_enabled() -> Descriptor: ...
    @staticmethod
    def descriptor_distance() -> Descriptor: ...
    @staticmethod
    def descriptor_iterations() -> Descriptor: ...

class ForceManyBody(Archetype):
    """ForceManyBody, as Rerun has it: enabled, strength."""

    enabled: ComponentBatch | None
    strength: ComponentBatch | None
    def __init__(self, *, enabled: FlagLike | None = None, strength: NumberLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        enabled: FlagsLike | None = None,
        strength: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_enabled() -> Descriptor: ...
    @staticmethod
    def descriptor_strength() -> Descriptor: ...

class ForcePosition(Archetype):
    """ForcePosition, as Rerun has it: enabled, strength, position."""

    enabled: ComponentBatch | None
    strength: ComponentBatch | None
    position: ComponentBatch | None
    def __init__(
        self,
        *,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
        position: VectorLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        enabled: FlagLike | None = None,
        strength: NumberLike | None = None,
        position: VectorLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        enabled: FlagsLike | None = None,
        strength: NumbersLike | None = None,
        position: VectorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_enabled() -> Descriptor: ...
    @staticmethod
    def descriptor_strength() -> Descriptor: ...
    @staticmethod
    def descriptor_position() -> Descriptor: ...

class GraphBackground(Archetype):
    """GraphBackground, as Rerun has it: color."""

    color: ComponentBatch | None
    def __init__(self, *, color: ColorLike | None = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, color: ColorLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, color: ColorsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...

class LineGrid3D(Archetype):
    """LineGrid3D, as Rerun has it: visible, spacing, plane, stroke_width, color."""

    visible: ComponentBatch | None
    spacing: ComponentBatch | None
    plane: ComponentBatch | None
    stroke_width: ComponentBatch | None
    color: ComponentBatch | None
    def __init__(
        self,
        visible: FlagLike | None = None,
        *,
        spacing: NumberLike | None = None,
        plane: VectorLike | None = None,
        stroke_width: NumberLike | None = None,
        color: ColorLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        visible: FlagLike | None = None,
        spacing: NumberLike | None = None,
        plane: VectorLike | None = None,
        stroke_width: NumberLike | None = None,
        color: ColorLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        visible: FlagsLike | None = None,
        spacing: NumbersLike | None = None,
        plane: VectorsLike | None = None,
        stroke_width: NumbersLike | None = None,
        color: ColorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...
    @staticmethod
    def descriptor_spacing() -> Descriptor: ...
    @staticmethod
    def descriptor_plane() -> Descriptor: ...
    @staticmethod
    def descriptor_stroke_width() -> Descriptor: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...

class MapBackground(Archetype):
    """MapBackground, as Rerun has it: provider."""

    provider: ComponentBatch | None
    def __init__(self, provider: MapProvider | str | int) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        provider: MapProvider | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        provider: MapProvider | str | int | Sequence[MapProvider | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_provider() -> Descriptor: ...

class MapZoom(Archetype):
    """MapZoom, as Rerun has it: zoom."""

    zoom: ComponentBatch | None
    def __init__(self, zoom: NumberLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, zoom: NumberLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, zoom: NumbersLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_zoom() -> Descriptor: ...

class NearClipPlane(Archetype):
    """NearClipPlane, as Rerun has it: near_clip_plane."""

    near_clip_plane: ComponentBatch | None
    def __init__(self, near_clip_plane: NumberLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, near_clip_plane: NumberLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, near_clip_plane: NumbersLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_near_clip_plane() -> Descriptor: ...

class PanelBlueprint(Archetype):
    """PanelBlueprint, as Rerun has it: state."""

    state: ComponentBatch | None
    def __init__(self, *, state: PanelState | str | int | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        state: PanelState | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        state: PanelState | str | int | Sequence[PanelState | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_state() -> Descriptor: ...

class PlotBackground(Archetype):
    """PlotBackground, as Rerun has it: color, show_grid."""

    color: ComponentBatch | None
    show_grid: ComponentBatch | None
    def __init__(self, *, color: ColorLike | None = None, show_grid: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        color: ColorLike | None = None,
        show_grid: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        color: ColorsLike | None = None,
        show_grid: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...
    @staticmethod
    def descriptor_show_grid() -> Descriptor: ...

class PlotInteraction(Archetype):
    """PlotInteraction, as Rerun has it: tooltip_mode, points_display."""

    tooltip_mode: ComponentBatch | None
    points_display: ComponentBatch | None
    def __init__(
        self,
        *,
        tooltip_mode: TooltipMode | str | int | None = None,
        points_display: PointsDisplay | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        tooltip_mode: TooltipMode | str | int | None = None,
        points_display: PointsDisplay | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        tooltip_mode: TooltipMode | str | int | Sequence[TooltipMode | str | int] | None = None,
        points_display: PointsDisplay | str | int | Sequence[PointsDisplay | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_tooltip_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_points_display() -> Descriptor: ...

class PlotLegend(Archetype):
    """PlotLegend, as Rerun has it: corner, visible."""

    corner: ComponentBatch | None
    visible: ComponentBatch | None
    def __init__(
        self,
        corner: Corner2D | str | int | None = None,
        *,
        visible: FlagLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        corner: Corner2D | str | int | None = None,
        visible: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        corner: Corner2D | str | int | Sequence[Corner2D | str | int] | None = None,
        visible: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_corner() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...

class PreviewsConfig(Archetype):
    """PreviewsConfig, as Rerun has it: timeline, play_state, playback_speed, start_point."""

    timeline: ComponentBatch | None
    play_state: ComponentBatch | None
    playback_speed: ComponentBatch | None
    start_point: ComponentBatch | None
    def __init__(
        self,
        *,
        timeline: TextLike | None = None,
        play_state: PlayState | str | int | None = None,
        playback_speed: NumberLike | None = None,
        start_point: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        timeline: TextLike | None = None,
        play_state: PlayState | str | int | None = None,
        playback_speed: NumberLike | None = None,
        start_point: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        timeline: TextsLike | None = None,
        play_state: PlayState | str | int | Sequence[PlayState | str | int] | None = None,
        playback_speed: NumbersLike | None = None,
        start_point: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_timeline() -> Descriptor: ...
    @staticmethod
    def descriptor_play_state() -> Descriptor: ...
    @staticmethod
    def descriptor_playback_speed() -> Descriptor: ...
    @staticmethod
    def descriptor_start_point() -> Descriptor: ...

class ScalarAxis(Archetype):
    """ScalarAxis, as Rerun has it: range, zoom_lock."""

    range: ComponentBatch | None
    zoom_lock: ComponentBatch | None
    def __init__(self, *, range: VectorLike | None = None, zoom_lock: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        range: VectorLike | None = None,
        zoom_lock: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        range: VectorsLike | None = None,
        zoom_lock: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_range() -> Descriptor: ...
    @staticmethod
    def descriptor_zoom_lock() -> Descriptor: ...

class SpatialInformation(Archetype):
    """SpatialInformation, as Rerun has it: target_frame, show_bounding_box, show_axes, axes."""

    target_frame: ComponentBatch | None
    show_bounding_box: ComponentBatch | None
    show_axes: ComponentBatch | None
    axes: ComponentBatch | None
    def __init__(
        self,
        target_frame: TextLike,
        *,
        show_bounding_box: FlagLike | None = None,
        show_axes: FlagLike | None = None,
        axes: DirectionsLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        target_frame: TextLike | None = None,
        show_bounding_box: FlagLike | None = None,
        show_axes: FlagLike | None = None,
        axes: DirectionsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        target_frame: TextsLike | None = None,
        show_bounding_box: FlagsLike | None = None,
        show_axes: FlagsLike | None = None,
        axes: DirectionsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_target_frame() -> Descriptor: ...
    @staticmethod
    def descriptor_show_bounding_box() -> Descriptor: ...
    @staticmethod
    def descriptor_show_axes() -> Descriptor: ...
    @staticmethod
    def descriptor_axes() -> Descriptor: ...

class TableBlueprint(Archetype):
    """TableBlueprint, as Rerun has it: layout, column_display_mode, filters, sort_by."""

    column_display_mode: ComponentBatch | None
    filters: ComponentBatch | None
    sort_by: ComponentBatch | None
    def __init__(
        self,
        *,
        layout: TableLayoutKind | str | int | None = None,
        column_display_mode: ColumnDisplayMode | str | int | None = None,
        filters: TextsLike | None = None,
        sort_by: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        layout: TableLayoutKind | str | int | None = None,
        column_display_mode: ColumnDisplayMode | str | int | None = None,
        filters: TextsLike | None = None,
        sort_by: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        layout: TableLayoutKind | str | int | Sequence[TableLayoutKind | str | int] | None = None,
        column_display_mode: ColumnDisplayMode | str | int | Sequence[ColumnDisplayMode | str | int] | None = None,
        filters: TextsLike | None = None,
        sort_by: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_layout() -> Descriptor: ...
    @staticmethod
    def descriptor_column_display_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_filters() -> Descriptor: ...
    @staticmethod
    def descriptor_sort_by() -> Descriptor: ...

class TableColumn(Archetype):
    """TableColumn, as Rerun has it: name, editable, visible, column_type."""

    name: ComponentBatch | None
    editable: ComponentBatch | None
    visible: ComponentBatch | None
    column_type: ComponentBatch | None
    def __init__(
        self,
        *,
        name: TextLike | None = None,
        editable: FlagLike | None = None,
        visible: FlagLike | None = None,
        column_type: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        name: TextLike | None = None,
        editable: FlagLike | None = None,
        visible: FlagLike | None = None,
        column_type: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        name: TextsLike | None = None,
        editable: FlagsLike | None = None,
        visible: FlagsLike | None = None,
        column_type: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_name() -> Descriptor: ...
    @staticmethod
    def descriptor_editable() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...
    @staticmethod
    def descriptor_column_type() -> Descriptor: ...

class TableColumnPreview(Archetype):
    """TableColumnPreview, as Rerun has it: views."""

    views: ComponentBatch | None
    def __init__(self, views: TextsLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, views: TextsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, views: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_views() -> Descriptor: ...

class TableLayout(Archetype):
    """TableLayout, as Rerun has it: column_order."""

    column_order: ComponentBatch | None
    def __init__(self, *, column_order: TextsLike | None = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, column_order: TextsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, column_order: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_column_order() -> Descriptor: ...

class TensorScalarMapping(Archetype):
    """TensorScalarMapping, as Rerun has it: mag_filter, colormap, gamma."""

    mag_filter: ComponentBatch | None
    colormap: ComponentBatch | None
    gamma: ComponentBatch | None
    def __init__(
        self,
        *,
        mag_filter: MagnificationFilter | str | int | None = None,
        colormap: Colormap | str | int | None = None,
        gamma: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        mag_filter: MagnificationFilter | str | int | None = None,
        colormap: Colormap | str | int | None = None,
        gamma: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        mag_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
        gamma: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_mag_filter() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...
    @staticmethod
    def descriptor_gamma() -> Descriptor: ...

class TensorSliceSelection(Archetype):
    """TensorSliceSelection, as Rerun has it: width, height, indices, slider."""

    width: ComponentBatch | None
    height: ComponentBatch | None
    indices: ComponentBatch | None
    slider: ComponentBatch | None
    def __init__(
        self,
        *,
        width: Any = None,
        height: Any = None,
        indices: Any = None,
        slider: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        width: Any = None,
        height: Any = None,
        indices: Any = None,
        slider: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        width: Any = None,
        height: Any = None,
        indices: Any = None,
        slider: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_width() -> Descriptor: ...
    @staticmethod
    def descriptor_height() -> Descriptor: ...
    @staticmethod
    def descriptor_indices() -> Descriptor: ...
    @staticmethod
    def descriptor_slider() -> Descriptor: ...

class TensorViewFit(Archetype):
    """TensorViewFit, as Rerun has it: scaling."""

    scaling: ComponentBatch | None
    def __init__(self, scaling: ViewFit | str | int | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        scaling: ViewFit | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        scaling: ViewFit | str | int | Sequence[ViewFit | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_scaling() -> Descriptor: ...

class TextDocumentFormat(Archetype):
    """TextDocumentFormat, as Rerun has it: monospace, word_wrap."""

    monospace: ComponentBatch | None
    word_wrap: ComponentBatch | None
    def __init__(self, *, monospace: FlagLike | None = None, word_wrap: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        monospace: FlagLike | None = None,
        word_wrap: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        monospace: FlagsLike | None = None,
        word_wrap: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_monospace() -> Descriptor: ...
    @staticmethod
    def descriptor_word_wrap() -> Descriptor: ...

class TextLogColumns(Archetype):
    """TextLogColumns, as Rerun has it: timeline_columns, text_log_columns."""

    timeline_columns: ComponentBatch | None
    text_log_columns: ComponentBatch | None
    def __init__(self, *, timeline_columns: Any = None, text_log_columns: Any = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        timeline_columns: Any = None,
        text_log_columns: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        timeline_columns: Any = None,
        text_log_columns: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_timeline_columns() -> Descriptor: ...
    @staticmethod
    def descriptor_text_log_columns() -> Descriptor: ...

class TextLogFormat(Archetype):
    """TextLogFormat, as Rerun has it: monospace_body."""

    monospace_body: ComponentBatch | None
    def __init__(self, *, monospace_body: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, monospace_body: FlagLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, monospace_body: FlagsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_monospace_body() -> Descriptor: ...

class TextLogRows(Archetype):
    """TextLogRows, as Rerun has it: filter_by_log_level."""

    filter_by_log_level: ComponentBatch | None
    def __init__(self, *, filter_by_log_level: TextsLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        filter_by_log_level: TextsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(cls, *, filter_by_log_level: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_filter_by_log_level() -> Descriptor: ...

class TimeAxis(Archetype):
    """TimeAxis, as Rerun has it: link, view_range, zoom_lock."""

    link: ComponentBatch | None
    view_range: ComponentBatch | None
    zoom_lock: ComponentBatch | None
    def __init__(
        self,
        *,
        link: LinkAxis | str | int | None = None,
        view_range: Any = None,
        zoom_lock: FlagLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        link: LinkAxis | str | int | None = None,
        view_range: Any = None,
        zoom_lock: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        link: LinkAxis | str | int | Sequence[LinkAxis | str | int] | None = None,
        view_range: Any = None,
        zoom_lock: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_link() -> Descriptor: ...
    @staticmethod
    def descriptor_view_range() -> Descriptor: ...
    @staticmethod
    def descriptor_zoom_lock() -> Descriptor: ...

class TimePanelBlueprint(Archetype):
    """TimePanelBlueprint, as Rerun has it: state, timeline, playback_speed, fps, play_state, loop_mode, time_selection."""

    state: ComponentBatch | None
    timeline: ComponentBatch | None
    playback_speed: ComponentBatch | None
    fps: ComponentBatch | None
    play_state: ComponentBatch | None
    loop_mode: ComponentBatch | None
    time_selection: ComponentBatch | None
    def __init__(
        self,
        *,
        state: PanelState | str | int | None = None,
        timeline: TextLike | None = None,
        playback_speed: NumberLike | None = None,
        fps: NumberLike | None = None,
        play_state: PlayState | str | int | None = None,
        loop_mode: LoopMode | str | int | None = None,
        time_selection: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        state: PanelState | str | int | None = None,
        timeline: TextLike | None = None,
        playback_speed: NumberLike | None = None,
        fps: NumberLike | None = None,
        play_state: PlayState | str | int | None = None,
        loop_mode: LoopMode | str | int | None = None,
        time_selection: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        state: PanelState | str | int | Sequence[PanelState | str | int] | None = None,
        timeline: TextsLike | None = None,
        playback_speed: NumbersLike | None = None,
        fps: NumbersLike | None = None,
        play_state: PlayState | str | int | Sequence[PlayState | str | int] | None = None,
        loop_mode: LoopMode | str | int | Sequence[LoopMode | str | int] | None = None,
        time_selection: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_state() -> Descriptor: ...
    @staticmethod
    def descriptor_timeline() -> Descriptor: ...
    @staticmethod
    def descriptor_playback_speed() -> Descriptor: ...
    @staticmethod
    def descriptor_fps() -> Descriptor: ...
    @staticmethod
    def descriptor_play_state() -> Descriptor: ...
    @staticmethod
    def descriptor_loop_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_time_selection() -> Descriptor: ...

class ViewBlueprint(Archetype):
    """ViewBlueprint, as Rerun has it: class_identifier, display_name, space_origin, visible, titlebar."""

    class_identifier: ComponentBatch | None
    display_name: ComponentBatch | None
    space_origin: ComponentBatch | None
    visible: ComponentBatch | None
    titlebar: ComponentBatch | None
    def __init__(
        self,
        class_identifier: TextLike,
        *,
        display_name: TextLike | None = None,
        space_origin: TextLike | None = None,
        visible: FlagLike | None = None,
        titlebar: FlagLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        class_identifier: TextLike | None = None,
        display_name: TextLike | None = None,
        space_origin: TextLike | None = None,
        visible: FlagLike | None = None,
        titlebar: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        class_identifier: TextsLike | None = None,
        display_name: TextsLike | None = None,
        space_origin: TextsLike | None = None,
        visible: FlagsLike | None = None,
        titlebar: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_class_identifier() -> Descriptor: ...
    @staticmethod
    def descriptor_display_name() -> Descriptor: ...
    @staticmethod
    def descriptor_space_origin() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...
    @staticmethod
    def descriptor_titlebar() -> Descriptor: ...

class ViewContents(Archetype):
    """ViewContents, as Rerun has it: query."""

    query: ComponentBatch | None
    def __init__(self, query: TextsLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, query: TextsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, query: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_query() -> Descriptor: ...

class ViewportBlueprint(Archetype):
    """ViewportBlueprint, as Rerun has it: root_container, maximized, auto_layout, auto_views, past_viewer_recommendations."""

    root_container: ComponentBatch | None
    maximized: ComponentBatch | None
    auto_layout: ComponentBatch | None
    auto_views: ComponentBatch | None
    past_viewer_recommendations: ComponentBatch | None
    def __init__(
        self,
        *,
        root_container: Any = None,
        maximized: Any = None,
        auto_layout: FlagLike | None = None,
        auto_views: FlagLike | None = None,
        past_viewer_recommendations: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        root_container: Any = None,
        maximized: Any = None,
        auto_layout: FlagLike | None = None,
        auto_views: FlagLike | None = None,
        past_viewer_recommendations: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        root_container: Any = None,
        maximized: Any = None,
        auto_layout: FlagsLike | None = None,
        auto_views: FlagsLike | None = None,
        past_viewer_recommendations: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_root_container() -> Descriptor: ...
    @staticmethod
    def descriptor_maximized() -> Descriptor: ...
    @staticmethod
    def descriptor_auto_layout() -> Descriptor: ...
    @staticmethod
    def descriptor_auto_views() -> Descriptor: ...
    @staticmethod
    def descriptor_past_viewer_recommendations() -> Descriptor: ...

class VisibleTimeRanges(Archetype):
    """VisibleTimeRanges, as Rerun has it: ranges."""

    ranges: ComponentBatch | None
    def __init__(
        self,
        ranges: Any = None,
        *,
        timeline: Any = None,
        range: TimeRange | None = None,
        start: TimeRangeBoundary | None = None,
        end: TimeRangeBoundary | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, ranges: Any = None) -> Self: ...
    @classmethod
    def columns(cls, *, ranges: Any = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_ranges() -> Descriptor: ...

class VisualBounds2D(Archetype):
    """VisualBounds2D, as Rerun has it: range."""

    range: ComponentBatch | None
    def __init__(self, *, x_range: Any = None, y_range: Any = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, range: Any = None) -> Self: ...
    @classmethod
    def columns(cls, *, range: Any = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_range() -> Descriptor: ...

class VisualizerInstruction(Archetype):
    """VisualizerInstruction, as Rerun has it: visualizer_type, component_map."""

    visualizer_type: ComponentBatch | None
    component_map: ComponentBatch | None
    def __init__(self, visualizer_type: TextLike, *, component_map: Any = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        visualizer_type: TextLike | None = None,
        component_map: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        visualizer_type: TextsLike | None = None,
        component_map: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_visualizer_type() -> Descriptor: ...
    @staticmethod
    def descriptor_component_map() -> Descriptor: ...
