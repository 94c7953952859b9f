"""Points and lines on the earth: their places are called `lat_lon`, in degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rrsdk.components.likes import ColorsLike, NumbersLike, StripsLike, VectorsLike


class GeoPointsOwn:
    """What `GeoPoints` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        *,
        lat_lon: VectorsLike,
        radii: NumbersLike | None = None,
        colors: ColorsLike | None = None,
        class_ids: NumbersLike | None = None,
    ) -> None:
        self.set_fields(lat_lon, radii, colors, class_ids)


class GeoLineStringsOwn:
    """What `GeoLineStrings` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any, *, lat_lon: StripsLike, radii: NumbersLike | None = None, colors: ColorsLike | None = None
    ) -> None:
        self.set_fields(lat_lon, radii, colors)
