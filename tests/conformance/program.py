"""Runs one program, with `rerun` being what it is or ours: `python program.py rrsdk FILE [arguments]`."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import runpy
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `rerun.X` as the very module `rrsdk.X`, not as a second one made from the same file."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "rerun" and not fullname.startswith("rerun."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        module = importlib.import_module("rrsdk" + spec.name.removeprefix("rerun"))
        self._own = module.__spec__, module.__loader__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__, module.__loader__ = self._own  # the import put those of the alias there


def main() -> None:
    sdk, program = sys.argv[1:3]
    sys.argv = sys.argv[2:]
    if sdk == "rrsdk":
        sys.meta_path.insert(0, Alias())
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
