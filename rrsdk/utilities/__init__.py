"""Small made-up data for examples: a cube and a spiral of coloured points, a value that goes to and fro."""

from __future__ import annotations

from math import tau
from typing import Any, NamedTuple

import numpy as np

from rrsdk.utilities.turbo import TURBO


class ColorGrid(NamedTuple):
    """Points in a cube."""

    positions: Any
    colors: Any


class ColorSpiral(NamedTuple):
    """Points on a spiral."""

    positions: Any
    colors: Any


def build_color_grid(
    x_count: int = 10, y_count: int = 10, z_count: int = 10, *, twist: float = 0
) -> ColorGrid:
    """A cube from -10 to 10 with so many points along each axis, turned by `twist` from bottom to top."""
    counts = (x_count, y_count, z_count)
    x, y, z = np.meshgrid(*(np.linspace(-10, 10, count) for count in counts), indexing="ij")
    angle = np.linspace(-twist / 2, twist / 2, z_count)
    turned = (x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle), z)
    colors = np.meshgrid(*(np.linspace(0, 255, count) for count in counts), indexing="ij")
    return ColorGrid(
        np.stack([each.ravel() for each in turned], axis=-1),
        np.stack([each.ravel() for each in colors], axis=-1).astype(np.uint8),
    )


def build_color_spiral(
    num_points: int = 100,
    *,
    radius: float = 2,
    angular_step: float = 0.02,
    angular_offset: float = 0,
    z_step: float = 0.1,
) -> ColorSpiral:
    """A spiral along the z axis; `angular_step` is in turns, `angular_offset` in radians."""
    count = np.arange(num_points)
    angle = count * tau * angular_step + angular_offset
    positions = np.stack([np.cos(angle) * radius, np.sin(angle) * radius, count * z_step], axis=-1)
    return ColorSpiral(positions, TURBO[np.linspace(0, len(TURBO) - 1, num_points, dtype=int)])


def bounce_lerp(a: float, b: float, t: float) -> float:
    """From `a` at 0 to `b` at 1 and back to `a` at 2, and so on."""
    share = t % 1 if int(t) % 2 == 0 else 1 - t % 1
    return (1 - share) * a + share * b


color_grid = build_color_grid()
color_spiral = build_color_spiral()
