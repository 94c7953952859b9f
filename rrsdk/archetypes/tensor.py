"""Tensor: an array, and names for its dimensions; BarChart: an array of one dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.archetypes.base import broken
from rrsdk.components.strictness import complain
from rrsdk.components.tensors import TensorData
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.components.likes import ColorLike, NumbersLike


class TensorOwn:
    """What `Tensor` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any, data: Any = None, *, dim_names: Sequence[str] | None = None, value_range: Any = None
    ) -> None:
        try:
            if data is None:
                raise LogError("numbers expected, not None", field="Tensor:data")
            if not isinstance(data, TensorData):
                data = TensorData(array=data, dim_names=dim_names)
            elif dim_names is not None:
                data = data.renamed(dim_names)
        except Exception as error:  # noqa: BLE001 - of foreign objects
            what = error.what if isinstance(error, LogError) else f"cannot be taken: {error}"
            broken(self, LogError(what, field="Tensor:data"))
            return
        self.set_fields(data, value_range)


class BarChartOwn:
    """What `BarChart` does besides taking its fields."""

    __slots__ = ()

    def __init__(
        self: Any,
        values: Any,
        *,
        color: ColorLike | None = None,
        abscissa: NumbersLike | None = None,
        widths: NumbersLike | None = None,
    ) -> None:
        self.set_fields(values, color, abscissa, widths)
        held = self._values if self.layout & 1 else None
        if (
            isinstance(held, TensorData)
            and sum([size != 1 for size in held.shape]) != 1
            and held.shape != (1,)
        ):
            complain(LogError(f"bars in one row expected, not {held.shape}", field="BarChart:values"))
