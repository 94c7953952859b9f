"""Video streams through compact: chunks begin with key frames, as those of the real `optimize` do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrtool.transforms.key_frames import H264, H265, begins_group
from tests.faults.verbs import run_here
from tests.tool.filtered import accept, real, rows

rr = pytest.importorskip("rerun")
pytest.importorskip("av")

from tests import recordings, videos  # noqa: E402  # imports rerun

CODECS = {"libx264": (H264, rr.VideoCodec.H264), "libx265": (H265, rr.VideoCodec.H265)}


def frames_by_chunk(path: Path) -> list[list[int]]:
    """Of each chunk with samples the frames, in the order of their first."""
    from rerun.chunk import RrdReader

    found = []
    for chunk in RrdReader(path).stream():
        batch = chunk.to_record_batch()
        if "VideoStream:sample" in batch.schema.names:
            found.append(batch.column("frame").cast("int64").to_pylist())
    return sorted(found)


@pytest.fixture(scope="module")
def encoded() -> dict[str, list[bytes]]:
    return {codec: videos.encoded(codec, 40, every=8, noise=True) for codec in CODECS}


@pytest.mark.parametrize("codec", CODECS)
def test_key_frames_are_told(encoded: dict[str, list[bytes]], codec: str) -> None:
    opens = [begins_group(sample, CODECS[codec][0]) for sample in encoded[codec]]
    assert opens == [number % 8 == 0 for number in range(40)]


@given(st.binary(max_size=60) | st.lists(st.sampled_from([b"\0\0\1", b"\x67", b"\x65", b"\0"])).map(b"".join))
def test_any_bytes_are_a_sample(sample: bytes) -> None:
    for codec in (H264, H265):
        assert begins_group(sample, codec) in (True, False)


def test_a_picture_without_parameters_opens_nothing() -> None:
    parameters, picture = b"\0\0\0\1\x67\x42\0\x0a", b"\0\0\1\x65\x88"
    assert begins_group(parameters + picture, H264)
    assert not begins_group(picture, H264)
    assert not begins_group(parameters, H264)
    assert not begins_group(parameters[1:] + b"\0\0\1\xe5", H264), "a forbidden bit"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("one_row_chunks", [False, True])
@pytest.mark.parametrize("size", ["2kB", "100kB", "2MiB"])
def test_beside_the_real_optimize(
    encoded: dict[str, list[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rerun_binary: Path,
    codec: str,
    one_row_chunks: bool,
    size: str,
) -> None:
    name = CODECS[codec][1]
    source = videos.stream(tmp_path / "in.rrd", encoded[codec], codec=name, one_row_chunks=one_row_chunks)
    ours, theirs, again = (tmp_path / name for name in ("ours.rrd", "theirs.rrd", "again.rrd"))
    assert run_here(monkeypatch, "compact", "--max-size", size, source, "-o", ours).err == ""
    assert real(rerun_binary, "optimize", "--max-size", size, source, "-o", theirs).returncode == 0
    mine = frames_by_chunk(ours)
    if size == "100kB":  # sizes of chunks are not reckoned alike
        assert len(mine) in (len(frames_by_chunk(theirs)) + off for off in (-1, 0, 1))
        assert all(chunk[0] % 8 == 0 for chunk in mine)
    else:
        assert mine == frames_by_chunk(theirs)
    assert len(mine) == 5 if size == "2kB" else len(mine) < 5
    assert rows(ours) == rows(source)
    accept(rerun_binary, ours)
    assert run_here(monkeypatch, "compact", "--max-size", size, ours, "-o", again).code == 0
    assert again.read_bytes() == ours.read_bytes()


def test_a_stream_that_begins_amid_a_group(encoded, tmp_path: Path, monkeypatch, rerun_binary: Path) -> None:
    source = videos.stream(tmp_path / "in.rrd", encoded["libx264"][5:])
    out, theirs = tmp_path / "out.rrd", tmp_path / "theirs.rrd"
    assert run_here(monkeypatch, "compact", "--max-size", "2kB", source, "-o", out).code == 0
    assert real(rerun_binary, "optimize", "--max-size", "2kB", source, "-o", theirs).returncode == 0
    assert frames_by_chunk(out) == frames_by_chunk(theirs)
    assert [len(chunk) for chunk in frames_by_chunk(out)] == [3, 8, 8, 8, 8]


def stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Path) -> str:
    """What is said of a stream that must stay as it is."""
    out = tmp_path / "out.rrd"
    done = run_here(monkeypatch, "compact", source, "-o", out)
    assert done.code == 0
    assert frames_by_chunk(out) == frames_by_chunk(source)
    assert rows(out) == rows(source)
    return done.err


@pytest.mark.parametrize(
    ("codec", "name"), [(rr.VideoCodec.AV1, "AV1"), (None, "an unknown codec")], ids=["av1", "none"]
)
def test_other_codecs_stay_as_they_are(tmp_path: Path, monkeypatch, codec, name: str) -> None:
    samples = [bytes([number]) * 50 for number in range(9)]
    source = videos.stream(tmp_path / "in.rrd", samples, codec=codec, one_row_chunks=True)
    said = stay(tmp_path, monkeypatch, source)
    assert (
        f"/video: the chunks of its video stream stay as they are, key frames in {name} are not known" in said
    )


def test_a_stream_out_of_order_stays_as_it_is(encoded, tmp_path: Path, monkeypatch) -> None:
    source = tmp_path / "in.rrd"
    with recordings.open_stream(source, "v", one_row_chunks=True) as stream:
        stream.log("video", rr.VideoStream(codec=rr.VideoCodec.H264), static=True)
        for number, sample in enumerate(encoded["libx264"][:9]):
            stream.set_time("frame", sequence=-number)
            stream.log("video", rr.VideoStream.from_fields(sample=sample))
    assert "its rows are not in the order of time" in stay(tmp_path, monkeypatch, source)
