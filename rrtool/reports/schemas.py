"""What recordings can hold, and where two of them differ: entities, their components and types, timelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rrsdk.identity import StoreKind
from rrsdk.ipc.keys import ARCHETYPE_KEY, COMPONENT_KEY, COMPONENT_TYPE_KEY, ENTITY_KEY, IS_STATIC_KEY
from rrtool.reports.listing import manifest_timelines
from rrtool.reports.text import one_line
from rrtool.reports.types import type_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest

TIMELINE, COMPONENT = "timeline", "component"


@dataclass(slots=True)
class RecordingSchema:
    """Of all recordings of an input together; blueprints are left out."""

    parts: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    """By (timeline or component, entity, name): what it is, in words; more than one where chunks differ."""

    def add(self, store: StoreId, manifest: Manifest) -> None:
        """Take in what a manifest says."""
        if store.kind is not StoreKind.RECORDING:
            return
        for timeline in manifest_timelines(manifest):
            kind = timeline.type.kind.name.lower()
            self._note(TIMELINE, "", timeline.name, "sequence" if kind == "int" else kind)
        for one in manifest.fields.values():
            entity, name = one.metadata.get(ENTITY_KEY), one.metadata.get(COMPONENT_KEY)
            if entity is None or name is None:
                continue
            words = [type_name(one, nullable=False)]
            words += [one.metadata[key] for key in (COMPONENT_TYPE_KEY, ARCHETYPE_KEY) if key in one.metadata]
            words += ["static"] if one.metadata.get(IS_STATIC_KEY) == "true" else []
            self._note(COMPONENT, entity, name, ", ".join(words))

    def _note(self, what: str, entity: str, name: str, description: str) -> None:
        self.parts.setdefault((what, entity, name), set()).add(description)

    def described(self) -> dict[tuple[str, str, str], str]:
        """Each part on one line."""
        return {key: " | ".join(sorted(descriptions)) for key, descriptions in self.parts.items()}


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """A part that only one has (then the other is None), or that is another thing there."""

    what: str
    entity: str
    name: str
    left: str | None
    right: str | None

    def lines(self) -> Iterator[str]:
        """As `diff` would write it."""
        label = f"timeline {self.name}" if self.what == TIMELINE else f"{self.entity} {self.name}"
        for sign, description in (("-", self.left), ("+", self.right)):
            if description is not None:
                yield one_line(f"{sign} {label}: {description}")

    def to_json(self) -> dict[str, object]:
        """For programs."""
        found: dict[str, object] = {"what": self.what}
        if self.what == COMPONENT:
            found["entity"] = self.entity
        return {**found, "name": self.name, "left": self.left, "right": self.right}


def schema_differences(left: RecordingSchema, right: RecordingSchema) -> list[SchemaDifference]:
    """In which parts two schemas differ; timelines last."""
    ours: Mapping[tuple[str, str, str], str] = left.described()
    theirs: Mapping[tuple[str, str, str], str] = right.described()
    return [
        SchemaDifference(*key, ours.get(key), theirs.get(key))
        for key in sorted({*ours, *theirs})
        if ours.get(key) != theirs.get(key)
    ]
