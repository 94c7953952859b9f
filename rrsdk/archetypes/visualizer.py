"""How a view draws an entity: the visualizer of an archetype, with values that go before those logged."""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from rrsdk.archetypes.visualizers import VISUALIZERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.components.batch import DescribedComponentBatch


class Visualizer:
    """A visualizer by its type: `overrides` hold in place of what was logged, `mappings` say where from."""

    def __init__(
        self,
        visualizer_type: str,
        *,
        overrides: Sequence[DescribedComponentBatch] | None = None,
        mappings: Sequence[Any] | None = None,
    ) -> None:
        self.id = uuid.uuid4()
        self.visualizer_type = visualizer_type
        self.overrides = overrides
        self.mappings = mappings


@runtime_checkable
class VisualizableArchetype(Protocol):
    """What knows its visualizer."""

    def visualizer(self, *args: Any, **kwargs: Any) -> Visualizer:
        """One that uses all values that are set."""


@cache
def visualizers() -> dict[str, str]:
    """Archetypes by short name, and what the viewer calls their visualizers."""
    pairs = (word.partition("=") for word in VISUALIZERS.split())
    return {name: told or name for name, _, told in pairs}


def visualizer_of(self: Any, *, mappings: Sequence[Any] | None = None) -> Visualizer:
    """A visualizer for `overrides` of a view: what is set here holds in place of what was logged."""
    name = visualizers()[self.archetype_short_name()]
    return Visualizer(name, overrides=self.as_component_batches(), mappings=mappings)
