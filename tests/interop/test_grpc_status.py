"""What the gRPC side of a session counts is seen in the session's status."""

from __future__ import annotations

import json
from collections.abc import Callable

from rrsdk.broker.grpc import GrpcAdapter
from rrsdk.broker.service import Broker
from rrsdk.proxy import READ_MESSAGES, WRITE_MESSAGES, open_channel, parse_proxy
from tests.conftest import Result
from tests.faults.pipe_world import free_session
from tests.interop.proxies import PATIENCE_S, wait_for
from tests.sdk.raw_pipe import blob

SIZE, COUNT = 200_000, 60


def test_what_readers_miss_and_what_is_unreadable(rrtool: Callable[..., Result]) -> None:
    port, _ = free_session()
    broker = Broker(port=port, memory_limit=2 << 20)
    broker.start()
    adapter = GrpcAdapter(broker, port=0, reader_bytes=1)
    adapter.start()
    channel = open_channel(parse_proxy(adapter.url))
    try:
        reader = channel.unary_stream(READ_MESSAGES)(b"", timeout=PATIENCE_S)
        wait_for(lambda: adapter.status()["readers"] == 1)
        producer = broker.producer(name="test")
        for _ in range(COUNT):
            producer.submit(2, blob(SIZE))
        assert producer.flush()
        got = 0
        for _ in reader:  # begins now: what was evicted meanwhile is not to be had
            got += 1
            if got + adapter.status()["missed"]["messages"] == COUNT:
                break
        reader.cancel()
        assert channel.stream_unary(WRITE_MESSAGES)(iter([b"\xff" * 50]), timeout=PATIENCE_S) == b""
        wait_for(lambda: adapter.status()["readers"] == 0)
        said = json.loads(rrtool("status", broker.url, "--json").text)["grpc"]
        missed = adapter.status()["missed"]
        assert said == {"writers": 0, "readers": 0, "unreadable": 1, "turned_away": 0, "missed": missed}
        assert 0 < said["missed"]["messages"] == COUNT - got
        assert said["missed"]["rows"] == COUNT - got
        shown = rrtool("status", broker.url).text
        assert f"unreadable 1; missed by readers {COUNT - got} messages" in shown
    finally:
        channel.close()
        adapter.stop()
        broker.stop()
