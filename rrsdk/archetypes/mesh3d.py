"""Mesh3D: a texture is an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.archetypes.image import pixels
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import ColorLike, ColorsLike, ImageLike, NumbersLike, VectorsLike

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
        buffer, form = pixels(image, None, _FIELD)
        if form.color_model.num_channels() < 3:
            raise LogError("a texture with 3 or 4 channels expected", field=_FIELD)
    except Exception as error:  # noqa: BLE001 - of foreign objects
        complain(
            error if isinstance(error, LogError) else LogError(f"cannot be taken: {error}", field=_FIELD)
        )
        return None, None
    return buffer, form
