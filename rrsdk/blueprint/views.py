"""All views by their names."""

from __future__ import annotations

from typing import Any

from rrsdk.blueprint.view import known, view_class


def __getattr__(name: str) -> Any:
    try:
        return view_class(name)
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted(known())
