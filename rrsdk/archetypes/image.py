"""Images: from arrays and bytes to a buffer and its format, with one copy."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.components.arrays import numbers_of
from rrsdk.components.choices import choice
from rrsdk.components.formats import ImageFormat
from rrsdk.components.storage import packed
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.choices import ChannelDatatype, ColorModel, PixelFormat
    from rrsdk.components.likes import ImageLike
    from rrsdk.components.storage import Array

_UINT8 = np.dtype(np.uint8)
_CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}
_TYPES = frozenset(
    (
        "uint8",
        "int8",
        "uint16",
        "int16",
        "uint32",
        "int32",
        "uint64",
        "int64",
        "float16",
        "float32",
        "float64",
    )
)

# Formats that images had, by what decides them: video is all of one.
_formats: dict[Any, ImageFormat] = {}


class ImageOwn:
    """What `Image` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        image: ImageLike = None,
        color_model: ColorModel | str | None = None,
        *,
        pixel_format: PixelFormat | str | None = None,
        datatype: ChannelDatatype | type | str | None = None,
        bytes: Any = None,  # noqa: A002 - Rerun's name
        width: int | None = None,
        height: int | None = None,
        opacity: Any = None,
        draw_order: Any = None,
        magnification_filter: Any = None,
    ) -> None:
        try:
            if bytes is not None:
                buffer = _bytes(bytes)
                form = _described(width, height, pixel_format, color_model, datatype)
            elif image is None:
                raise LogError("either `image` or `bytes` must be given", field="Image:buffer")
            else:
                buffer, form = pixels(image, color_model, "Image:buffer", width=width, height=height)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "Image:buffer")
            return
        self.set_fields(buffer, form, opacity, draw_order, magnification_filter)

    def image_format(self: Any) -> ImageFormat:
        """The format of the image."""
        return ImageFormat.unpacked(self._format)

    def as_pil_image(self: Any) -> Any:
        """A picture for Pillow, which must be installed."""
        from PIL import Image as Pictures

        form = self.image_format()
        if form.pixel_format is not None:
            raise ValueError(f"an image in {form.pixel_format} cannot be converted")
        pixels = np.frombuffer(self._buffer, form.channel_datatype.to_np_dtype())
        channels = form.color_model.num_channels()
        shape = (form.height, form.width) + ((channels,) if channels > 1 else ())
        pixels = pixels.reshape(shape)
        if form.color_model.name.startswith("BGR"):
            pixels = pixels[:, :, [2, 1, 0, 3][:channels]]
        return Pictures.fromarray(pixels)

    def compress(self: Any, jpeg_quality: int = 95) -> Any:
        """The image as JPEG, with loss; itself, where it cannot be that."""
        import rrsdk.archetypes

        if self.is_broken:
            return self
        form = self.image_format()
        if str(form.color_model) not in ("L", "RGB", "BGR") or str(form.channel_datatype) != "U8":
            what = f"{form.color_model} of {form.channel_datatype}"
            complain(
                LogError(
                    f"JPEG holds L, RGB and BGR of U8, not {what}; logged as it is", field="Image:buffer"
                )
            )
            return self
        try:
            picture = self.as_pil_image()
        except ImportError:
            complain(
                LogError(
                    "compressing needs Pillow (pip install pillow); logged as it is", field="Image:buffer"
                )
            )
            return self
        out = BytesIO()
        picture.save(out, format="JPEG", quality=jpeg_quality)
        made = rrsdk.archetypes.EncodedImage(contents=out.getvalue(), media_type="image/jpeg")
        for field in self.FIELDS[2:]:
            if self.layout & field.bit:
                setattr(made, field.slot, field.held(self))
                made.layout |= next(each.bit for each in made.FIELDS if each.name == field.name)
        return made


def pixels(
    image: Any,
    color_model: Any,
    field: str,
    *,
    channels: int | None = None,
    width: int | None = None,
    height: int | None = None,
) -> tuple[Any, ImageFormat]:
    """The pixels, copied, and their format; with `channels` given, an image without colors."""
    array: Array = image if image.__class__ is np.ndarray else numbers_of(image, _UINT8, field, "an image")
    key = (array.shape, array.dtype, color_model, width, height, field)
    form = _formats.get(key) if color_model is None or isinstance(color_model, str) else None
    if form is None:
        form = _format(array, color_model, field, channels, (height, width))
        if len(_formats) > 1000:
            _formats.clear()
        _formats[key] = form
    return packed(array, array.dtype.newbyteorder("="), field), form


def _format(
    array: Array, color_model: Any, field: str, channels: int | None, size: tuple[int | None, int | None]
) -> ImageFormat:
    shape = list(array.shape)
    while len(shape) > 2 and shape[0] == 1:
        del shape[0]
    while len(shape) > 2 and shape[-1] == 1:
        del shape[-1]
    if len(shape) not in (2, 3) or (channels == 1 and len(shape) != 2):
        wanted = "(height, width)" if channels == 1 else "(height, width) or (height, width, channels)"
        raise LogError(f"an image of shape {wanted} expected, not {array.shape}", field=field)
    for wanted_size, found, name in zip(size, shape, ("height", "width")):
        if wanted_size is not None and wanted_size != found:
            raise LogError(f"{name} is said to be {wanted_size}, but is {found}", field=field)
    if array.dtype.name not in _TYPES:
        raise LogError(
            f"pixels of {array.dtype} cannot be shown, only of {' '.join(sorted(_TYPES))}", field=field
        )
    datatype = choice("ChannelDatatype").from_np_dtype(array.dtype)
    if channels == 1:
        return ImageFormat(width=shape[1], height=shape[0], channel_datatype=datatype)
    found = shape[2] if len(shape) == 3 else 1
    if color_model is None:
        if found not in _CHANNELS:
            raise LogError(f"1, 3 or 4 channels expected, not {found}", field=field)
        color_model = _CHANNELS[found]
    try:
        model = choice("ColorModel").auto(color_model)
    except ValueError as error:
        raise LogError(str(error), field=field) from None
    if model.num_channels() != found:
        raise LogError(f"{model} has {model.num_channels()} channels, the image {found}", field=field)
    return ImageFormat(width=shape[1], height=shape[0], color_model=model, channel_datatype=datatype)


def _bytes(value: Any) -> Any:
    """The bytes of an array are those of its numbers, whatever their type."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return value
    array = numbers_of(value, _UINT8, "Image:buffer", "bytes or an array")
    return packed(array, array.dtype, "Image:buffer")


def _described(width: Any, height: Any, pixel_format: Any, color_model: Any, datatype: Any) -> ImageFormat:
    """The format of bytes, as it is said."""
    if width is None or height is None:
        raise LogError("`bytes` want `width` and `height`", field="Image:format")
    try:
        if pixel_format is not None:
            if datatype is not None or color_model is not None:
                raise LogError("either `pixel_format`, or `datatype` and `color_model`", field="Image:format")
            return ImageFormat(width=width, height=height, pixel_format=pixel_format)
        if datatype is None or color_model is None:
            raise LogError(
                "`bytes` want `pixel_format`, or `datatype` and `color_model`", field="Image:format"
            )
        if isinstance(datatype, (type, np.dtype)):
            datatype = choice("ChannelDatatype").from_np_dtype(datatype)
        return ImageFormat(width=width, height=height, color_model=color_model, channel_datatype=datatype)
    except (ValueError, KeyError, TypeError) as error:
        raise LogError(str(error), field="Image:format") from None
