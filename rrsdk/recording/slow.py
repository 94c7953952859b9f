"""`log` where it is not plain: what is wrong is said, what is foreign wrapped, what is large counted."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from rrsdk.batcher.bare import BARE
from rrsdk.batcher.times import STATIC, layout_of
from rrsdk.components.strictness import complain, warn_at_caller
from rrsdk.entity import format_path
from rrsdk.errors import LogError, RrError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.recording.context import Context
    from rrsdk.recording.core import Core

LARGE_VALUE: Final = 8 * 1024
"""Values from this size on are counted one by one."""

bounded: set[type] = set()
"""Types whose values are always small, as far as they have been met."""

bare: set[type] = set()
"""Scalars, once one was logged: of those that hold one float, the float is recorded."""

_BOUNDED: Final = frozenset(
    f"rerun.archetypes.{name}"
    for name in ("Scalars", "TextLog", "Transform3D", "Clear", "ViewCoordinates", "Pinhole", "StateChange")
)
"""Values of these are small in all but freak cases: the size of each need not be asked for."""

_said = False


def log_slowly(
    context: Context | None,
    path: str | list[Any],
    values: Sequence[Any],
    *,
    static: bool,
    strict: bool | None,
) -> None:
    """Log whatever it is; raises in strict mode alone. Without a context there is no recording."""
    stream = context.stream() if context is not None else None
    if context is None or stream is None:
        _nobody_listens()
        return
    if not stream.enabled:
        return
    if stream.is_closed:
        stream.batcher.lost_rows += 1
        stream.reporter("closed", f"{stream.store}: what is logged after the end of the recording is lost")
        return
    try:
        entity = _path(path)
        found = tuple([one for one in map(_loggable, values) if not _is_broken(one, entity)])
    except LogError as error:
        complain(error.located(entity=path if isinstance(path, str) else None), strict=strict)  # type: ignore[arg-type]
        return
    if not found:
        return
    try:
        _append(stream, context, entity, found, static)
    except RrError as error:
        complain(LogError(error.what, entity=str(path), hint=error.hint), strict=strict)


def _append(stream: Core, context: Context, entity: str, values: tuple[Any, ...], static: bool) -> None:
    snapshot = STATIC if static else context.snapshot
    if stream.counts_ticks:
        tick = stream.next_tick()
        if not static:
            snapshot = layout_of(snapshot[0]).with_tick(snapshot, tick)
    logged = time_ns()
    size = sum([one.nbytes for one in values])
    extend = stream.batcher.enter(entity, size if size >= LARGE_VALUE else 0)
    for one in values:
        if type(one) not in bounded and getattr(one, "NAME", "") in _BOUNDED:
            _met(type(one))
    if extend is not None:
        extend((snapshot, logged, _bared(values[0]) if len(values) == 1 else values))


def _met(kind: Any) -> None:
    """The first value of a bounded type."""
    if kind.__name__ == "Scalars" and not kind.is_broken:
        from rrsdk.archetypes.bare import BareScalars

        BARE[float] = BareScalars()
        bare.add(kind)
    bounded.add(kind)


def _bared(value: Any) -> Any:
    held = value._scalars if type(value) in bare and value.layout else value  # noqa: SLF001  # see `bare`
    return held if type(held) is float else value


def _path(path: str | list[Any]) -> str:
    if type(path) is str:
        return path
    if isinstance(path, (list, tuple)):
        return format_path(tuple(str(part) for part in path))
    if isinstance(path, str):
        return str(path)
    raise LogError(
        f"an entity path is text or a list of parts, not {type(path).__name__}",
        hint="write it like world/robot",
    )


def _loggable(value: Any) -> Any:
    """The value itself (what it has become, where it can change), or around it what can encode it."""
    try:
        if hasattr(value, "settled"):
            value = value.settled()
        value.nbytes, value.layout, value.is_broken, type(value).encode  # whether they are there
    except AttributeError:
        from rrsdk.archetypes.foreign import Bundle

        try:
            return Bundle(value)
        except LogError:
            raise
        except Exception as error:  # somebody else's code, in a call that must not raise
            raise LogError(f"{type(value).__name__} has no component batches: {error}") from error
    return value


def _is_broken(value: Any, entity: str) -> bool:
    if not value.is_broken:
        return False
    warn_at_caller(f"{type(value).__name__} was not logged to {entity}: see the warning before")
    return True


def _nobody_listens() -> None:
    global _said  # noqa: PLW0603  # once for the process
    if _said:
        return
    from rrsdk import settings

    _said = True
    try:
        if settings.switch(settings.ENABLED, True):
            warn_at_caller("log: there is no recording: what is logged is dropped; call init first")
    except UsageError:
        pass
