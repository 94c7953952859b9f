"""What a store must answer, told by plain Python: rows in a list, and every question asked of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rrsdk.query.latest_at import CLEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rrsdk.chunk import Chunk

Values = list[Any]


@dataclass(frozen=True)
class ModelRow:
    """One row as it was logged."""

    entity: str
    row_id: bytes
    times: dict[str, int]
    """By timeline; none: static."""
    values: dict[str, Values | None] = field(hash=False)


def rows_of(chunk: Chunk) -> list[ModelRow]:
    """The rows of a chunk."""
    times = {name: chunk.times(name).cast("int64").to_pylist() for name in chunk.timelines}
    values = {name: chunk.component(name).to_pylist() for name in chunk.components}
    return [
        ModelRow(
            chunk.entity_path,
            row_id,
            {name: column[number] for name, column in times.items()},
            {name: column[number] for name, column in values.items()},
        )
        for number, row_id in enumerate(chunk.row_ids.to_pylist())
    ]


class Model:
    """A store that forgets nothing and looks at everything."""

    def __init__(self, chunks: Iterable[Chunk] = ()) -> None:
        self.rows = [row for chunk in chunks for row in rows_of(chunk)]

    def latest(
        self, entity: str, timeline: str, time: int, component: str
    ) -> tuple[int | None, ModelRow] | None:
        """The row that is latest, whatever was cleared; without a time where it is static."""
        of = [row for row in self.rows if row.entity == entity and row.values.get(component) is not None]
        static = [row for row in of if not row.times]
        if static:
            return None, max(static, key=lambda row: row.row_id)
        at = [row for row in of if timeline in row.times and row.times[timeline] <= time]
        if not at:
            return None
        last = max(at, key=lambda row: (row.times[timeline], row.row_id))
        return last.times[timeline], last

    def latest_at(self, entity: str, timeline: str, time: int) -> dict[str, tuple[int | None, bytes, Values]]:
        """All components that are there: time, row id, instances."""
        parts = [part for part in entity.split("/") if part]
        paths = ["/" + "/".join(parts[:depth]) for depth in range(len(parts) + 1)]
        cleared = None
        for path in paths:
            found = self.latest(path, timeline, time, CLEAR)
            if found is not None and (path == entity or found[1].values[CLEAR] == [True]):
                cleared = max(cleared, _order(found)) if cleared is not None else _order(found)
        answer = {}
        for component in sorted({name for row in self.rows if row.entity == entity for name in row.values}):
            found = self.latest(entity, timeline, time, component)
            if found is not None and (component == CLEAR or cleared is None or _order(found) > cleared):
                values = found[1].values[component]
                assert values is not None
                answer[component] = (found[0], found[1].row_id, values)
        return answer

    def range(
        self, entity: str, timeline: str, first: int, last: int, components: Sequence[str]
    ) -> list[tuple[int, bytes, dict[str, Values]]]:
        """Rows where one of the components is there; those that are static anywhere do not count."""
        static = {
            name
            for row in self.rows
            if row.entity == entity and not row.times
            for name, values in row.values.items()
            if values is not None
        }
        found = []
        for row in self.rows:
            if row.entity != entity or not first <= row.times.get(timeline, last + 1) <= last:
                continue
            there = {
                name: values
                for name, values in row.values.items()
                if values is not None and name in components and name not in static
            }
            if there:
                found.append((row.times[timeline], row.row_id, there))
        return sorted(found, key=lambda one: one[:2])


def _order(found: tuple[int | None, ModelRow]) -> tuple[bool, int, bytes]:
    """To be later, static data count as later than any time."""
    return found[0] is None, found[0] or 0, found[1].row_id
