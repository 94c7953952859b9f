"""rrtool filter: keep or drop entities, timelines, components and spans of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import click

from rrsdk.errors import UsageError
from rrtool.many import Job, over_many
from rrtool.options import (
    F,
    reads_recordings,
    rewrites_files,
    shared_options,
    tolerates_errors,
    writes_recording,
)
from rrtool.pipeline import rewrite
from rrtool.transforms.filter_names import Choice, EntityGlob, NameGlob
from rrtool.transforms.filter_select import select_entities
from rrtool.transforms.merge import without_repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.errors import RrError
    from rrsdk.message import Message


def _names(option: str, metavar: str, text: str) -> Callable[[F], F]:
    """An option that may be given many times."""
    return click.option(f"--{option}", multiple=True, metavar=metavar, help=text)


@click.command("filter")
@reads_recordings
@writes_recording
@_names("drop-entity", "PATH", "Drop these entities; may be given many times, as all of these.")
@_names("keep-entity", "PATH", "Drop all other entities.")
@_names("drop-timeline", "NAME", "Drop this timeline from all chunks.")
@_names("keep-timeline", "NAME", "Drop all other timelines.")
@_names("drop-component", "NAME", "Drop this component, as Points3D:colors.")
@_names("keep-component", "NAME", "Drop all other components.")
@click.option(
    "--time",
    "times",
    multiple=True,
    metavar="TIMELINE:START..END",
    help="Keep rows from START to END, both included; once.",
)
@click.option("--no-carry", is_flag=True, help="With --time: do not carry in what holds at START.")
@rewrites_files
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    drop_entity: tuple[str, ...],
    keep_entity: tuple[str, ...],
    drop_timeline: tuple[str, ...],
    keep_timeline: tuple[str, ...],
    drop_component: tuple[str, ...],
    keep_component: tuple[str, ...],
    times: tuple[str, ...],
    no_carry: bool,
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Keep or drop entities, timelines, components and spans of time.

    In PATH, `*` stands for anything within one part and `**` for any number of parts: /a/** is /a
    and all below it. In NAME, `*` stands for anything. A pattern that matches nothing is a warning;
    where nothing at all would be kept for it, an error.
    Recording properties stay unless dropped by name; blueprints pass as they are.

    --time keeps static data too, and for each component the row that holds at START, with its own
    time. START or END may be left out; they are sequence numbers, seconds (or 200ms, 10min) for
    durations, ISO times or seconds since 1970 for timestamps. Data that are not on TIMELINE are
    left out, with a warning. A chunk that loses its last timeline becomes static, with a warning.

    \b
    Examples:
      rrtool filter --drop-entity '/camera/**' drive.rrd -o small.rrd
      rrtool filter --time log_time:2024-02-29T12:00..2024-02-29T12:05 drive.rrd -o part.rrd
      rrtool filter --keep-component 'Points3D:*' < drive.rrd > points.rrd
    """
    if len(times) > 1:
        raise UsageError("--time can be given once; filter the result for another cut")
    if no_carry and not times:
        raise UsageError("--no-carry goes with --time")
    options = {
        "entities": (drop_entity, keep_entity),
        "timelines": (drop_timeline, keep_timeline),
        "components": (drop_component, keep_component),
        "time": times[0] if times else None,
        "carry": not no_carry,
    }
    return over_many(
        Job("filter", _filter, options),
        inputs,
        output,
        in_place=in_place,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


_Names: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""What is dropped, and what is kept."""


def _filter(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    entities: _Names,
    timelines: _Names,
    components: _Names,
    time: str | None,
    carry: bool,
    continue_on_error: bool,
    jobs: int,
    quiet: bool,
    dry_run: bool,
) -> int:
    of_entities = Choice("entity", *([EntityGlob(name) for name in names] for names in entities))
    of_timelines = Choice("timeline", *([NameGlob(name) for name in names] for names in timelines))
    of_components = Choice("component", *([NameGlob(name) for name in names] for names in components))
    broken: list[RrError] = []
    skip = broken.append if continue_on_error else None
    warnings = [of_entities.warnings, of_timelines.warnings, of_components.warnings]

    def transform(messages: Iterable[Message]) -> Iterator[Message]:
        messages = without_repeats(messages)
        if of_entities:
            messages = select_entities(messages, of_entities)
        if time is not None:
            from rrtool.transforms.filter_time import TimeCut

            cut = TimeCut.parse(time, carry=carry, components=of_components, skip=skip)
            warnings.append(cut.warnings)
            messages = cut(messages)
        if of_timelines or of_components:
            from rrtool.transforms.filter_columns import ColumnFilter

            columns = ColumnFilter(of_timelines, of_components, jobs=jobs, skip=skip)
            warnings.append(columns.warnings)
            messages = columns(messages)
        yield from messages
        for choice in (of_entities, of_timelines, of_components):
            choice.check()

    code = rewrite(
        inputs,
        output,
        transform,
        continue_on_error=continue_on_error,
        quiet=quiet,
        left_out=broken,
        dry_run=dry_run,
    )
    for lines in warnings:
        for line in lines():
            click.echo(f"rrtool filter: {line}", err=True)
    return code
