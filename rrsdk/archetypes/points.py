"""Points: keypoints belong to a class, the first where none is said."""

from __future__ import annotations


class PointsOwn:
    """What `Points2D` and `Points3D` do besides taking their fields."""

    __slots__ = ()

    DEFAULTS = "  if keypoint_ids is not None and class_ids is None:\n   class_ids = 0"
    """Set in the constructor itself: another call would cost as much as all the rest."""
