"""The real program's verdict on two recordings: chunk by chunk, log times and rounding forgiven.

Chunk ids, row ids and the values of `log_time` do not count, nor does when a recording was started. Two
floats are equal that differ by rounding. Without an order each chunk of the first wants a chunk of the second
for itself: those that are equal to the bit find each other by a digest, and only the others are held against
each other.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import xxhash

from rrtool.reports.differing import differing

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    import pyarrow as pa

    from rrsdk.chunk import Chunk

_NOT_COMPARED = ("log_time", "sim_time")
"""Timelines that must be there in both, with any values."""
_START_TIME = "RecordingInfo:start_time"


def difference(one: Chunk, other: Chunk, ignored: Set[str]) -> str:
    """What keeps two chunks from being similar; empty where they are."""
    if one.entity_path != other.entity_path:
        return f"{one.entity_path} and {other.entity_path}"
    if one.num_rows != other.num_rows:
        return f"{one.num_rows} and {other.num_rows} rows"
    mine, theirs = (sorted(set(chunk.timelines) - ignored) for chunk in (one, other))
    if mine != theirs:
        return f"timelines {', '.join(mine) or 'none'} and {', '.join(theirs) or 'none'}"
    if set(one.components) != set(other.components):
        return f"components {', '.join(one.components)} and {', '.join(other.components)}"
    for name in mine:
        if name not in _NOT_COMPARED and not one.times(name).equals(other.times(name)):
            return f"the times on {name}"
    for name in one.components:
        if one.entity_path == "/__properties" and name == _START_TIME:
            continue
        if not _similar(one, other, name):
            return f"the values of {name}"
    return ""


def _similar(one: Chunk, other: Chunk, name: str) -> bool:
    mine, theirs = one.component(name), other.component(name)
    if one.component_field(name).metadata != other.component_field(name).metadata:
        return False
    if mine.type.value_type != theirs.type.value_type:
        return False
    if mine.type != theirs.type:
        theirs = theirs.cast(mine.type)
    return not differing(mine, theirs, tolerant=one.entity_path != "/__properties").any()


def compare_in_order(ones: Sequence[Chunk], others: Sequence[Chunk], ignored: Set[str]) -> list[str]:
    """The first difference, chunk after chunk in the order of their ids."""
    if len(ones) != len(others):
        return [f"{len(ones)} chunks in the first, {len(others)} in the second"]
    for number, (one, other) in enumerate(zip(_by_id(ones), _by_id(others)), 1):
        found = difference(one, other, ignored)
        if found:
            return [f"chunk {number} of {len(ones)} ({one.entity_path}): {found}"]
    return []


def _by_id(chunks: Sequence[Chunk]) -> list[Chunk]:
    return sorted(chunks, key=lambda chunk: chunk.id)


def compare_unordered(ones: Sequence[Chunk], others: Sequence[Chunk], ignored: Set[str]) -> list[str]:
    """The chunks that have no counterpart."""
    alone, left = _unpaired(_by_id(ones), _by_id(others), ignored)
    rest: defaultdict[Any, list[Chunk]] = defaultdict(list)
    for chunk in left:
        rest[_kind(chunk)].append(chunk)
    found = []
    for chunk in alone:
        candidates = rest[_kind(chunk)]
        place = next((at for at, one in enumerate(candidates) if not difference(chunk, one, ignored)), None)
        if place is None:
            found.append(f"only in the first: {_described(chunk)}")
        else:
            del candidates[place]
    return [*found, *(f"only in the second: {_described(one)}" for many in rest.values() for one in many)]


def _kind(chunk: Chunk) -> Any:
    return chunk.entity_path, chunk.num_rows, frozenset(chunk.components)


def _unpaired(
    ones: Sequence[Chunk], others: Sequence[Chunk], ignored: Set[str]
) -> tuple[list[Chunk], list[Chunk]]:
    """Those that are left when all that are equal to the bit have found each other."""
    by_digest: defaultdict[bytes, list[Chunk]] = defaultdict(list)
    for chunk in reversed(others):
        by_digest[_digest(chunk, ignored)].append(chunk)
    alone = []
    for chunk in ones:
        same = by_digest.get(_digest(chunk, ignored))
        # A digest is of bytes: a NaN is in it, and equal to nothing.
        if same and not difference(chunk, same[-1], ignored):
            same.pop()
        else:
            alone.append(chunk)
    return alone, [chunk for many in by_digest.values() for chunk in many]


def _digest(chunk: Chunk, ignored: Set[str]) -> bytes:
    """Equal for chunks that are equal to the bit, as they are laid out."""
    digest = xxhash.xxh3_128(f"{chunk.entity_path}\0{chunk.num_rows}".encode())
    for name in sorted(set(chunk.timelines) - ignored):
        digest.update(name.encode())
        if name not in _NOT_COMPARED:
            _add(digest, chunk.times(name))
    for name in sorted(chunk.components):
        digest.update(name.encode())
        if (chunk.entity_path, name) != ("/__properties", _START_TIME):
            _add(digest, chunk.component(name))
    return digest.digest()


def _add(digest: xxhash.xxh3_128, array: pa.Array) -> None:
    for buffer in array.buffers():
        if buffer is not None:
            digest.update(buffer)


def _described(chunk: Chunk) -> str:
    return f"{chunk.entity_path}, {chunk.num_rows} rows of {', '.join(chunk.components) or 'no components'}"
