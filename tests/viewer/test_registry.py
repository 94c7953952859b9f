"""The kinds of views that are found, and what happens to plugins that are none."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from rrviewer import registry


class _View:
    identifier = "Mine"
    title = "Mine"

    def fits(self) -> None: ...
    def recommend(self) -> None: ...
    def scene(self) -> None: ...
    def widget(self) -> None: ...


MINE, NONE, NOT_BUILT_IN = _View(), object(), _View()


def test_plugins_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    here = __name__
    entries = [
        EntryPoint("Mine", f"{here}:MINE", registry.GROUP),
        EntryPoint("None", f"{here}:NONE", registry.GROUP),
        EntryPoint("Absent", "no.such.module:VIEW", registry.GROUP),
        EntryPoint("3D", f"{here}:MINE", registry.GROUP),
        EntryPoint("Other", f"{here}:MINE", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
    warned: list[str] = []
    found = registry.load(warned.append)
    assert found["Mine"] is MINE
    assert not {"None", "Absent", "Other"} & set(found)
    assert found.get("3D") is not MINE, "nobody takes the place of a built-in view"
    assert [line.split("(")[0] for line in warned] == [
        "the view None ",
        "the view Absent ",
        "the view Other ",
    ]
