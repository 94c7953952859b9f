"""Imports text and Markdown: TextDocument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.errors import FormatError
from rrsdk.importers.rows import static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.importers import File

_MEDIA_TYPES: Final = {".md": "text/markdown", ".txt": "text/plain"}
suffixes: Final = frozenset(_MEDIA_TYPES)


def read(file: File) -> Iterator[Chunk]:
    """One static chunk with the text, which must be UTF-8."""
    from rrsdk.archetypes import TextDocument

    try:
        text = file.read().decode()
    except UnicodeDecodeError as error:
        raise FormatError("is no UTF-8 text", offset=error.start) from None
    yield static(file.entity, TextDocument.from_fields(text=text, media_type=_MEDIA_TYPES[file.suffix]))
