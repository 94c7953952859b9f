"""rrtool info: a recording on one screen."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from rrsdk.identity import StoreKind
from rrsdk.message import StoreInfo
from rrsdk.sources.damage import Damage
from rrtool.options import one_input, shared_options, tolerates_errors
from rrtool.pipeline import opened, report_losses, watched
from rrtool.progress import Progress
from rrtool.reports.compaction import Joinable, Limit
from rrtool.reports.manifests import manifests
from rrtool.reports.overview import Overview
from rrtool.reports.stores import store_facts
from rrtool.streams import heading
from rrtool.transforms.packing import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Message


@click.command("info")
@one_input
@click.option("--all", "every_entity", is_flag=True, help="Every entity, however many lines that takes.")
@click.option("--json", "as_json", is_flag=True, help="One object instead of text, with every entity.")
@tolerates_errors
@shared_options
def command(
    name: str, every_entity: bool, as_json: bool, continue_on_error: bool, quiet: bool, jobs: int
) -> int:
    """Show a recording on one screen: what it is, what is in it, and since when.

    Its stores, the times on each timeline, the tree of entities with rows, chunks and bytes of each
    (branches added up where there are many), the sizes of its chunks, and what compact would gain.
    Answered from the footer, where there is one.

    \b
    Examples:
      rrtool info drive.rrd
      rrtool info --json drive.rrd | jq .timelines
    """
    del jobs  # there is a footer to read, and little else
    damage = Damage() if continue_on_error else None
    limits = PROFILES["object-store"]
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        source = opened(name, stack, damage=damage, warn=progress.warn)
        progress.expect(source.size or 0)
        found = Overview(source.name, source.size, Joinable(Limit(limits.max_bytes, limits.max_rows)))
        parts = list(manifests(_noted(watched([source], progress, damage, alone=True), found)))
        # A blueprint's entities and times would only be in the way, unless there is nothing else.
        kinds = {store.kind for store, _ in parts}
        for store, manifest in parts:
            found.add(store, manifest, in_detail=store.kind is StoreKind.RECORDING or len(kinds) == 1)
        losses = report_losses(damage, progress)
    if as_json:
        from rrtool.reports.text import compact_json

        text = compact_json(found.to_json()) + "\n"
    else:
        from rrtool.reports.overview_text import overview_text

        first, rest = overview_text(found, every_entity=every_entity).split("\n", 1)
        text = f"{heading(first)}\n{rest}"
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return losses


def _noted(messages: Iterable[Message], found: Overview) -> Iterator[Message]:
    """Keep what is said of stores."""
    for message in messages:
        if isinstance(message, StoreInfo):
            found.infos[message.store] = store_facts(message)
        yield message
