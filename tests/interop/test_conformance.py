"""What compares programs under both SDKs: that it runs the right one, and finds what differs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from tests.conformance.__main__ import Snippet, outcome, snippets
from tests.conformance.compare import difference

pytest.importorskip("rerun")

PROGRAM = """
import sys
import numpy as np
import rerun as rr
import rerun.components as components
from rerun.encodings import Vec3D
from rerun.utilities import build_color_grid

rr.init("rrkit_test_conformance", spawn=True)
rr.set_time("frame", sequence=3)
grid = build_color_grid(2, 2, 2)
rr.log("grid", rr.Points3D(grid.positions, colors=grid.colors, radii=0.5))
places = components.Position3DBatch([Vec3D([1, 2, 3])])
named = rr.ComponentDescriptor("own:places", archetype="own")
rr.log("own", rr.AnyValues(here=1.5), [places.described(named)])
rr.send_columns("loss", [rr.TimeColumn("step", sequence=[1, 2])], rr.Scalars.columns(scalars=[0.5, 0.25]))
"""


def program(folder: Path, text: str) -> Snippet:
    (folder / "program.py").write_text(text)
    return Snippet("program", folder / "program.py", [])


def test_a_program_records_the_same(tmp_path: Path) -> None:
    found = outcome(program(tmp_path, PROGRAM), tmp_path)
    assert (found.verdict, found.why) == ("same", "")


def test_what_differs_is_found(tmp_path: Path) -> None:
    text = PROGRAM + "rr.log('who', rr.TextLog(rr.__name__))\n"
    found = outcome(program(tmp_path, text), tmp_path)
    assert found.verdict == "differs"
    assert "/who" in found.why


def test_what_fails_is_said(tmp_path: Path) -> None:
    text = PROGRAM + "if rr.__name__ != 'rerun':\n    raise RuntimeError('no')\n"
    found = outcome(program(tmp_path, text), tmp_path)
    assert (found.verdict, found.why) == ("fails", "RuntimeError: no")
    random = outcome(program(tmp_path, PROGRAM + "rr.log('r', rr.Scalars(np.random.default_rng().random()))"),
                     tmp_path / "random")  # fmt: skip
    assert random.verdict == "random"


def test_arguments_are_those_of_the_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "snippets" / "all" / "a"
    folder.mkdir(parents=True)
    (folder / "b.py").write_text("")
    (folder / "__init__.py").write_text("")
    (tmp_path / "docs" / "snippets" / "snippets.toml").write_text(
        '[extra_args]\n"a/b" = ["$config_dir/../../x"]'
    )
    (found,) = snippets(tmp_path)
    assert (found.name, found.arguments) == ("a/b", [str(tmp_path / "x")])
    assert outcome(found, tmp_path).verdict == "not run"


def test_rows_may_lie_in_any_chunks(tmp_path: Path) -> None:
    import rrsdk

    paths = []
    for number, rows in enumerate(([[0, 1], [2]], [[0], [1, 2]])):
        paths.append(tmp_path / f"{number}.rrd")
        with rrsdk.RecordingStream("rrkit_test", recording_id="one", send_properties=False) as rec:
            rec.save(paths[-1])
            for steps in rows:
                values = pa.array([[float(step)] for step in steps])
                rec.send_chunks(
                    Chunk.from_columns("/a", {"step": steps}, components={"Scalars:scalars": values})
                )
    assert difference(*paths) == ""
