"""Blueprints with the random ids of their views, containers and visualizers replaced by numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BYTES = re.compile(r"\[(\d{1,3}(?:, \d{1,3}){15})\]")
"""Sixteen numbers: an id as a value."""


class Chunk(NamedTuple):
    """One chunk as text: where, and everything that it says."""

    path: str
    content: str


def plain(value: object) -> str:
    """A value as text, ids in it written as they are in paths."""
    return _BYTES.sub(_as_id, repr(value))


def _as_id(found: re.Match[str]) -> str:
    numbers = [int(one) for one in found[1].split(", ")]
    return str(UUID(bytes=bytes(numbers))) if max(numbers) < 256 else found[0]


def numbered(chunks: Iterable[Chunk]) -> list[Chunk]:
    """The same chunks, each id replaced by its place in a walk from the viewport down."""
    left = sorted(chunks, key=_rank)
    places: dict[str, str] = {}
    named = {one: frozenset(ID.findall(one.path)) for one in left}
    due = [one for one in left if not named[one]]
    done: list[Chunk] = []
    while left:
        if not due:  # nothing names what is left
            due = left[:1]
        chunk = due.pop(0)
        if chunk not in left:
            continue
        left.remove(chunk)
        done.append(chunk)
        for one in (*ID.findall(chunk.path), *ID.findall(chunk.content)):
            if one not in places:
                places[one] = f"#{len(places)}"
                due += [other for other in left if one in named[other]]
    return [Chunk(*(ID.sub(lambda found: places[found[0]], text) for text in one)) for one in done]


def _rank(chunk: Chunk) -> tuple[int, str, str]:
    """Lists of ids come before what they name, and nothing depends on an id."""
    return len(ID.findall(chunk.path)), ID.sub("", chunk.path), ID.sub("", chunk.content)
