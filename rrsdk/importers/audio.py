"""Imports sound as it is encoded: AssetAudio, from zero on a timeline of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.importers.marks import check
from rrsdk.importers.rows import timed
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.importers import File

_MEDIA_TYPES: Final = {
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
}
suffixes: Final = frozenset(_MEDIA_TYPES)


def read(file: File) -> Iterator[Chunk]:
    """One chunk, at zero on the timeline `audio`."""
    from rrsdk.archetypes import AssetAudio

    data = file.read()
    check(data, file.suffix)
    asset = AssetAudio.from_fields(blob=data, media_type=_MEDIA_TYPES[file.suffix])
    yield timed(file.entity, "audio", TimeType.DURATION, [(0, asset)])
