"""What constructors of points fill in: the text of it, for the constructors that are compiled."""

from __future__ import annotations


class PointsOwn:
    """Keypoints belong to a class: the first, where none is said."""

    __slots__ = ()

    DEFAULTS = "  if keypoint_ids is not None and class_ids is None:\n   class_ids = 0"


class SeriesPointsOwn:
    """Something must be logged for points to be drawn: circles, where nothing is said."""

    __slots__ = ()

    DEFAULTS = (
        "  if colors is None and markers is None and names is None and visible_series is None"
        " and marker_sizes is None:\n   markers = 1"
    )
