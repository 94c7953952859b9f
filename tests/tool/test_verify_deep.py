"""rrtool verify --deep: order, repeats, old object models."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import Result
from tests.tool.taken import Taken, changed, problems, the_one_problem, with_column

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_claims_of_being_sorted(tmp_path: Path, made) -> None:
    def times(batch: pa.RecordBatch) -> pa.RecordBatch:
        return with_column(batch, "frame", pa.array(range(batch.num_rows, 0, -1), pa.int64()))

    def row_ids(batch: pa.RecordBatch) -> pa.RecordBatch:
        name = "rerun.controls.RowId"
        backwards = batch.column(name).to_pylist()[::-1]
        return with_column(batch, name, pa.array(backwards, pa.binary(16)))

    def repeated(batch: pa.RecordBatch) -> pa.RecordBatch:
        name = "rerun.controls.RowId"
        return with_column(batch, name, pa.array(batch.column(name).to_pylist()[:1] * 24, pa.binary(16)))

    for change, what in (
        (times, "the times of frame claim to be sorted, but are not"),
        (row_ids, "the row ids claim to be sorted, but are not"),
        (repeated, "a row id is there twice"),
    ):
        path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
        assert problems(path, check_footers=False) == []
        assert what in the_one_problem(path, deep=True, check_footers=False)


def test_a_chunk_that_is_there_twice(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    taken.messages.append(taken.messages[taken.chunks()[-1]])
    path = taken.write(tmp_path / "twice.rrd")
    assert problems(path, check_footers=False) == []
    assert "is there twice" in the_one_problem(path, deep=True, check_footers=False)


def test_an_old_object_model(made) -> None:
    found = problems(FIXTURES / "sdk-0.36" / "scene.rrd", deep=True, check_footers=False)
    assert found
    assert all("the object model is an old one; rrtool merge migrates it" in line for line in found)


@pytest.mark.parametrize("piped", [False, True])
def test_a_chunk_that_is_there_again_in_the_next_stream(
    tmp_path: Path, made, rrtool: Rrtool, piped: bool
) -> None:
    """Only of the same store: the one between them has chunks of its own."""
    once = made["tiny"].read_bytes()
    path = tmp_path / "again.rrd"
    path.write_bytes(once + made["rich"].read_bytes() + once)
    assert problems(path) == []
    done = rrtool("verify", "--deep", stdin=path.read_bytes()) if piped else rrtool("verify", "--deep", path)
    *found, _ = done.stderr.splitlines()
    assert len(found) == len(Taken(made["tiny"]).chunks())
    assert all("is there twice" in line for line in found)
    assert all(int(re.findall(r", byte (\d+)", line)[0]) > path.stat().st_size - len(once) for line in found)


def test_chunks_without_rows(tmp_path: Path, rrtool: Rrtool) -> None:
    """The SDK's footer says that they span all times, ours that they span none."""
    path, out = tmp_path / "empty.rrd", tmp_path / "out.rrd"
    with recordings.open_stream(path, "empty") as stream:
        for name, times in (("/none", []), ("/two", [1, 2])):
            stream.send_columns(
                name,
                indexes=[rr.TimeColumn("frame", sequence=times)],
                columns=rr.Scalars.columns(scalars=list(map(float, times))),
            )
    assert problems(path, deep=True) == []
    taken = Taken(path)
    manifest = taken.manifest()[1]
    values = array("q", manifest.table.columns["frame:end"].values)
    place = values.index(2**63 - 1)
    values[place] = 7
    lying = taken.with_column(tmp_path / "lying.rrd", "frame:end", values)
    assert "the footer says frame:end 7, the chunk None" in the_one_problem(lying, deep=True)
    assert rrtool("filter", path, "--drop-timeline", "log_time", "-o", out).rc == 0
    assert problems(out, deep=True) == []
