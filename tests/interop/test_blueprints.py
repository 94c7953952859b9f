"""Blueprints against the real SDK: the same program writes the same chunks, but for ids and times."""

from __future__ import annotations

import enum
import inspect
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rrsdk
import rrsdk.blueprint
from tests.conformance.compare import REAL, difference
from tests.interop import layouts
from tests.interop.proxies import count_chunks, real_proxy, saved_by_rerun
from tests.interop.test_signatures import missing
from tests.interop.told import assert_equal, batches, encoded

rerun: Any = pytest.importorskip("rerun")
import rerun.blueprint as real_blueprint  # noqa: E402

OF_CATALOG = real_blueprint.TableBlueprint
OURS = layouts.Sdk(rrsdk, rrsdk.blueprint)
THEIRS = layouts.Sdk(rerun, real_blueprint)


@pytest.mark.parametrize("name", layouts.ARCHETYPES)
@settings(max_examples=20)
@given(data=st.data())
def test_archetypes(name: str, data: st.DataObject) -> None:
    make = data.draw(layouts.archetype(name))
    ours, theirs = make(OURS), batches(make(THEIRS))
    assert not ours.is_broken
    assert_equal(batches(ours), theirs)
    assert_equal(encoded(ours), theirs)


@settings(max_examples=40)
@given(make=layouts.WHOLE)
def test_layouts(make: layouts.Form, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("layout")
    for name, sdk in (("theirs", THEIRS), ("ours", OURS)):
        make(sdk).save("rrkit_test", folder / name)
    assert difference(folder / "theirs", folder / "ours") == ""
    verify(folder / "ours")


def test_what_differs_is_found(tmp_path: Path) -> None:
    def saved(name: str, **options: Any) -> Path:
        path = tmp_path / name
        one, other = rrsdk.blueprint.MapView(name="a"), rrsdk.blueprint.MapView(name="b")
        order = [other, one] if name == "turned" else [one, other]
        rrsdk.blueprint.Horizontal(*order, **options).to_blueprint().save("rrkit_test", path)
        return path

    base = saved("base", column_shares=[1, 2])
    assert difference(base, saved("same", column_shares=[1, 2])) == ""
    assert "ViewBlueprint" in difference(base, saved("turned", column_shares=[1, 2]))
    assert "col_shares" in difference(base, saved("shares", column_shares=[2, 1]))
    absolute = ranged(tmp_path / "absolute", "absolute")
    for kind in ("infinite", "cursor_relative"):
        assert "VisibleTimeRange" in difference(absolute, ranged(tmp_path / kind, kind))


def ranged(path: Path, kind: str) -> Path:
    """Where the ends of a range are of this kind."""
    end = getattr(rrsdk.TimeRangeBoundary, kind)(*([] if kind == "infinite" else [3]))
    ranges = [rrsdk.VisibleTimeRange("t", start=end, end=end)]
    rrsdk.blueprint.Spatial2DView(time_ranges=ranges).to_blueprint().save("rrkit_test", path)
    return path


def test_the_real_server_takes_one(tmp_path: Path, rerun_binary: Path) -> None:
    make = rrsdk.blueprint.Blueprint(
        rrsdk.blueprint.Spatial3DView(background=[1, 2, 3]), collapse_panels=True
    )
    make.save("rrkit_test", tmp_path / "saved.rbl")
    with real_proxy(rerun_binary) as url:
        make.connect_grpc("rrkit_test", url=url)
        saved_by_rerun(rerun_binary, url, tmp_path / "got.rbl", chunks=count_chunks(tmp_path / "saved.rbl"))
    assert difference(tmp_path / "saved.rbl", tmp_path / "got.rbl") == ""


def test_classes_and_methods_have_the_same_parameters() -> None:
    wrong: dict[str, list[str]] = {}
    for name, ours, real in classes():
        public = [one for one in vars(real) if one[0] != "_" and inspect.isfunction(vars(real)[one])]
        for method in ("__init__", *public):
            theirs = getattr(real, method)
            found = [] if theirs is object.__init__ else missing(theirs, getattr(ours, method))
            wrong.update({f"{name}.{method}": found} if found else {})
    assert wrong == {}


def classes() -> Iterator[tuple[str, Any, Any]]:
    """Every class of Rerun's blueprints, and ours of the same name."""
    for real, ours in (
        (real_blueprint, rrsdk.blueprint),
        (real_blueprint.archetypes, rrsdk.blueprint.archetypes),
        (real_blueprint.components, rrsdk.blueprint.components),
    ):
        for name in dir(real):
            found = getattr(real, name)
            is_wanted = name[0] != "_" and inspect.isclass(found) and not name.endswith("Like")
            if is_wanted and not issubclass(found, enum.Enum) and found is not OF_CATALOG:
                yield name, getattr(ours, name), found


def test_every_name_is_here() -> None:
    rooms = ["", ".archetypes", ".components", ".encodings", ".views", ".experimental"]
    absent = []
    for room in rooms:
        real, ours = (import_module(f"{sdk}.blueprint{room}") for sdk in ("rerun", "rrsdk"))
        found = [name for name in dir(real) if name[0] != "_" and not inspect.ismodule(getattr(real, name))]
        absent += [f"{room}.{name}" for name in found if not hasattr(ours, name)]
    absent.remove(".TableBlueprint")
    # Of encodings that are nothing but an enum there are no batches here.
    assert [name for name in absent if not name.endswith("KindBatch") and "Direction" not in name] == []


def verify(path: Path) -> None:
    done = subprocess.run(
        [REAL, "rrd", "verify", path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
