"""A radius: in the units of the scene or, where it is negative, in points of the user interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rrsdk.components.instance import Instance

if TYPE_CHECKING:
    import numpy.typing as npt


class Radius(Instance):
    """One radius, as a number: what takes radii takes numbers as well."""

    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = float(value)

    @staticmethod
    def ui_points(radii: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Radii that stay the same on the screen, however far away: negative numbers."""
        return -np.abs(np.asarray(radii, np.float32))

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"Radius({self.value})"
