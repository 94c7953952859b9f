"""Dictionaries, views and run ends that the real SDK logs: every verb does with them what Rerun does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from rrsdk.chunk import Chunk
from rrsdk.codec import payload as payloads
from rrsdk.codec.chunks import pack_chunk
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.ipc.layout import LayoutCache
from rrsdk.message import StoreInfo
from tests.faults import damage
from tests.interop import peer
from tests.sdk.manifests import cells, from_chunks, from_footer, written
from tests.sdk.opaque import TWINS
from tests.sdk.strategies import stream_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Result

    Rrtool = Callable[..., Result]

rr = pytest.importorskip("rerun")


@pytest.fixture(scope="module", params=TWINS.values(), ids=list(TWINS))
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six rows a chunk each, of an odd and a plain component, and another entity."""
    path: Path = tmp_path_factory.mktemp("opaque") / "in.rrd"
    stream = rr.RecordingStream("rrkit_opaque", recording_id="opaque")
    stream.save(path)
    for frame in range(6):
        stream.set_time("frame", sequence=frame)
        odd = request.param.odd.slice(0, 5 if frame % 2 else 2)
        stream.log("/e", rr.AnyValues(drop_untyped_nones=False, odd=odd, plain=frame))
        stream.flush()
    stream.log("/p", rr.Scalars(1.0))
    stream.flush()
    stream.disconnect()
    return path


@pytest.fixture
def joined(source: Path, tmp_path: Path, rerun_binary: Path) -> Path:
    """The same in few chunks of several rows."""
    out = tmp_path / "joined.rrd"
    subprocess.run([rerun_binary, "rrd", "optimize", source, "-o", out], check=True, capture_output=True)
    return out


def rows(path: Path) -> dict[bytes, dict[str, object]]:
    """Row id to what stands there but for its log time, as the real reader has it."""
    (store,) = peer.stores(path)
    return {
        row.pop("rerun.controls.RowId"): row
        for batch in peer.read(path, store).values()
        if batch.schema.metadata[b"rerun:entity_path"] == b"/e"
        for row in batch.drop_columns("log_time").to_pylist()
    }


def test_verify_accepts_them(source: Path, joined: Path, rrtool: Rrtool) -> None:
    assert rrtool("verify", "--deep", source, joined).rc == 0


def test_the_manifest_is_the_sdks(source: Path) -> None:
    data = source.read_bytes()
    made, read = from_chunks(data), from_footer(data)
    for store, manifest in made.items():
        assert cells(manifest) == cells(read[store])
        assert manifest.fields == read[store].fields


def test_a_file_without_a_footer(source: Path, tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    plain, out = tmp_path / "plain.rrd", tmp_path / "out.rrd"
    plain.write_bytes(damage.without_footer(source.read_bytes()))
    assert rrtool("merge", plain, "-o", out).rc == 0
    assert rrtool("verify", "--deep", out).rc == 0
    peer.verify(rerun_binary, out)
    peer.compare(rerun_binary, source, out, tmp_path)


def test_a_timeline_is_dropped_as_rerun_does(
    source: Path, joined: Path, tmp_path: Path, rrtool: Rrtool, rerun_binary: Path
) -> None:
    for number, path in enumerate((source, joined)):
        ours, theirs = tmp_path / f"ours-{number}.rrd", tmp_path / f"theirs-{number}.rrd"
        assert rrtool("filter", path, "--drop-timeline", "log_time", "-o", ours).rc == 0
        command = [rerun_binary, "rrd", "filter", "--drop-timeline", "log_time", path, "-o", theirs]
        subprocess.run(command, check=True, capture_output=True)
        assert rrtool("verify", "--deep", ours).rc == 0
        peer.verify(rerun_binary, ours)
        peer.compare(rerun_binary, theirs, ours, tmp_path)


@pytest.mark.parametrize("name", ["odd", "plain"])
def test_a_component_is_dropped(
    joined: Path, tmp_path: Path, rrtool: Rrtool, rerun_binary: Path, name: str
) -> None:
    out = tmp_path / "out.rrd"
    assert rrtool("filter", joined, "--drop-component", name, "-o", out).rc == 0
    assert rrtool("verify", "--deep", out).rc == 0
    peer.verify(rerun_binary, out)
    expected = rows(joined)
    for row in expected.values():
        del row[name]
    assert rows(out) == expected


def test_a_span_of_time_is_cut_out(joined: Path, tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    out = tmp_path / "out.rrd"
    assert rrtool("filter", joined, "--time", "frame:2..4", "--no-carry", "-o", out).rc == 0
    assert rrtool("verify", "--deep", out).rc == 0
    peer.verify(rerun_binary, out)
    expected = {row_id: row for row_id, row in rows(joined).items() if row["frame"] in range(2, 5)}
    assert len(expected) == 3
    assert rows(out) == expected


def test_print_shows_what_rerun_shows(source: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    def shown(text: str) -> list[str]:
        found = [line.split("┆") for line in text.splitlines() if "type: " in line or "row_" in line]
        return ["┆".join(cell.strip() for cell in cells) for cells in found]

    theirs = subprocess.run(
        [rerun_binary, "rrd", "print", "-vvv", source], check=True, capture_output=True, text=True
    ).stdout
    ours = rrtool("print", "-vvv", source).text
    assert len(shown(ours)) > 12
    assert shown(ours) == shown(theirs)


def test_print_as_json(source: Path, rrtool: Rrtool) -> None:
    done = rrtool("print", "-vvv", "--json", "--entity", "/e", source)
    assert done.rc == 0
    assert done.text.count('"odd":') >= 6


def test_many_in_one_store(tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    """Dictionaries of several types in one footer, where they are numbered from 0 each."""
    source, out = tmp_path / "in.rrd", tmp_path / "out.rrd"
    stream = rr.RecordingStream("rrkit_opaque", recording_id="many")
    stream.save(source)
    numbers = pa.array([1.5, 2.5, 1.5]).dictionary_encode()
    for name, values in (("texts", TWINS["dictionary"].odd), ("numbers", numbers)):
        stream.log(f"/{name}", rr.AnyValues(drop_untyped_nones=False, **{name: values}))
        stream.flush()
    stream.disconnect()
    assert rrtool("filter", source, "--drop-timeline", "log_time", "-o", out).rc == 0
    for path in (source, out):
        assert rrtool("verify", "--deep", path).rc == 0
        peer.verify(rerun_binary, path)
    assert peer.read(out, next(iter(peer.stores(out))))


STORE = StoreId(StoreKind.RECORDING, "rrkit_opaque", "known")
TEXTS = pa.array(["a", "b", "c"])


def _lists(values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), values)


FORMS = {
    "plain": _lists(TEXTS),
    "dictionary": _lists(TEXTS.dictionary_encode()),
    "view": _lists(TEXTS.cast(pa.string_view())),
    "runs": _lists(pa.RunEndEncodedArray.from_arrays(pa.array([1, 2, 3], pa.int32()), TEXTS)),
    "list view": pa.array([["a", "b"], ["c"]], pa.list_view(pa.string())),
    "dictionary of lists": pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), _lists(TEXTS)),
    "runs of lists": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), _lists(TEXTS)),
}


@pytest.mark.parametrize("column", FORMS.values(), ids=list(FORMS))
def test_a_component_that_rerun_knows_must_be_plain(
    column: pa.Array, tmp_path: Path, rrtool: Rrtool, rerun_binary: Path
) -> None:
    """Rerun reads the chunk and copies it, but cannot make sense of it: `verify` says so, here and there."""
    plain = Chunk.from_columns("/e", indexes={"frame": [0, 1]}, components={"TextLog:text": [["a"], ["b"]]})
    batch = plain.to_record_batch()
    schema = batch.schema.set(2, batch.schema.field(2).with_type(column.type))
    payload = stream_of(pa.RecordBatch.from_arrays([*batch.columns[:2], column], schema=schema))
    chunk = LayoutCache().read(payload)
    info = StoreInfo(STORE, payloads.write_info(STORE, row_id=Tuid(1, 1)))
    message = pack_chunk(STORE, payloads.write_store_id(STORE), payload, chunk, chunk.chunk_id)
    path = tmp_path / "in.rrd"
    path.write_bytes(written([info, message]))
    theirs = subprocess.run([rerun_binary, "rrd", "verify", path], capture_output=True, text=True)
    ours = rrtool("verify", path)
    assert ours.rc == theirs.returncode, theirs.stderr
    assert (ours.rc == 0) == (column is FORMS["plain"])
    assert ours.rc == 0 or "TextLog:text" in ours.stderr
