"""Images without colors: depths, and the classes that pixels belong to."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.archetypes.base import broken
from rrsdk.archetypes.image import pixels
from rrsdk.components.formats import ImageFormat
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from rrsdk.components.likes import ImageLike


class DepthImageOwn:
    """What `DepthImage` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        image: ImageLike,
        *,
        meter: Any = None,
        colormap: Any = None,
        depth_range: Any = None,
        point_fill_ratio: Any = None,
        draw_order: Any = None,
        magnification_filter: Any = None,
    ) -> None:
        try:
            buffer, form = pixels(image, None, "DepthImage:buffer", channels=1)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "DepthImage:buffer")
            return
        self.set_fields(
            buffer, form, meter, colormap, depth_range, point_fill_ratio, draw_order, magnification_filter
        )

    def image_format(self: Any) -> ImageFormat:
        """The format of the image."""
        return ImageFormat.unpacked(self._format)

    def as_pil_image(self: Any) -> Any:
        """A picture for Pillow, which must be installed."""
        from PIL import Image as Pictures

        form = self.image_format()
        depths = np.frombuffer(self._buffer, form.channel_datatype.to_np_dtype())
        return Pictures.fromarray(depths.reshape(form.height, form.width))

    def compress(self: Any, compress_level: int = 6) -> Any:
        """The image as PNG, without loss; itself, where it cannot be that."""
        import rrsdk.archetypes

        if self.is_broken:
            return self
        try:
            form = self.image_format()
            if str(form.channel_datatype) not in ("U8", "U16"):
                raise LogError(f"PNG holds depths of U8 and U16, not {form.channel_datatype}")
            out = BytesIO()
            self.as_pil_image().save(out, format="PNG", compress_level=compress_level)
        except (LogError, ImportError) as error:
            why = error.what if isinstance(error, LogError) else "needs Pillow (pip install pillow)"
            complain(LogError(f"{why}; logged as it is", field="DepthImage:buffer"))
            return self
        made = rrsdk.archetypes.EncodedDepthImage(blob=out.getvalue(), media_type="image/png")
        for field in self.FIELDS[2:]:
            if self.layout & field.bit:
                setattr(made, field.slot, field.held(self))
                made.layout |= next(each.bit for each in made.FIELDS if each.name == field.name)
        return made


class SegmentationImageOwn:
    """What `SegmentationImage` does besides taking its fields."""

    __slots__ = ()

    def __init__(self: Any, image: ImageLike, *, opacity: Any = None, draw_order: Any = None) -> None:
        try:
            buffer, form = pixels(image, None, "SegmentationImage:buffer", channels=1)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            broken(self, error, "SegmentationImage:buffer")
            return
        self.set_fields(buffer, form, opacity, draw_order)
