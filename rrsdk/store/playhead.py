"""Where play is on a timeline, and which chunks it comes to next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from rrsdk.store.chunk_index import Bounds

    Ints = npt.NDArray[np.int64]


class Playhead:
    """All chunks of one timeline in the order in which play meets them, forwards and backwards."""

    def __init__(self, bounds: Bounds, sizes: Ints) -> None:
        """`sizes`: how many bytes each chunk takes."""
        mirrored = ~bounds.ends  # as a minus sign would, but for the least of all times
        forwards, backwards = np.argsort(bounds.starts, kind="stable"), np.argsort(mirrored, kind="stable")
        self._times = bounds.starts[forwards], mirrored[backwards]
        self._numbers = bounds.numbers[forwards], bounds.numbers[backwards]
        self._sizes = np.cumsum(sizes[forwards]), np.cumsum(sizes[backwards])
        self._time: int | None = None
        self._is_backwards = False

    def move(self, time: int, most_bytes: int, most_chunks: int) -> list[int]:
        """Play is at a time: the chunks it comes to next, as many as there may be.

        It goes on in the direction it came from: forwards, before it has moved.
        """
        if self._time is not None and time != self._time:
            self._is_backwards = time < self._time
        self._time = time
        place = ~time if self._is_backwards else time
        first = int(np.searchsorted(self._times[self._is_backwards], place, side="right"))
        sizes = self._sizes[self._is_backwards]
        before = int(sizes[first - 1]) if first else 0
        stop = min(int(np.searchsorted(sizes, before + most_bytes, side="right")), first + most_chunks)
        numbers: list[int] = self._numbers[self._is_backwards][first:stop].tolist()
        return numbers
