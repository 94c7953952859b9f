"""EncodedImage: an image file's bytes, from memory or from a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rrsdk.archetypes.base import broken
from rrsdk.components.media_type import MediaType
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import BlobLike, PathLike


class EncodedImageOwn:
    """What `EncodedImage` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: Any = None,
        opacity: Any = None,
        draw_order: Any = None,
        magnification_filter: Any = None,
    ) -> None:
        try:
            if (path is None) == (contents is None):
                raise LogError(
                    "exactly one of `path` and `contents` must be given", field="EncodedImage:blob"
                )
            if path is not None:
                contents = _read(path)
                media_type = media_type if media_type is not None else MediaType.guess_from_path(path)
            elif media_type is None:
                raise LogError("`contents` want their `media_type`", field="EncodedImage:media_type")
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "EncodedImage:blob")
            return
        self.set_fields(contents, media_type, opacity, draw_order, magnification_filter)


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}", field="EncodedImage:blob") from None
