"""rrtool compare: row by row whatever the chunking, and chunk by chunk beside the real program."""

from __future__ import annotations

import json
import subprocess
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from rrsdk import Chunk
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.message import Chunks
from rrsdk.sinks.memory import MemorySink
from rrsdk.sources import open_source
from rrsdk.sources.chunks import decode
from rrtool.transforms.filter_read import messages_of
from tests.faults.verbs import Ended, run_here

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

FIXTURES = Path(__file__).parents[2] / "fixtures"


def compare(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> Ended:
    return run_here(monkeypatch, "compare", *args)


def text(ended: Ended) -> str:
    return ended.out.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compare")


def with_value(path: Path, out: Path, *, row: int, value: list[float]) -> None:
    """The same recording, but for one row of its scalars."""
    source, sink = open_source(str(path)), MemorySink()
    reader = ChunkReader()
    for message in source.messages():
        if not isinstance(message, Chunks):
            sink.put(message)
            continue
        for raw in messages_of(message):
            batch = decode(reader, raw).to_record_batch()
            if "Scalars:scalars" in batch.schema.names:
                place = batch.schema.names.index("Scalars:scalars")
                values = batch.column(place).to_pylist()
                values[row] = value
                batch = batch.set_column(
                    place, batch.schema.field(place), pa.array(values, batch.schema.field(place).type)
                )
            payload = Chunk.from_record_batch(batch).to_ipc()
            laid_out = reader.layout(payload)
            sink.put(pack_chunk(message.store, message.store_raw, payload, laid_out, laid_out.chunk_id))
    sink.close()
    source.close()
    out.write_bytes(sink.data)


@pytest.mark.parametrize("name", ["rich", "tiny", "blueprint", "many"])
def test_what_is_chunked_otherwise_says_the_same(
    monkeypatch: pytest.MonkeyPatch, made: dict[str, Path], tmp_path: Path, rerun_binary: Path, name: str
) -> None:
    ours, theirs, pieces = tmp_path / "ours.rrd", tmp_path / "theirs.rrd", tmp_path / "pieces.rrd"
    assert run_here(monkeypatch, "compact", made[name], "-o", ours).code == 0
    assert run_here(monkeypatch, "compact", "--max-rows", "1", made[name], "-o", pieces).code == 0
    subprocess.run([rerun_binary, "rrd", "optimize", made[name], "-o", theirs], check=True, timeout=60)
    for other in (ours, theirs, pieces):
        found = compare(monkeypatch, made[name], other)
        if name == "blueprint" and other == theirs:  # which makes every blueprint active
            assert text(found).endswith(": is activated differently\n")
            assert text(found).count("\n") == 1
        else:
            assert (found.code, text(found), found.err) == (0, "", "")


def test_a_row_that_is_there_twice_counts_once(
    monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path
) -> None:
    cut, both = tmp_path / "cut.rrd", tmp_path / "both.rrd"
    assert run_here(monkeypatch, "filter", "--time", "frame:1..3", rich, "-o", cut).code == 0
    assert run_here(monkeypatch, "merge", rich, cut, "-o", both).code == 0
    assert compare(monkeypatch, rich, both).code == 0


def test_every_difference_is_found(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.rrd"
    for args, said in (
        (("filter", "--drop-entity", "/world/points"), "/world/points: "),
        (("filter", "--drop-component", "Points3D:colors"), "Points3D:colors: "),
        (("filter", "--drop-timeline", "frame"), "timeline frame: "),
        (("rename", "--entity", "/plot=/plotted"), "/plotted/"),
        (("route", "--recording-id", "else"), "their contents:"),
    ):
        assert run_here(monkeypatch, *args, rich, "-o", out).code == 0
        for pair in ((rich, out), (out, rich)):
            found = compare(monkeypatch, *pair)
            assert found.code == 1
            assert said in text(found), args
    assert text(found).count("\n") == 1, "a routed recording differs in its id alone"


def test_a_value_that_differs_is_shown(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    path, other = folder / "one.rrd", folder / "other.rrd"
    with recordings.open_stream(path, "one") as stream:
        for i in range(10):
            stream.set_time("frame", sequence=i)
            stream.log("/a", rr.Scalars([float(i), 2.0]))
    with_value(path, other, row=7, value=[7.0, 3.0])
    found = compare(monkeypatch, path, other)
    assert found.code == 1
    assert "/a Scalars:scalars: 1 of 10 rows differ; first row_" in text(found)
    assert "[7.0, 2.0] in the first, [7.0, 3.0] in the second" in text(found)
    said = json.loads(compare(monkeypatch, "--json", path, other).out)
    assert (said["equal"], [one["what"] for one in said["differences"]]) == (False, ["Scalars:scalars"])
    assert text(compare(monkeypatch, "-q", path, other)) == ""


def test_a_timeline_can_be_ignored(monkeypatch: pytest.MonkeyPatch, rich: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.rrd"
    assert run_here(monkeypatch, "filter", "--drop-timeline", "frame", rich, "-o", out).code == 0
    assert compare(monkeypatch, rich, out).code == 1
    assert compare(monkeypatch, "--ignore-timeline", "frame", rich, out).code == 0


def test_the_verdicts_of_the_real_one(
    monkeypatch: pytest.MonkeyPatch, made: dict[str, Path], tmp_path: Path, rerun_binary: Path
) -> None:
    again, other = tmp_path / "again.rrd", tmp_path / "other.rrd"
    assert run_here(monkeypatch, "route", "--recording-id", "r", made["rich"], "-o", again).code == 0
    assert (
        run_here(monkeypatch, "filter", "--drop-component", "Points3D:colors", again, "-o", other).code == 0
    )
    files = [made["rich"], again, other, made["tiny"], FIXTURES / "sdk-0.41" / "scene.rrd"]
    equal = 0
    for (one, two), more in product(product(files, files), ((), ("--unordered",))):
        args = ["compare", *more, one, two]
        real = subprocess.run([rerun_binary, "rrd", *args], capture_output=True, timeout=60)
        ours = compare(monkeypatch, "--chunks", *more, one, two)
        assert ours.code == min(real.returncode, 1), (args, text(ours), ours.err)
        equal += ours.code == 0
    assert equal > 2 * len(files), "also recordings that are not one file"


def test_what_cannot_be_compared(
    monkeypatch: pytest.MonkeyPatch, many: Path, rich: Path, tmp_path: Path
) -> None:
    assert compare(monkeypatch, "--unordered", rich, rich).code == 2
    assert compare(monkeypatch, "-", "-").code == 2
    found = compare(monkeypatch, "--chunks", many, rich)
    assert found.code == 1
    assert f"{many}: holds " in found.err
    (tmp_path / "no.rrd").write_bytes(b"no recording")
    assert compare(monkeypatch, rich, tmp_path / "no.rrd").code == 1
