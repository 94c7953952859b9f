"""Recordings that the real SDK writes in the run, once for all tests of this folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

if importlib.util.find_spec("rerun") is None:
    collect_ignore_glob = ["test_*.py"]  # rerun-sdk has no wheel for Python 3.10


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """rich, blueprint and many_stores, each with and (but the last) without footer; two halves of a store."""
    from tests import recordings as make

    folder = tmp_path_factory.mktemp("recordings")
    paths = {
        name: folder / f"{name}.rrd"
        for name in ("rich", "rich-plain", "blueprint", "blueprint-plain", "many_stores", "half-1", "half-2")
    }
    make.rich(paths["rich"])
    make.rich(paths["rich-plain"], footer=False)
    make.blueprint(paths["blueprint"])
    make.blueprint(paths["blueprint-plain"], footer=False)
    make.many_stores(paths["many_stores"])
    for half in ("half-1", "half-2"):  # one logical recording, written by two processes
        make.tiny(paths[half], size=30)
    return paths
