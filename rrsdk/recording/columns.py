"""Many rows at once: columns of times and components, and chunks as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rrsdk.batcher.template import Template, index_field, row_id_field
from rrsdk.chunk.chunk import Chunk
from rrsdk.chunk.columns import new_row_ids
from rrsdk.chunk.order import is_sorted, sort_keys
from rrsdk.component.column import Descriptor
from rrsdk.components.batch import arrow_field
from rrsdk.components.strictness import complain
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import LogError, RrError
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.recording.core import Core


def send_columns(
    stream: Core,
    entity_path: str,
    indexes: Iterable[Any],
    columns: Iterable[Any],
    *,
    strict: bool | None = None,
) -> None:
    """Send many rows of one entity at once: a column for each timeline and each component."""
    if not stream.enabled:
        return
    try:
        entity = format_path(parse_path(entity_path))
        fields, arrays = _columns(stream, indexes, columns)
        sealer = stream.batcher.converter.sealer
        static = not any(field.metadata.get(b"rerun:kind") == b"index" for field in fields)
        template = Template(entity, fields, is_static=static)
        batch = pa.RecordBatch.from_arrays(arrays, schema=template.schema)
        stream.batcher.submit(sealer.seal(template, batch), batch.get_total_buffer_size())
    except RrError as error:
        complain(
            LogError(error.what, entity=str(entity_path), field=error.field, hint=error.hint), strict=strict
        )
    except (pa.ArrowException, TypeError, ValueError, AttributeError) as error:
        complain(LogError(f"send_columns: {error}", entity=str(entity_path)), strict=strict)


def _columns(
    stream: Core, indexes: Iterable[Any], columns: Iterable[Any]
) -> tuple[list[pa.Field], list[pa.Array]]:
    times: list[tuple[str, pa.Array]] = sorted(
        ((one.timeline_name(), _whole(one.as_arrow_array())) for one in indexes), key=lambda one: one[0]
    )
    components: dict[str, tuple[pa.Field, pa.Array]] = {}
    for one in columns:
        about, array = one.component_descriptor(), _whole(one.as_arrow_array())
        if not pa.types.is_list(array.type):
            array = pa.ListArray.from_arrays(pa.array(range(len(array) + 1), pa.int32()), array)
        descriptor = Descriptor(about.component, about.archetype, about.component_type)
        field = arrow_field(descriptor, array.type.value_type).with_type(array.type)
        components.setdefault(field.name, (field, array))
    count: int | None = None
    for name, array in [*times, *((field.name, array) for field, array in components.values())]:
        count = len(array) if count is None else count
        if len(array) != count:
            raise LogError(
                f"All columns must have the same length. Expected {count} but {name!r} has {len(array)}.",
                field=name,
            )
    if not components:
        raise LogError("there are no components to send")
    fields, arrays = [row_id_field(is_sorted=True)], [new_row_ids(count or 0)]
    for name, array in times:
        kind = _kind(name, array)
        stream.check_timeline(name, kind)
        fields.append(index_field(name, kind, is_sorted=is_sorted(sort_keys(array))))
        arrays.append(array)
    for field, array in components.values():
        fields.append(field)
        arrays.append(array)
    return fields, arrays


def _whole(array: Any) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _kind(name: str, array: pa.Array) -> TimeType:
    kinds = {
        pa.int64(): TimeType.SEQUENCE,
        pa.duration("ns"): TimeType.DURATION,
        pa.timestamp("ns"): TimeType.TIMESTAMP,
    }
    if not name:
        raise LogError("the name of a timeline must not be empty")
    found = kinds.get(array.type)
    if found is None or array.null_count:
        raise LogError(
            f"times are int64, duration[ns] or timestamp[ns] without nulls, not {array.type}", field=name
        )
    return found


def send_chunks(stream: Core, chunks: Any) -> None:
    """Send chunks as they are: a Chunk, or any number of them, ours or Rerun's."""
    if not stream.enabled:
        return
    sealer = stream.batcher.converter.sealer
    for chunk in _each(chunks):
        payload = chunk.to_ipc()
        sealed = sealer.seal_payload(payload, is_static=chunk.is_static, num_rows=chunk.num_rows)
        stream.batcher.submit(sealed, len(payload))


def _each(chunks: Any) -> Iterator[Chunk]:
    if isinstance(chunks, Chunk):
        yield chunks
        return
    if hasattr(chunks, "to_record_batch"):
        yield Chunk.from_record_batch(chunks.to_record_batch())
        return
    stream = getattr(chunks, "stream", None)
    found = getattr(stream() if callable(stream) else chunks, "to_chunks", None)
    for one in found() if callable(found) else chunks:
        yield from _each(one) if not isinstance(one, Chunk) else (one,)
