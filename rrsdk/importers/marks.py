"""Whether bytes are what a file's name says: how they must begin and end. Nothing is decoded.

Rerun takes any bytes under a name that it knows, and its viewer shows an error later. Here a picture that
was cut off, or a page that was saved in place of one, is refused when it is imported.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Final

from rrsdk.errors import FormatError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Callable

# Where the first bytes say which format it is.
_BEGINNINGS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    ".avif": ("AVIF", (r".{4}ftyp(avi[fs]|mif1|msf1|miaf)",)),
    ".bmp": ("BMP", (r"BM",)),
    ".dds": ("DDS", (r"DDS \x7c\x00\x00\x00",)),
    ".exr": ("OpenEXR", (r"v/1\x01",)),
    ".farbfeld": ("farbfeld", (r"farbfeld",)),
    ".flac": ("FLAC", (r"fLaC", r"ID3")),
    ".gif": ("GIF", (r"GIF8[79]a",)),
    ".glb": ("GLB", (r"glTF",)),
    ".hdr": ("Radiance HDR", (r"#\?(RADIANCE|RGBE)",)),
    ".ico": ("ICO", (r"\x00\x00[\x01\x02]\x00",)),
    ".jpg": ("JPEG", (r"\xff\xd8\xff",)),
    ".m4a": ("MPEG-4", (r".{4}ftyp",)),
    ".mp3": ("MP3", (r"ID3", r"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff]")),
    ".mp4": ("MPEG-4", (r".{4}(ftyp|moov|mdat|free|skip|wide)",)),
    ".aac": ("AAC", (r"\xff[\xf0\xf1\xf8\xf9]", r"ADIF", r"ID3")),
    ".ogg": ("Ogg", (r"OggS",)),
    ".pam": ("PNM", (r"P[1-7]\s",)),
    ".ply": ("PLY", (r"ply\s",)),
    ".png": ("PNG", (r"\x89PNG\r\n\x1a\n",)),
    ".tif": ("TIFF", (r"II[*+]\x00", r"MM\x00[*+]")),
    ".wav": ("WAV", (r"RIFF.{4}WAVE", r"RF64")),
    ".webp": ("WebP", (r"RIFF.{4}WEBP",)),
}
_SAME: Final = {
    ".ff": ".farbfeld",
    ".jpeg": ".jpg",
    ".oga": ".ogg",
    ".opus": ".ogg",
    ".pbm": ".pam",
    ".pgm": ".pam",
    ".ppm": ".pam",
    ".tiff": ".tif",
}
_TOLD: Final = {
    suffix: (name, re.compile("|".join(f"(?:{one})" for one in patterns).encode("latin-1"), re.DOTALL))
    for suffix, (name, patterns) in _BEGINNINGS.items()
}
_CLEAR: Final = (".png", ".jpg", ".gif", ".webp", ".tif", ".glb", ".ply", ".wav", ".ogg", ".flac", ".exr")
"""Formats that foreign bytes are hardly mistaken for."""


def check(data: bytes, suffix: str) -> None:
    """FormatError where the bytes are not what the suffix says, TruncatedError where their end is missing."""
    suffix = _SAME.get(suffix, suffix)
    if not data:
        raise FormatError("is empty")
    if suffix in _TOLD:
        name, begins = _TOLD[suffix]
        if not begins.match(data):
            raise FormatError(f"does not begin as {name} does{_guess(data)}", offset=0)
    try:
        ends_well = suffix not in _WHOLE or _WHOLE[suffix](data)
    except (struct.error, IndexError):  # there is not even what says how long it is
        ends_well = False
    if not ends_well:
        raise TruncatedError("is cut off or damaged: its end is missing", offset=len(data))
    if suffix in _TEXTS:
        what, is_it = _TEXTS[suffix]
        if not is_it(data):
            raise FormatError(f"is no {what}{_guess(data)}")


def _guess(data: bytes) -> str:
    """What it seems to be instead."""
    for suffix in _CLEAR:
        name, begins = _TOLD[suffix]
        if begins.match(data):
            return f", but as {name}: call it {suffix}"
    if re.match(rb"\s*<(!doctype html|html)", data[:200], re.IGNORECASE):
        return ", but as a web page"
    return ""


def _jpeg_ends(data: bytes) -> bool:
    # The last scan, which a preview inside does not have, goes on to the mark of the end.
    return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") > 0


def _boxes_fit(data: bytes) -> bool:
    """The boxes of MPEG-4 follow one another to the end."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        if size == 0:  # to the end
            return True
        if size < 8 or at + size > len(data):
            return at > 0 and not kind.isalnum()  # what others hang on behind it
        at += size
    return True


def _icon_ends(data: bytes) -> bool:
    count: int = struct.unpack_from("<H", data, 4)[0]
    places = [struct.unpack_from("<II", data, 6 + 16 * number + 8) for number in range(count)]
    return count > 0 and all(size + offset <= len(data) for size, offset in places)


def _stl_ends(data: bytes) -> bool:
    if len(data) >= 84 and 84 + 50 * struct.unpack_from("<I", data, 80)[0] == len(data):
        return True
    if not data.lstrip()[:5].lower() == b"solid":
        raise FormatError(f"is no STL file: neither text, nor as many triangles as it says{_guess(data)}")
    return b"endsolid" in data[-4096:].lower()


def _is_gltf(data: bytes) -> bool:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("asset"), dict)


_WHOLE: Final[dict[str, Callable[[bytes], bool]]] = {
    ".avif": _boxes_fit,
    ".bmp": lambda data: struct.unpack_from("<I", data, 2)[0] <= len(data) >= 26,
    ".dae": lambda data: b"</COLLADA" in data[-4096:] or b"<COLLADA" not in data,
    ".farbfeld": lambda data: (
        16 + 8 * struct.unpack_from(">I", data, 8)[0] * struct.unpack_from(">I", data, 12)[0] <= len(data)
    ),
    ".gif": lambda data: data.rstrip(b"\x00\r\n")[-1:] == b";",
    ".glb": lambda data: 12 <= struct.unpack_from("<I", data, 8)[0] <= len(data),
    ".ico": _icon_ends,
    ".jpg": _jpeg_ends,
    ".m4a": _boxes_fit,
    ".mp4": _boxes_fit,
    ".png": lambda data: b"IEND\xaeB`\x82" in data,
    ".stl": _stl_ends,
    ".tif": lambda data: len(data) > 8,
    ".webp": lambda data: 8 + struct.unpack_from("<I", data, 4)[0] <= len(data) + 1,  # padding is forgotten
}
_TEXTS: Final[dict[str, tuple[str, Callable[[bytes], bool]]]] = {
    ".dae": ("COLLADA file", lambda data: b"<COLLADA" in data),
    ".gltf": ("glTF file: JSON with an `asset`", _is_gltf),
    ".obj": ("OBJ file: a text with vertices", lambda data: bool(re.search(rb"(?m)^[ \t]*v[ \t]", data))),
}
