"""What a part of a recording needs beyond the latest-at state at its start.

A video stream is decoded from its last key frame at or before the start: all samples from there on come
along. Transforms and pinholes that name coordinate frames share one entity among many frames, so that no
single row is the latest: all rows of these components come along, from the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.errors import RrError
from rrsdk.ipc.manifest import ENTITY
from rrtool.transforms.filter_carry import Held, Listed, Place, Seen, State, held
from rrtool.transforms.filter_read import whole_message
from rrtool.transforms.filter_rows import present, timeline_at, times_of
from rrtool.transforms.key_frames import SAMPLE_TYPE, begins_group, column_of_type, knows, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rrsdk.codec.chunks import ChunkReader
    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import LaidOut
    from rrsdk.message import ChunkMsg

SAMPLE: Final = "VideoStream:sample"
_WITH_FRAMES: Final = ("Transform3D:", "Pinhole:")
FRAMES: Final = frozenset({f"{kind}{name}_frame" for kind in _WITH_FRAMES for name in ("parent", "child")})

Codecs = dict[tuple["StoreId", str], "int | None"]
"""By store and entity: the codec of its video stream, None where that is not one."""


def _is_special(component: str) -> bool:
    return component == SAMPLE or component.startswith(_WITH_FRAMES)


class PartState(State):
    """The latest-at state at the start of a part, key frames and coordinate frames heeded."""

    def __init__(
        self,
        timeline: str,
        *,
        wants: Callable[[str, str], bool],
        broken: Callable[[RrError], None],
        reader: ChunkReader,
        codecs: Mapping[tuple[StoreId, str], int | None],
    ) -> None:
        def but_samples(entity: str, component: str) -> bool:
            """The last sample by itself is of no use; which are, `more` says."""
            return component != SAMPLE and wants(entity, component)

        super().__init__(timeline, wants=but_samples, broken=broken, reader=reader)
        self._codecs = codecs
        self._own: dict[StoreId, list[Held]] = {}

    def add(self, message: ChunkMsg, chunk: LaidOut) -> None:
        """One chunk that begins at or before the start."""
        super().add(message, chunk)
        if any(_is_special(one.name) for one in chunk.shape.layout.components):
            self._own.setdefault(message.store, []).append(held(message))

    def more(self, store_id: StoreId, store: Seen) -> Iterator[tuple[Place, list[int]]]:
        """The rows of video streams and coordinate frames before the start."""
        streams: dict[str, list[tuple[int, Place]]] = {}
        moving: dict[str, dict[tuple[int, int], Place]] = {}
        framed: set[str] = set()

        def note(entity: str, component: str, upper: int, key: tuple[int, int], place: Place) -> None:
            if (entity, component) in store.hidden:
                return
            if component == SAMPLE:
                streams.setdefault(entity, []).append((upper, place))
                return
            moving.setdefault(entity, {})[key] = place
            if component in FRAMES:
                framed.add(entity)

        for chunks in store.listed:
            found = self.candidates(chunks, lambda _, component: _is_special(component))
            for component, entities in found.items():
                for entity, places in entities.items():
                    for upper, number in places:
                        note(entity, component, upper, (id(chunks), number), Listed(chunks, number))
        for number, own in enumerate(self._own.get(store_id, ())):
            layout = own.message.row.shape.layout
            at = timeline_at(layout, self.timeline)
            span = None if at is None else own.message.row.spans[at]
            if span is not None:
                for one in layout.components:
                    if _is_special(one.name):
                        note(layout.entity, one.name, min(span[1], self.start), (0, number), own)
        for entity in sorted(framed):
            for place in moving[entity].values():
                yield from self._looked(place, self._moved)
        for entity, candidates in sorted(streams.items()):
            codec = self._codecs.get((store_id, entity))
            if codec is not None and knows(codec):
                yield from self._since_key_frame(candidates, codec)
            else:
                for _, place in candidates:
                    yield from self._looked(place, self._sampled)

    # ---- rows of one chunk ----

    def _looked(
        self, place: Place, rows_of: Callable[[LaidOut], list[int]]
    ) -> Iterator[tuple[Place, list[int]]]:
        """Some rows of a chunk, if it can be opened."""
        chunk = self._chunk(place)
        if chunk is not None and (rows := rows_of(chunk)):
            yield place, rows

    def _chunk(self, place: Place) -> LaidOut | None:
        try:
            if isinstance(place, Held):
                return self._reader.open(whole_message(place.message))
            return self.opened(place)
        except RrError as error:
            if isinstance(place, Listed):
                start, end = place.chunks.extent(place.place)
                entity = place.chunks.manifest.table.raw(ENTITY)[place.place].decode("utf-8", "replace")
                error.located(source=place.chunks.origin.name, offset=start, end=end, entity=entity)
            self._broken(error)
            return None

    def _before(self, chunk: LaidOut) -> list[tuple[int, int]]:
        """Row and time of what is before the start."""
        number = timeline_at(chunk.shape.layout, self.timeline)
        if number is None:
            return []
        return [(row, time) for row, time in enumerate(times_of(chunk, number)) if time < self.start]

    def _moved(self, chunk: LaidOut) -> list[int]:
        """Rows before the start that say anything of a transform or a pinhole."""
        columns = [
            present(chunk, number)
            for number, one in enumerate(chunk.shape.layout.components)
            if one.name.startswith(_WITH_FRAMES)
        ]
        return [
            row for row, _ in self._before(chunk) if any(there is None or there[row] for there in columns)
        ]

    def _sampled(self, chunk: LaidOut) -> list[int]:
        """Rows before the start with a sample."""
        for number, one in enumerate(chunk.shape.layout.components):
            if one.name == SAMPLE:
                there = present(chunk, number)
                return [row for row, _ in self._before(chunk) if there is None or there[row]]
        return []

    def _since_key_frame(
        self, candidates: list[tuple[int, Place]], codec: int
    ) -> Iterator[tuple[Place, list[int]]]:
        """The samples from the last key frame at or before the start; the latest chunks are opened first."""
        found: list[tuple[int, int, Place]] = []
        key_frame: int | None = None
        for upper, place in sorted(candidates, key=lambda one: -one[0]):
            if key_frame is not None and upper < key_frame:
                break
            chunk = self._chunk(place)
            column = None if chunk is None else column_of_type(chunk.shape.layout, SAMPLE_TYPE)
            if chunk is None or column is None:
                continue
            number = timeline_at(chunk.shape.layout, self.timeline)
            assert number is not None
            samples = samples_of(column, chunk.shape.batch.num_rows, chunk.buffer)
            for row, (time, sample) in enumerate(zip(times_of(chunk, number), samples)):
                if sample is None or time > self.start:
                    continue
                found.append((time, row, place))
                if (key_frame is None or time > key_frame) and begins_group(sample, codec):
                    key_frame = time
        if key_frame is None:
            return
        rows: dict[int, tuple[Place, list[int]]] = {}
        for time, row, place in found:
            if key_frame <= time < self.start:
                rows.setdefault(id(place), (place, []))[1].append(row)
        yield from rows.values()
