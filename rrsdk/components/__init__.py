"""What components are made of: values taken in, held, and encoded for many rows at once.

`ColorBatch` and the like, one for each component of Rerun, and its enums, are made when asked for.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from rrsdk.components import batch, choices, formats, media_type, rotations
    from rrsdk.components.colors import Rgba32

    own = {"Color": Rgba32, "AlbedoFactor": Rgba32}
    for module in (rotations, formats, media_type, batch):
        if name in vars(module) and isinstance(vars(module)[name], type):
            return vars(module)[name]
    if name in own:
        return own[name]
    if name.endswith("Batch"):
        for prefix in ("rerun", "rerun.blueprint"):
            try:
                return batch.batch_class(f"{prefix}.components.{name.removesuffix('Batch')}")
            except KeyError:
                continue
    try:
        return getattr(choices, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
