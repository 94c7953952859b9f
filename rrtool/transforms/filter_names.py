"""Which names stay: what is dropped, what is kept, and which patterns met nothing.

A name stays that no pattern drops and, where patterns keep, that at least one of them keeps. A
recording's properties (its name, its start time: everything under /__properties) are not what
people have in mind when they write wildcards or name what to keep, so they only go where a pattern
to drop names them outright.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from rrsdk.entity import PROPERTIES, EntityPattern, parse_path
from rrsdk.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pattern(Protocol):
    """One pattern of the command line."""

    text: str
    names_properties: bool
    """Whether it speaks of recording properties outright."""

    def matches(self, name: str) -> bool:
        """Whether it covers this name."""


class EntityGlob:
    """An entity pattern; names are paths as chunks carry them."""

    def __init__(self, text: str) -> None:
        if not text.strip():
            raise UsageError("an entity pattern is empty")
        self.text = text
        self._pattern = EntityPattern(text)
        self.names_properties = self._pattern.first_part == PROPERTIES

    def matches(self, name: str) -> bool:
        return self._pattern.matches(parse_path(name))


class NameGlob:
    """A timeline's or component's name, in which `*` stands for anything; a name equal to it counts too."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names_properties = "*" not in text
        self._pattern = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)

    def matches(self, name: str) -> bool:
        return name == self.text or self._pattern.fullmatch(name) is not None


def is_property(entity: str) -> bool:
    """Whether an entity belongs to the recording's properties."""
    return entity == f"/{PROPERTIES}" or entity.startswith(f"/{PROPERTIES}/")


class Choice:
    """What stays of one sort of names (`sort` as in the options: entity, timeline, component)."""

    def __init__(self, sort: str, drop: Sequence[Pattern], keep: Sequence[Pattern]) -> None:
        self._sort, self._drop, self._keep = sort, drop, keep
        self._used: set[Pattern] = set()
        self._known: dict[tuple[str, bool], bool] = {}

    def __bool__(self) -> bool:
        """Whether there is anything to decide."""
        return bool(self._drop or self._keep)

    def wants(self, name: str, *, of_property: bool = False) -> bool:
        """Whether a name stays."""
        known = self._known.get((name, of_property))
        if known is None:
            known = self._known[name, of_property] = self._decide(name, of_property)
        return known

    def _decide(self, name: str, of_property: bool) -> bool:
        dropped = [pattern for pattern in self._drop if pattern.matches(name)]
        kept = [pattern for pattern in self._keep if pattern.matches(name)]
        self._used.update(dropped, kept)
        if of_property:
            return not any(pattern.names_properties for pattern in dropped)
        return not dropped and bool(kept or not self._keep)

    def check(self) -> None:
        """Raise where every pattern of what to keep is a mistake: then nothing would be left."""
        if self._keep and self._known and not self._used.intersection(self._keep):
            hints = [line for line in self.warnings() if line.startswith("--keep")]
            raise UsageError(f"{'; '.join(hints)}; nothing would be left, so nothing was written")

    def warnings(self) -> list[str]:
        """A line for each pattern that matched no name there was."""
        names = sorted({name for name, _ in self._known})
        return [
            f"--{verb}-{self._sort} {pattern.text}: matches nothing{_suggestion(pattern, names)}"
            for verb, patterns in (("drop", self._drop), ("keep", self._keep))
            for pattern in patterns
            if pattern not in self._used
        ]


def _suggestion(pattern: Pattern, names: Sequence[str]) -> str:
    from difflib import get_close_matches  # only where somebody mistyped

    near = get_close_matches(pattern.text, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""
