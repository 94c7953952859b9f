"""Imports every file of the current folder with one of the SDKs: `importing_program.py MODULE OUT`."""

from __future__ import annotations

import importlib
import os
import sys
import warnings


def main() -> None:
    warnings.simplefilter("ignore")  # what is left out of a file is said
    rr = importlib.import_module(sys.argv[1])
    rr.init("importing", recording_id="one")
    rr.save(sys.argv[2])
    rr.set_time("frame", sequence=7)  # which files do not get
    for name in sorted(os.listdir()):
        if name.endswith("-contents.txt"):
            with open(name, "rb") as file:
                rr.log_file_from_contents(f"not/../there/{name}", file.read(), entity_path_prefix="a b/c")
        else:
            rr.log_file_from_path(name, static=name.startswith("static"))
    rr.disconnect()


if __name__ == "__main__":
    main()
