"""Where messages come from. `open_source` chooses by name; a source's `messages()` is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

STDIN = "-"


class Source(Protocol):
    """Anything messages can be read from."""

    name: str
    """For error messages."""

    size: int | None
    """Bytes in all, where that is known beforehand."""

    def messages(self) -> Iterator[Message]:
        """Everything in the source: store infos, chunks, activations, in an order that can be written."""

    def close(self) -> None:
        """Give back what is held; the messages must not be used any more."""


def open_source(
    name: str, *, damage: Damage | None = None, warn: Callable[[str], None] | None = None
) -> Source:
    """A source for a path, or for standard input where `name` is `-`.

    Without `damage` the first thing that is broken raises; with it, what is broken is skipped and
    recorded there. `warn` hears what is odd but loses nothing.
    """
    hear = warn if warn is not None else _ignore
    from rrsdk.sources.opening import open_path, open_stdin

    return (
        open_stdin(damage=damage, warn=hear) if name == STDIN else open_path(name, damage=damage, warn=hear)
    )


def _ignore(_line: str) -> None:
    pass
