"""Blueprints on their way: a layout written as a store of its own, and sent along with a recording."""

from __future__ import annotations

import uuid
from time import time_ns
from typing import TYPE_CHECKING, Any, Protocol

from rrsdk.batcher.seal import SealedChunk
from rrsdk.batcher.times import STATIC, time_layout
from rrsdk.components.strictness import complain, warn_at_caller
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import LogError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import Activation
from rrsdk.migration.application_id import current_application_id
from rrsdk.recording.announce import announcement
from rrsdk.timeline import TimeType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from rrsdk.message import StoreInfo
    from rrsdk.recording.core import Core

    Items: TypeAlias = Sequence[SealedChunk | StoreInfo | Activation]

TIMELINE = "blueprint"
"""Every row of a blueprint is at 0 there."""


class WholeBlueprint(Protocol):
    """What writes itself: ours, or Rerun's."""

    def _log_to_stream(self, stream: Any) -> None:
        """Log everything."""


class BlueprintLike(Protocol):
    """A blueprint, or a part of one that can stand alone."""

    def to_blueprint(self) -> Any:
        """The whole, a WholeBlueprint."""


class BlueprintStore:
    """What a layout is logged to: rows kept until `items` makes chunks of them."""

    def __init__(self, application_id: str) -> None:
        application = current_application_id(application_id)
        self.store = StoreId(StoreKind.BLUEPRINT, application, f"rec_{uuid.uuid4().hex}")
        self._rows: dict[str, list[Any]] = {}

    def log(self, entity_path: str, entity: Any, *, static: bool = False) -> None:
        """One row. What is wrong with a value was said when it was made: it is left out."""
        value = _loggable(entity, entity_path)
        if value is None:
            return
        snapshot = STATIC if static else (time_layout(((TIMELINE, TimeType.SEQUENCE),), True).key, 0)
        path = format_path(parse_path(entity_path))
        self._rows.setdefault(path, []).extend((snapshot, time_ns(), value))

    def items(self, *, make_active: bool, make_default: bool) -> Items:
        """The store as messages: it is announced, filled, and then made active."""
        from rrsdk.batcher.convert import Converter, EntityRows
        from rrsdk.codec.payload import write_activation

        def refused(entity: str, rows: int, error: Exception) -> None:
            complain(LogError(f"{rows} rows cannot be encoded: {error}", entity=entity))

        converter = Converter(self.store, refused=refused)
        found: list[SealedChunk | StoreInfo | Activation] = [announcement(self.store)]
        for path, rows in self._rows.items():
            found += converter.convert(EntityRows(path), rows)
        activation = write_activation(self.store, make_active=make_active, make_default=make_default)
        return [*found, Activation(self.store, activation)]


def _loggable(value: Any, path: str) -> Any:
    """What the converter can encode; None where there is nothing to log."""
    if not all(hasattr(value, name) for name in ("encode", "layout", "nbytes", "is_broken")):
        from rrsdk.archetypes.foreign import Bundle

        if hasattr(value, "settled"):
            return value.settled()
        try:
            return Bundle(value)
        except LogError as error:
            complain(LogError(error.what, entity=path, field=error.field, hint=error.hint))
            return None
    if value.is_broken:
        warn_at_caller(f"{type(value).__name__} was left out of {path}: see the warning before")
        return None
    return value


def items_of(
    application_id: str, blueprint: BlueprintLike, *, make_active: bool = True, make_default: bool = True
) -> Items:
    """A blueprint as messages."""
    if not hasattr(blueprint, "to_blueprint"):
        raise TypeError(f"a blueprint, a view or a container is wanted, not {type(blueprint).__name__}")
    store = BlueprintStore(application_id)
    blueprint.to_blueprint()._log_to_stream(store)  # noqa: SLF001  # called so in Rerun's layouts, too
    return store.items(make_active=make_active, make_default=make_default)


def send(stream: Core, blueprint: BlueprintLike, *, make_active: bool, make_default: bool) -> None:
    """Send a blueprint to where a recording goes."""
    if not stream.enabled:
        return
    application = stream.store.application_id
    for item in items_of(application, blueprint, make_active=make_active, make_default=make_default):
        stream.batcher.submit(item, item.nbytes if isinstance(item, SealedChunk) else len(item.payload))
