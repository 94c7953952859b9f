"""Names that a store does not know: an error that says which are near."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from rrsdk.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rrsdk.store.schema import StoreSchema

_NEAR, _FEW, _COMPARED = 3, 8, 2000


def check_timeline(schema: StoreSchema, timeline: str) -> None:
    """UsageError where no chunk is on the timeline."""
    if timeline not in schema.timelines:
        raise unknown("timeline", timeline, schema.timelines)


def check_entity(schema: StoreSchema, entity: str) -> None:
    """UsageError where there is no such entity."""
    if entity not in schema.components:
        raise unknown("entity", entity, schema.components)


def check_components(schema: StoreSchema, entity: str, components: Iterable[str]) -> None:
    """UsageError where the entity never had one of the components."""
    known = schema.components[entity]
    for component in components:
        if component not in known:
            error = unknown("component", component, known)
            error.entity = entity
            raise error


def unknown(what: str, name: str, known: Collection[str]) -> UsageError:
    """The error for a name that is not among those that are known."""
    if not known:
        return UsageError(f"there is no {what} {name!r}", hint="there is none at all")
    if len(known) <= _FEW:
        return UsageError(f"there is no {what} {name!r}", hint=f"there are {', '.join(sorted(known))}")
    return UsageError(
        f"there is no {what} {name!r}", hint=f"the nearest are {', '.join(nearest(name, known))}"
    )


def nearest(name: str, known: Collection[str]) -> list[str]:
    """The names most like this one, the nearest first."""
    lower = name.lower()
    parts = [one for one in sorted(known) if lower in one.lower() or one.lower() in lower]
    alike = get_close_matches(name, sorted(known)[:_COMPARED], n=_NEAR, cutoff=0.0)
    return list(dict.fromkeys(parts[:_NEAR] + alike))[:_NEAR]
