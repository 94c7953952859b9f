"""rrtool compare: whether two recordings say the same, and what not."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from rrsdk.errors import FormatError, UsageError
from rrtool.memory import keep_freed_buffers
from rrtool.pipeline import opened
from rrtool.progress import Progress
from rrtool.streams import heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from rrsdk.chunk import Chunk
    from rrsdk.identity import StoreId
    from rrtool.by_entity import Stores
    from rrtool.reports.comparison import Difference

DIFFERENT = 1


@click.command("compare")
@click.argument("first", metavar="A", type=click.Path(readable=False))
@click.argument("second", metavar="B", type=click.Path(readable=False))
@click.option("--ignore-timeline", "ignored", multiple=True, metavar="NAME", help="Not these times.")
@click.option("--chunks", is_flag=True, help="Compare chunk by chunk, as `rerun rrd compare` does.")
@click.option("--unordered", is_flag=True, help="With --chunks: in any order.")
@click.option("--json", "as_json", is_flag=True, help="All differences as one object.")
@click.option(
    "--most", type=click.IntRange(min=1), default=20, metavar="N", help="Show so many.  [default: 20]"
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing; the exit code tells.")
def command(
    first: str,
    second: str,
    ignored: tuple[str, ...],
    chunks: bool,
    unordered: bool,
    as_json: bool,
    most: int,
    quiet: bool,
) -> int:
    """Say whether two recordings say the same, and where they do not.

    Rows are compared by store, entity and row id, values bit by bit, whatever the chunking: a recording
    and its compacted form are equal. A row that is there twice counts once; of static rows only the latest
    does, which hides the others. Exit code 0: equal, 1: different.

    --chunks gives the verdicts of `rerun rrd compare`: one recording each, equal chunks one by one; ids,
    the values of log_time, and rounding do not count.

    \b
    Examples:
      rrtool compare drive.rrd compacted.rrd
      rrtool compare --ignore-timeline log_time --json monday.rrd tuesday.rrd | jq .differences
    """
    if unordered and not chunks:
        raise UsageError("--unordered goes with --chunks; rows have no order")
    if (first, second) == ("-", "-"):
        raise UsageError("standard input can be read only once")
    keep_freed_buffers()
    from rrtool.by_entity import Stores

    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        one, other = (
            Stores(opened(name, stack, damage=None, warn=progress.warn).messages(), name=name)
            for name in (first, second)
        )
        said: list[str | Difference] = [
            *(_chunkwise(one, other, set(ignored), unordered) if chunks else _rows(one, other, set(ignored)))
        ]
    if as_json:
        from rrtool.reports.text import compact_json

        entries = [one if isinstance(one, str) else asdict(one) for one in said]
        sys.stdout.write(compact_json({"equal": not said, "differences": entries}) + "\n")
    elif not quiet:
        for one_said in said[:most]:
            place, colon, what = str(one_said).partition(": ")
            sys.stdout.write(f"{heading(place)}{colon}{what}\n")
        if len(said) > most:
            sys.stdout.write(f"… and {len(said) - most} more differences; --most shows them\n")
    return DIFFERENT if said else 0


def _rows(one: Stores, other: Stores, ignored: Set[str]) -> Iterator[Difference]:
    from rrtool.reports.comparison import Difference, Rows, compare_entity

    pairs = {store: store for store in {*one.stores, *other.stores}}
    recordings = one.recordings, other.recordings
    if all(len(found) == 1 for found in recordings) and recordings[0] != recordings[1]:
        (mine,), (theirs,) = recordings
        yield Difference(str(mine), "", "", 0, 0, f"is {theirs} in the second; their contents:")
        del pairs[theirs]
        pairs[mine] = theirs
    for store in sorted(pairs):
        for name, stores, wanted in (("second", other, pairs[store]), ("first", one, store)):
            if wanted not in stores.stores:
                yield Difference(str(store), "", "", 0, 0, f"is not in the {name}")
        if store not in one.stores or pairs[store] not in other.stores:
            continue
        for entities in one.batches(store, other, pairs[store]):
            found_here, found_there = one.read(store, entities), other.read(pairs[store], entities)
            for entity in entities:
                here, there = (Rows(found.get(entity, ()), ignored) for found in (found_here, found_there))
                yield from compare_entity(str(store), entity, here, there)
        if one.activations.get(store) != other.activations.get(pairs[store]):
            yield Difference(str(store), "", "", 0, 0, "is activated differently")


def _chunkwise(one: Stores, other: Stores, ignored: Set[str], unordered: bool) -> list[str]:
    from rrtool.reports.similarity import compare_in_order, compare_unordered

    (store, chunks), (their_store, their_chunks) = _only_recording(one), _only_recording(other)
    if store.application_id != their_store.application_id:
        return [f"application {store.application_id} and {their_store.application_id}"]
    compare = compare_unordered if unordered else compare_in_order
    return compare(chunks, their_chunks, ignored)


def _only_recording(stores: Stores) -> tuple[StoreId, list[Chunk]]:
    if len(stores.recordings) != 1:
        raise FormatError(
            f"holds {len(stores.recordings)} recordings, and --chunks compares one with one",
            source=stores.name,
            hint="compare without --chunks",
        )
    (store,) = stores.recordings
    return store, list(stores.chunks(store))
