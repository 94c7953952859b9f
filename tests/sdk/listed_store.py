"""A store that is a list of chunks: the least that dataframe can be asked of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rrsdk.chunk import Chunk
from rrsdk.chunk.order import sort_keys
from rrsdk.dataframe import Recording
from rrsdk.store.opened import Opened
from rrsdk.store.schema import ComponentColumn, StoreSchema
from rrsdk.store.spans import Spans


class ListedStore:
    """Answers by going through all chunks; remembers which were opened."""

    generation = 1

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = list(chunks)
        self.opened: list[int] = []
        self.gone: set[int] = set()
        """Numbers that must not be given out any more."""

    def schema(self) -> StoreSchema:
        found = StoreSchema()
        for chunk in self.chunks:
            found.timelines.update(chunk.timelines)
            columns = found.components.setdefault(chunk.entity_path, {})
            on = found.timelines_of.get(chunk.entity_path, frozenset())
            found.timelines_of[chunk.entity_path] = on | set(chunk.timelines)
            for name in chunk.components:
                field = chunk.component_field(name)
                told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
                known = columns.get(name)
                columns[name] = ComponentColumn(
                    chunk.entity_path,
                    name,
                    told.get("rerun:archetype"),
                    told.get("rerun:component_type"),
                    field.type,
                    chunk.is_static or (known is not None and known.is_static),
                )
        return found

    def spans(self, entity: str, timeline: str, component: str | None) -> Spans:
        bounds = []
        for number, chunk in enumerate(self.chunks):
            if chunk.entity_path != entity or timeline not in chunk.timelines or number in self.gone:
                continue
            times = sort_keys(chunk.times(timeline))[0]
            if component is not None:
                if component not in chunk.components:
                    continue
                times = times[chunk.component(component).is_valid().to_numpy(zero_copy_only=False)]
            if len(times):
                bounds.append((int(times.min()), int(times.max()), number))
        return Spans.of(bounds)

    def static(self, entity: str, component: str) -> Sequence[int]:
        return [
            number
            for number, chunk in enumerate(self.chunks)
            if chunk.is_static and chunk.entity_path == entity and component in chunk.components
        ]

    def open(self, number: int) -> Opened:
        self.opened.append(number)
        return Opened(number, self.chunks[number])

    def prefetch(self, numbers: Sequence[int]) -> None:
        pass


def recording(*chunks: Chunk) -> Recording:
    return Recording(ListedStore(chunks))
