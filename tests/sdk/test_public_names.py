"""`import rrsdk` is free; every public name is there, for programs, editors and type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest

import rrsdk

_WRITTEN_AS = {"ComponentDescriptor": "Descriptor"}  # Rerun's name for it

HEAVY = ("numpy", "pyarrow", "google.protobuf", "lz4", "xxhash", "zmq", "grpc")


def modules_after(code: str) -> set[str]:
    """What is imported in a new Python once `code` has run."""
    show = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_it_imports_nothing_else() -> None:
    found = modules_after("import rrsdk; dir(rrsdk)")
    assert not found & set(HEAVY)
    assert {name for name in found if name.startswith("rrsdk")} == {"rrsdk"}


def test_a_name_costs_only_itself() -> None:
    assert not modules_after("import rrsdk; rrsdk.StoreId, rrsdk.RrError, rrsdk.open_source") & set(HEAVY)
    assert "pyarrow" in modules_after("from rrsdk import Chunk")


def test_every_name_is_there() -> None:
    assert len(set(rrsdk.__all__)) == len(rrsdk.__all__)
    for name in rrsdk.__all__:
        found = getattr(rrsdk, name)
        if name == "AUTO_INDEX":  # an object, for an argument
            continue
        assert found.__name__ == _WRITTEN_AS.get(name, name)
        assert found.__doc__ or issubclass(found, Enum), f"{name} has no docstring"
        assert name in dir(rrsdk)
    assert isinstance(rrsdk.TruncatedError("cut"), rrsdk.RrError)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(rrsdk.__file__).read_text())
    (checked,) = (node for node in tree.body if isinstance(node, ast.If))
    names = {alias.name for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names == set(rrsdk.__all__)


def test_other_names_are_errors() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'never'"):
        _ = rrsdk.never  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "module", ["any_batch_value", "any_value", "dynamic_archetype", "recording_stream", "time"]
)
def test_names_in_the_modules_that_programs_import_them_from(module: str) -> None:
    found = import_module(f"rrsdk.{module}")
    for name in found.__all__:
        assert getattr(found, name) is getattr(rrsdk, name)
