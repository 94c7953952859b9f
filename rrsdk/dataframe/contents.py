"""Which entities and components a table is about: expressions like `/a/**` and `-/a/b/**`.

The most specific expression that matches an entity decides, in whatever order they are written: a
longer path before a shorter one, a whole path before one with `/**`. Properties are left out
unless an expression names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from rrsdk.entity import PROPERTIES, EntityPattern, Parts, parse_path
from rrsdk.errors import UsageError
from rrsdk.query.names import unknown

if TYPE_CHECKING:
    from rrsdk.store.schema import StoreSchema

Contents: TypeAlias = str | Iterable[str] | Mapping[str, str | Iterable[str] | None]
"""An expression, several, or entities (or expressions) with the components wanted of each; None: all."""


class Expression:
    """One line of contents: a pattern, and whether what it matches is in or out."""

    __slots__ = ("pattern", "included", "rank")

    def __init__(self, text: str) -> None:
        line = text.strip()
        if not line or line in "+-":
            raise UsageError(f"contents {text!r} name no entity", hint="write /a/** or -/a/b/**")
        self.included = line[0] != "-"
        path = line[1:].strip() if line[0] in "+-" else line
        self.pattern = EntityPattern(path)
        deep = path.endswith("**")
        self.rank = (
            len([part for part in path.split("/") if part and part != "**"]),
            not deep,
            "*" not in path,
        )


def chosen(
    contents: Contents, schema: StoreSchema, *, known: Iterable[str] | None = None
) -> dict[str, frozenset[str] | None]:
    """The entities that are wanted, each with the components wanted of it (None: all it has)."""
    entities = list(schema.components if known is None else known)
    if isinstance(contents, Mapping):
        return _mapped(contents, schema, entities)
    lines = [contents] if isinstance(contents, str) else list(contents)
    return dict.fromkeys(_matching(lines, entities))


def _matching(lines: list[str], entities: list[str]) -> list[str]:
    expressions = sorted((Expression(line) for line in lines), key=lambda one: one.rank, reverse=True)
    asks_for_properties = any(_is_property(one.pattern.text) for one in expressions)
    found = []
    for entity in entities:
        parts = parse_path(entity)
        first = next((one for one in expressions if one.pattern.matches(parts)), None)
        if first is None or not first.included:
            continue
        if _is_under_properties(parts) and not (asks_for_properties and _is_property(first.pattern.text)):
            continue
        found.append(entity)
    return found


def _mapped(
    contents: Mapping[str, str | Iterable[str] | None], schema: StoreSchema, entities: list[str]
) -> dict[str, frozenset[str] | None]:
    found: dict[str, frozenset[str] | None] = {}
    for expression, wanted in contents.items():
        names = None if wanted is None else frozenset([wanted] if isinstance(wanted, str) else wanted)
        matching = _matching([expression], entities)
        if not matching and "*" not in expression:
            raise unknown("entity", expression, entities)
        if names is not None:
            have = {name for entity in matching for name in schema.components[entity]}
            for name in sorted(names - have):
                raise unknown("component", name, have).located(entity=expression)
        for entity in matching:
            before = found.get(entity, frozenset())
            found[entity] = None if names is None or before is None else before | names
    return found


def _is_property(expression: str) -> bool:
    return _is_under_properties(parse_path(expression))


def _is_under_properties(parts: Parts) -> bool:
    return bool(parts) and parts[0] == PROPERTIES
