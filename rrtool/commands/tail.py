"""rrtool tail: what comes into a session or a growing file, one line a chunk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rrsdk.endpoint import looks_like_endpoint
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sources.damage import Damage
from rrsdk.sources.live import open_live
from rrtool.pipeline import report_losses
from rrtool.progress import Progress
from rrtool.reports.listing import Listing
from rrtool.reports.stores import activation_facts, store_facts
from rrtool.reports.text import compact_json
from rrtool.streams import EXIT_LOSS

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message
    from rrsdk.sources.missed import LiveSource


@click.command("tail")
@click.argument("name", metavar="URL|FILE", type=click.Path(readable=False))
@click.option("--entity", metavar="PATH", help="Only chunks of this entity, or of a pattern like /world/**.")
@click.option("--json", "as_json", is_flag=True, help="One object a line instead of text.")
@click.option(
    "--until-idle", type=click.FloatRange(min=0), metavar="S", help="End when nothing came for S seconds."
)
def command(name: str, entity: str | None, as_json: bool, until_idle: float | None) -> int:
    """Show what a session or a growing file holds, then what comes, one line a chunk.

    Lines are those of `rrtool print` (with -v), with --json those of `rrtool print --json`.
    Goes on until it is interrupted.

    \b
    Examples:
      rrtool tail localhost:9876
      rrtool tail run.rrd --entity '/camera/**'
      rrtool tail localhost:9876 --json | jq .entity
    """
    damage = Damage()
    progress = Progress(quiet=True)
    source = _opened(name, idle_s=until_idle, damage=damage, warn=progress.warn)
    lines = _Lines(entity, as_json=as_json)
    out = sys.stdout.buffer
    try:
        for message in source.messages():
            line = lines.of(message)
            if line is not None:
                out.write(line.encode("utf-8", "replace") + b"\n")
                out.flush()
    except KeyboardInterrupt:  # how it is meant to end
        pass
    finally:
        source.close()
    losses = report_losses(damage, progress)
    return EXIT_LOSS if losses or source.missed.messages else 0


def _opened(name: str, *, idle_s: float | None, damage: Damage, warn: Callable[[str], None]) -> LiveSource:
    import os

    if looks_like_endpoint(name) and not os.path.exists(name):
        return open_live(name, idle_s=idle_s, damage=damage, warn=warn)
    from rrsdk.sources.growing import GrowingSource

    return GrowingSource(name, idle_s=idle_s, warn=warn)


class _Lines:
    """Messages as lines; what was not asked for is None."""

    def __init__(self, entity: str | None, *, as_json: bool) -> None:
        self._listing = Listing(qualified=True, as_json=as_json)
        self._json = as_json
        self._known: dict[str, bool] = {}
        self._pattern = None
        if entity is not None:
            from rrsdk.entity import EntityPattern

            self._pattern = EntityPattern(entity)

    def of(self, message: Message) -> str | None:
        if isinstance(message, ChunkMsg):
            if not self._is_wanted(message.row.shape.layout.entity):
                return None
            self._listing.enter(message.store)
            return self._listing.row(
                message.row, size=message.size, size_uncompressed=message.size_uncompressed
            )
        if isinstance(message, (StoreInfo, Activation)):
            facts = store_facts(message) if isinstance(message, StoreInfo) else activation_facts(message)
            return compact_json(facts.to_json()) if self._json else str(facts)
        return None  # ranges of files do not come live

    def _is_wanted(self, entity: str) -> bool:
        if self._pattern is None:
            return True
        known = self._known.get(entity)
        if known is None:
            from rrsdk.entity import parse_path

            known = self._known[entity] = self._pattern.matches(parse_path(entity))
        return known
