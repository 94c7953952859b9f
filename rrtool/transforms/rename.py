"""Other names for entities and timelines: of a chunk only the head changes, values are copied.

All renames hold at once, so that two names can be swapped. An entity takes what is below it along, as a
folder does; where several renames cover a path, the longest one counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, UsageError
from rrsdk.identity import StoreKind
from rrsdk.ipc.keys import ENTITY_KEY, INDEX_NAME_KEY
from rrsdk.ipc.layout import ChunkLayout, Role, new_layout
from rrsdk.ipc.manifest import ENTITY
from rrsdk.message import ChunkMsg, Chunks, Message
from rrtool.transforms.filter_names import is_property
from rrtool.transforms.filter_plan import Cut, Planner, derived_id, seed_of
from rrtool.transforms.filter_read import messages_of, whole_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rrsdk.identity import StoreId


def parse_rename(text: str, *, option: str) -> tuple[str, str]:
    """OLD and NEW of `OLD=NEW`; a `=` that belongs to a name is written with a backslash."""
    old, *rest = _split(text)
    if len(rest) != 1 or not old.strip() or not rest[0].strip():
        raise UsageError(
            f"{option} wants OLD=NEW, not {text!r}", hint="write a = that belongs to a name as \\="
        )
    return old, rest[0]


def _split(text: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "=":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


class Names:
    """What is called how afterwards, and which renames met nothing."""

    def __init__(
        self, entities: Sequence[tuple[str, str]] = (), timelines: Sequence[tuple[str, str]] = ()
    ) -> None:
        found = [(parse_path(old), parse_path(new)) for old, new in entities]
        self._entities = sorted(found, key=lambda pair: -len(pair[0]))
        self._timelines = {old.replace("\\=", "="): new.replace("\\=", "=") for old, new in timelines}
        if len(dict(self._entities)) < len(entities) or len(self._timelines) < len(timelines):
            raise UsageError("a name is to be called two things at once")
        self._known: dict[str, str] = {}
        self._unused: set[str] = {format_path(old) for old, _ in found} | set(self._timelines)

    def entity(self, path: str) -> str:
        """The new path of an entity; properties of recordings keep theirs."""
        new = self._known.get(path)
        if new is None:
            new = path
            parts = () if is_property(path) else parse_path(path)
            for old, after in self._entities if parts else ():
                if parts[: len(old)] == old:
                    self._unused.discard(format_path(old))
                    new = format_path((*after, *parts[len(old) :]))
                    break
            self._known[path] = new
        return new

    def timeline(self, name: str) -> str:
        """The new name of a timeline."""
        new = self._timelines.get(name)
        if new is None:
            return name
        self._unused.discard(name)
        return new

    @property
    def timelines(self) -> Iterable[str]:
        """Those that get another name."""
        return self._timelines

    def warnings(self) -> list[str]:
        """What a user should know of what was done."""
        return [f"nothing is called {name}" for name in sorted(self._unused)]


class Rename:
    """Renames in the recordings that pass through; blueprints pass as they are."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._planner = _Planner(names)
        self._reader = ChunkReader()

    def __call__(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages under their new names."""
        for message in messages:
            if isinstance(message, Chunks) and message.store.kind is StoreKind.RECORDING:
                yield from self._chunks(message)
            elif isinstance(message, ChunkMsg) and message.store.kind is StoreKind.RECORDING:
                yield self._renamed(message.store, message.store_raw, whole_message(message)) or message
            else:
                yield message

    def _chunks(self, chunks: Chunks) -> Iterator[Message]:
        changes = bytearray(len(chunks))
        for timeline in self._names.timelines:
            changes = bytearray(map(int.__or__, changes, chunks.manifest.on_timeline(timeline)))
        for place, raw in enumerate(chunks.manifest.table.raw(ENTITY)):
            path = raw.decode("utf-8", "replace")
            if self._names.entity(path) != path:
                changes[place] = 1
        stays = bytes([not change for change in changes])
        if any(stays):
            yield chunks.take(stays)
        if not any(changes):
            return
        changed = chunks.take(changes)
        for place, message in enumerate(messages_of(changed)):
            try:
                made = self._renamed(chunks.store, chunks.store_raw, message)
            except FormatError as error:
                start, end = changed.extent(place)
                raise error.located(source=chunks.origin.name, offset=start, end=end) from error.__cause__
            assert made is not None
            yield made

    def _renamed(self, store: StoreId, raw: bytes, message: memoryview) -> ChunkMsg | None:
        """The chunk under its new names; None where it keeps all of them."""
        about = self._reader.envelope(message)
        chunk = self._reader.open(message, about)
        cut = self._planner.cut(chunk.shape.layout)
        if cut is None:
            return None
        chunk_id = derived_id(about.chunk_id or chunk.chunk_id, cut.seed)
        if cut.layout.is_opaque:
            from rrsdk.codec.opaque import renamed

            columns = [chunk.shape.layout.columns.index(one) for one in cut.kept]
            payload = renamed(chunk.payload, chunk_id, columns=columns, names=cut.layout.schema)
        else:
            payload = self._planner.slices(chunk, cut).apply(chunk.payload, chunk_id)
        return pack_chunk(store, raw, payload, self._reader.layout(payload), chunk_id)


class _Planner(Planner):
    """Plans in which all columns stay, with other names, and timelines in the order of those."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def _plan(self, layout: ChunkLayout) -> Cut | None:
        names = self._names
        path = names.entity(layout.entity)
        renamed = [names.timeline(one.name) if one.role is Role.INDEX else one.name for one in layout.columns]
        if path == layout.entity and all(one.name == new for one, new in zip(layout.columns, renamed)):
            return None
        times = [new for one, new in zip(layout.columns, renamed) if one.role is Role.INDEX]
        if len(set(times)) < len(times):
            raise FormatError(
                f"two timelines would be called {next(one for one in times if times.count(one) > 1)}",
                entity=layout.entity,
                hint="drop one of them first, with rrtool filter --drop-timeline",
            )
        rank = {Role.ROW_ID: 0, Role.INDEX: 1, Role.COMPONENT: 2}
        order = sorted(  # components stay in theirs
            zip(layout.columns, renamed),
            key=lambda pair: (rank[pair[0].role], pair[1] if pair[0].role is Role.INDEX else ""),
        )
        fields = tuple(
            replace(one.field, name=new, metadata={**one.field.metadata, INDEX_NAME_KEY: new})
            if one.role is Role.INDEX
            else one.field
            for one, new in order
        )
        kept = tuple(one for one, _ in order)
        after = new_layout(fields, {**layout.schema.metadata, ENTITY_KEY: path})
        seed = seed_of("rename", path, *sorted(times))
        return Cut(kept, after, seed, becomes_static=False, is_gone=False)
