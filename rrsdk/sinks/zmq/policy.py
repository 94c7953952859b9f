"""What happens to data when the broker cannot take it: wait, or give up the oldest, or all but the latest.

Static data, store infos and blueprints are never given up for newer ones. What a spooling broker holds and
has not yet on its disk is kept here as well; who does not wait lets go of that first: the broker has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from rrsdk.errors import UsageError

PATIENCE_S = 5.0
"""How long what is exempt waits for room under the policies that do not wait."""


@dataclass(frozen=True, slots=True)
class Block:
    """Wait for room, so long; then the message is dropped, and those after it until there is room again."""

    deadline_s: float = 30.0

    def __str__(self) -> str:
        return f"block({self.deadline_s:g})"


@dataclass(frozen=True, slots=True)
class DropOldest:
    """When the buffer is full, the oldest data that were not sent make room."""

    deadline_s: float = PATIENCE_S

    def __str__(self) -> str:
        return "drop-oldest"


@dataclass(frozen=True, slots=True)
class LatestOnly:
    """When the broker cannot follow, of each entity and set of components only the latest is kept."""

    deadline_s: float = PATIENCE_S

    def __str__(self) -> str:
        return "latest-only"


Policy: TypeAlias = Block | DropOldest | LatestOnly


def parse_policy(text: str) -> Policy:
    """`block`, `block(2.5)`, `drop-oldest` (or with `_`), `latest-only`."""
    name = text.strip().lower().replace("_", "-")
    if name == "drop-oldest":
        return DropOldest()
    if name == "latest-only":
        return LatestOnly()
    match = re.fullmatch(r"block(?:\(([0-9]+(?:\.[0-9]+)?)s?\))?", name)
    if match is None:
        raise UsageError(
            f"no policy is called {text!r}; there is block, block(SECONDS), drop-oldest, latest-only"
        )
    return Block() if match[1] is None else Block(float(match[1]))
