"""Which small chunks become one, as they come in: in bulk, so that a row is copied a few times at most.

A chunk that is small waits until there are 32 of its form; then they become one, which may be small
itself, and wait for 32 of its kind. So there are never many small chunks, whatever was inserted, and
what was asked for between any two of them. Only neighbours become one: what came between two chunks and
is not part of the same (None, among those that wait) keeps them apart, or times would interlace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from rrsdk import settings
from rrsdk.store.form import learn_bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from rrsdk.store.form import Form, Record

    Join = Callable[[Sequence[Record], int], Record | None]

FAN: Final = 32


class Packing(NamedTuple):
    """How large chunks get by being put together: Rerun's numbers."""

    max_bytes: int = 384 * 1024
    max_rows: int = 4096
    max_rows_if_unsorted: int = 1024

    @classmethod
    def from_environment(cls) -> Packing:
        """With what `RERUN_CHUNK_MAX_BYTES` and its like say."""
        names = settings.CHUNK_MAX_BYTES, settings.CHUNK_MAX_ROWS, settings.CHUNK_MAX_ROWS_IF_UNSORTED
        given = [settings.integer(name) for name in names]
        return cls(*(default if one is None else one for default, one in zip(cls(), given)))


class Packer:
    """The small chunks of one entity."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._waiting: dict[tuple[Form, int], list[Record | None]] = {}

    def add(self, records: Iterable[Record], join: Join, alive: Container[int]) -> None:
        """More chunks. `join` makes one of several, for a level; None where that cannot be done.

        Those that are not `alive` are passed over.
        """
        full: dict[tuple[Form, int], None] = {}

        def wait(form: Form, level: int, record: Record | None) -> None:
            waiting = self._waiting.setdefault((form, level), [])
            if record is not None:
                waiting.append(record)
                if len(waiting) >= FAN:
                    full[form, level] = None
            elif waiting and waiting[-1] is not None:
                waiting.append(None)

        for record in records:
            if not record.form.is_static:
                wait(record.form, 0, record if self._is_small(record) else None)
        while full:
            form, level = next(iter(full))
            full.pop((form, level))
            for run in self._runs(self._waiting.pop((form, level)), alive):
                whole = join(run, level + 1) if len(run) > 1 else None
                wait(form, level + 1, whole if whole is not None and self._is_small(whole) else None)

    def forget(self, numbers: AbstractSet[int]) -> None:
        """Chunks that are gone."""
        for key, waiting in list(self._waiting.items()):
            self._waiting[key] = [one for one in waiting if one is None or one.number not in numbers]

    def _is_small(self, record: Record) -> bool:
        packing = self._packing
        return 0 < record.num_rows <= packing.max_rows // 2 and record.own_bytes <= packing.max_bytes // 2

    def _runs(self, waiting: list[Record | None], alive: Container[int]) -> Iterator[list[Record]]:
        """Neighbours that fit into one chunk; none where they are kept apart."""
        learn_bounds([record for record in waiting if record is not None])
        packing = self._packing
        run: list[Record] = []
        rows = size = 0
        in_order = True
        for record in waiting:
            if record is None:
                yield run
                yield []
                run, rows, size, in_order = [], 0, 0, True
                continue
            if record.number not in alive:
                continue
            stays = in_order and record.is_sorted and (not run or _follows(run[-1], record))
            most = packing.max_rows if stays else packing.max_rows_if_unsorted
            if run and (rows + record.num_rows > most or size + record.own_bytes > packing.max_bytes):
                yield run
                run, rows, size, stays = [], 0, 0, record.is_sorted
            run.append(record)
            rows, size, in_order = rows + record.num_rows, size + record.own_bytes, stays
        if run:
            yield run


def _follows(one: Record, other: Record) -> bool:
    """Whether all times of the other are behind those of the one."""
    return all(
        before is not None and after is not None and before[1] <= after[0]
        for before, after in zip(one.bounds.times, other.bounds.times)
    )
