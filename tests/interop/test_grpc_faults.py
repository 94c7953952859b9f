"""Connections that break under the gRPC sink: sent = received + reported, nothing twice, order kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rrsdk.message import ChunkMsg
from rrsdk.proxy import parse_proxy
from rrsdk.sinks.grpc import GrpcSink
from rrsdk.sources.grpc import GrpcSource
from tests import recordings as make
from tests.faults.proxy import HOST, proxied
from tests.interop.proxies import PATIENCE_S, messages_of, our_proxy
from tests.sdk.manifests import refuse


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of many small chunks."""
    path = tmp_path_factory.mktemp("many") / "many.rrd"
    make.tiny(path, size=400)
    return path


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_link_that_breaks_again_and_again(many: Path, seed: int) -> None:
    rng = random.Random(seed)
    messages = messages_of(many)
    with our_proxy() as server, proxied(server.port) as link:
        sink = GrpcSink(f"rerun+http://{HOST}:{server.port}/proxy")
        for number, message in enumerate(messages):
            sink.put(message)
            fate = rng.random()
            if fate < 0.01:
                link.cut()
            elif fate < 0.02:
                link.reset()
            elif fate < 0.04 or number == 0:
                sink.flush(0.5)
        sink.flush(PATIENCE_S)
        ended = sink.close(PATIENCE_S)
        status = sink.status()
        assert ended, ended.why
        source = GrpcSource(server.url, quiet_s=0.5, warn=refuse)
        arrived = [message.row.chunk_id for message in source.messages() if isinstance(message, ChunkMsg)]
        source.close()
    put = [message.row.chunk_id for message in messages if isinstance(message, ChunkMsg)]
    assert status.sent.messages == status.held.messages + status.lost.messages == len(messages)
    assert not status.waiting
    assert not status.dropped
    assert len(set(arrived)) == len(arrived), "nothing twice"
    places = [put.index(one) for one in arrived if one in set(put)]
    temporal = [place for place, one in zip(places, arrived, strict=True) if not static_chunk(messages, one)]
    assert temporal == sorted(temporal), "in order"
    infos = len(messages) - len(put)
    assert status.held.messages - infos <= len(arrived) <= status.held.messages + status.lost.messages


def static_chunk(messages: list[object], chunk_id: bytes) -> bool:
    """Static data come first, whenever they were sent."""
    found = next(one for one in messages if isinstance(one, ChunkMsg) and one.row.chunk_id == chunk_id)
    return found.row.shape.layout.is_static


def test_a_link_that_stalls_and_goes_on(many: Path) -> None:
    messages = messages_of(many)
    with our_proxy() as server, proxied(server.port) as link:
        sink = GrpcSink(f"rerun+http://{HOST}:{server.port}/proxy")
        for message in messages[:100]:
            sink.put(message)
        assert sink.flush(PATIENCE_S)
        link.is_stalled = True
        for message in messages[100:]:
            sink.put(message)
        stuck = sink.flush(0.3)
        assert not stuck
        assert stuck.messages == len(messages) - 100
        link.is_stalled = False
        assert sink.close(PATIENCE_S)
        assert sink.status().held.messages == len(messages)
        assert not sink.status().lost


def test_a_source_whose_server_goes_says_so(many: Path) -> None:
    from rrsdk.errors import InputError

    with our_proxy() as server, proxied(server.port) as link:
        sink = GrpcSink(parse_proxy(server.url))
        for message in messages_of(many):
            sink.put(message)
        assert sink.close(PATIENCE_S)
        source = GrpcSource(f"rerun+http://{HOST}:{server.port}/proxy", warn=refuse)
        found = source.messages()
        next(found)
        link.reset()
        with pytest.raises(InputError, match="connection broke") as broke:
            list(found)
        assert "\n" not in str(broke.value)
        source.close()


def test_a_source_that_may_wait_reads_on_and_nothing_twice(many: Path) -> None:
    messages = messages_of(many)
    half = len(messages) // 2
    heard: list[str] = []
    with our_proxy() as server, proxied(server.port) as link:
        sink = GrpcSink(parse_proxy(server.url))
        for message in messages[:half]:
            sink.put(message)
        assert sink.flush(PATIENCE_S)
        url = f"rerun+http://{HOST}:{server.port}/proxy"
        source = GrpcSource(url, quiet_s=2.0, patience_s=PATIENCE_S, warn=heard.append)
        found = source.messages()
        arrived = [next(found) for _ in range(10)]
        link.reset()
        for message in messages[half:]:
            sink.put(message)
        assert sink.close(PATIENCE_S)
        arrived += found
        source.close()
    ids = [message.row.chunk_id for message in arrived if isinstance(message, ChunkMsg)]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {message.row.chunk_id for message in messages if isinstance(message, ChunkMsg)}
    assert any("waiting for it" in line for line in heard)
