"""What stands between the chunks that a footer places: found without looking at any of them.

That the chunks lie within their stream, apart from each other, and that nothing but store infos and
activations is between them, takes a sort and some reads. Whether a chunk is what the footer says is
left to whoever reads it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from rrsdk.codec.frames import MESSAGE_HEADER, Kind
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import OFFSET, SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from rrsdk.ipc.manifest import Manifest
    from rrsdk.message import Origin

_HEADER = MESSAGE_HEADER.size


def places(manifest: Manifest, name: str) -> npt.NDArray[np.uint64]:
    """A column of offsets or sizes."""
    return np.frombuffer(manifest.table.u64(name), np.uint64)


def moved(manifest: Manifest, start: int) -> Manifest:
    """A footer's manifest counts from the start of its stream; this one from that of the file."""
    if not start:
        return manifest
    return manifest.moved(array("Q", (places(manifest, OFFSET) + np.uint64(start)).tobytes()))


def messages_between(
    origin: Origin, manifests: Sequence[Manifest], start: int, end: int
) -> Iterator[tuple[int, bytes]]:
    """Kind and payload of the messages between chunks, which must fill the stream from `start` to `end`."""
    empty = np.empty(0, np.uint64)
    starts = np.concatenate([empty, *(places(manifest, OFFSET) for manifest in manifests)])
    sizes = np.concatenate([empty, *(places(manifest, SIZE) for manifest in manifests)])
    outside = (starts < start + _HEADER) | (starts > end) | (sizes > end - np.minimum(starts, end))
    if outside.any():
        offset = int(starts[int(np.argmax(outside))])
        raise FormatError(f"the footer places a chunk at byte {offset}, where it cannot be")
    order = np.argsort(starts, kind="stable")
    begins = np.append(starts[order] - np.uint64(_HEADER), np.uint64(end))
    ends = np.insert((starts + sizes)[order], 0, start)
    if (overlaps := begins < ends).any():
        offset = int(begins[int(np.argmax(overlaps))])
        raise FormatError(f"the footer places a chunk at byte {offset}, where another one is")
    for gap in np.flatnonzero(begins > ends).tolist():
        yield from _messages(origin, int(ends[gap]), int(begins[gap]))


def _messages(origin: Origin, pos: int, end: int) -> Iterator[tuple[int, bytes]]:
    while pos < end:
        if end - pos < _HEADER:
            raise FormatError("messages overlap", offset=pos)
        kind, size = MESSAGE_HEADER.unpack(origin.read(pos, _HEADER))
        if kind not in (Kind.STORE_INFO, Kind.BLUEPRINT_ACTIVATION):
            raise FormatError("a message stands here that the footer does not know of", offset=pos)
        if size > end - pos - _HEADER:
            raise FormatError("a message is longer than the footer leaves room for", offset=pos)
        yield kind, bytes(origin.read(pos + _HEADER, size))
        pos += _HEADER + size
