"""What a source had to skip: which bytes, and why. Nothing is skipped without an entry here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rrsdk.errors import RrError


@dataclass(frozen=True, slots=True)
class Loss:
    """Bytes `start` to `end` (exclusive) of a source could not be used."""

    source: str
    start: int
    end: int
    reason: str

    def __str__(self) -> str:
        size = self.end - self.start
        return f"{self.source}, bytes {self.start} to {self.end}: skipped {size} bytes: {self.reason}"


@dataclass(slots=True)
class Damage:
    """Collects losses; neighbouring ones with one reason are joined."""

    losses: list[Loss] = field(default_factory=list)

    def add(self, source: str, start: int, end: int, error: RrError) -> None:
        """Record that `source[start:end]` was skipped because of `error`."""
        reason = error.what
        if error.entity is not None:
            reason = f"{reason} (entity {error.entity})"
        last = self.losses[-1] if self.losses else None
        if last is not None and (last.source, last.end, last.reason) == (source, start, reason):
            self.losses[-1] = Loss(source, last.start, end, reason)
        else:
            self.losses.append(Loss(source, start, end, reason))
