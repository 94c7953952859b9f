"""Blueprints against the real SDK: the same program writes the same chunks, but for ids and times."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rrsdk
import rrsdk.blueprint
from tests.conformance.compare import REAL, difference
from tests.interop import layouts
from tests.interop.told import assert_equal, batches, encoded

rerun: Any = pytest.importorskip("rerun")
import rerun.blueprint as real_blueprint  # noqa: E402

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


def verify(path: Path) -> None:
    done = subprocess.run(
        [REAL, "rrd", "verify", path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
