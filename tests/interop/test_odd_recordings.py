"""Recordings that the real SDK writes and few people do: names that collide, types that are rare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from tests.interop import peer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Result

    Rrtool = Callable[..., Result]

rr = pytest.importorskip("rerun")


def recorded(path: Path, write: Callable[[rr.RecordingStream], None]) -> Path:
    stream = rr.RecordingStream("rrkit_odd", recording_id="odd")
    stream.save(path)
    write(stream)
    stream.flush()
    del stream
    return path


def logged_one_by_one(stream: rr.RecordingStream, value: Callable[[int], object]) -> None:
    for frame in range(6):
        stream.set_time("frame", sequence=frame)
        stream.log("/e", rr.AnyValues(drop_untyped_nones=False, **value(frame)))  # type: ignore[dict-item]
        stream.flush()


def test_components_named_like_chunk_ids(tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    name = "chunk_0123456789ABCDEF0123456789abcdef"
    source = recorded(tmp_path / "in.rrd", lambda rec: logged_one_by_one(rec, lambda n: {name: n}))
    out = tmp_path / "out.rrd"
    assert rrtool("compact", source, "-o", out).rc == 0
    peer.verify(rerun_binary, out)
    assert rrtool("verify", "--deep", out).rc == 0
    chunks = [batch for store in peer.stores(out) for batch in peer.read(out, store).values()]
    ids = [batch.schema.metadata[b"rerun:id"] for batch in chunks]
    assert len(set(ids)) == len(ids)
    assert not any(one.endswith(b"0" * 32) for one in ids)
    assert max(batch.num_rows for batch in chunks) == 6
    assert any(name in batch.schema.names for batch in chunks)


def test_timelines_that_only_differ_in_characters_rerun_replaces(
    tmp_path: Path, rrtool: Rrtool, rerun_binary: Path
) -> None:
    def write(stream: rr.RecordingStream) -> None:
        for name in ("x y", "x_y"):
            stream.reset_time()
            stream.set_time(name, sequence=1)
            stream.log("/e", rr.TextLog(name))

    source, out = recorded(tmp_path / "in.rrd", write), tmp_path / "out.rrd"
    done = rrtool("merge", source, "-o", out)
    assert done.rc == 0
    assert "without a footer" in done.stderr
    with pytest.warns(rr.error_utils.RerunWarning, match="no footer"):
        assert (
            sum(batch.num_rows for store in peer.stores(out) for batch in peer.read(out, store).values()) == 3
        )


@pytest.mark.parametrize(
    "values",
    [pa.array(["a", "b"]).dictionary_encode(), pa.array(["a", "b"], pa.string_view())],
    ids=["dictionary", "string view"],
)
def test_types_that_cannot_be_taken_apart_stay(
    tmp_path: Path, rrtool: Rrtool, rerun_binary: Path, values: pa.Array
) -> None:
    def write(stream: rr.RecordingStream) -> None:
        logged_one_by_one(stream, lambda _: {"odd": values})
        for _ in range(5):
            stream.log("/plain", rr.Scalars(1.0))
            stream.flush()

    source, out = recorded(tmp_path / "in.rrd", write), tmp_path / "out.rrd"
    done = rrtool("compact", source, "-o", out)
    assert done.rc == 0, done.stderr
    peer.verify(rerun_binary, out)
    (store,) = peer.stores(out)
    before, after = peer.read(source, store), peer.read(out, store)
    odd = {key: batch for key, batch in before.items() if "odd" in batch.schema.names}
    assert len(odd) == 6
    assert all(after[key].equals(batch, check_metadata=True) for key, batch in odd.items())
    assert len(after) < len(before)


def test_one_timeline_with_two_types(tmp_path: Path, rrtool: Rrtool) -> None:
    def write(stream: rr.RecordingStream) -> None:
        stream.set_time("t", sequence=5)
        stream.log("/a", rr.Scalars(1.0))
        stream.reset_time()
        stream.set_time("t", duration=np.timedelta64(7, "s"))
        stream.log("/b", rr.Scalars(2.0))

    source, out = recorded(tmp_path / "in.rrd", write), tmp_path / "out.rrd"
    done = rrtool("merge", source, source, "-o", out)
    assert done.rc == 0, done.stderr
    (store,) = peer.stores(out)
    assert sum(batch.num_rows for batch in peer.read(out, store).values()) == 3
