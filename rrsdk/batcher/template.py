"""What chunks of one entity and shape have in common: made once, then only ids and values change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rrsdk.batcher.gather import Gatherer, can_gather
from rrsdk.identity import format_tuid
from rrsdk.ipc.keys import (
    ENTITY_KEY,
    ID_KEY,
    INDEX_NAME_KEY,
    KIND_KEY,
    SORBET_VERSION,
    SORTED_KEY,
    VERSION_KEY,
)
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.batcher.times import TimeLayout

ROW_ID_TYPE: Final = pa.binary(16)
TIME_TYPES: Final = {
    TimeType.SEQUENCE: pa.int64(),
    TimeType.DURATION: pa.duration("ns"),
    TimeType.TIMESTAMP: pa.timestamp("ns"),
}
_ROW_ID: Final = {
    KIND_KEY: "control",
    "ARROW:extension:name": "rerun.datatypes.TUID",
    "ARROW:extension:metadata": '{"namespace":"row"}',
}
_SORTED: Final = {SORTED_KEY: "true"}
_NO_ID: Final = "chunk_" + "0" * 32


def row_id_field(*, is_sorted: bool) -> pa.Field:
    """The first column of every chunk."""
    about = _ROW_ID | (_SORTED if is_sorted else {})
    return pa.field("rerun.controls.RowId", ROW_ID_TYPE, nullable=False, metadata=about)


def index_field(name: str, kind: TimeType, *, is_sorted: bool) -> pa.Field:
    """A timeline."""
    about = {KIND_KEY: "index", INDEX_NAME_KEY: name} | (_SORTED if is_sorted else {})
    return pa.field(name, TIME_TYPES[kind], metadata=about)


class Template:
    """The schema of chunks that differ in their ids alone."""

    __slots__ = (
        "schema",
        "types",
        "is_static",
        "_before",
        "_after",
        "makes_large",
        "_may_gather",
        "_gatherer",
    )

    def __init__(self, entity: str, fields: Sequence[pa.Field], *, is_static: bool) -> None:
        self.is_static = is_static
        about = {ENTITY_KEY: entity, ID_KEY: _NO_ID, VERSION_KEY: SORBET_VERSION}
        self.schema = pa.schema(fields, about)
        self.types = list(self.schema.types)
        raw = self.schema.serialize().to_pybytes()
        # Names that users choose may look like an id: the last occurrence might be theirs, or the first.
        # Two schemas that differ in the id alone differ where it stands.
        other = pa.schema(fields, about | {ID_KEY: "chunk_" + "1" * 32}).serialize().to_pybytes()
        first = next(place for place, (a, b) in enumerate(zip(raw, other)) if a != b)
        self._before, self._after = raw[:first], raw[first + 32 :]
        self.makes_large = False
        """Whether the last chunk was too large to be copied together."""
        self._gatherer: Gatherer | None = None
        self._may_gather = can_gather(self.schema)

    def message(self, chunk_id: bytes) -> bytes:
        """The schema's message of a chunk with this id, framed."""
        return b"".join((self._before, format_tuid(chunk_id).encode(), self._after))

    def gatherer(self) -> Gatherer | None:
        """What makes messages of large batches; None where dictionaries stand in the way."""
        if self._gatherer is None and self._may_gather:
            self._gatherer = Gatherer(self.schema)
        return self._gatherer


def template(
    entity: str, times: TimeLayout, is_sorted: tuple[bool, ...], components: Sequence[pa.Field]
) -> Template:
    """The template of chunks with these columns; `is_sorted` goes with the columns of `times`."""
    fields = [row_id_field(is_sorted=True)]
    fields += [
        index_field(name, kind, is_sorted=flag) for (name, kind, _), flag in zip(times.columns, is_sorted)
    ]
    return Template(entity, [*fields, *components], is_static=times.is_static)
