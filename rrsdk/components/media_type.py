"""Texts with a meaning: media types and levels of log lines."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from rrsdk.components.instance import Instance

_BY_SUFFIX = {
    ".aac": "AAC",
    ".flac": "FLAC",
    ".glb": "GLB",
    ".gltf": "GLTF",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".m4a": "M4A",
    ".mp3": "MP3",
    ".mp4": "MP4",
    ".obj": "OBJ",
    ".oga": "OGG",
    ".ogg": "OGG",
    ".opus": "OGG",
    ".ply": "PLY",
    ".png": "PNG",
    ".stl": "STL",
    ".wav": "WAV",
}


class MediaType(str, Instance):
    """What the bytes of a file are, such as `image/png`."""

    __slots__ = ()

    TEXT: ClassVar[MediaType]
    MARKDOWN: ClassVar[MediaType]
    JPEG: ClassVar[MediaType]
    PNG: ClassVar[MediaType]
    GLB: ClassVar[MediaType]
    GLTF: ClassVar[MediaType]
    OBJ: ClassVar[MediaType]
    PLY: ClassVar[MediaType]
    STL: ClassVar[MediaType]
    RVL: ClassVar[MediaType]
    MP4: ClassVar[MediaType]
    AAC: ClassVar[MediaType]
    FLAC: ClassVar[MediaType]
    M4A: ClassVar[MediaType]
    MP3: ClassVar[MediaType]
    OGG: ClassVar[MediaType]
    WAV: ClassVar[MediaType]

    @property
    def value(self) -> str:
        """The text."""
        return str(self)

    @staticmethod
    def guess_from_path(path: str | PurePath) -> MediaType | None:
        """By the name's end; None where it says nothing."""
        name = _BY_SUFFIX.get(PurePath(path).suffix.lower())
        return getattr(MediaType, name) if name else None


_TEXTS = {
    "TEXT": "text/plain",
    "MARKDOWN": "text/markdown",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GLB": "model/gltf-binary",
    "GLTF": "model/gltf+json",
    "OBJ": "model/obj",
    "PLY": "application/x-ply",
    "STL": "model/stl",
    "RVL": "application/rvl",
    "MP4": "video/mp4",
    "AAC": "audio/aac",
    "FLAC": "audio/flac",
    "M4A": "audio/mp4",
    "MP3": "audio/mpeg",
    "OGG": "audio/ogg",
    "WAV": "audio/wav",
}

for _name, _text in _TEXTS.items():
    setattr(MediaType, _name, MediaType(_text))


class TextLogLevel(str, Instance):
    """How much a log line matters."""

    __slots__ = ()

    CRITICAL: ClassVar[TextLogLevel]
    ERROR: ClassVar[TextLogLevel]
    WARN: ClassVar[TextLogLevel]
    INFO: ClassVar[TextLogLevel]
    DEBUG: ClassVar[TextLogLevel]
    TRACE: ClassVar[TextLogLevel]

    @property
    def value(self) -> str:
        """The text."""
        return str(self)


for _name in ("CRITICAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"):
    setattr(TextLogLevel, _name, TextLogLevel(_name))
