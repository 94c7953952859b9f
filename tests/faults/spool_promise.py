"""What must hold of every producer, whatever failed: the promise of the pipe, with a spool behind it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rrsdk.sinks.live import SinkStatus
from tests.faults.spool_labels import Label

INFO = 1
"""Messages of a producer besides its chunks."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one producer logged, and what it was told of that."""

    put: int
    """Chunks, in order from 0 on."""
    durable: int
    """Messages that were called durable, those included that are no chunks."""
    gone: int = 0
    """Messages that it counts as dropped, refused or lost."""
    is_alive: bool = True
    """Whether it saw the end; else its messages may be cut off."""


def told_by(status: SinkStatus, put: int) -> Told:
    """From a sink that was flushed: its sums must add up."""
    gone = status.lost + status.dropped + status.refused
    assert not status.waiting, status
    assert (status.held + gone).messages == put + INFO, status
    return Told(put, status.durable.messages, gone.messages)


def judge(found: list[Label], told: Told, *, is_counted: bool = True) -> None:
    """`found` is what the spool has of one producer. `is_counted`: as much is missing as was told."""
    numbers = [label.number for label in found]
    assert numbers == sorted(set(numbers)), f"not in order, or twice: {_odd(numbers)}"
    if not told.is_alive:
        assert numbers == list(range(len(numbers))), f"no prefix: {_gaps(numbers)}"
        if is_counted:
            assert len(numbers) >= told.durable - INFO, (
                f"{told.durable} were durable, {len(numbers)} are there"
            )
        return
    missing = told.put - len(numbers)
    if not is_counted:
        assert missing + INFO >= told.gone, f"{missing} missing, {told}: {_gaps(numbers)}"
        return
    if told.gone:
        assert missing <= told.gone <= missing + INFO, f"{missing} missing, {told}: {_gaps(numbers)}"
    assert told.gone or not missing, f"{missing} of {told.put} missing: {_gaps(numbers)}"


def same_for_subscribers(
    delivered: list[Label], found: dict[int, list[Label]], *, may_miss: bool = False
) -> None:
    """A late subscriber gets what the files hold: by lifetime, each producer in its order."""
    for is_static in (True, False):
        got: dict[int, list[int]] = {}
        for label in delivered:
            if label.is_static == is_static:
                got.setdefault(label.producer, []).append(label.number)
        expected = {
            producer: numbers
            for producer, labels in found.items()
            if (numbers := [label.number for label in labels if label.is_static == is_static])
        }
        for producer in {*got, *expected}:
            have, wanted = got.get(producer, []), expected.get(producer, [])
            if may_miss:
                assert have == sorted(set(have) & set(wanted)), f"producer {producer}: {_odd(have)}"
                continue
            assert have == wanted, (
                f"producer {producer}, static {is_static}: {len(have)} delivered, {len(wanted)} in files; "
                f"only delivered {sorted(set(have) - set(wanted))[:9]}, "
                f"only in files {sorted(set(wanted) - set(have))[:9]}"
            )


def _gaps(numbers: list[int]) -> str:
    found = [(a + 1, b - 1) for a, b in zip([-1, *numbers], numbers) if b != a + 1]
    return f"gaps {found[:9]}, ends at {numbers[-1] if numbers else None}"


def _odd(numbers: list[int]) -> str:
    return str([(at, a, b) for at, (a, b) in enumerate(pairwise(numbers)) if b <= a][:9])
