"""rrtool diff-schema: what one recording can hold that another cannot."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from rrsdk.errors import UsageError
from rrtool.options import shared_options
from rrtool.pipeline import opened, watched
from rrtool.progress import Progress
from rrtool.reports.manifests import manifests
from rrtool.reports.schemas import RecordingSchema, schema_differences
from rrtool.streams import STDIN


@click.command("diff-schema")
@click.argument("left", type=click.Path(readable=False), metavar="A")
@click.argument("right", type=click.Path(readable=False), metavar="B")
@click.option("--json", "as_json", is_flag=True, help="One object with all differences instead of lines.")
@shared_options
def command(left: str, right: str, as_json: bool, quiet: bool, jobs: int) -> int:
    """Compare which entities, components and timelines two recordings have, and of which types.

    A line with - is in A only, one with + in B only; both where the type, or whether it is static,
    differs. What is logged at which time does not count, nor do ids and blueprints. One of both may
    be - for standard input. Exits with 0 where there is no difference, with 1 where there is.

    \b
    Examples:
      rrtool diff-schema monday.rrd tuesday.rrd
      rrtool diff-schema --json old.rrd new.rrd | jq '.differences[].entity'
    """
    del jobs  # footers are read, and little else
    if left == right == STDIN:
        raise UsageError("standard input can be read only once; name - once")
    schemas = []
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        for name in (left, right):
            source = opened(name, stack, damage=None, warn=progress.warn)
            schema = RecordingSchema()
            for store, manifest in manifests(watched([source], progress, None, alone=True)):
                schema.add(store, manifest)
            schemas.append(schema)
    differences = schema_differences(*schemas)
    if as_json:
        from rrtool.reports.text import compact_json

        found = {"left": left, "right": right, "differences": [one.to_json() for one in differences]}
        text = compact_json(found) + "\n"
    else:
        text = "".join(f"{line}\n" for one in differences for line in one.lines())
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 1 if differences else 0
