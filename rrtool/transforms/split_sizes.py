"""Parts of at most so many bytes: estimated from what rows take on average, then measured.

How large a part is, is known when it has been written: what is carried into it is not known before. Where it
came out too large it is made again with fewer times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rrsdk.ipc.manifest import SIZE
from rrsdk.message import ChunkMsg, Chunks
from rrtool.transforms.split import row_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrtool.transforms.split_plan import Extent

_CAUTION = 0.95


def parts_of_size(
    messages: list[Message],
    extent: Extent,
    max_bytes: int,
    make: Callable[[int, int, int], int],
    *,
    keep: Callable[[bool], None],
) -> Iterator[int]:
    """Make parts one after the other; the sizes of those that are larger than they should be.

    `make(number, begin, end)` makes a part and says how large it is; `keep` says what becomes of it.
    """
    times, before = _sums(messages, extent)
    everywhere = sum(map(_size, messages)) - float(before[-1])
    room = max(max_bytes - everywhere, 1.0)
    number = first = 0
    while first < len(times):
        begin = extent.first if not first else int(times[first])
        stop = max(int(np.searchsorted(before, before[first] + room, side="right")) - 1, first + 1)
        while True:
            end = extent.end if stop >= len(times) else int(times[stop])
            size = make(number, begin, end)
            fits = size <= max_bytes or stop == first + 1
            keep(fits)
            if fits:
                break
            stop = max(first + int((stop - first) * _CAUTION * max_bytes / size), first + 1)
        if size > max_bytes:
            yield size
        number, first = number + 1, stop


def _sums(messages: list[Message], extent: Extent) -> tuple[np.ndarray, np.ndarray]:
    """The times there are, and what lies before each of them in bytes, then in all."""
    found = [(np.array(times, np.int64), weight) for times, weight in row_times(messages, extent)]
    times, places = np.unique(np.concatenate([one for one, _ in found]), return_inverse=True)
    weights = np.concatenate([np.full(len(one), weight) for one, weight in found])
    sums = np.bincount(places.ravel(), weights, minlength=len(times))
    return times, np.concatenate([[0.0], np.cumsum(sums)])


def _size(message: Message) -> int:
    if isinstance(message, Chunks):
        return sum(message.manifest.table.u64(SIZE))
    return message.size if isinstance(message, ChunkMsg) else len(message.payload)
