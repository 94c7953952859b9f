"""A recording on one screen, as text. Where there are more entities than lines, branches are added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrtool.reports.overview import BOUNDS, Total
from rrtool.reports.stores import name_store
from rrtool.reports.text import one_line
from rrtool.reports.times import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rrtool.reports.overview import Overview

LINES = 24
"""Of entities, where not all are asked for."""
_BAR = 30
_DEEPEST = 32


def overview_text(found: Overview, *, every_entity: bool = False) -> str:
    """All of it, a section after the other."""
    sections = [
        _head(found),
        _stores(found),
        _timelines(found),
        _entities(found.entities, None if every_entity else LINES),
        _sizes(found),
        _gain(found),
    ]
    return "\n".join("".join(f"{one_line(line)}\n" for line in section) for section in sections)


def _head(found: Overview) -> Iterator[str]:
    size = f"{format_bytes(found.size)}, " if found.size is not None else ""
    yield f"{found.name}: {size}{_counted(found.total)}"


def _counted(total: Total) -> str:
    static = f" ({total.static_chunks:,} static)" if total.static_chunks else ""
    return f"{_number(total.chunks, 'chunk')}{static}, {_number(total.rows, 'row')}"


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _stores(found: Overview) -> Iterator[str]:
    for store in {**found.infos, **found.stores}:
        facts, total = found.infos.get(store), found.stores.get(store, Total())
        by = f", by {facts.source}" if facts is not None else ", not announced"
        version = f", Rerun {facts.version}" if facts is not None and facts.version is not None else ""
        yield f"{name_store(store)}: {_counted(total)}, {format_bytes(total.size)}{by}{version}"


def _timelines(found: Overview) -> Iterator[str]:
    rows = [
        (name, f"{extent.start} to {extent.end}", f"({extent.length})" if extent.length is not None else "")
        for name, extent in sorted(found.timelines.items())
    ]
    yield "Timelines" if rows else "No timelines"
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, span, length in rows:
        yield f"  {name:<{width}}  {span}  {length}".rstrip()


# ---- entities ----


class _Node:
    """A part of a path, and what lies at it and below it."""

    def __init__(self) -> None:
        self.own: Total | None = None
        self.below: dict[str, _Node] = {}

    def total(self) -> Total:
        found = Total()
        for one in (self.own, *(child.total() for child in self.below.values())):
            if one is not None:
                found.chunks += one.chunks
                found.rows += one.rows
                found.size += one.size
                found.static_chunks += one.static_chunks
        return found

    def count(self) -> int:
        """Entities at it and below."""
        return (self.own is not None) + sum(child.count() for child in self.below.values())


def _entities(entities: Mapping[str, Total], most: int | None) -> Iterator[str]:
    yield f"{_number(len(entities), 'entity').replace('entitys', 'entities')}"
    root = _Node()
    for path, total in entities.items():
        node = root
        for part in _parts(path):
            node = node.below.setdefault(part, _Node())
        node.own = total
    depth = 1
    while depth < _DEEPEST and (most is None or len(_rows(root, depth + 1)) <= most):
        depth += 1
    rows = _rows(root, depth)
    width = max((len(name) for name, _ in rows), default=0)
    shown = rows if most is None else rows[:most]
    for name, total in shown:
        yield (
            f"  {name:<{width}}  {_number(total.rows, 'row'):>14}  {_number(total.chunks, 'chunk'):>13}  "
            f"{format_bytes(total.size):>9}{'  static' if total.static_chunks == total.chunks else ''}"
        )
    if len(shown) < len(rows):
        yield f"  and {len(rows) - len(shown)} more (--all shows every entity)"


def _parts(path: str) -> list[str]:
    """The parts of an escaped path; a slash that is escaped parts nothing."""
    parts, part, escaped = [], "", False
    for char in path.removeprefix("/"):
        if char == "/" and not escaped:
            parts.append(part)
            part = ""
        else:
            part += char
        escaped = char == "\\" and not escaped
    return [*parts, part] if part or parts else []


def _rows(root: _Node, depth: int) -> list[tuple[str, Total]]:
    """A line for each part of a path, down to a depth; what lies deeper is added up."""
    rows: list[tuple[str, Total]] = []
    if root.own is not None:
        rows.append(("/", root.own))

    def visit(node: _Node, level: int) -> None:
        for name, child in sorted(node.below.items()):
            label = f"{'  ' * level}{'/' if not level else ''}{name}"
            if level + 1 == depth and child.below:
                rows.append((f"{label}/** ({child.count()})", child.total()))
            else:
                rows.append((label if child.own is not None else f"{label}/", child.own or child.total()))
                visit(child, level + 1)

    visit(root, 0)
    return rows


# ---- chunks ----


def _sizes(found: Overview) -> Iterator[str]:
    yield "Chunks by size, uncompressed"
    most = max(found.histogram)
    names = [f"up to {_short(bound)}" for bound in BOUNDS] + [f"above {_short(BOUNDS[-1])}"]
    used = [place for place, count in enumerate(found.histogram) if count]
    for place in range(used[0], used[-1] + 1) if used else ():
        count = found.histogram[place]
        bar = "#" * -(-_BAR * count // most)
        yield f"  {names[place]:<13} {count:>9,}  {bar}".rstrip()


def _short(size: int) -> str:
    return f"{size // 1024} KiB" if size < 1 << 20 else f"{size >> 20} MiB"


def _gain(found: Overview) -> Iterator[str]:
    gain = found.compaction()
    if gain.at_best >= gain.chunks:
        yield "rrtool compact would not make fewer chunks of it"
    else:
        factor = gain.chunks / max(gain.at_best, 1)
        chunks = _number(gain.chunks, "chunk")
        yield f"rrtool compact could make {gain.at_best:,} of the {chunks} ({factor:.1f}× fewer)"
