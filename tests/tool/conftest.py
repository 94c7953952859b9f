"""Recordings that several tests of the tool read; nothing changes them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By name; `bare` is like `rich`, without a footer."""
    from tests import recordings

    folder = tmp_path_factory.mktemp("recordings")
    paths = {name: folder / f"{name}.rrd" for name in ("rich", "bare", "blueprint", "many", "tiny")}
    recordings.rich(paths["rich"])
    recordings.rich(paths["bare"], footer=False)
    recordings.blueprint(paths["blueprint"])
    recordings.many_stores(paths["many"])
    recordings.tiny(paths["tiny"], size=20)
    return paths


@pytest.fixture(scope="session")
def rich(made: dict[str, Path]) -> Path:
    return made["rich"]


@pytest.fixture(scope="session")
def with_blueprint(made: dict[str, Path]) -> Path:
    return made["blueprint"]


@pytest.fixture(scope="session")
def many(made: dict[str, Path]) -> Path:
    return made["many"]
