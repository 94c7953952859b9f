"""Boxes and ellipsoids: half sizes and centers from sizes, corners and radii, as people have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.components.arrays import numbers_of
from rrsdk.components.box_format import Box2DFormat
from rrsdk.components.rotations import holds_axis_angles
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import (
        AxisAnglesLike,
        ColorsLike,
        FlagLike,
        NumbersLike,
        QuaternionsLike,
        TextsLike,
        VectorsLike,
    )
    from rrsdk.components.storage import Array

_FLOAT32 = np.dtype(np.float32)


class Boxes2DOwn:
    """What `Boxes2D` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
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
        draw_order: Any = None,
        class_ids: NumbersLike | None = None,
    ) -> None:
        try:
            if array is not None:
                if not sizes is mins is half_sizes is centers is None:
                    raise LogError("either `array`, or sizes and places", field="Boxes2D:array")
                half_sizes, centers = _of_format(numbers(array, "Boxes2D:array"), array_format)
            elif sizes is not None or mins is not None:
                if sizes is not None and half_sizes is not None:
                    raise LogError("either `sizes` or `half_sizes`", field="Boxes2D:half_sizes")
                if mins is not None and centers is not None:
                    raise LogError("either `mins` or `centers`", field="Boxes2D:centers")
                if sizes is None and half_sizes is None:
                    raise LogError("`mins` want `sizes` or `half_sizes`", field="Boxes2D:centers")
                half_sizes, centers = _of_sizes("Boxes2D", sizes, mins, half_sizes, centers)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Boxes2D:half_sizes")
            return
        self.set_fields(
            half_sizes, centers, colors, radii, labels, show_labels, draw_order, class_ids=class_ids
        )


def _of_format(array: Array, form: Any) -> tuple[Array, Array]:
    """Half sizes and centers of boxes that are four numbers each."""
    if form is None:
        raise LogError("`array` wants its `array_format`", field="Boxes2D:array")
    if not array.size:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2 or array.shape[1] < 4:
        raise LogError(f"four numbers a box expected, not shape {array.shape}", field="Boxes2D:array")
    return Box2DFormat(form).halves_and_centers(array[:, 0:2], array[:, 2:4])


class Boxes3DOwn:
    """What `Boxes3D` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
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
        fill_mode: Any = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None:
        try:
            if sizes is not None or mins is not None:
                if sizes is not None and half_sizes is not None:
                    _taken_instead("Boxes3D", "half_sizes", "sizes")
                if mins is not None and centers is not None:
                    _taken_instead("Boxes3D", "centers", "mins")
                if sizes is None and half_sizes is None:
                    complain(LogError("`mins` want `sizes` or `half_sizes`", field="Boxes3D:half_sizes"))
                    half_sizes = [1, 1, 1]
                half_sizes, centers = _of_sizes("Boxes3D", sizes, mins, half_sizes, centers)
            if rotations is not None:
                if quaternions is not None or rotation_axis_angles is not None:
                    complain(LogError("`rotations` are left out beside others", field="Boxes3D:rotations"))
                else:
                    rotation_axis_angles, quaternions = _rotations(rotations)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Boxes3D:half_sizes")
            return
        self.set_fields(
            half_sizes,
            centers,
            rotation_axis_angles,
            quaternions,
            colors,
            radii,
            fill_mode,
            labels,
            show_labels,
            class_ids,
        )


class Ellipsoids3DOwn:
    """What `Ellipsoids3D` does besides taking its fields: one radius a sphere."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        half_sizes: VectorsLike | None = None,
        radii: NumbersLike | None = None,
        centers: VectorsLike | None = None,
        rotation_axis_angles: AxisAnglesLike | None = None,
        quaternions: QuaternionsLike | None = None,
        colors: ColorsLike | None = None,
        line_radii: NumbersLike | None = None,
        fill_mode: Any = None,
        labels: TextsLike | None = None,
        show_labels: FlagLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None:
        try:
            if radii is not None:
                if half_sizes is not None:
                    _taken_instead("Ellipsoids3D", "half_sizes", "radii")
                one_each = numbers(radii, "Ellipsoids3D:half_sizes")
                if one_each.ndim != 1:
                    raise LogError("a sequence of `radii` expected", field="Ellipsoids3D:half_sizes")
                half_sizes = np.repeat(one_each[:, None], 3, axis=1)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Ellipsoids3D:half_sizes")
            return
        self.set_fields(
            half_sizes,
            centers,
            rotation_axis_angles,
            quaternions,
            colors,
            line_radii,
            fill_mode,
            labels,
            show_labels,
            class_ids,
        )


def _rotations(value: Any) -> tuple[Any, Any]:
    """Axes and angles, and quaternions; one of them empty."""
    return (value, []) if holds_axis_angles(value) else ([], value)


def numbers(value: Any, field: str) -> Array:
    """As floats of 32 bits, which is what Rerun calculates with."""
    with np.errstate(over="ignore"):
        return numbers_of(value, _FLOAT32, field, "numbers").astype(_FLOAT32, copy=False)


def _of_sizes(short: str, sizes: Any, mins: Any, half_sizes: Any, centers: Any) -> tuple[Any, Any]:
    if sizes is not None:
        half_sizes = numbers(sizes, f"{short}:half_sizes") / 2
    if mins is not None:
        half_sizes = numbers(half_sizes, f"{short}:half_sizes")
        centers = numbers(mins, f"{short}:centers") + half_sizes
    return half_sizes, centers


def _taken_instead(short: str, field: str, other: str) -> None:
    complain(LogError(f"`{other}` are taken instead", field=f"{short}:{field}"))
