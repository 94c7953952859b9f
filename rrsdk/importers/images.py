"""Imports images as they are encoded: EncodedImage, and EncodedDepthImage for RVL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rrsdk.importers.marks import check
from rrsdk.importers.rows import static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.importers import File

# As Rerun 0.41 names them, which tells its viewer how to decode.
_MEDIA_TYPES: Final = {
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".dds": "image/vnd-ms.dds",
    ".exr": "image/x-exr",
    ".farbfeld": "application/octet-stream",
    ".ff": "application/octet-stream",
    ".gif": "image/gif",
    ".hdr": "image/vnd.radiance",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pam": "image/x-portable-anymap",
    ".pbm": "image/x-portable-anymap",
    ".pgm": "image/x-portable-anymap",
    ".png": "image/png",
    ".ppm": "image/x-portable-anymap",
    ".rvl": "application/rvl",
    ".tga": "image/x-targa",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}
suffixes: Final = frozenset(_MEDIA_TYPES)


def read(file: File) -> Iterator[Chunk]:
    """One static chunk with the bytes of the file."""
    from rrsdk.archetypes import EncodedDepthImage, EncodedImage

    data = file.read()
    check(data, file.suffix)
    kind = EncodedDepthImage if file.suffix == ".rvl" else EncodedImage
    media_type = _MEDIA_TYPES[file.suffix]
    yield static(file.entity, kind.from_fields(blob=data, media_type=media_type))
