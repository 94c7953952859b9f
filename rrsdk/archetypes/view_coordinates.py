"""ViewCoordinates: where the axes point to, also by names such as `RDF` (right, down, forward)."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING, Any

from rrsdk.components.choices import choice

if TYPE_CHECKING:
    from rrsdk.archetypes.base import Archetype

_AXES = (("Right", "Left"), ("Up", "Down"), ("Forward", "Back"))
_SPOKEN = {
    "RIGHT_HAND_X_UP": "UFL",
    "RIGHT_HAND_X_DOWN": "DRF",
    "RIGHT_HAND_Y_UP": "RUB",
    "RIGHT_HAND_Y_DOWN": "RDF",
    "RIGHT_HAND_Z_UP": "RFU",
    "RIGHT_HAND_Z_DOWN": "RBD",
    "LEFT_HAND_X_UP": "UFR",
    "LEFT_HAND_X_DOWN": "DLF",
    "LEFT_HAND_Y_UP": "RUF",
    "LEFT_HAND_Y_DOWN": "LDF",
    "LEFT_HAND_Z_UP": "LFU",
    "LEFT_HAND_Z_DOWN": "LBD",
}


class ViewCoordinatesOwn:
    """What `ViewCoordinates` has besides its field."""

    __slots__ = ()

    @property
    def coordinates(self: Any) -> list[Any]:
        """Three directions."""
        kind = choice("ViewDir")
        return [kind.auto(code) for code in bytes(self._xyz)]

    @classmethod
    def made(cls) -> None:
        """Called once the class is there: gives it all names."""
        maker: Any = cls
        by_letters: dict[str, Archetype] = {}
        for order in permutations(_AXES):
            for directions in product(*order):
                by_letters["".join(name[0] for name in directions)] = maker(list(directions))
        for name, made in by_letters.items():
            setattr(cls, name, made)
        for name, letters in _SPOKEN.items():
            setattr(cls, name, by_letters[letters])
