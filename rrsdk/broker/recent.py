"""How far back a broker keeps temporal data that is a black box: so many seconds, or bytes; pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rrsdk.errors import UsageError
from rrsdk.quantity import parse_duration_s, parse_size

if TYPE_CHECKING:
    from rrsdk.store.message_log import MessageLog

LEAST_S: Final = 1.0
LEAST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class KeepLast:
    """So many seconds, or so many bytes in memory; None: that does not matter."""

    seconds: float | None = None
    most_bytes: int | None = None


def parse_keep_last(text: str) -> KeepLast:
    """`30s`, `10min`, `64MiB`; UsageError where it is neither a time nor a size."""
    hint = "write it like 30s, 10min or 64MiB"
    if text.strip()[-1:] not in ("m", "M"):  # minutes, or millions?
        try:
            size = parse_size(text)
        except ValueError:
            pass
        else:
            if size < LEAST_BYTES:
                raise UsageError(f"{text!r} is too small: at least {LEAST_BYTES >> 10}KiB", hint=hint)
            return KeepLast(most_bytes=size)
        try:
            seconds = parse_duration_s(text)
        except ValueError:
            pass
        else:
            if seconds < LEAST_S:
                raise UsageError(f"{text!r} is too short: at least {LEAST_S:g}s", hint=hint)
            return KeepLast(seconds=seconds)
    raise UsageError(f"{text!r} is neither a time nor a size", hint=hint)


class Recent:
    """Lets go of what is older. Time goes on with what comes: where all have died, nothing is forgotten."""

    def __init__(self, keep: KeepLast) -> None:
        self._keep = keep
        self._seen: deque[tuple[float, int]] = deque()
        """When a tick found something new: everything below that index had come by then."""
        self._before_at = 0

    def tick(self, store: MessageLog, now: float) -> None:
        """Called every second or so."""
        if self._keep.most_bytes is not None:
            store.let_go(temporal_bytes=self._keep.most_bytes)
        if self._keep.seconds is None:
            return
        seen, next_index = self._seen, store.next_index
        if not seen or seen[-1][1] != next_index:
            seen.append((now, next_index))
        oldest = seen[-1][0] - self._keep.seconds
        while seen[0][0] <= oldest:
            self._before_at = seen.popleft()[1]
        store.let_go(before_at=self._before_at)
