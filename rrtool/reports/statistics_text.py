"""Statistics as text, in the sections of the real program's `rrd stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrtool.reports.stores import name_store
from rrtool.reports.text import one_line
from rrtool.reports.times import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrtool.reports.compaction import Compaction
    from rrtool.reports.statistics import Sizes, Spread, Statistics


def statistics_text(stats: Statistics) -> str:
    """All sections, each under its heading."""
    sections = [("Overview", list(_overview(stats)))]
    for what, counts in (
        ("entity", stats.chunks_per_entity),
        ("index", stats.chunks_per_index),
        ("component", stats.chunks_per_component),
    ):
        lines = [f"{one_line(name)}: {count}" for name, count in counts.items()]
        sections.append((f"Num chunks per {what}", lines or ["(none)"]))
    for what, sizes in (
        ("schema + data, compressed", stats.compressed),
        ("schema + data, uncompressed", stats.uncompressed),
        ("schema only, uncompressed", stats.schema),
        ("data only, uncompressed", stats.data),
    ):
        if sizes is not None:
            sections.append((f"Size ({what})", list(_sizes(sizes))))
    if stats.unsorted is not None:
        sections.append(("Unsorted timelines", list(_unsorted(stats.unsorted))))
    sections.append(("Compaction", list(_compaction(stats.compaction))))
    sections.append(("Footers", list(_footers(stats))))
    return "\n".join(f"{title}\n{'-' * len(title)}\n" + "\n".join(lines) + "\n" for title, lines in sections)


def _overview(stats: Statistics) -> Iterator[str]:
    without = stats.chunks_without_components
    yield f"num_chunks = {stats.chunks}"
    yield f"num_entity_paths = {len(stats.chunks_per_entity)}"
    yield f"num_chunks_without_components = {without} ({100 * without / max(stats.chunks, 1):.3f}%)"
    yield f"num_rows = {stats.rows}"
    yield from _spread("rows", stats.rows_per_chunk)
    yield f"num_static = {stats.static_chunks}"
    yield from _spread("indexes", stats.indexes_per_chunk)
    yield from _spread("components", stats.components_per_chunk)


def _spread(what: str, spread: Spread) -> Iterator[str]:
    yield f"num_{what}_min = {spread.minimum}"
    yield f"num_{what}_max = {spread.maximum}"
    yield f"num_{what}_avg = {spread.average:.3f}"


def _sizes(sizes: Sizes) -> Iterator[str]:
    named = {"total": sizes.total, "min": sizes.minimum, "max": sizes.maximum, "avg": sizes.average}
    for name, size in (named | sizes.percentiles).items():
        yield f"ipc_size_bytes_{name} = {format_bytes(size)}"


def _unsorted(unsorted: dict[str, dict[str, bool]]) -> Iterator[str]:
    if not unsorted:
        yield "(none: in every chunk every timeline is sorted)"
    for entity, timelines in unsorted.items():
        yield one_line(entity)
        for name, is_sorted in timelines.items():
            yield f"  {one_line(name)}: {'sorted' if is_sorted else 'UNSORTED'}"


def _compaction(found: Compaction) -> Iterator[str]:
    factor = found.chunks / max(found.at_best, 1)
    yield f"num_chunks = {found.chunks}"
    yield f"num_chunks_at_best = {found.at_best} ({factor:.1f}× fewer)"
    yield f"num_chunks_in_excess = {found.chunks - found.at_best}"
    yield f"limits = {format_bytes(found.max_size)}, {found.max_rows} rows (those of rrtool compact)"


def _footers(stats: Statistics) -> Iterator[str]:
    if not stats.footers:
        yield "(none)"
    for index in stats.footers:
        yield one_line(name_store(index.store))
        yield f"  num_chunks_indexed = {index.chunks}"
        yield f"  num_static_chunks = {index.static_chunks}"
        yield f"  num_entity_paths = {index.entities}"
        yield f"  num_columns = {index.columns}"
        yield f"  sorbet_schema_num_fields = {index.schema_fields}"
        yield f"  sorbet_schema_sha256 = {index.schema_sha256}"
        yield f"  chunk_byte_size_total = {format_bytes(index.size)}"
        yield f"  chunk_byte_size_uncompressed_total = {format_bytes(index.size_uncompressed)}"
