"""rrtool print: what a recording holds, for people and, as JSON, for programs."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import ENTITY, OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks, Message, StoreInfo
from rrsdk.sources.damage import Damage
from rrtool.many import recordings_in
from rrtool.memory import keep_freed_buffers
from rrtool.options import reads_recordings, shared_options, tolerates_errors
from rrtool.pipeline import one_by_one, report_losses
from rrtool.progress import Progress
from rrtool.reports.listing import Listing
from rrtool.reports.stores import activation_facts, store_facts
from rrtool.reports.text import compact_json, one_line
from rrtool.streams import heading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rrsdk.message import Buffer
    from rrsdk.sources import Source
    from rrtool.reports.contents import Contents

BLOCK = 256 * 1024
LINES = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    verbose: int
    as_json: bool
    footers: bool
    transposed: bool
    entity: str | None


@click.command("print")
@reads_recordings
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="-v: full names, and times. -vv: each chunk's schema. -vvv: its data too.",
)
@click.option("--entity", metavar="PATH", help="Only chunks of this entity, or of a pattern like /world/**.")
@click.option("--json", "as_json", is_flag=True, help="One object a line instead of text.")
@click.option("--footers", is_flag=True, help="At the end, what the files' footers say of their chunks.")
@click.option("--transposed", is_flag=True, help="Tables with a line a column instead of a line a row.")
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    verbose: int,
    entity: str | None,
    as_json: bool,
    footers: bool,
    transposed: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Show what a recording holds, one line a chunk; of a directory, all recordings below.

    Up to -v this is answered from the footer alone, where there is one.

    \b
    With --json every line is an object; "type" says of what:
      file                  path
      store_info            store {kind, application_id, recording_id}, source, version
      blueprint_activation  store, make_active, make_default
      chunk                 id, store, entity, rows, static, components [name],
                            bytes, bytes_uncompressed,
                            timelines {name: {type, start, end}};
                            with -vv also schema {name: {type, metadata}},
                            with -vvv also columns {name: [a value for each row]}
      footer                store, chunks [{id, entity, static, rows, offset, bytes, …}]
    Times are integers: sequence numbers, or nanoseconds, for timestamps since 1970.

    \b
    Examples:
      rrtool print drive.rrd
      rrtool print -vvv --entity '/camera/**' drive.rrd | less -S
      rrtool print --json drive.rrd | jq 'select(.rows > 1000) | .entity'
    """
    del jobs  # what takes time here is writing text
    wanted = Wanted(verbose, as_json, footers, transposed, entity)
    damage = Damage() if continue_on_error else None
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet or sys.stdout.isatty()))
        names = recordings_in(inputs)
        printer = Printer(wanted, damage, progress.advance)
        out = sys.stdout.buffer
        for source in one_by_one(names, progress, damage):
            for block in _joined(printer.source(source)):
                out.write(block)
        if printer.matched == 0 and entity is not None:
            progress.warn(f"no chunk belongs to {entity}")
        out.flush()
    return report_losses(damage, progress)


def _joined(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks worth a system call each."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


class Printer:
    """Turns the messages of sources into text, piece by piece."""

    def __init__(self, wanted: Wanted, damage: Damage | None, advance: Callable[[int], None]) -> None:
        self.matched = 0
        """How many entities `--entity` has chosen."""
        self._advance = advance
        self._wanted, self._damage = wanted, damage
        if wanted.verbose >= 3:
            keep_freed_buffers()
        self._listing = Listing(qualified=wanted.verbose == 1, as_json=wanted.as_json)
        self._contents: Contents | None = None
        self._source = ""
        self._known: dict[bytes, bool] = {}
        if wanted.entity is not None:
            from rrsdk.entity import EntityPattern

            self._pattern = EntityPattern(wanted.entity)
        if wanted.verbose >= 2:
            from rrtool.reports.contents import Contents

            self._contents = Contents(
                data=wanted.verbose >= 3, as_json=wanted.as_json, transposed=wanted.transposed
            )

    def source(self, source: Source) -> Iterator[bytes]:
        """All of one source."""
        self._source = source.name
        yield self._line({"type": "file", "path": source.name}, f"File({one_line(source.name)})")
        footers = _footers_of(source) if self._wanted.footers else None
        waiting: list[str] = []
        for message in source.messages():
            if isinstance(message, ChunkMsg) and self._contents is None:
                self._listing.enter(message.store)
                if self._is_wanted(message.row.shape.layout.entity.encode()):
                    waiting.append(self._message_line(message))
                if len(waiting) < LINES:
                    continue
            if waiting:
                yield _encoded(waiting)
                waiting = []
            yield from self._message(message)
        if waiting:
            yield _encoded(waiting)
        if footers is not None:
            yield from self._footers(footers)

    def _message(self, message: Message) -> Iterator[bytes]:
        if isinstance(message, Chunks):
            if self._wanted.entity is not None:
                entities = message.manifest.table.raw(ENTITY)
                message = message.take([self._is_wanted(entity) for entity in entities])
            self._listing.enter(message.store)
            yield from self._chunks(message)
        elif isinstance(message, ChunkMsg):
            if self._contents is not None and self._is_wanted(message.row.shape.layout.entity.encode()):
                self._listing.enter(message.store)
                line = self._message_line(message)
                try:
                    yield self._contents.show(line, self._contents.open(b"".join(message.parts)))
                except FormatError as error:
                    raise error.located(source=self._source) from error.__cause__
        elif isinstance(message, StoreInfo):
            facts = store_facts(message)
            yield self._line(facts.to_json(), str(facts))
        else:
            asked = activation_facts(message)
            yield self._line(asked.to_json(), str(asked))

    def _message_line(self, message: ChunkMsg) -> str:
        return self._listing.row(message.row, size=message.size, size_uncompressed=message.size_uncompressed)

    def _is_wanted(self, entity: bytes) -> bool:
        if self._wanted.entity is None:
            return True
        known = self._known.get(entity)
        if known is None:
            from rrsdk.entity import parse_path

            known = self._known[entity] = self._pattern.matches(parse_path(entity.decode("utf-8", "replace")))
        self.matched += known
        return known

    def _chunks(self, chunks: Chunks) -> Iterator[bytes]:
        lines = self._listing.manifest(chunks.manifest)
        if self._contents is None:
            for start in range(0, len(lines), LINES):
                yield _encoded(lines[start : start + LINES])
            return
        table = chunks.manifest.table
        places = list(zip(lines, table.u64(OFFSET), table.u64(SIZE)))
        read = self._contents.reader(chunks.origin, max((at + size for _, at, size in places), default=0))
        for line, offset, size in places:
            try:
                yield self._contents.show(line, read(offset, size))
            except FormatError as error:
                error.located(source=self._source, offset=offset)
                if self._damage is None:
                    raise
                self._damage.add(self._source, offset, offset + size, error)
            self._advance(size)

    def _footers(self, footers: Sequence[Buffer]) -> Iterator[bytes]:
        from rrsdk.codec.footer import read_footer
        from rrsdk.codec.payload import read_store_id
        from rrtool.reports.footers import footer_json, footer_table

        for footer in footers:
            for raw, manifest in read_footer(memoryview(footer)):
                store = read_store_id(raw)
                if self._wanted.as_json:
                    yield _encoded([footer_json(store, manifest)])
                else:
                    yield footer_table(store, manifest)
        if not footers and not self._wanted.as_json:
            yield _encoded(["no footer"])

    def _line(self, as_json: dict[str, object], text: str) -> bytes:
        return _encoded([compact_json(as_json) if self._wanted.as_json else heading(text)])


def _footers_of(source: Source) -> list[Buffer]:
    """The footers of a file, or a list that fills while a pipe is read."""
    from rrsdk.sources.file import FileSource
    from rrsdk.sources.pipe import PipeSource

    found: list[Buffer] = []
    if isinstance(source, FileSource):
        found += [region.footer for region in source.regions() if region.footer is not None]
    elif isinstance(source, PipeSource):
        source.on_footer = found.append
    return found


def _encoded(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")
