"""rrtool keys: this user's keys, which keys a broker lets in, which brokers are believed."""

from __future__ import annotations

import sys

import click

from rrsdk.endpoint import Transport, parse_endpoint
from rrsdk.errors import UsageError
from rrsdk.keys import KeyFolder, key_text, read_key

_FOLDER = click.option(
    "--keys",
    "folder",
    metavar="DIR",
    help="Where keys are kept.  [default: $RRSDK_KEYS, else rrkit among the user's configuration]",
)


@click.group("keys")
def command() -> None:
    """Make and show keys; say which keys a broker lets in, and which key a broker has.

    \b
    On the robot, which runs the broker:
      rrtool keys new
      rrtool keys allow rrk1-… --name laptop     # what `rrtool keys show` says on the laptop
      rrtool serve --bind 0.0.0.0 --curve
    On the laptop:
      rrtool keys new
      rrtool keys trust robot:9876 rrk1-…        # what `rrtool keys show` says on the robot
    """


@command.command("new")
@click.option(
    "--force", is_flag=True, help="Replace the pair that is there: whoever knows it must hear of it."
)
@_FOLDER
def new(force: bool, folder: str | None) -> None:
    """Make this user's pair of keys, and show the public one."""
    _out(key_text(KeyFolder(folder).make(force=force).public))


@command.command("show")
@_FOLDER
def show(folder: str | None) -> None:
    """Show this user's public key, which is no secret."""
    _out(key_text(KeyFolder(folder).own().public))


@command.command("allow")
@click.argument("key")
@click.option("--name", default="", metavar="NAME", help="Whose it is, for people.")
@_FOLDER
def allow(key: str, name: str, folder: str | None) -> None:
    """Let a key in. A broker that runs notices within a second or two."""
    KeyFolder(folder).allow(key, name)


@command.command("list")
@_FOLDER
def list_(folder: str | None) -> None:
    """Show who is let in."""
    for each in KeyFolder(folder).allowed():
        _out(f"{key_text(each.key)} {each.name}".rstrip())


@command.command("revoke")
@click.argument("who", metavar="KEY|NAME")
@_FOLDER
def revoke(who: str, folder: str | None) -> None:
    """Let a key in no more: not in new connections, and nothing that comes by those there are is heard."""
    gone = KeyFolder(folder).revoke(who)
    _out(f"{key_text(gone.key)} {gone.name}".rstrip())


@command.command("trust")
@click.argument("where", metavar="HOST:PORT")
@click.argument("key")
@_FOLDER
def trust(where: str, key: str, folder: str | None) -> None:
    """Remember which key a broker has, so that nobody else is taken for it."""
    endpoint = parse_endpoint(where)
    if endpoint.transport is not Transport.ZMQ or not endpoint.port:
        raise UsageError("keys are remembered for HOST:PORT of a session", source=where)
    KeyFolder(folder).trust(endpoint.place, read_key(key))


def _out(line: str) -> None:
    sys.stdout.write(line + "\n")
