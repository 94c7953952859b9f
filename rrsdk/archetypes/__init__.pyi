"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: A002, E501, I001
# mypy: disable-error-code="override, misc"

from collections.abc import Sequence
from typing import Any, ClassVar

from typing_extensions import Self

from rrsdk.archetypes.any_values import AnyBatchValue as AnyBatchValue
from rrsdk.archetypes.any_values import AnyValues as AnyValues
from rrsdk.archetypes.any_values import DynamicArchetype as DynamicArchetype
from rrsdk.archetypes.base import Archetype as Archetype
from rrsdk.component.column import Descriptor
from rrsdk.components.batch import ComponentBatch, ComponentColumnList
from rrsdk.components.box_format import Box2DFormat
from rrsdk.components.choices import (
    AggregationPolicy,
    ChannelDatatype,
    ColorModel,
    Colormap,
    FillMode,
    GraphType,
    InterpolationMode,
    MagnificationFilter,
    MarkerShape,
    MeshFaceRendering,
    PixelFormat,
    PointShading,
    TransformRelation,
    VideoCodec,
)
from rrsdk.components.formats import ImageFormat
from rrsdk.components.likes import (
    AxisAngleLike,
    AxisAnglesLike,
    BlobLike,
    BlobsLike,
    ColorLike,
    ColorsLike,
    DirectionsLike,
    FlagLike,
    FlagsLike,
    FormatLike,
    FormatsLike,
    ImageLike,
    MatricesLike,
    MatrixLike,
    NumberLike,
    NumbersLike,
    PathLike,
    QuaternionLike,
    QuaternionsLike,
    RotationLike,
    StripsLike,
    TextLike,
    TextsLike,
    VectorLike,
    VectorsLike,
)
from rrsdk.archetypes.visualizer import Visualizer

class AnnotationContext(Archetype):
    """AnnotationContext, as Rerun has it: context."""

    context: ComponentBatch | None
    def __init__(self, context: Any) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, context: Any = None) -> Self: ...
    @classmethod
    def columns(cls, *, context: Any = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_context() -> Descriptor: ...

class Arrows2D(Archetype):
    """Arrows2D, as Rerun has it: vectors, origins, radii, colors, labels, show_labels, draw_order, class_ids."""

    vectors: ComponentBatch | None
    origins: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    draw_order: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        vectors: VectorsLike,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumberLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        vectors: VectorsLike | None = None,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumberLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        vectors: VectorsLike | None = None,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_vectors() -> Descriptor: ...
    @staticmethod
    def descriptor_origins() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Arrows3D(Archetype):
    """Arrows3D, as Rerun has it: vectors, origins, radii, colors, labels, show_labels, class_ids."""

    vectors: ComponentBatch | None
    origins: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        vectors: VectorsLike,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        vectors: VectorsLike | None = None,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        vectors: VectorsLike | None = None,
        origins: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_vectors() -> Descriptor: ...
    @staticmethod
    def descriptor_origins() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Asset3D(Archetype):
    """Asset3D, as Rerun has it: blob, media_type, albedo_factor."""

    blob: ComponentBatch | None
    media_type: ComponentBatch | None
    albedo_factor: ComponentBatch | None
    def __init__(
        self,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: TextLike | None = None,
        albedo_factor: ColorLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
        albedo_factor: ColorsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
        albedo_factor: ColorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_blob() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    @staticmethod
    def descriptor_albedo_factor() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class AssetAudio(Archetype):
    """AssetAudio, as Rerun has it: blob, media_type."""

    blob: ComponentBatch | None
    media_type: ComponentBatch | None
    def __init__(
        self,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: TextLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_blob() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class AssetVideo(Archetype):
    """AssetVideo, as Rerun has it: blob, media_type."""

    blob: ComponentBatch | None
    media_type: ComponentBatch | None
    def __init__(
        self,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: TextLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_blob() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    def read_frame_timestamps_nanos(self) -> Any: ...

class BarChart(Archetype):
    """BarChart, as Rerun has it: values, color, abscissa, widths."""

    values: ComponentBatch | None
    color: ComponentBatch | None
    abscissa: ComponentBatch | None
    widths: ComponentBatch | None
    def __init__(
        self,
        values: Any,
        *,
        color: ColorLike | None = None,
        abscissa: NumbersLike | None = None,
        widths: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        values: Any = None,
        color: ColorLike | None = None,
        abscissa: Any = None,
        widths: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        values: Any = None,
        color: ColorsLike | None = None,
        abscissa: Any = None,
        widths: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_values() -> Descriptor: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...
    @staticmethod
    def descriptor_abscissa() -> Descriptor: ...
    @staticmethod
    def descriptor_widths() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Boxes2D(Archetype):
    """Boxes2D, as Rerun has it: half_sizes, centers, colors, radii, labels, show_labels, draw_order, class_ids."""

    half_sizes: ComponentBatch | None
    centers: ComponentBatch | None
    colors: ComponentBatch | None
    radii: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    draw_order: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        sizes: VectorsLike | None = None,
        mins: VectorsLike | None = None,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        array: VectorsLike | None = None,
        array_format: Box2DFormat | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumberLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        radii: NumbersLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        radii: NumbersLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_half_sizes() -> Descriptor: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Boxes3D(Archetype):
    """Boxes3D, as Rerun has it: half_sizes, centers, rotation_axis_angles, quaternions, colors, radii, fill_mode, labels, show_labels, class_ids."""

    half_sizes: ComponentBatch | None
    centers: ComponentBatch | None
    rotation_axis_angles: ComponentBatch | None
    quaternions: ComponentBatch | None
    colors: ComponentBatch | None
    radii: ComponentBatch | None
    fill_mode: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        sizes: VectorsLike | None = None,
        mins: VectorsLike | None = None,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        rotations: AxisAnglesLike | QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_half_sizes() -> Descriptor: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angles() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_fill_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Capsules3D(Archetype):
    """Capsules3D, as Rerun has it: lengths, radii, translations, rotation_axis_angles, quaternions, colors, line_radii, fill_mode, labels, show_labels, class_ids."""

    lengths: ComponentBatch | None
    radii: ComponentBatch | None
    translations: ComponentBatch | None
    rotation_axis_angles: ComponentBatch | None
    quaternions: ComponentBatch | None
    colors: ComponentBatch | None
    line_radii: ComponentBatch | None
    fill_mode: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_lengths() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_translations() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angles() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_line_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_fill_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Clear(Archetype):
    """Clear, as Rerun has it: is_recursive."""

    is_recursive: ComponentBatch | None
    def __init__(self, *, recursive: bool) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, is_recursive: FlagsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, is_recursive: FlagsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_is_recursive() -> Descriptor: ...
    @staticmethod
    def flat() -> Clear: ...
    @staticmethod
    def recursive() -> Clear: ...

class CoordinateFrame(Archetype):
    """CoordinateFrame, as Rerun has it: frame."""

    frame: ComponentBatch | None
    def __init__(self, frame: TextLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, frame: TextLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, frame: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_frame() -> Descriptor: ...

class Cylinders3D(Archetype):
    """Cylinders3D, as Rerun has it: lengths, radii, centers, rotation_axis_angles, quaternions, colors, line_radii, fill_mode, labels, show_labels, class_ids."""

    lengths: ComponentBatch | None
    radii: ComponentBatch | None
    centers: ComponentBatch | None
    rotation_axis_angles: ComponentBatch | None
    quaternions: ComponentBatch | None
    colors: ComponentBatch | None
    line_radii: ComponentBatch | None
    fill_mode: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        lengths: NumbersLike | None = None,
        radii: NumbersLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_lengths() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angles() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_line_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_fill_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class DepthImage(Archetype):
    """DepthImage, as Rerun has it: buffer, format, meter, colormap, depth_range, point_fill_ratio, draw_order, magnification_filter."""

    buffer: ComponentBatch | None
    format: ComponentBatch | None
    meter: ComponentBatch | None
    colormap: ComponentBatch | None
    depth_range: ComponentBatch | None
    point_fill_ratio: ComponentBatch | None
    draw_order: ComponentBatch | None
    magnification_filter: ComponentBatch | None
    def __init__(
        self,
        image: ImageLike,
        *,
        meter: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
        depth_range: VectorLike | None = None,
        point_fill_ratio: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        magnification_filter: MagnificationFilter | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        meter: NumbersLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
        depth_range: VectorsLike | None = None,
        point_fill_ratio: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        meter: NumbersLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
        depth_range: VectorsLike | None = None,
        point_fill_ratio: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_buffer() -> Descriptor: ...
    @staticmethod
    def descriptor_format() -> Descriptor: ...
    @staticmethod
    def descriptor_meter() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...
    @staticmethod
    def descriptor_depth_range() -> Descriptor: ...
    @staticmethod
    def descriptor_point_fill_ratio() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_magnification_filter() -> Descriptor: ...
    def image_format(self) -> ImageFormat: ...
    def as_pil_image(self) -> Any: ...
    def compress(self, compress_level: int = 6) -> Any: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Ellipses2D(Archetype):
    """Ellipses2D, as Rerun has it: half_sizes, centers, colors, line_radii, labels, show_labels, draw_order, class_ids."""

    half_sizes: ComponentBatch | None
    centers: ComponentBatch | None
    colors: ComponentBatch | None
    line_radii: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    draw_order: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        line_radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_half_sizes() -> Descriptor: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_line_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Ellipsoids3D(Archetype):
    """Ellipsoids3D, as Rerun has it: half_sizes, centers, rotation_axis_angles, quaternions, colors, line_radii, fill_mode, labels, show_labels, class_ids."""

    half_sizes: ComponentBatch | None
    centers: ComponentBatch | None
    rotation_axis_angles: ComponentBatch | None
    quaternions: ComponentBatch | None
    colors: ComponentBatch | None
    line_radii: ComponentBatch | None
    fill_mode: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        half_sizes: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        half_sizes: VectorsLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: FillMode | str | int | Sequence[FillMode | str | int] | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_half_sizes() -> Descriptor: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angles() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_line_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_fill_mode() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class EncodedDepthImage(Archetype):
    """EncodedDepthImage, as Rerun has it: blob, media_type, meter, colormap, depth_range, point_fill_ratio, draw_order, magnification_filter."""

    blob: ComponentBatch | None
    media_type: ComponentBatch | None
    meter: ComponentBatch | None
    colormap: ComponentBatch | None
    depth_range: ComponentBatch | None
    point_fill_ratio: ComponentBatch | None
    draw_order: ComponentBatch | None
    magnification_filter: ComponentBatch | None
    def __init__(
        self,
        blob: BlobLike,
        *,
        media_type: TextLike | None = None,
        meter: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
        depth_range: VectorLike | None = None,
        point_fill_ratio: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        magnification_filter: MagnificationFilter | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        blob: BlobLike | None = None,
        media_type: TextLike | None = None,
        meter: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
        depth_range: VectorLike | None = None,
        point_fill_ratio: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        magnification_filter: MagnificationFilter | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
        meter: NumbersLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
        depth_range: VectorsLike | None = None,
        point_fill_ratio: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_blob() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    @staticmethod
    def descriptor_meter() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...
    @staticmethod
    def descriptor_depth_range() -> Descriptor: ...
    @staticmethod
    def descriptor_point_fill_ratio() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_magnification_filter() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class EncodedImage(Archetype):
    """EncodedImage, as Rerun has it: blob, media_type, opacity, draw_order, magnification_filter."""

    blob: ComponentBatch | None
    media_type: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    magnification_filter: ComponentBatch | None
    def __init__(
        self,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: TextLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        magnification_filter: MagnificationFilter | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        blob: BlobsLike | None = None,
        media_type: TextsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_blob() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_magnification_filter() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GaussianSplats3D(Archetype):
    """GaussianSplats3D, as Rerun has it: centers, scales, quaternions, colors, sh_coefficients, spherical_harmonics_degree."""

    centers: ComponentBatch | None
    scales: ComponentBatch | None
    quaternions: ComponentBatch | None
    colors: ComponentBatch | None
    sh_coefficients: ComponentBatch | None
    spherical_harmonics_degree: ComponentBatch | None
    def __init__(
        self,
        centers: VectorsLike,
        *,
        scales: VectorsLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        sh_coefficients: VectorsLike | None = None,
        spherical_harmonics_degree: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        centers: VectorsLike | None = None,
        scales: VectorsLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        sh_coefficients: VectorsLike | None = None,
        spherical_harmonics_degree: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        centers: VectorsLike | None = None,
        scales: VectorsLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        sh_coefficients: VectorsLike | None = None,
        spherical_harmonics_degree: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_centers() -> Descriptor: ...
    @staticmethod
    def descriptor_scales() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_sh_coefficients() -> Descriptor: ...
    @staticmethod
    def descriptor_spherical_harmonics_degree() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GeoLineStrings(Archetype):
    """GeoLineStrings, as Rerun has it: line_strings, radii, colors."""

    line_strings: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    def __init__(
        self,
        *,
        lat_lon: StripsLike,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        line_strings: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        line_strings: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_line_strings() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GeoPoints(Archetype):
    """GeoPoints, as Rerun has it: positions, radii, colors, class_ids."""

    positions: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        lat_lon: VectorsLike,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_positions() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GraphEdges(Archetype):
    """GraphEdges, as Rerun has it: edges, graph_type."""

    edges: ComponentBatch | None
    graph_type: ComponentBatch | None
    def __init__(self, edges: Any, *, graph_type: GraphType | str | int | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        edges: Any = None,
        graph_type: GraphType | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        edges: Any = None,
        graph_type: GraphType | str | int | Sequence[GraphType | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_edges() -> Descriptor: ...
    @staticmethod
    def descriptor_graph_type() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GraphNodes(Archetype):
    """GraphNodes, as Rerun has it: node_ids, positions, colors, labels, show_labels, radii."""

    node_ids: ComponentBatch | None
    positions: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    radii: ComponentBatch | None
    def __init__(
        self,
        node_ids: TextsLike,
        *,
        positions: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        radii: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        node_ids: TextsLike | None = None,
        positions: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        radii: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        node_ids: TextsLike | None = None,
        positions: VectorsLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        radii: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_node_ids() -> Descriptor: ...
    @staticmethod
    def descriptor_positions() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class GridMap(Archetype):
    """GridMap, as Rerun has it: data, format, cell_size, translation, rotation_axis_angle, quaternion, opacity, draw_order, colormap."""

    data: ComponentBatch | None
    format: ComponentBatch | None
    cell_size: ComponentBatch | None
    translation: ComponentBatch | None
    rotation_axis_angle: ComponentBatch | None
    quaternion: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    colormap: ComponentBatch | None
    def __init__(
        self,
        *,
        data: BlobLike,
        format: FormatLike,
        cell_size: NumberLike,
        translation: VectorLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        data: BlobLike | None = None,
        format: FormatLike | None = None,
        cell_size: NumberLike | None = None,
        translation: VectorLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        data: BlobsLike | None = None,
        format: FormatsLike | None = None,
        cell_size: NumbersLike | None = None,
        translation: VectorsLike | None = None,
        rotation_axis_angle: AxisAnglesLike | None = None,
        quaternion: QuaternionsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_data() -> Descriptor: ...
    @staticmethod
    def descriptor_format() -> Descriptor: ...
    @staticmethod
    def descriptor_cell_size() -> Descriptor: ...
    @staticmethod
    def descriptor_translation() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angle() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternion() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...

class Image(Archetype):
    """Image, as Rerun has it: buffer, format, opacity, draw_order, magnification_filter."""

    buffer: ComponentBatch | None
    format: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    magnification_filter: ComponentBatch | None
    def __init__(
        self,
        image: ImageLike | None = None,
        color_model: ColorModel | str | None = None,
        *,
        pixel_format: PixelFormat | str | None = None,
        datatype: ChannelDatatype | type | str | None = None,
        bytes: Any = None,
        width: int | None = None,
        height: int | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
        magnification_filter: MagnificationFilter | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
        magnification_filter: MagnificationFilter | str | int | Sequence[MagnificationFilter | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_buffer() -> Descriptor: ...
    @staticmethod
    def descriptor_format() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_magnification_filter() -> Descriptor: ...
    def image_format(self) -> ImageFormat: ...
    def as_pil_image(self) -> Any: ...
    def compress(self, jpeg_quality: int = 95) -> Any: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class InstancePoses3D(Archetype):
    """InstancePoses3D, as Rerun has it: translations, rotation_axis_angles, quaternions, scales, mat3x3."""

    translations: ComponentBatch | None
    rotation_axis_angles: ComponentBatch | None
    quaternions: ComponentBatch | None
    scales: ComponentBatch | None
    mat3x3: ComponentBatch | None
    def __init__(
        self,
        *,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        scales: VectorsLike | None = None,
        mat3x3: MatricesLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        scales: VectorsLike | None = None,
        mat3x3: MatricesLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        translations: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        scales: VectorsLike | None = None,
        mat3x3: MatricesLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_translations() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angles() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternions() -> Descriptor: ...
    @staticmethod
    def descriptor_scales() -> Descriptor: ...
    @staticmethod
    def descriptor_mat3x3() -> Descriptor: ...

class LineStrips2D(Archetype):
    """LineStrips2D, as Rerun has it: strips, radii, colors, labels, show_labels, draw_order, class_ids."""

    strips: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    draw_order: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        strips: StripsLike,
        *,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumberLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        strips: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumberLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        strips: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_strips() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class LineStrips3D(Archetype):
    """LineStrips3D, as Rerun has it: strips, radii, colors, labels, show_labels, class_ids."""

    strips: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        strips: StripsLike,
        *,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        strips: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        strips: StripsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_strips() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class McapChannel(Archetype):
    """McapChannel, as Rerun has it: id, topic, message_encoding, metadata."""

    id: ComponentBatch | None
    topic: ComponentBatch | None
    message_encoding: ComponentBatch | None
    metadata: ComponentBatch | None
    def __init__(
        self,
        *,
        id: NumberLike,
        topic: TextLike,
        message_encoding: TextLike,
        metadata: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        id: NumberLike | None = None,
        topic: TextLike | None = None,
        message_encoding: TextLike | None = None,
        metadata: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        id: NumbersLike | None = None,
        topic: TextsLike | None = None,
        message_encoding: TextsLike | None = None,
        metadata: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_id() -> Descriptor: ...
    @staticmethod
    def descriptor_topic() -> Descriptor: ...
    @staticmethod
    def descriptor_message_encoding() -> Descriptor: ...
    @staticmethod
    def descriptor_metadata() -> Descriptor: ...

class McapMessage(Archetype):
    """McapMessage, as Rerun has it: data."""

    data: ComponentBatch | None
    def __init__(self, data: BlobLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, data: BlobLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, data: BlobsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_data() -> Descriptor: ...

class McapSchema(Archetype):
    """McapSchema, as Rerun has it: id, name, encoding, data."""

    id: ComponentBatch | None
    name: ComponentBatch | None
    encoding: ComponentBatch | None
    data: ComponentBatch | None
    def __init__(self, *, id: NumberLike, name: TextLike, encoding: TextLike, data: BlobLike) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        id: NumberLike | None = None,
        name: TextLike | None = None,
        encoding: TextLike | None = None,
        data: BlobLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        id: NumbersLike | None = None,
        name: TextsLike | None = None,
        encoding: TextsLike | None = None,
        data: BlobsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_id() -> Descriptor: ...
    @staticmethod
    def descriptor_name() -> Descriptor: ...
    @staticmethod
    def descriptor_encoding() -> Descriptor: ...
    @staticmethod
    def descriptor_data() -> Descriptor: ...

class McapStatistics(Archetype):
    """McapStatistics, as Rerun has it: message_count, schema_count, channel_count, attachment_count, metadata_count, chunk_count, message_start_time, message_end_time, channel_message_counts."""

    message_count: ComponentBatch | None
    schema_count: ComponentBatch | None
    channel_count: ComponentBatch | None
    attachment_count: ComponentBatch | None
    metadata_count: ComponentBatch | None
    chunk_count: ComponentBatch | None
    message_start_time: ComponentBatch | None
    message_end_time: ComponentBatch | None
    channel_message_counts: ComponentBatch | None
    def __init__(
        self,
        *,
        message_count: NumberLike,
        schema_count: NumberLike,
        channel_count: NumberLike,
        attachment_count: NumberLike,
        metadata_count: NumberLike,
        chunk_count: NumberLike,
        message_start_time: NumberLike,
        message_end_time: NumberLike,
        channel_message_counts: Any = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        message_count: NumberLike | None = None,
        schema_count: NumberLike | None = None,
        channel_count: NumberLike | None = None,
        attachment_count: NumberLike | None = None,
        metadata_count: NumberLike | None = None,
        chunk_count: NumberLike | None = None,
        message_start_time: NumberLike | None = None,
        message_end_time: NumberLike | None = None,
        channel_message_counts: Any = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        message_count: NumbersLike | None = None,
        schema_count: NumbersLike | None = None,
        channel_count: NumbersLike | None = None,
        attachment_count: NumbersLike | None = None,
        metadata_count: NumbersLike | None = None,
        chunk_count: NumbersLike | None = None,
        message_start_time: NumbersLike | None = None,
        message_end_time: NumbersLike | None = None,
        channel_message_counts: Any = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_message_count() -> Descriptor: ...
    @staticmethod
    def descriptor_schema_count() -> Descriptor: ...
    @staticmethod
    def descriptor_channel_count() -> Descriptor: ...
    @staticmethod
    def descriptor_attachment_count() -> Descriptor: ...
    @staticmethod
    def descriptor_metadata_count() -> Descriptor: ...
    @staticmethod
    def descriptor_chunk_count() -> Descriptor: ...
    @staticmethod
    def descriptor_message_start_time() -> Descriptor: ...
    @staticmethod
    def descriptor_message_end_time() -> Descriptor: ...
    @staticmethod
    def descriptor_channel_message_counts() -> Descriptor: ...

class Measurements(Archetype):
    """Measurements, as Rerun has it: values, variances, units, colors, widths, names, visible_series, aggregation_policy, interpolation_mode."""

    values: ComponentBatch | None
    variances: ComponentBatch | None
    units: ComponentBatch | None
    colors: ComponentBatch | None
    widths: ComponentBatch | None
    names: ComponentBatch | None
    visible_series: ComponentBatch | None
    aggregation_policy: ComponentBatch | None
    interpolation_mode: ComponentBatch | None
    def __init__(
        self,
        values: NumbersLike,
        *,
        variances: NumbersLike | None = None,
        units: TextsLike | None = None,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | None = None,
        interpolation_mode: InterpolationMode | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        values: NumbersLike | None = None,
        variances: NumbersLike | None = None,
        units: TextsLike | None = None,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | None = None,
        interpolation_mode: InterpolationMode | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        values: NumbersLike | None = None,
        variances: NumbersLike | None = None,
        units: TextsLike | None = None,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | Sequence[AggregationPolicy | str | int] | None = None,
        interpolation_mode: InterpolationMode | str | int | Sequence[InterpolationMode | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_values() -> Descriptor: ...
    @staticmethod
    def descriptor_variances() -> Descriptor: ...
    @staticmethod
    def descriptor_units() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_widths() -> Descriptor: ...
    @staticmethod
    def descriptor_names() -> Descriptor: ...
    @staticmethod
    def descriptor_visible_series() -> Descriptor: ...
    @staticmethod
    def descriptor_aggregation_policy() -> Descriptor: ...
    @staticmethod
    def descriptor_interpolation_mode() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Mesh3D(Archetype):
    """Mesh3D, as Rerun has it: vertex_positions, triangle_indices, vertex_normals, vertex_colors, vertex_texcoords, albedo_factor, face_rendering, albedo_texture_buffer, albedo_texture_format, class_ids."""

    vertex_positions: ComponentBatch | None
    triangle_indices: ComponentBatch | None
    vertex_normals: ComponentBatch | None
    vertex_colors: ComponentBatch | None
    vertex_texcoords: ComponentBatch | None
    albedo_factor: ComponentBatch | None
    face_rendering: ComponentBatch | None
    albedo_texture_buffer: ComponentBatch | None
    albedo_texture_format: ComponentBatch | None
    class_ids: ComponentBatch | None
    def __init__(
        self,
        *,
        vertex_positions: VectorsLike,
        triangle_indices: VectorsLike | None = None,
        vertex_normals: VectorsLike | None = None,
        vertex_colors: ColorsLike | None = None,
        vertex_texcoords: VectorsLike | None = None,
        albedo_texture: ImageLike | None = None,
        albedo_factor: ColorLike | None = None,
        face_rendering: MeshFaceRendering | str | int | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        vertex_positions: VectorsLike | None = None,
        triangle_indices: VectorsLike | None = None,
        vertex_normals: VectorsLike | None = None,
        vertex_colors: ColorsLike | None = None,
        vertex_texcoords: VectorsLike | None = None,
        albedo_factor: ColorsLike | None = None,
        face_rendering: MeshFaceRendering | str | int | Sequence[MeshFaceRendering | str | int] | None = None,
        albedo_texture_buffer: BlobsLike | None = None,
        albedo_texture_format: FormatsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        vertex_positions: VectorsLike | None = None,
        triangle_indices: VectorsLike | None = None,
        vertex_normals: VectorsLike | None = None,
        vertex_colors: ColorsLike | None = None,
        vertex_texcoords: VectorsLike | None = None,
        albedo_factor: ColorsLike | None = None,
        face_rendering: MeshFaceRendering | str | int | Sequence[MeshFaceRendering | str | int] | None = None,
        albedo_texture_buffer: BlobsLike | None = None,
        albedo_texture_format: FormatsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_vertex_positions() -> Descriptor: ...
    @staticmethod
    def descriptor_triangle_indices() -> Descriptor: ...
    @staticmethod
    def descriptor_vertex_normals() -> Descriptor: ...
    @staticmethod
    def descriptor_vertex_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_vertex_texcoords() -> Descriptor: ...
    @staticmethod
    def descriptor_albedo_factor() -> Descriptor: ...
    @staticmethod
    def descriptor_face_rendering() -> Descriptor: ...
    @staticmethod
    def descriptor_albedo_texture_buffer() -> Descriptor: ...
    @staticmethod
    def descriptor_albedo_texture_format() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Pinhole(Archetype):
    """Pinhole, as Rerun has it: image_from_camera, resolution, camera_xyz, child_frame, parent_frame, image_plane_distance, color, line_width."""

    image_from_camera: ComponentBatch | None
    resolution: ComponentBatch | None
    camera_xyz: ComponentBatch | None
    child_frame: ComponentBatch | None
    parent_frame: ComponentBatch | None
    image_plane_distance: ComponentBatch | None
    color: ComponentBatch | None
    line_width: ComponentBatch | None
    def __init__(
        self,
        *,
        image_from_camera: MatrixLike | None = None,
        resolution: VectorLike | None = None,
        camera_xyz: DirectionsLike | None = None,
        width: float | None = None,
        height: float | None = None,
        focal_length: NumberLike | VectorLike | None = None,
        principal_point: VectorLike | None = None,
        fov_y: float | None = None,
        aspect_ratio: float | None = None,
        child_frame: TextLike | None = None,
        parent_frame: TextLike | None = None,
        image_plane_distance: NumberLike | None = None,
        color: ColorLike | None = None,
        line_width: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        image_from_camera: MatricesLike | None = None,
        resolution: VectorsLike | None = None,
        camera_xyz: DirectionsLike | None = None,
        child_frame: TextsLike | None = None,
        parent_frame: TextsLike | None = None,
        image_plane_distance: NumbersLike | None = None,
        color: ColorsLike | None = None,
        line_width: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        image_from_camera: MatricesLike | None = None,
        resolution: VectorsLike | None = None,
        camera_xyz: DirectionsLike | None = None,
        child_frame: TextsLike | None = None,
        parent_frame: TextsLike | None = None,
        image_plane_distance: NumbersLike | None = None,
        color: ColorsLike | None = None,
        line_width: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_image_from_camera() -> Descriptor: ...
    @staticmethod
    def descriptor_resolution() -> Descriptor: ...
    @staticmethod
    def descriptor_camera_xyz() -> Descriptor: ...
    @staticmethod
    def descriptor_child_frame() -> Descriptor: ...
    @staticmethod
    def descriptor_parent_frame() -> Descriptor: ...
    @staticmethod
    def descriptor_image_plane_distance() -> Descriptor: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...
    @staticmethod
    def descriptor_line_width() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Points2D(Archetype):
    """Points2D, as Rerun has it: positions, radii, colors, labels, show_labels, draw_order, class_ids, keypoint_ids."""

    positions: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    draw_order: ComponentBatch | None
    class_ids: ComponentBatch | None
    keypoint_ids: ComponentBatch | None
    def __init__(
        self,
        positions: VectorsLike,
        *,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        draw_order: NumbersLike | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_positions() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    @staticmethod
    def descriptor_keypoint_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Points3D(Archetype):
    """Points3D, as Rerun has it: positions, radii, colors, labels, show_labels, point_shading, class_ids, keypoint_ids."""

    positions: ComponentBatch | None
    radii: ComponentBatch | None
    colors: ComponentBatch | None
    labels: ComponentBatch | None
    show_labels: ComponentBatch | None
    point_shading: ComponentBatch | None
    class_ids: ComponentBatch | None
    keypoint_ids: ComponentBatch | None
    def __init__(
        self,
        positions: VectorsLike,
        *,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        point_shading: PointShading | str | int | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        point_shading: PointShading | str | int | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        positions: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        labels: TextsLike | None = None,
        show_labels: FlagsLike | None = None,
        point_shading: PointShading | str | int | Sequence[PointShading | str | int] | None = None,
        class_ids: NumbersLike | None = None,
        keypoint_ids: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_positions() -> Descriptor: ...
    @staticmethod
    def descriptor_radii() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_show_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_point_shading() -> Descriptor: ...
    @staticmethod
    def descriptor_class_ids() -> Descriptor: ...
    @staticmethod
    def descriptor_keypoint_ids() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class RecordingInfo(Archetype):
    """RecordingInfo, as Rerun has it: start_time, name."""

    start_time: ComponentBatch | None
    name: ComponentBatch | None
    def __init__(self, *, start_time: NumberLike | None = None, name: TextLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        start_time: NumberLike | None = None,
        name: TextLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        start_time: NumbersLike | None = None,
        name: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_start_time() -> Descriptor: ...
    @staticmethod
    def descriptor_name() -> Descriptor: ...

class Scalars(Archetype):
    """Scalars, as Rerun has it: scalars."""

    scalars: ComponentBatch | None
    def __init__(self, scalars: NumbersLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, scalars: NumbersLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, scalars: NumbersLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_scalars() -> Descriptor: ...

class SegmentationImage(Archetype):
    """SegmentationImage, as Rerun has it: buffer, format, opacity, draw_order."""

    buffer: ComponentBatch | None
    format: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    def __init__(
        self,
        image: ImageLike,
        *,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        buffer: BlobsLike | None = None,
        format: FormatsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_buffer() -> Descriptor: ...
    @staticmethod
    def descriptor_format() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class SeriesLines(Archetype):
    """SeriesLines, as Rerun has it: colors, widths, names, visible_series, aggregation_policy, interpolation_mode."""

    colors: ComponentBatch | None
    widths: ComponentBatch | None
    names: ComponentBatch | None
    visible_series: ComponentBatch | None
    aggregation_policy: ComponentBatch | None
    interpolation_mode: ComponentBatch | None
    def __init__(
        self,
        *,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | None = None,
        interpolation_mode: InterpolationMode | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | None = None,
        interpolation_mode: InterpolationMode | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        colors: ColorsLike | None = None,
        widths: NumbersLike | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        aggregation_policy: AggregationPolicy | str | int | Sequence[AggregationPolicy | str | int] | None = None,
        interpolation_mode: InterpolationMode | str | int | Sequence[InterpolationMode | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_widths() -> Descriptor: ...
    @staticmethod
    def descriptor_names() -> Descriptor: ...
    @staticmethod
    def descriptor_visible_series() -> Descriptor: ...
    @staticmethod
    def descriptor_aggregation_policy() -> Descriptor: ...
    @staticmethod
    def descriptor_interpolation_mode() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class SeriesPoints(Archetype):
    """SeriesPoints, as Rerun has it: colors, markers, names, visible_series, marker_sizes."""

    colors: ComponentBatch | None
    markers: ComponentBatch | None
    names: ComponentBatch | None
    visible_series: ComponentBatch | None
    marker_sizes: ComponentBatch | None
    def __init__(
        self,
        *,
        colors: ColorsLike | None = None,
        markers: MarkerShape | str | int | Sequence[MarkerShape | str | int] | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        marker_sizes: NumbersLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        colors: ColorsLike | None = None,
        markers: MarkerShape | str | int | Sequence[MarkerShape | str | int] | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        marker_sizes: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        colors: ColorsLike | None = None,
        markers: MarkerShape | str | int | Sequence[MarkerShape | str | int] | None = None,
        names: TextsLike | None = None,
        visible_series: FlagsLike | None = None,
        marker_sizes: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_markers() -> Descriptor: ...
    @staticmethod
    def descriptor_names() -> Descriptor: ...
    @staticmethod
    def descriptor_visible_series() -> Descriptor: ...
    @staticmethod
    def descriptor_marker_sizes() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class StateChange(Archetype):
    """StateChange, as Rerun has it: state."""

    state: ComponentBatch | None
    def __init__(self, *, state: TextsLike | None = None) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, state: TextsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, state: TextsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_state() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class StateConfiguration(Archetype):
    """StateConfiguration, as Rerun has it: values, labels, colors, visible."""

    values: ComponentBatch | None
    labels: ComponentBatch | None
    colors: ComponentBatch | None
    visible: ComponentBatch | None
    def __init__(
        self,
        *,
        values: TextsLike | None = None,
        labels: TextsLike | None = None,
        colors: ColorsLike | None = None,
        visible: FlagsLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        values: TextsLike | None = None,
        labels: TextsLike | None = None,
        colors: ColorsLike | None = None,
        visible: FlagsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        values: TextsLike | None = None,
        labels: TextsLike | None = None,
        colors: ColorsLike | None = None,
        visible: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_values() -> Descriptor: ...
    @staticmethod
    def descriptor_labels() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_visible() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Tensor(Archetype):
    """Tensor, as Rerun has it: data, value_range."""

    data: ComponentBatch | None
    value_range: ComponentBatch | None
    def __init__(
        self,
        data: Any = None,
        *,
        dim_names: Sequence[str] | None = None,
        value_range: VectorLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        data: Any = None,
        value_range: VectorsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(cls, *, data: Any = None, value_range: VectorsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_data() -> Descriptor: ...
    @staticmethod
    def descriptor_value_range() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class TextDocument(Archetype):
    """TextDocument, as Rerun has it: text, media_type."""

    text: ComponentBatch | None
    media_type: ComponentBatch | None
    def __init__(self, text: TextLike, *, media_type: TextLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        text: TextLike | None = None,
        media_type: TextLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        text: TextsLike | None = None,
        media_type: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_text() -> Descriptor: ...
    @staticmethod
    def descriptor_media_type() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class TextLog(Archetype):
    """TextLog, as Rerun has it: text, level, color."""

    text: ComponentBatch | None
    level: ComponentBatch | None
    color: ComponentBatch | None
    def __init__(
        self,
        text: TextLike,
        *,
        level: TextLike | None = None,
        color: ColorLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        text: TextLike | None = None,
        level: TextLike | None = None,
        color: ColorLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        text: TextsLike | None = None,
        level: TextsLike | None = None,
        color: ColorsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_text() -> Descriptor: ...
    @staticmethod
    def descriptor_level() -> Descriptor: ...
    @staticmethod
    def descriptor_color() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class Transform3D(Archetype):
    """Transform3D, as Rerun has it: translation, rotation_axis_angle, quaternion, scale, mat3x3, relation, child_frame, parent_frame."""

    translation: ComponentBatch | None
    rotation_axis_angle: ComponentBatch | None
    quaternion: ComponentBatch | None
    scale: ComponentBatch | None
    mat3x3: ComponentBatch | None
    relation: ComponentBatch | None
    child_frame: ComponentBatch | None
    parent_frame: ComponentBatch | None
    def __init__(
        self,
        *,
        translation: VectorLike | None = None,
        rotation: RotationLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        scale: NumberLike | VectorLike | None = None,
        mat3x3: MatrixLike | None = None,
        from_parent: bool | None = None,
        relation: TransformRelation | str | int | None = None,
        child_frame: TextLike | None = None,
        parent_frame: TextLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        translation: VectorsLike | None = None,
        rotation_axis_angle: AxisAnglesLike | None = None,
        quaternion: QuaternionsLike | None = None,
        scale: VectorsLike | None = None,
        mat3x3: MatricesLike | None = None,
        relation: TransformRelation | str | int | Sequence[TransformRelation | str | int] | None = None,
        child_frame: TextsLike | None = None,
        parent_frame: TextsLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        translation: VectorsLike | None = None,
        rotation_axis_angle: AxisAnglesLike | None = None,
        quaternion: QuaternionsLike | None = None,
        scale: VectorsLike | None = None,
        mat3x3: MatricesLike | None = None,
        relation: TransformRelation | str | int | Sequence[TransformRelation | str | int] | None = None,
        child_frame: TextsLike | None = None,
        parent_frame: TextsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_translation() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angle() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternion() -> Descriptor: ...
    @staticmethod
    def descriptor_scale() -> Descriptor: ...
    @staticmethod
    def descriptor_mat3x3() -> Descriptor: ...
    @staticmethod
    def descriptor_relation() -> Descriptor: ...
    @staticmethod
    def descriptor_child_frame() -> Descriptor: ...
    @staticmethod
    def descriptor_parent_frame() -> Descriptor: ...

class TransformAxes3D(Archetype):
    """TransformAxes3D, as Rerun has it: axis_length, show_frame."""

    axis_length: ComponentBatch | None
    show_frame: ComponentBatch | None
    def __init__(self, axis_length: NumberLike, *, show_frame: FlagLike | None = None) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        axis_length: NumberLike | None = None,
        show_frame: FlagLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        axis_length: NumbersLike | None = None,
        show_frame: FlagsLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_axis_length() -> Descriptor: ...
    @staticmethod
    def descriptor_show_frame() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class VideoFrameReference(Archetype):
    """VideoFrameReference, as Rerun has it: timestamp, video_reference, opacity, draw_order."""

    timestamp: ComponentBatch | None
    video_reference: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    def __init__(
        self,
        timestamp: NumberLike | None = None,
        *,
        seconds: float | None = None,
        nanoseconds: int | None = None,
        video_reference: TextLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        timestamp: NumbersLike | None = None,
        video_reference: TextsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        timestamp: NumbersLike | None = None,
        video_reference: TextsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_timestamp() -> Descriptor: ...
    @staticmethod
    def descriptor_video_reference() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class VideoStream(Archetype):
    """VideoStream, as Rerun has it: codec, sample, is_keyframe, opacity, draw_order."""

    codec: ComponentBatch | None
    sample: ComponentBatch | None
    is_keyframe: ComponentBatch | None
    opacity: ComponentBatch | None
    draw_order: ComponentBatch | None
    def __init__(
        self,
        codec: VideoCodec | str | int,
        *,
        sample: BlobLike | None = None,
        is_keyframe: FlagLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        codec: VideoCodec | str | int | None = None,
        sample: BlobLike | None = None,
        is_keyframe: FlagLike | None = None,
        opacity: NumberLike | None = None,
        draw_order: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        codec: VideoCodec | str | int | Sequence[VideoCodec | str | int] | None = None,
        sample: BlobsLike | None = None,
        is_keyframe: FlagsLike | None = None,
        opacity: NumbersLike | None = None,
        draw_order: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_codec() -> Descriptor: ...
    @staticmethod
    def descriptor_sample() -> Descriptor: ...
    @staticmethod
    def descriptor_is_keyframe() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_draw_order() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class ViewCoordinates(Archetype):
    """ViewCoordinates, as Rerun has it: xyz."""

    xyz: ComponentBatch | None
    def __init__(self, xyz: DirectionsLike) -> None: ...
    @classmethod
    def from_fields(cls, *, clear_unset: bool = False, xyz: DirectionsLike | None = None) -> Self: ...
    @classmethod
    def columns(cls, *, xyz: DirectionsLike | None = None) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_xyz() -> Descriptor: ...
    RUF: ClassVar[ViewCoordinates]
    RUB: ClassVar[ViewCoordinates]
    RDF: ClassVar[ViewCoordinates]
    RDB: ClassVar[ViewCoordinates]
    LUF: ClassVar[ViewCoordinates]
    LUB: ClassVar[ViewCoordinates]
    LDF: ClassVar[ViewCoordinates]
    LDB: ClassVar[ViewCoordinates]
    RFU: ClassVar[ViewCoordinates]
    RFD: ClassVar[ViewCoordinates]
    RBU: ClassVar[ViewCoordinates]
    RBD: ClassVar[ViewCoordinates]
    LFU: ClassVar[ViewCoordinates]
    LFD: ClassVar[ViewCoordinates]
    LBU: ClassVar[ViewCoordinates]
    LBD: ClassVar[ViewCoordinates]
    URF: ClassVar[ViewCoordinates]
    URB: ClassVar[ViewCoordinates]
    ULF: ClassVar[ViewCoordinates]
    ULB: ClassVar[ViewCoordinates]
    DRF: ClassVar[ViewCoordinates]
    DRB: ClassVar[ViewCoordinates]
    DLF: ClassVar[ViewCoordinates]
    DLB: ClassVar[ViewCoordinates]
    UFR: ClassVar[ViewCoordinates]
    UFL: ClassVar[ViewCoordinates]
    UBR: ClassVar[ViewCoordinates]
    UBL: ClassVar[ViewCoordinates]
    DFR: ClassVar[ViewCoordinates]
    DFL: ClassVar[ViewCoordinates]
    DBR: ClassVar[ViewCoordinates]
    DBL: ClassVar[ViewCoordinates]
    FRU: ClassVar[ViewCoordinates]
    FRD: ClassVar[ViewCoordinates]
    FLU: ClassVar[ViewCoordinates]
    FLD: ClassVar[ViewCoordinates]
    BRU: ClassVar[ViewCoordinates]
    BRD: ClassVar[ViewCoordinates]
    BLU: ClassVar[ViewCoordinates]
    BLD: ClassVar[ViewCoordinates]
    FUR: ClassVar[ViewCoordinates]
    FUL: ClassVar[ViewCoordinates]
    FDR: ClassVar[ViewCoordinates]
    FDL: ClassVar[ViewCoordinates]
    BUR: ClassVar[ViewCoordinates]
    BUL: ClassVar[ViewCoordinates]
    BDR: ClassVar[ViewCoordinates]
    BDL: ClassVar[ViewCoordinates]
    RIGHT_HAND_X_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_X_DOWN: ClassVar[ViewCoordinates]
    RIGHT_HAND_Y_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_Y_DOWN: ClassVar[ViewCoordinates]
    RIGHT_HAND_Z_UP: ClassVar[ViewCoordinates]
    RIGHT_HAND_Z_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_X_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_X_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_Y_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_Y_DOWN: ClassVar[ViewCoordinates]
    LEFT_HAND_Z_UP: ClassVar[ViewCoordinates]
    LEFT_HAND_Z_DOWN: ClassVar[ViewCoordinates]
    @property
    def coordinates(self) -> list[Any]: ...

class Volume3D(Archetype):
    """Volume3D, as Rerun has it: values, voxel_size, translation, quaternion, value_range, gamma, colormap, optical_density."""

    values: ComponentBatch | None
    voxel_size: ComponentBatch | None
    translation: ComponentBatch | None
    quaternion: ComponentBatch | None
    value_range: ComponentBatch | None
    gamma: ComponentBatch | None
    colormap: ComponentBatch | None
    optical_density: ComponentBatch | None
    def __init__(
        self,
        values: Any,
        *,
        voxel_size: VectorLike | None = None,
        translation: VectorLike | None = None,
        quaternion: QuaternionLike | None = None,
        value_range: VectorLike | None = None,
        gamma: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
        optical_density: NumberLike | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        values: Any = None,
        voxel_size: VectorLike | None = None,
        translation: VectorLike | None = None,
        quaternion: QuaternionLike | None = None,
        value_range: VectorLike | None = None,
        gamma: NumberLike | None = None,
        colormap: Colormap | str | int | None = None,
        optical_density: NumberLike | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        values: Any = None,
        voxel_size: VectorsLike | None = None,
        translation: VectorsLike | None = None,
        quaternion: QuaternionsLike | None = None,
        value_range: VectorsLike | None = None,
        gamma: NumbersLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
        optical_density: NumbersLike | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_values() -> Descriptor: ...
    @staticmethod
    def descriptor_voxel_size() -> Descriptor: ...
    @staticmethod
    def descriptor_translation() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternion() -> Descriptor: ...
    @staticmethod
    def descriptor_value_range() -> Descriptor: ...
    @staticmethod
    def descriptor_gamma() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...
    @staticmethod
    def descriptor_optical_density() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...

class VoxelGridMap(Archetype):
    """VoxelGridMap, as Rerun has it: voxel_indices, voxel_size, values, colors, translation, rotation_axis_angle, quaternion, opacity, value_range, colormap."""

    voxel_indices: ComponentBatch | None
    voxel_size: ComponentBatch | None
    values: ComponentBatch | None
    colors: ComponentBatch | None
    translation: ComponentBatch | None
    rotation_axis_angle: ComponentBatch | None
    quaternion: ComponentBatch | None
    opacity: ComponentBatch | None
    value_range: ComponentBatch | None
    colormap: ComponentBatch | None
    def __init__(
        self,
        voxel_indices: VectorsLike,
        voxel_size: VectorLike,
        *,
        values: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        translation: VectorLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        opacity: NumberLike | None = None,
        value_range: VectorLike | None = None,
        colormap: Colormap | str | int | None = None,
    ) -> None: ...
    @classmethod
    def from_fields(
        cls,
        *,
        clear_unset: bool = False,
        voxel_indices: VectorsLike | None = None,
        voxel_size: VectorLike | None = None,
        values: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        translation: VectorLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        opacity: NumberLike | None = None,
        value_range: VectorLike | None = None,
        colormap: Colormap | str | int | None = None,
    ) -> Self: ...
    @classmethod
    def columns(
        cls,
        *,
        voxel_indices: VectorsLike | None = None,
        voxel_size: VectorsLike | None = None,
        values: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        translation: VectorsLike | None = None,
        rotation_axis_angle: AxisAnglesLike | None = None,
        quaternion: QuaternionsLike | None = None,
        opacity: NumbersLike | None = None,
        value_range: VectorsLike | None = None,
        colormap: Colormap | str | int | Sequence[Colormap | str | int] | None = None,
    ) -> ComponentColumnList: ...
    @staticmethod
    def descriptor_voxel_indices() -> Descriptor: ...
    @staticmethod
    def descriptor_voxel_size() -> Descriptor: ...
    @staticmethod
    def descriptor_values() -> Descriptor: ...
    @staticmethod
    def descriptor_colors() -> Descriptor: ...
    @staticmethod
    def descriptor_translation() -> Descriptor: ...
    @staticmethod
    def descriptor_rotation_axis_angle() -> Descriptor: ...
    @staticmethod
    def descriptor_quaternion() -> Descriptor: ...
    @staticmethod
    def descriptor_opacity() -> Descriptor: ...
    @staticmethod
    def descriptor_value_range() -> Descriptor: ...
    @staticmethod
    def descriptor_colormap() -> Descriptor: ...
    def visualizer(self, *, mappings: Sequence[Any] | None = None) -> Visualizer: ...
