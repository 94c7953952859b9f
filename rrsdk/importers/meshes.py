"""Imports 3D models as they are: Asset3D."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.importers.marks import check
from rrsdk.importers.rows import static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.importers import File

_MEDIA_TYPES: Final = {
    ".dae": "model/vnd.collada+xml",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".obj": "model/obj",
    ".stl": "model/stl",
}
suffixes: Final = frozenset(_MEDIA_TYPES)


def read(file: File) -> Iterator[Chunk]:
    """One static chunk with the bytes of the file; what it refers to (textures, buffers) is not in it."""
    from rrsdk.archetypes import Asset3D

    data = file.read()
    check(data, file.suffix)
    yield static(file.entity, Asset3D.from_fields(blob=data, media_type=_MEDIA_TYPES[file.suffix]))
