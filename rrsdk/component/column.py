"""What a logged value promises: rows of one type become columns of lists, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pyarrow as pa
    from typing_extensions import Self


class Descriptor(NamedTuple):
    """How a component column is named."""

    component: str
    """Within the entity, such as `Points3D:positions`."""
    archetype: str | None = None
    """Such as `rerun.archetypes.Points3D`."""
    component_type: str | None = None
    """Such as `rerun.components.Position3D`."""

    def with_overrides(self, archetype: str | None = None, component_type: str | None = None) -> Descriptor:
        """With another archetype and type, where given."""
        return Descriptor(self.component, archetype or self.archetype, component_type or self.component_type)

    def or_with_overrides(
        self, archetype: str | None = None, component_type: str | None = None
    ) -> Descriptor:
        """With an archetype and type, where there was none."""
        return Descriptor(self.component, self.archetype or archetype, self.component_type or component_type)

    def with_builtin_archetype(self, archetype: str) -> Descriptor:
        """Under an archetype, which the component's name then begins with."""
        short = archetype.removeprefix("rerun.archetypes.").removeprefix("rerun.")
        return Descriptor(f"{short}:{self.component}", archetype, self.component_type)

    def __str__(self) -> str:
        return self.component


class Column(NamedTuple):
    """One component of several rows."""

    field: pa.Field
    """Name and metadata as a chunk has them; its type is a list."""
    array: pa.ListArray
    """One list a row; a null row was not logged, an empty list clears."""


class Loggable(Protocol):
    """A value that can be logged: an archetype, `AnyValues` and the like.

    Values are those at construction, and what is wrong with them is said there: `encode` never fails.
    """

    @property
    def is_broken(self) -> bool:
        """Whether the values could not be taken, which was said then: there is nothing to log.

        Or, where the class has a method `settled`: whether that returns what is to be logged instead.
        """

    @property
    def nbytes(self) -> int:
        """About how many bytes the values hold; cheap to ask."""

    @property
    def layout(self) -> Hashable:
        """Rows of one type and layout have the same components and datatypes, and go into one `encode`."""

    @classmethod
    def encode(cls, rows: Sequence[Self]) -> list[Column]:
        """A column for each component, in each as many lists as there are rows, all of one layout."""

    def as_component_batches(self) -> list[Any]:
        """One batch a component, as Rerun's API has it."""
