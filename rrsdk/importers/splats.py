"""What training of Gaussian splats leaves in a PLY file, as what is to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from rrsdk.component.column import Loggable
    from rrsdk.importers.ply import Columns, Element

    Floats = npt.NDArray[np.float32]

_CENTER: Final = ("x", "y", "z")
_BASE: Final = ("f_dc_0", "f_dc_1", "f_dc_2")
_SCALE: Final = ("scale_0", "scale_1", "scale_2")
_TURN: Final = ("rot_0", "rot_1", "rot_2", "rot_3")
_NEEDED: Final = (*_CENTER, *_BASE, "opacity", *_SCALE, *_TURN)
_REST: Final = "f_rest_"
_UNUSED: Final = {"nx", "ny", "nz"}
"""Normals, always zero, that the training writes all the same."""
_KEPT: Final = 15
"""Coefficients a channel that Rerun has room for: degrees one to three."""
_DEGREE_0: Final = np.float32(0.5 / np.sqrt(np.pi))
"""The spherical harmonic of degree 0, which is the same in all directions."""


def is_splats(element: Element) -> bool:
    """Whether vertices are splats: they have all that splats need."""
    return element.has(*_NEEDED) and all(
        one.count is None for one in element.properties if one.name in _NEEDED
    )


def splats(vertex: Element, vertices: Columns, warn: Callable[[str], None]) -> Loggable:
    """GaussianSplats3D: scales from logarithms, opacities from logits, colors from degree 0."""
    from rrsdk.archetypes import GaussianSplats3D

    def table(names: tuple[str, ...]) -> Floats:
        return np.stack([np.asarray(vertices[name]).astype(np.float32) for name in names], axis=1)

    turns = table(_TURN)[:, [1, 2, 3, 0]]  # w comes first there
    with np.errstate(all="ignore"):
        x, y, z, w = (turns[:, [number]] for number in range(4))
        lengths = np.sqrt(w * w + x * x + y * y + z * z)  # in the order that rounds as Rerun does
        is_turn = lengths > 0
        turns = np.where(is_turn, turns / np.where(is_turn, lengths, 1), np.array([0, 0, 0, 1], np.float32))
        logits = np.asarray(vertices["opacity"]).astype(np.float64)
        alpha = (1 / (1 + np.exp(-logits))).astype(np.float32)
        scales = np.exp(table(_SCALE).astype(np.float64)).astype(np.float32)
        shade = np.float32(0.5) + _DEGREE_0 * table(_BASE)
    rgba = _bytes(np.column_stack([shade, alpha])).astype(np.uint32)
    fields: dict[str, Any] = {
        "centers": table(_CENTER),
        "scales": scales,
        "quaternions": turns,
        "colors": rgba[:, 0] << 24 | rgba[:, 1] << 16 | rgba[:, 2] << 8 | rgba[:, 3],
    }
    rest = [name for name in vertices if name.startswith(_REST)]
    unknown = sorted({one.name for one in vertex.properties} - {*_NEEDED, *_UNUSED, *rest})
    if unknown:
        warn(f"left out, because splats have no such property: {', '.join(unknown)}")
    coefficients = _coefficients(vertices, rest, warn)
    if coefficients is not None and len(coefficients):
        fields["sh_coefficients"] = coefficients
    return GaussianSplats3D.from_fields(**fields)


def _bytes(values: Floats) -> npt.NDArray[np.uint8]:
    with np.errstate(invalid="ignore"):
        scaled = np.clip(values, 0, 1) * np.float32(255) + np.float32(0.5)
    found: npt.NDArray[np.uint8] = np.nan_to_num(scaled, nan=0).astype(np.uint8)
    return found


def _coefficients(
    vertices: Columns, rest: list[str], warn: Callable[[str], None]
) -> npt.NDArray[np.float16] | None:
    """Splats × 15 × RGB; the file has all of red, then green, then blue."""
    if not rest:
        return None
    per_channel, odd = divmod(len(rest), 3)
    if odd or any(f"{_REST}{number}" not in vertices for number in range(len(rest))):
        warn(f"left out: {len(rest)} {_REST}* properties are not as many for red, green and blue")
        return None
    if per_channel > _KEPT:
        warn(f"left out: spherical harmonics of degree four and up ({_KEPT} of {per_channel} are kept)")
    found = np.zeros((len(vertices["x"]), _KEPT, 3), np.float16)
    with np.errstate(over="ignore"):
        for channel in range(3):
            for number in range(min(per_channel, _KEPT)):
                column = np.asarray(vertices[f"{_REST}{channel * per_channel + number}"])
                found[:, number, channel] = column.astype(np.float32)
    return found
