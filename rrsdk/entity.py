"""Entity paths: taken apart into plain parts, written with Rerun's escapes, and matched by patterns.

A path is a sequence of parts. In text they are separated by `/`, a leading one is optional, and
empty parts vanish, as they do when the real SDK logs to `/a//b/`. Letters, digits and `_ - .` stand
for themselves; anything else is written with a backslash, `\\u{262E}` where it is not ASCII. On
reading, what was not escaped is forgiven, as the real program forgives it with a warning.

Patterns are paths in which an unescaped `*` stands for any run of characters within one part, and a
part `**` for any number of parts, none included. So `/a/**` is /a and everything below it, as in
the viewer's query expressions; `/a/*` is what lies directly below; `/**/points` is any points.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from rrsdk.errors import UsageError

Parts = tuple[str, ...]

PROPERTIES: Final = "__properties"
"""The first part of the paths under which a recording keeps its name, start time and the like."""

_PLAIN: Final = frozenset("_-.")
_WRITTEN: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_READ: Final = {"n": "\n", "r": "\r", "t": "\t"}
_HEX: Final = re.compile(r"\{([0-9A-Fa-f]{1,6})\}")


def escape_part(part: str) -> str:
    """One part as Rerun writes it in a path."""
    return "".join(
        char if char.isalnum() or char in _PLAIN else _WRITTEN.get(char) or _escape(char) for char in part
    )


def _escape(char: str) -> str:
    return f"\\{char}" if " " <= char <= "~" else f"\\u{{{ord(char):04X}}}"


def format_path(parts: Parts) -> str:
    """The path with a leading slash; `/` alone for the root."""
    return "/" + "/".join(map(escape_part, parts))


def parse_path(text: str) -> Parts:
    """The parts of a path, escapes undone."""
    return tuple("".join(char for char, _ in part) for part in _split(text))


def _split(text: str) -> list[list[tuple[str, bool]]]:
    """The parts, each as its characters and whether each was escaped."""
    parts: list[list[tuple[str, bool]]] = [[]]
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "/":
            parts.append([])
        elif char != "\\":
            parts[-1].append((char, False))
        elif at == len(text):
            raise UsageError(
                f"entity path {text!r} ends in a lone backslash", hint="write \\\\ for a backslash"
            )
        else:
            char, at = _unescape(text, at)
            parts[-1].append((char, True))
    return [part for part in parts if part]


def _unescape(text: str, at: int) -> tuple[str, int]:
    """The character that the escape at `at`, after its backslash, stands for, and where it ends."""
    char = text[at]
    if char != "u":
        return _READ.get(char, char), at + 1
    found = _HEX.match(text, at + 1)
    code = int(found[1], 16) if found else 0x110000
    if found is None or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return "u", at + 1  # as the real program does with an escape it does not know
    return chr(code), found.end()


class EntityPattern:
    """A path with wildcards; compiled once, matched against many paths."""

    __slots__ = ("text", "_parts", "_literal")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts: list[re.Pattern[str] | None] = []  # None stands for `**`
        self._literal: Parts | None = parse_path(text)
        for part in _split(text):
            stars = [char == "*" and not escaped for char, escaped in part]
            if any(stars):
                self._literal = None
            if len(part) == 2 and all(stars):
                self._parts.append(None)
                continue
            if any(a and b for a, b in pairwise(stars)):
                raise UsageError(
                    f"entity pattern {text!r} has ** beside other characters", hint="** is a part of its own"
                )
            pieces = (".*" if star else re.escape(char) for star, (char, _) in zip(stars, part))
            self._parts.append(re.compile("".join(pieces), re.DOTALL))

    @property
    def first_part(self) -> str | None:
        """What the first part must be; None where a wildcard leaves it open."""
        if self._literal is not None:
            return self._literal[0] if self._literal else None
        first = _split(self.text)[0]
        return None if ("*", False) in first else "".join(char for char, _ in first)

    def matches(self, parts: Parts) -> bool:
        """Whether the pattern covers this whole path."""
        if self._literal is not None:
            return parts == self._literal
        # The set of places in the pattern that can be reached after each part: linear however many `**`.
        reached = self._past_deep({0})
        for part in parts:
            following: set[int] = set()
            for at in reached:
                if at == len(self._parts):
                    continue
                pattern = self._parts[at]
                if pattern is None:
                    following.add(at)
                elif pattern.fullmatch(part):
                    following.add(at + 1)
            reached = self._past_deep(following)
        return len(self._parts) in reached

    def _past_deep(self, places: set[int]) -> set[int]:
        """These places and those behind any `**` that stands there, which may stand for nothing."""
        found = set(places)
        for at in places:
            while at < len(self._parts) and self._parts[at] is None:
                at += 1
                found.add(at)
        return found

    def __repr__(self) -> str:
        return f"EntityPattern({self.text!r})"
