"""Clear: what was logged before no longer holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rrsdk.archetypes.base import Archetype


class ClearOwn:
    """What `Clear` does besides taking its field."""

    __slots__ = ()

    def __init__(self: Any, *, recursive: bool) -> None:
        self.set_fields(is_recursive=recursive)

    @staticmethod
    def flat() -> Archetype:
        """The entity alone, not its children."""
        return _clear(recursive=False)

    @staticmethod
    def recursive() -> Archetype:
        """The entity and all below it."""
        return _clear(recursive=True)


def _clear(*, recursive: bool) -> Archetype:
    import rrsdk.archetypes

    made: Archetype = rrsdk.archetypes.Clear(recursive=recursive)
    return made
