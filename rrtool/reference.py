"""All verbs and options as Markdown, from the commands: `scripts/reference` makes REFERENCE.md of it."""

from __future__ import annotations

import re
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import click

from rrtool.group import cli
from rrtool.verbs import ALIASES, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENING = """# rrtool, verb by verb

Made from the commands by `scripts/reference`; README.md tells what they are for.
"""

_RANGE = re.compile(r" ?\[[^\]]*x[<>][^\]]*\]")
"""What click says of numbers, each release in its own way."""


def reference() -> str:
    """All of it."""
    with cli.make_context("rrtool", [], resilient_parsing=True) as ctx:
        found = [_OPENING]
        for name in VERBS:
            command = cli.get_command(ctx, name)
            assert command is not None
            also = [alias for alias, verb in ALIASES.items() if verb == name]
            found.append("\n".join(_entry(command, ctx, f"rrtool {name}", also)))
    return "\n".join(found)


def _entry(command: click.Command, parent: click.Context, name: str, also: list[str]) -> Iterator[str]:
    ctx = click.Context(command, parent=parent, info_name=name.rpartition(" ")[2])
    usage = " ".join([name, *command.collect_usage_pieces(ctx)])
    yield f"## {name}\n"
    yield f"    {usage}\n"
    if also:
        yield f"Also called {', '.join(f'`rrtool {alias}`' for alias in also)}.\n"
    yield from _text(command.help or "")
    options = [param for param in command.get_params(ctx) if "--help" not in param.opts]
    records = [one.get_help_record(ctx) for one in options if isinstance(one, click.Option)]
    rows = [[text.replace("|", "\\|") for text in record] for record in records if record is not None]
    if rows:
        yield "| option | |\n| --- | --- |"
        for names, what in rows:
            yield f"| `{names}` | {_RANGE.sub('', ' '.join(what.split()))} |"
        yield ""
    if isinstance(command, click.Group):
        for sub in command.list_commands(ctx):
            inner = command.get_command(ctx, sub)
            assert inner is not None
            yield from _entry(inner, ctx, f"{name} {sub}", [])


def _text(text: str) -> Iterator[str]:
    """Paragraphs; those that are not to be wrapped, which begin with a backspace, as code."""
    for paragraph in text.strip().split("\n\n"):
        first, *lines = paragraph.splitlines()
        if first.strip() != "\b":
            words = " ".join(line.strip() for line in paragraph.splitlines())
            yield (
                "`".join(
                    part if number % 2 else part.replace("*", "\\*").replace("_", "\\_")
                    for number, part in enumerate(words.split("`"))
                )
                + "\n"
            )
            continue
        after_code = False
        for line in dedent("\n".join(lines)).splitlines():
            if line.endswith(":") and not line.startswith(" "):
                yield f"\n{line}\n" if after_code else f"{line}\n"
                after_code = False
            else:
                yield f"    {line.removeprefix('  ')}"
                after_code = True
        yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())
