"""All ways in which three axes can point, by their names."""

from __future__ import annotations

from functools import cache
from itertools import permutations, product

_AXES = (("Right", "Left"), ("Up", "Down"), ("Forward", "Back"))
_SPOKEN = {
    "RIGHT_HAND_X_UP": "URF",
    "RIGHT_HAND_X_DOWN": "DRB",
    "RIGHT_HAND_Y_UP": "RUB",
    "RIGHT_HAND_Y_DOWN": "RDF",
    "RIGHT_HAND_Z_UP": "RFU",
    "RIGHT_HAND_Z_DOWN": "RBD",
    "LEFT_HAND_X_UP": "URB",
    "LEFT_HAND_X_DOWN": "DRF",
    "LEFT_HAND_Y_UP": "RUF",
    "LEFT_HAND_Y_DOWN": "RDB",
    "LEFT_HAND_Z_UP": "RBU",
    "LEFT_HAND_Z_DOWN": "RFD",
}


@cache
def axes() -> dict[str, list[str]]:
    """Directions by name: `RDF` (right, down, forward), `RIGHT_HAND_Z_UP`."""
    by_letters = {}
    for order in permutations(_AXES):
        for directions in product(*order):
            by_letters["".join(name[0] for name in directions)] = list(directions)
    return {**by_letters, **{name: by_letters[letters] for name, letters in _SPOKEN.items()}}
