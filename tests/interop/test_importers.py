"""Files are imported as the real SDK imports them: the same rows, entities, stores and times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.interop import importable, peer

PROGRAM = Path(__file__).with_name("importing_program.py")
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "RUST_LOG": "off"}

Cell = tuple[str, str, str]
Rows = dict[tuple[peer.Store, str], list[tuple[Cell, ...]]]


def rows(path: Path) -> Rows:
    """The rows of each entity without their ids, in any order."""
    found: Rows = {}
    for store in peer.stores(path):
        for batch in peer.read(path, store).values():
            entity = batch.schema.metadata[b"rerun:entity_path"].decode()
            columns = [
                (field.name, str(field.type), _values(column))
                for field, column in zip(batch.schema, batch.columns, strict=True)
                if field.name != "rerun.controls.RowId"
            ]
            for row in range(batch.num_rows):
                cells = sorted((name, kind, repr(values[row])) for name, kind, values in columns)
                found.setdefault((store, entity), []).append(tuple(cells))
    return {key: sorted(each) for key, each in found.items()}


def _values(column: pa.Array) -> list[object]:
    return (column.view(pa.int64()) if pa.types.is_temporal(column.type) else column).to_pylist()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("importable")
    importable.write_all(folder)
    out = tmp_path_factory.mktemp("imported")
    paths = []
    for module in ("rerun", "rrsdk"):
        path = out / f"{module}.rrd"
        done = subprocess.run(
            [sys.executable, PROGRAM, module, path],
            capture_output=True,
            text=True,
            timeout=120,
            env=ENVIRONMENT,
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr
        paths.append(path)
    return paths[0], paths[1]


def test_the_same_rows_come_of_the_same_files(both: tuple[Path, Path]) -> None:
    theirs, ours = (_without_start(rows(path)) for path in both)
    # Of a file in a folder that no importer knows ours leaves a line in the recording, too.
    (said,) = ours.pop((("recording", "importing", "one"), "/__warnings"))
    assert "no importer knows .unheard files" in str(said)
    assert ours.keys() == theirs.keys()
    for key, each in theirs.items():
        assert [_rounded(row) for row in ours[key]] == [_rounded(row) for row in each], key
    entities = {entity for _, entity in ours}
    assert "/a\\ b/c/there/x-contents.txt" in entities
    assert "/folder/below/two.md" in entities
    assert len(entities) > 60


def test_the_real_reader_finds_nothing_wrong(both: tuple[Path, Path], rerun_binary: Path) -> None:
    peer.verify(rerun_binary, both[1])


def _without_start(found: Rows) -> Rows:
    """Without when each of the two began."""
    return {key: each for key, each in found.items() if key[1] != "/__properties"}


def _rounded(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Scales of splats are exponentials, of which the last bit is nobody's promise."""
    return tuple(
        (name, kind, str(np.array(eval(value)).astype(np.float32).round(4)) if "scales" in name else value)
        for name, kind, value in row
    )


@pytest.mark.parametrize("rate", [24, 25, 30, 60])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_frames_have_the_same_times(rate: int, b_frames: int) -> None:
    import rerun

    import rrsdk

    data = importable.video(7, rate, b_frames)
    theirs = rerun.AssetVideo(contents=data, media_type="video/mp4").read_frame_timestamps_nanos()
    ours = rrsdk.AssetVideo(contents=data).read_frame_timestamps_nanos()
    assert ours.dtype == theirs.dtype
    assert ours.tolist() == theirs.tolist()
