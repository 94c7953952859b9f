"""What a store holds, said without looking at values: timelines, entities, and the components of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

    from rrsdk.timeline import TimeType


class ComponentColumn(NamedTuple):
    """One component of one entity."""

    entity: str
    component: str
    """Within the entity, such as `Points3D:positions`."""
    archetype: str | None
    component_type: str | None
    datatype: pa.DataType
    """Of the column: a list, one of instances a row."""
    is_static: bool
    """Whether there is static data of it; temporal data may be there, too, and are hidden by it."""
    is_empty: bool | None = None
    """Whether all values of it are lists without an instance; None where that is not known."""


@dataclass(frozen=True, slots=True)
class StoreSchema:
    """All that there is. Not to be changed by those who are given it; the next one is another object."""

    timelines: dict[str, TimeType] = field(default_factory=dict)
    components: dict[str, dict[str, ComponentColumn]] = field(default_factory=dict)
    """By entity, then by name."""
    timelines_of: dict[str, frozenset[str]] = field(default_factory=dict)
    """By entity; those of static data are on none."""

    @property
    def entities(self) -> list[str]:
        """All entities, in the order of their paths."""
        return sorted(self.components)
