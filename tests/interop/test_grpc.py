"""The same contract over gRPC: Rerun's SDK and reader with our broker, our sink with Rerun's server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pytest
from rerun.experimental import ViewerClient

from rrsdk.codec import logmsg, rrd_pb2
from rrsdk.errors import InputError, OutputError, UsageError
from rrsdk.message import ChunkMsg
from rrsdk.proxy import READ_TABLES, WRITE_MESSAGES, load_grpc, open_channel, parse_proxy
from rrsdk.sinks.grpc import GrpcSink
from rrsdk.sources.grpc import GrpcSource
from tests.interop import peer
from tests.interop.proxies import (
    PATIENCE_S,
    all_chunks,
    count_chunks,
    free_port,
    log_real,
    messages_of,
    our_proxy,
    real_proxy,
    real_reader,
    real_server,
    save,
    saved_by_rerun,
    wait_for,
)
from tests.sdk.manifests import refuse


def test_the_real_sdk_logs_into_ours_and_both_readers_find_it(tmp_path: Path, rerun_binary: Path) -> None:
    truth, ours, theirs, early = (tmp_path / f"{name}.rrd" for name in ("truth", "ours", "theirs", "early"))
    with our_proxy() as proxy, real_reader(rerun_binary, proxy.url, early) as live:
        wait_for(lambda: proxy.status()["readers"] == 1)
        log_real(proxy.url, truth)
        expected = all_chunks(truth)
        save(proxy.url, ours)
        saved_by_rerun(rerun_binary, proxy.url, theirs, chunks=len(expected))
        assert proxy.status()["writers"] == 0
        proxy.stop()
        assert live.wait(PATIENCE_S) == 0  # what it was owed is delivered before the end
    for path in (ours, theirs, early):
        assert peer.stores(path).keys() == peer.stores(truth).keys()
        found = all_chunks(path)
        assert found.keys() == expected.keys()
        assert all(found[key].equals(expected[key], check_metadata=True) for key in expected)
    peer.verify(rerun_binary, ours)


def test_blueprints_and_activations_pass(
    tmp_path: Path, recordings: dict[str, Path], rerun_binary: Path
) -> None:
    """From a file through our sink into Rerun's server, by Rerun's reader through our broker, and back."""
    source = recordings["blueprint"]
    expected = all_chunks(source)
    with our_proxy() as ours, real_proxy(rerun_binary) as theirs:
        for url, name in ((ours.url, "ours"), (theirs, "theirs")):
            sink = GrpcSink(url)
            for message in messages_of(source):
                sink.put(message)
            assert sink.close(PATIENCE_S)
            by_us, by_them = tmp_path / f"{name}-1.rrd", tmp_path / f"{name}-2.rrd"
            save(url, by_us)
            saved_by_rerun(rerun_binary, url, by_them, chunks=len(expected))
            for path in (by_us, by_them):
                found = all_chunks(path)
                assert peer.stores(path).keys() == peer.stores(source).keys()
                assert found.keys() == expected.keys()
                assert all(found[key].equals(expected[key], check_metadata=True) for key in expected)
                commands = [
                    message for message in messages_of(path) if type(message).__name__ == "Activation"
                ]
                said = [message for message in messages_of(source) if type(message).__name__ == "Activation"]
                assert commands == said


def test_many_stores_and_everything_else(
    tmp_path: Path, recordings: dict[str, Path], rerun_binary: Path
) -> None:
    with real_proxy(rerun_binary) as url:
        sink = GrpcSink(url)
        messages = [message for name in ("rich", "many_stores") for message in messages_of(recordings[name])]
        for message in messages:
            sink.put(message)
        assert sink.flush(PATIENCE_S)
        status = sink.status()
        assert status.held.messages == status.sent.messages == len(messages)
        assert status.held.rows == sum(
            message.row.shape.batch.num_rows for message in messages if isinstance(message, ChunkMsg)
        )
        expected = all_chunks(recordings["rich"]) | all_chunks(recordings["many_stores"])
        saved_by_rerun(rerun_binary, url, tmp_path / "out.rrd", chunks=len(expected))
        found = all_chunks(tmp_path / "out.rrd")
        assert found.keys() == expected.keys()
        assert all(found[key].equals(expected[key], check_metadata=True) for key in expected)
        assert sink.close(PATIENCE_S)


def test_tables_pass_through() -> None:
    table = pa.RecordBatch.from_pydict({"id": [1, 2, 3], "name": ["a", "b", "größe"]})
    with our_proxy() as proxy:
        ViewerClient(proxy.url).send_table("people", table)
        channel = open_channel(parse_proxy(proxy.url))
        response = next(iter(channel.unary_stream(READ_TABLES)(b"", timeout=PATIENCE_S)))
        assert logmsg.read_table_id(response) == "people"
        part = rrd_pb2.DataframePart.FromString(
            next(
                response[start:end]
                for number, _, start, end in logmsg.wire.read_fields(response, 0, len(response))
                if number == 2
            )
        )
        if part.compression == rrd_pb2.COMPRESSION_LZ4:
            payload = pa.Codec("lz4_raw").decompress(part.payload, decompressed_size=part.uncompressed_size)
        else:
            payload = part.payload
        assert pa.ipc.open_stream(payload).read_next_batch().to_pydict() == table.to_pydict()
        channel.close()


def test_a_server_that_comes_back_is_found_again(
    tmp_path: Path, recordings: dict[str, Path], rerun_binary: Path
) -> None:
    port = free_port()
    messages = messages_of(recordings["rich"])
    half = len(messages) // 2
    sink = GrpcSink(f"rerun+http://127.0.0.1:{port}/proxy")
    with real_proxy(rerun_binary, port):
        for message in messages[:half]:
            sink.put(message)
        assert sink.flush(PATIENCE_S)
    for message in messages[half:]:
        sink.put(message)
    given_up = sink.flush(0.2)
    assert not given_up
    assert given_up.why
    with real_proxy(rerun_binary, port) as url:
        sink.flush(PATIENCE_S)
        status = sink.status()
        assert status.state == "connected"
        assert status.sent.messages == len(messages)
        assert status.held.messages + status.lost.messages == len(messages)
        # A call may have begun before the end of the server was noticed: it carried one message or a few.
        expected = all_chunks(recordings["rich"])
        chunks = [message for message in messages[half:] if isinstance(message, ChunkMsg)]
        there = len(chunks) - status.lost.messages
        save(url, tmp_path / "after.rrd")
        found = all_chunks(tmp_path / "after.rrd")  # its store is known: it was announced again
        assert there <= len(found) <= len(chunks)
        assert found.keys() <= expected.keys()
        assert sink.close(PATIENCE_S)


def test_readers_and_writers_that_are_killed_harm_nobody(tmp_path: Path, rerun_binary: Path) -> None:
    program = textwrap.dedent(
        """
        import sys, time
        import rerun as rr
        stream = rr.RecordingStream("rrkit_tests", recording_id=sys.argv[2])
        stream.connect_grpc(sys.argv[1])
        for i in range(1_000_000):
            stream.set_time("frame", sequence=i)
            stream.log("/a", rr.Scalars(float(i)))
            if i == 100:
                stream.flush()
                print("going", flush=True)
        """
    )
    with our_proxy() as proxy:
        with real_reader(rerun_binary, proxy.url, tmp_path / "killed.rrd") as reader:
            command = [sys.executable, "-c", program, proxy.url, "doomed"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
                assert writer.stdout is not None
                writer.stdout.readline()
                wait_for(lambda: count_chunks(tmp_path / "killed.rrd") > 0)
                reader.kill()
                wait_for(lambda: proxy.status()["readers"] == 0)
                writer.kill()
        wait_for(lambda: proxy.status()["writers"] == 0)
        log_real(proxy.url, tmp_path / "truth.rrd", "alive")
        expected = all_chunks(tmp_path / "truth.rrd")
        save(proxy.url, tmp_path / "out.rrd")
        found = all_chunks(tmp_path / "out.rrd")
        assert expected.keys() <= found.keys()
        frames = sorted(
            frame
            for key, batch in found.items()
            if key not in expected and "frame" in batch.schema.names
            for frame in batch.column("frame").to_pylist()
        )
        assert frames == list(range(len(frames))), "what the killed one sent is there, without gaps"
        assert len(frames) > 100


def test_whoever_does_not_read_stalls_nobody(tmp_path: Path) -> None:
    with our_proxy() as proxy:
        channel = open_channel(parse_proxy(proxy.url))
        sleeper = channel.unary_stream("/rerun.sdk_comms.v1alpha1.MessageProxyService/ReadMessages")(b"")
        wait_for(lambda: proxy.status()["readers"] == 1)
        log_real(proxy.url, tmp_path / "truth.rrd")
        save(proxy.url, tmp_path / "out.rrd")
        assert all_chunks(tmp_path / "out.rrd").keys() == all_chunks(tmp_path / "truth.rrd").keys()
        sleeper.cancel()
        wait_for(lambda: proxy.status()["readers"] == 0)
        channel.close()


def test_what_is_broken_is_counted_and_the_rest_goes_in(tmp_path: Path, recordings: dict[str, Path]) -> None:
    good = [
        logmsg.wrap(2, message.parts) if isinstance(message, ChunkMsg) else logmsg.wrap(1, [message.payload])
        for message in messages_of(recordings["rich"])
    ]  # type: ignore[union-attr]
    bad = [
        b"",
        b"\xff" * 50,
        b"\x0a\x00",
        b"\x0a\x02\x22\x00",
        logmsg.wrap(2, [b"no chunk"]),
        logmsg.wrap(1, [b"\x0a"]),
        good[-1][:-5],
    ]
    mixed = [one for pair in zip(good, bad * len(good), strict=False) for one in pair]
    with our_proxy() as proxy:
        channel = open_channel(parse_proxy(proxy.url))
        answer = channel.stream_unary(WRITE_MESSAGES)(iter(mixed), timeout=PATIENCE_S)
        assert answer == b""
        channel.close()
        assert proxy.status()["unreadable"] > 0
        save(proxy.url, tmp_path / "out.rrd")
        assert all_chunks(tmp_path / "out.rrd").keys() == all_chunks(recordings["rich"]).keys()


def test_a_table_that_is_none_is_refused() -> None:
    grpc = load_grpc()
    with our_proxy() as proxy:
        channel = open_channel(parse_proxy(proxy.url))
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/rerun.sdk_comms.v1alpha1.MessageProxyService/WriteTable")(
                b"\x0a\x00", timeout=PATIENCE_S
            )
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        channel.close()


def test_a_forked_child_logs_on(tmp_path: Path, recordings: dict[str, Path], rerun_binary: Path) -> None:
    """gRPC hangs in forked children; the same sink does not, nor its parent."""
    program = textwrap.dedent(
        """
        import os, sys, warnings
        from pathlib import Path
        from rrsdk.sinks.grpc import GrpcSink
        from tests.interop.proxies import messages_of
        warnings.simplefilter("ignore")  # from Python 3.12 on, of forking with threads
        messages = messages_of(Path(sys.argv[2]))
        third = len(messages) // 3
        sink = GrpcSink(sys.argv[1])
        for message in messages[:third]:
            sink.put(message)
        first, second = messages[third : 2 * third], messages[2 * third :]
        child = os.fork()
        if not child:
            sink.abandon()
            grandchild = os.fork()
            if not grandchild:
                sink.abandon()
            for message in first if grandchild else second:
                sink.put(message)
            done = sink.close(30)
            print("child" if grandchild else "grandchild", done, sink.status().held, flush=True)
            if grandchild:
                os.waitpid(grandchild, 0)
            os._exit(0 if done else 1)
        print("status", os.waitpid(child, 0)[1], sink.close(30).done, flush=True)
        """
    )
    with real_proxy(rerun_binary) as url:
        command = [sys.executable, "-c", program, url, str(recordings["rich"])]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        assert "status 0 True" in done.stdout, done.stdout + done.stderr
        save(url, tmp_path / "out.rrd")
        assert all_chunks(tmp_path / "out.rrd").keys() == all_chunks(recordings["rich"]).keys()


def test_what_cannot_be_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody answers") as nobody:
        GrpcSource(f"rerun+http://127.0.0.1:{free_port()}/proxy", connect_timeout_s=0.3, warn=refuse)
    assert "\n" not in str(nobody.value)
    for url in ("localhost:9876", "ipc:///tmp"):
        with pytest.raises(UsageError):
            GrpcSink(url)
    with our_proxy() as proxy:
        from rrsdk.broker.grpc import GrpcAdapter

        with pytest.raises(OutputError, match="taken"):
            GrpcAdapter(proxy._broker, port=proxy.port).start()
        with pytest.raises(UsageError, match="insecure"):
            GrpcAdapter(proxy._broker, port=0, bind="0.0.0.0")


def test_without_the_extra_the_error_names_it() -> None:
    program = textwrap.dedent(
        """
        import sys
        sys.modules["grpc"] = None
        from rrsdk.sinks.grpc import GrpcSink
        try:
            GrpcSink("rerun+http://127.0.0.1:9876/proxy")
        except Exception as error:
            print(type(error).__name__, error)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "GrpcMissingError" in done.stdout
    assert "rrkit[grpc]" in done.stdout


def test_a_server_that_hangs_is_not_waited_for(recordings: dict[str, Path], rerun_binary: Path) -> None:
    """Rerun's SDK hangs for more than a minute then. Ours gives up in time, and says on what."""
    messages = messages_of(recordings["rich"])
    with real_server(rerun_binary, free_port()) as server:
        sink = GrpcSink(server.url)
        for message in messages[:5]:
            sink.put(message)
        assert sink.flush(PATIENCE_S)
        server.process.send_signal(signal.SIGSTOP)
        for message in messages[5:]:
            sink.put(message)
        ended = sink.close(0.5)
        assert not ended
        assert "did not confirm" in ended.why
        status = sink.status()
        assert status.state == "closed"
        assert status.held.messages == 5
        assert status.held.messages + status.lost.messages + status.dropped.messages == len(messages)
