"""ViewCoordinates: where the axes point to, also by names such as `RDF` (right, down, forward)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.components.axes import axes
from rrsdk.components.choices import choice

if TYPE_CHECKING:
    from rrsdk.archetypes.base import Archetype


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
        made: dict[tuple[str, ...], Archetype] = {}
        for name, directions in axes().items():
            key = tuple(directions)
            if key not in made:
                made[key] = maker(directions)
            setattr(cls, name, made[key])
