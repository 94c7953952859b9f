"""Proxies to talk to, ours and Rerun's own, and readers of them; whatever was started ends with its block."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import rerun as rr

from rrsdk.broker.grpc import GrpcAdapter
from rrsdk.codec.receive import Receiver
from rrsdk.errors import FormatError, InputError
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks, Message
from rrsdk.sinks import open_sink
from rrsdk.sources import open_source
from rrsdk.sources.grpc import GrpcSource
from tests import recordings
from tests.interop import peer
from tests.sdk.manifests import refuse

PATIENCE_S = 30.0


def free_port() -> int:
    """One that nobody listens on; its session's control port is free too."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 10_000 if port <= 55_535 else port - 10_000))
            except OSError:
                continue
            return int(port)


def wait_for(what: Callable[[], bool], *, why: str = "") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, why or "waited in vain"
        time.sleep(0.02)


@contextlib.contextmanager
def our_proxy() -> Iterator[GrpcAdapter]:
    """The adapter on a broker of its own."""
    from rrsdk.broker.service import Broker

    broker = Broker(port=free_port())
    broker.start()
    adapter = GrpcAdapter(broker, port=0)
    try:
        adapter.start()
        yield adapter
    finally:
        adapter.stop()
        broker.stop()


@dataclass(frozen=True)
class Server:
    """Rerun's own, while it runs."""

    process: subprocess.Popen[bytes]
    url: str


@contextlib.contextmanager
def real_server(binary: Path, port: int) -> Iterator[Server]:
    """`rerun --serve-grpc`."""
    command = [binary, "--serve-grpc", "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: is_listening(port), why="rerun --serve-grpc does not listen")
        yield Server(process, f"rerun+http://127.0.0.1:{port}/proxy")
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def real_proxy(binary: Path, port: int | None = None) -> Iterator[str]:
    """Its URL."""
    with real_server(binary, port or free_port()) as server:
        yield server.url


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def real_reader(binary: Path, url: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`rerun --connect URL --save PATH`, which writes as it reads."""
    command = [binary, "--port", "auto", "--connect", url, "--save", path]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def saved_by_rerun(binary: Path, url: str, path: Path, *, chunks: int) -> None:
    """What the real reader finds: it is told to stop when so many chunks are there."""
    with real_reader(binary, url, path) as reader:
        wait_for(lambda: count_chunks(path) >= chunks, why=f"{count_chunks(path)} chunks of {chunks}")
        reader.send_signal(signal.SIGINT)
        reader.wait(PATIENCE_S)
    source = open_source(
        str(path)
    )  # a reader that is interrupted writes no footer, and its own API wants one
    sink = open_sink(str(path))
    for message in source.messages():
        sink.put(message)
    source.close()
    sink.close()


def count_chunks(path: Path) -> int:
    """In a file that may be growing."""
    count = 0
    try:
        source = open_source(str(path))
    except InputError:
        return 0
    try:
        for message in source.messages():
            count += len(message) if isinstance(message, Chunks) else isinstance(message, ChunkMsg)
    except FormatError:
        return 0
    finally:
        source.close()
    return count


def save(url: str, path: Path, *, quiet_s: float = 1.0) -> None:
    """What our own reader finds: all that comes until nothing does."""
    source = GrpcSource(url, quiet_s=quiet_s, warn=refuse)
    sink = open_sink(str(path))
    for message in source.messages():
        sink.put(message)
    source.close()
    sink.close()


def log_real(url: str, path: Path, recording_id: str = "rich") -> None:
    """The real SDK logs about everything there is, into a proxy and a file at once."""
    stream = rr.RecordingStream(recordings.APPLICATION_ID, recording_id=recording_id)
    stream.set_sinks(rr.GrpcSink(url), rr.FileSink(str(path)))
    recordings.log_rich(stream)
    stream.flush(timeout_sec=PATIENCE_S)
    stream.disconnect()


def all_chunks(path: Path) -> dict[str, pa.RecordBatch]:
    """Every chunk of every store by id, as the real reader sees it."""
    return {key: batch for store in peer.stores(path) for key, batch in peer.read(path, store).items()}


def messages_of(path: Path) -> list[Message]:
    """The messages of a file, each chunk on its own."""
    receiver = Receiver(str(path), warn=refuse)
    source = open_source(str(path))
    found: list[Message] = []
    for message in source.messages():
        if isinstance(message, Chunks):
            table = message.manifest.table
            for offset, size in zip(table.u64(OFFSET), table.u64(SIZE), strict=True):
                found.append(receiver.read(2, bytes(message.origin.read(offset, size))))
        else:
            found.append(message)
    source.close()
    return found
