"""When rows become chunks: after so long, so many bytes, so many rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rrsdk import settings

UNLIMITED: Final = 2**64 - 1
DEFAULT_TICK_S: Final = 0.2
NETWORK_TICK_S: Final = 0.008


@dataclass(init=False, slots=True)
class ChunkBatcherConfig:
    """The thresholds, by Rerun's names. What is not given comes from the environment, else the default."""

    flush_tick: timedelta
    """How long rows wait at most."""
    flush_num_bytes: int
    """How many bytes of values wait at most."""
    flush_num_rows: int
    """How many rows wait at most; 0 makes every row a chunk."""
    chunk_max_rows_if_unsorted: int
    """Longer chunks are cut where a timeline is unsorted in them."""

    def __init__(
        self,
        flush_tick: float | timedelta | None = None,
        flush_num_bytes: int | None = None,
        flush_num_rows: int | None = None,
        chunk_max_rows_if_unsorted: int | None = None,
    ) -> None:
        base = _from_environment(DEFAULT_TICK_S)
        if flush_tick is not None:
            base.flush_tick_s = _seconds(flush_tick)
        self.flush_tick = timedelta(seconds=base.flush_tick_s)
        self.flush_num_bytes = base.flush_num_bytes if flush_num_bytes is None else flush_num_bytes
        self.flush_num_rows = base.flush_num_rows if flush_num_rows is None else flush_num_rows
        unsorted = chunk_max_rows_if_unsorted
        self.chunk_max_rows_if_unsorted = base.max_rows_if_unsorted if unsorted is None else unsorted

    @staticmethod
    def DEFAULT() -> ChunkBatcherConfig:  # noqa: N802  # Rerun's name
        """Good for files."""
        return ChunkBatcherConfig(DEFAULT_TICK_S, 2 * 1024 * 1024, UNLIMITED, 8192)

    @staticmethod
    def LOW_LATENCY() -> ChunkBatcherConfig:  # noqa: N802
        """Good where somebody is watching."""
        return ChunkBatcherConfig(NETWORK_TICK_S, 2 * 1024 * 1024, UNLIMITED, 8192)

    @staticmethod
    def ALWAYS_TEST_ONLY() -> ChunkBatcherConfig:  # noqa: N802
        """Every row is a chunk."""
        return ChunkBatcherConfig(_FOREVER_S, 0, 0, 256)

    @staticmethod
    def NEVER() -> ChunkBatcherConfig:  # noqa: N802
        """Chunks are made by `flush` alone, and where too much waits."""
        return ChunkBatcherConfig(_FOREVER_S, UNLIMITED, UNLIMITED, 256)

    def thresholds(self) -> Thresholds:
        """The same, as the batcher wants it."""
        return Thresholds(
            _seconds(self.flush_tick),
            self.flush_num_bytes,
            self.flush_num_rows,
            self.chunk_max_rows_if_unsorted,
        )


_FOREVER_S: Final = 365 * 86_400.0


@dataclass(slots=True)
class Thresholds:
    """The thresholds as plain numbers."""

    flush_tick_s: float = DEFAULT_TICK_S
    flush_num_bytes: int = 2 * 1024 * 1024
    flush_num_rows: int = UNLIMITED
    max_rows_if_unsorted: int = 8192


def from_environment(*, network: bool) -> Thresholds:
    """What holds where a program gives no config; raises UsageError naming a variable that is wrong."""
    return _from_environment(NETWORK_TICK_S if network else DEFAULT_TICK_S)


def _from_environment(tick_s: float) -> Thresholds:
    found = Thresholds(tick_s)
    tick = settings.seconds(settings.FLUSH_TICK_SECS)
    if tick is not None:
        found.flush_tick_s = tick
    size = settings.integer(settings.FLUSH_NUM_BYTES)
    if size is not None:
        found.flush_num_bytes = size
    rows = settings.integer(settings.FLUSH_NUM_ROWS)
    if rows is not None:
        found.flush_num_rows = rows
    unsorted = settings.integer(settings.CHUNK_MAX_ROWS_IF_UNSORTED)
    if unsorted is not None:
        found.max_rows_if_unsorted = unsorted
    return found


def _seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
