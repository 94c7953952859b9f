"""Pinhole: a camera by its matrix, its focal length, or its field of view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.components.arrays import numbers_of, shown
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import MatrixLike, NumberLike, TextLike, VectorLike
    from rrsdk.components.storage import Array

_FLOAT32 = np.dtype(np.float32)
_NARROWEST = 1.19209e-07
"""Of half the field of view; less would be a division by nothing."""


class PinholeOwn:
    """What `Pinhole` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        image_from_camera: MatrixLike | None = None,
        resolution: VectorLike | None = None,
        camera_xyz: Any = None,
        width: float | None = None,
        height: float | None = None,
        focal_length: NumberLike | VectorLike | None = None,
        principal_point: VectorLike | None = None,
        fov_y: float | None = None,
        aspect_ratio: float | None = None,
        child_frame: TextLike | None = None,
        parent_frame: TextLike | None = None,
        image_plane_distance: Any = None,
        color: Any = None,
        line_width: Any = None,
    ) -> None:
        try:
            if width is not None and height is not None and resolution is None:
                resolution = [width, height]
            elif resolution is not None and (width is not None or height is not None):
                _beside("width", "resolution")
            if image_from_camera is None:
                if fov_y is not None and aspect_ratio is not None:
                    # A picture of height 1.
                    focal_length = 0.5 / math.tan(max(fov_y * 0.5, _NARROWEST))
                    resolution = [aspect_ratio, 1.0]
                image_from_camera = _matrix(resolution, focal_length, principal_point)
            else:
                given = {"focal_length": focal_length, "principal_point": principal_point, "fov_y": fov_y}
                for name, value in {**given, "aspect_ratio": aspect_ratio}.items():
                    if value is not None:
                        _beside(name, "image_from_camera")
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Pinhole:image_from_camera")
            return
        self.set_fields(
            image_from_camera,
            resolution,
            camera_xyz,
            child_frame,
            parent_frame,
            image_plane_distance,
            color,
            line_width,
        )


def _matrix(resolution: Any, focal_length: Any, principal_point: Any) -> list[list[float]]:
    """The matrix; the principal point is the middle of the image, where none is said."""
    size = _two(resolution, "Pinhole:resolution") if resolution is not None else None
    if focal_length is None:
        if size is None:
            raise LogError("either `image_from_camera` or `focal_length`", field="Pinhole:image_from_camera")
        complain(
            LogError(
                "no `image_from_camera` or `focal_length`: the root of the image's area is taken",
                field="Pinhole:image_from_camera",
            )
        )
        focal_length = float(size[0] * size[1]) ** 0.5
    if principal_point is None:
        if size is None:
            raise LogError(
                "`principal_point`, `resolution`, or `width` and `height` must be given",
                field="Pinhole:image_from_camera",
            )
        principal_point = size / 2
    if np.ndim(focal_length) == 0:
        focal_length = [float(focal_length)] * 2
    across, down = _two(focal_length, "Pinhole:focal_length").tolist()
    u, v = _two(principal_point, "Pinhole:principal_point").tolist()
    return [[across, 0.0, u], [0.0, down, v], [0.0, 0.0, 1.0]]


def _two(value: Any, field: str) -> Array:
    array = numbers_of(value, _FLOAT32, field, "two numbers").reshape(-1)
    if array.size != 2:
        raise LogError(f"two numbers expected, not {shown(value)}", field=field)
    return array


def _beside(left_out: str, other: str) -> None:
    complain(LogError(f"`{left_out}` is left out beside `{other}`", field=f"Pinhole:{left_out}"))
