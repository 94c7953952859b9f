"""Mesh3D: a texture is an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import numbers_of
from rrsdk.components.choices import choice
from rrsdk.components.formats import ImageFormat
from rrsdk.components.storage import packed
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import ColorLike, ColorsLike, ImageLike, NumbersLike, VectorsLike

_UINT8 = np.dtype(np.uint8)
_FIELD = "Mesh3D:albedo_texture_buffer"


class Mesh3DOwn:
    """What `Mesh3D` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        vertex_positions: VectorsLike,
        triangle_indices: VectorsLike | None = None,
        vertex_normals: VectorsLike | None = None,
        vertex_colors: ColorsLike | None = None,
        vertex_texcoords: VectorsLike | None = None,
        albedo_texture: ImageLike = None,
        albedo_factor: ColorLike | None = None,
        face_rendering: Any = None,
        class_ids: NumbersLike | None = None,
    ) -> None:
        buffer, form = _texture(albedo_texture) if albedo_texture is not None else (None, None)
        self.set_fields(
            vertex_positions,
            triangle_indices,
            vertex_normals,
            vertex_colors,
            vertex_texcoords,
            albedo_factor,
            face_rendering,
            buffer,
            form,
            class_ids,
        )


def _texture(image: Any) -> tuple[Any, Any]:
    """Buffer and format of an image with 3 or 4 channels; without them the mesh is logged all the same."""
    try:
        array = numbers_of(image, _UINT8, _FIELD, "an image")
        if array.ndim != 3 or array.shape[2] not in (3, 4):
            raise LogError("a texture of shape (height, width, 3 or 4) expected", field=_FIELD)
        datatypes: Any = choice("ChannelDatatype")
        form = ImageFormat(
            array.shape[1],
            array.shape[0],
            color_model="RGB" if array.shape[2] == 3 else "RGBA",
            channel_datatype=datatypes.from_np_dtype(array.dtype),
        )
        return packed(array, array.dtype.newbyteorder("="), _FIELD), form
    except Exception as error:  # noqa: BLE001 - of foreign objects
        wrong = error if isinstance(error, LogError) else LogError(f"cannot be taken: {error}", field=_FIELD)
        complain(wrong)
        return None, None
