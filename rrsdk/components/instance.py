"""What a class that stands for one instance of a component offers besides its value."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from rrsdk.component.column import Descriptor


def batches() -> Any:
    """By name: batches know kinds, and kinds know the classes that are made of this one."""
    return import_module("rrsdk.components.batch")


class Instance:
    """Base of such classes; they are called as the component is."""

    __slots__ = ()

    def component_type(self) -> str:
        """Such as `rerun.components.Color`."""
        return f"rerun.components.{type(self).__name__}"

    def as_arrow_array(self) -> pa.Array:
        """An array of the one instance."""
        made: pa.Array = batches().batch_class(self.component_type())([self]).as_arrow_array()
        return made

    def described(self, descriptor: Descriptor) -> Any:
        """The instance, with how its column is named."""
        return batches().DescribedComponentBatch(self, descriptor)
