"""Transform3D: one `rotation` for both kinds, one number for a uniform scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.archetypes.base import broken
from rrsdk.components.arrays import shown
from rrsdk.components.rotations import Quaternion, RotationAxisAngle
from rrsdk.components.strictness import warn_at_caller
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import (
        AxisAngleLike,
        MatrixLike,
        NumberLike,
        QuaternionLike,
        RotationLike,
        TextLike,
        VectorLike,
    )


class Transform3DOwn:
    """What `Transform3D` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        translation: VectorLike | None = None,
        rotation: RotationLike | None = None,
        rotation_axis_angle: AxisAngleLike | None = None,
        quaternion: QuaternionLike | None = None,
        scale: NumberLike | VectorLike | None = None,
        mat3x3: MatrixLike | None = None,
        from_parent: bool | None = None,
        relation: Any = None,
        child_frame: TextLike | None = None,
        parent_frame: TextLike | None = None,
    ) -> None:
        try:
            if rotation is not None:
                if rotation.__class__ is Quaternion and quaternion is None and rotation_axis_angle is None:
                    quaternion = rotation
                else:
                    quaternion, rotation_axis_angle = _rotation(rotation, quaternion, rotation_axis_angle)
            if scale is not None and not isinstance(scale, (list, tuple)):
                scale = _scale(scale)
            if from_parent is not None:
                relation = _relation(from_parent, relation)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Transform3D")
            return
        self.set_fields(
            translation,
            rotation_axis_angle,
            quaternion,
            scale,
            mat3x3,
            relation,
            child_frame,
            parent_frame,
        )


def _rotation(rotation: Any, quaternion: Any, axis_angle: Any) -> tuple[Any, Any]:
    if quaternion is not None or axis_angle is not None:
        raise LogError("either `rotation`, or `quaternion` and `rotation_axis_angle`", field="rotation")
    first = rotation[0] if isinstance(rotation, (list, tuple)) and rotation else rotation
    if isinstance(first, RotationAxisAngle):
        return None, rotation
    if isinstance(first, Quaternion):
        return rotation, None
    raise LogError(f"Quaternion or RotationAxisAngle expected, not {shown(rotation)}", field="rotation")


def _scale(scale: Any) -> Any:
    """A single number scales all three axes."""
    if isinstance(scale, (int, float)) or getattr(scale, "size", 3) == 1 or not hasattr(scale, "__len__"):
        return [float(scale)] * 3
    return scale


def _relation(from_parent: bool, relation: Any) -> Any:
    warn_at_caller(
        "`from_parent` is deprecated: pass relation=TransformRelation.ChildFromParent", DeprecationWarning
    )
    if relation is not None:
        raise LogError("either `from_parent` or `relation`", field="relation")
    return "ChildFromParent" if from_parent else None
