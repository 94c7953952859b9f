"""What programs written for Rerun pass by name or by place, ours takes."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import rrsdk

rerun: Any = pytest.importorskip("rerun")


def shared(real: Any, ours: Any) -> list[str]:
    """The names of functions that both have."""
    return [
        name
        for name in dir(real)
        if not name.startswith("_")
        and hasattr(ours, name)
        and callable(getattr(real, name))
        and not inspect.isclass(getattr(real, name))
    ]


def missing(real: Any, ours: Any) -> list[str]:
    """Parameters that the real function has and ours has not, or elsewhere."""
    found = inspect.signature(ours).parameters
    if any(one.kind is one.VAR_KEYWORD for one in found.values()):
        return []
    places = [name for name, one in found.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    wrong = []
    for place, (name, one) in enumerate(inspect.signature(real).parameters.items()):
        if one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL) or name == "self":
            continue
        if name not in found or (
            one.kind is one.POSITIONAL_OR_KEYWORD and places[place : place + 1] != [name]
        ):
            wrong.append(name)
    return wrong


def test_functions_have_the_same_parameters() -> None:
    wrong = {name: missing(getattr(rerun, name), getattr(rrsdk, name)) for name in shared(rerun, rrsdk)}
    assert {name: names for name, names in wrong.items() if names} == {}


def test_methods_of_a_recording_have_the_same_parameters() -> None:
    real, ours = rerun.RecordingStream, rrsdk.RecordingStream
    wrong = {
        name: [one for one in missing(getattr(real, name), getattr(ours, name)) if one != "recording"]
        for name in shared(real, ours)
    }
    assert {name: names for name, names in wrong.items() if names} == {}
