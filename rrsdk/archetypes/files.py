"""What comes as a file's bytes, from memory or from a path: encoded images, 3D models, audio, video."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.components.media_type import MediaType
from rrsdk.errors import FormatError, LogError, UsageError

if TYPE_CHECKING:
    from rrsdk.components.likes import BlobLike, ColorLike, PathLike


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
            blob, media_type = _blob("EncodedImage", path, contents, media_type)
            if media_type is None and path is None:
                raise LogError("`contents` want their `media_type`", field="EncodedImage:media_type")
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "EncodedImage:blob")
            return
        self.set_fields(blob, media_type, opacity, draw_order, magnification_filter)


class Asset3DOwn:
    """What `Asset3D` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: Any = None,
        albedo_factor: ColorLike | None = None,
    ) -> None:
        try:
            blob, media_type = _blob("Asset3D", path, contents, media_type)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Asset3D:blob")
            return
        self.set_fields(blob, media_type, albedo_factor)


class AssetAudioOwn:
    """What `AssetAudio` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        path: PathLike | None = None,
        contents: BlobLike | None = None,
        media_type: Any = None,
    ) -> None:
        short = self.archetype_short_name()
        try:
            blob, media_type = _blob(short, path, contents, media_type)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, f"{short}:blob")
            return
        self.set_fields(blob, media_type)


class AssetVideoOwn(AssetAudioOwn):
    """What `AssetVideo` does besides taking its fields."""

    __slots__ = ()

    __init__ = AssetAudioOwn.__init__

    def read_frame_timestamps_nanos(self: Any) -> Any:
        """When each frame is shown, in nanoseconds, in that order. Wants PyAV (the extra `importers`).

        FormatError where it is no video that can be read.
        """
        if self.is_broken or not self.layout & self.FIELDS[0].bit:
            raise UsageError("there is no video to read times from")
        try:
            import av
        except ImportError:
            raise UsageError(
                "reading the times of a video's frames needs PyAV", hint="pip install 'rrkit[importers]'"
            ) from None
        try:
            with av.open(BytesIO(self._blob)) as container:
                if not container.streams.video:
                    raise FormatError("there is no video in it")
                stream = container.streams.video[0]
                times = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
                unit = (stream.time_base or Fraction(1, 90_000)) * 1_000_000_000
        except av.FFmpegError as error:
            raise FormatError(f"is no video that can be read: {error.strerror or error}") from None
        return np.array([round(time * unit) for time in sorted(times)], np.int64)


def _blob(short: str, path: Any, contents: Any, media_type: Any) -> tuple[Any, Any]:
    """The bytes, and what they are as far as it is said, or told by the file's name."""
    if (path is None) == (contents is None):
        raise LogError("exactly one of `path` and `contents` must be given", field=f"{short}:blob")
    if path is None:
        return contents, media_type
    try:
        contents = Path(path).read_bytes()
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}", field=f"{short}:blob") from None
    return contents, media_type if media_type is not None else MediaType.guess_from_path(path)
