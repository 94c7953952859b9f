"""`rrtool serve` as a whole: what comes in over gRPC goes out over ZeroMQ, and the other way round."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rrsdk
from rrsdk.codec import logmsg
from rrsdk.codec.frames import Frame, FrameDecoder, Kind
from rrsdk.proxy import WRITE_MESSAGES, open_channel, parse_proxy
from rrsdk.sources.chunks import read_chunks
from tests.conftest import Result
from tests.interop import peer
from tests.interop.proxies import (
    PATIENCE_S,
    all_chunks,
    free_port,
    is_listening,
    log_real,
    our_proxy,
    real_proxy,
    save,
    saved_by_rerun,
    wait_for,
)

Rrtool = Callable[..., Result]

FIXTURES = Path(__file__).parents[2] / "fixtures"
OLD = sorted(FIXTURES.glob("sdk-0.2*/*.migrated.rrd"))


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """`rrtool serve` on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "rrtool", "serve", "--port", str(port), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            wait_for(lambda: is_listening(port), why="rrtool serve does not listen")
            yield port
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def test_in_over_grpc_and_out_over_both(tmp_path: Path, rrtool: Rrtool, rerun_binary: Path) -> None:
    truth, ours, theirs, over_grpc = (
        tmp_path / f"{name}.rrd" for name in ("truth", "ours", "theirs", "grpc")
    )
    with serving() as port:
        url = f"rerun+http://127.0.0.1:{port}/proxy"
        log_real(url, truth)
        expected = all_chunks(truth)
        saved_by_rerun(rerun_binary, url, theirs, chunks=len(expected))
        for name, path in ((f"localhost:{port}", ours), (url, over_grpc)):
            done = rrtool("record", name, "-o", path, "--until-idle", "1")
            assert done.rc == 0, done.stderr
    for path in (ours, theirs, over_grpc):
        found = all_chunks(path)
        assert found.keys() == expected.keys()
        assert all(found[key].equals(expected[key], check_metadata=True) for key in expected)
    peer.verify(rerun_binary, over_grpc)


def test_in_over_zeromq_and_out_over_grpc(
    tmp_path: Path, rrtool: Rrtool, recordings: dict[str, Path], rerun_binary: Path
) -> None:
    with serving() as port:
        sent = [recordings["rich"], recordings["blueprint"]]
        done = rrtool("send", *sent, f"localhost:{port}")
        assert done.rc == 0, done.stderr
        expected = all_chunks(sent[0]) | all_chunks(sent[1])
        url = f"rerun+http://127.0.0.1:{port}/proxy"
        saved_by_rerun(rerun_binary, url, tmp_path / "out.rrd", chunks=len(expected))
    found = all_chunks(tmp_path / "out.rrd")
    assert found.keys() == expected.keys()
    assert all(found[key].equals(expected[key], check_metadata=True) for key in expected)


def test_files_are_sent_to_reruns_server(
    tmp_path: Path, rrtool: Rrtool, recordings: dict[str, Path], rerun_binary: Path
) -> None:
    with real_proxy(rerun_binary) as url:
        done = rrtool("send", recordings["rich"], url)
        assert done.rc == 0, done.stderr
        save(url, tmp_path / "out.rrd")
    assert all_chunks(tmp_path / "out.rrd").keys() == all_chunks(recordings["rich"]).keys()


@pytest.mark.parametrize("migrated", OLD, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_old_sdks_are_understood(tmp_path: Path, migrated: Path) -> None:
    """What they send comes out as the real 0.41 would have made of it."""
    decoder = FrameDecoder()
    decoder.feed(migrated.with_name(migrated.name.replace(".migrated", "")).read_bytes())
    requests = [
        logmsg.wrap(event.kind, (event.payload,))
        for event in decoder
        if isinstance(event, Frame) and event.kind is not Kind.END
    ]
    with our_proxy() as proxy:
        channel = open_channel(parse_proxy(proxy.url))
        channel.stream_unary(WRITE_MESSAGES)(iter(requests), timeout=PATIENCE_S)
        channel.close()
        save(proxy.url, tmp_path / "out.rrd", quiet_s=0.3)
    found, expected = peer.ours(tmp_path / "out.rrd"), peer.ours(migrated)
    assert sum(map(len, found.values())) == sum(map(len, expected.values()))
    rows = {batch.num_rows: batch for chunks in found.values() for batch in chunks.values()}
    assert rows.keys() == {batch.num_rows for chunks in expected.values() for batch in chunks.values()}


def test_a_server_among_sinks_serves_what_the_file_gets(tmp_path: Path) -> None:
    port = free_port()
    hosted, path = rrsdk.GrpcServerSink(port=port), tmp_path / "file.rrd"
    assert hosted.uri == f"rerun+http://127.0.0.1:{port}/proxy"
    stream = rrsdk.RecordingStream("hosted", recording_id="one", send_properties=False)
    stream.set_sinks(hosted, rrsdk.FileSink(path))
    stream.log("points", rrsdk.Points3D([[1, 2, 3]]), static=True)
    assert stream.flush()
    served = list(read_chunks(hosted.uri))
    stream.disconnect()
    assert [str(chunk.id) for _, chunk in served] == [str(chunk.id) for _, chunk in read_chunks(str(path))]
    assert len(served) == 1
    assert not is_listening(port)


def test_a_server_that_cannot_listen_says_so() -> None:
    hosted = rrsdk.GrpcServerSink(port=free_port())
    stream = rrsdk.RecordingStream("hosted", recording_id="two", send_properties=False)
    stream.set_sinks(hosted)
    port = int(hosted.uri.removesuffix("/proxy").rpartition(":")[2])
    with pytest.raises(rrsdk.RrError, match=str(port)):
        rrsdk.GrpcServerSink(port=port)
    stream.disconnect()
