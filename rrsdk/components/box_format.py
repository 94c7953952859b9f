"""What the four numbers of a box mean."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.components.storage import Array


class Box2DFormat(Enum):
    """How an array of boxes is to be read; X goes to the right, Y down."""

    XYWH = "XYWH"
    """The least x and y, width, height."""
    YXHW = "YXHW"
    """The least y and x, height, width."""
    XYXY = "XYXY"
    """The least x and y, the greatest x and y."""
    YXYX = "YXYX"
    """The least y and x, the greatest y and x."""
    XCYCWH = "XCYCWH"
    """The center's x and y, width, height."""
    XCYCW2H2 = "XCYCW2H2"
    """The center's x and y, half the width, half the height."""

    def halves_and_centers(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Half sizes and centers, from the first two numbers of each box and the other two."""
        if self.name.startswith("Y"):
            first, second = first[:, ::-1], second[:, ::-1]
        if self in (Box2DFormat.XYXY, Box2DFormat.YXYX):
            centers = (first + second) / 2
            return second - centers, centers
        if self is Box2DFormat.XCYCW2H2:
            return second, first
        return second / 2, first if self is Box2DFormat.XCYCWH else first + second / 2
