"""Late subscribers of a broker with a spool: they get all that ever came, whatever is in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rrsdk.broker.keeper import SpoolOptions
from rrsdk.broker.local import END, LIVE, Delivery, LocalSubscription
from rrsdk.broker.service import Broker
from rrsdk.broker.spool.policy import Fsync
from rrsdk.codec.envelope import Kind, Phase
from rrsdk.sinks.rotation import Rotate
from tests.sdk.raw_pipe import DEADLINE_S, blob, chunk, free_port, info
from tests.sdk.spools import LOOKS, OTHER, activation

LIMIT = 4 << 20
MESSAGES, SIZE = 800, 64 * 1024


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[list[Broker]]:
    made: list[Broker] = []
    yield made
    for broker in made:
        broker.stop(DEADLINE_S)
        assert not broker.mishaps


def started(folder: Path, brokers: list[Broker], **spool: Rotate) -> Broker:
    options = SpoolOptions(str(folder / "spool"), Fsync.parse("interval:20"), **spool)
    broker = Broker(port=free_port(), memory_limit=LIMIT, spool=options)
    broker.start()
    brokers.append(broker)
    return broker


def submitted(broker: Broker, payloads: list[tuple[int, bytes]]) -> None:
    local = broker.producer(name="local")
    for kind, payload in payloads:
        local.submit(kind, payload)
    assert local.flush(timeout_s=DEADLINE_S)
    local.close()


def delivered(subscription: LocalSubscription, count: int | None = None) -> list[Delivery]:
    """So many messages; None: up to the end."""
    found: list[Delivery] = []
    while count is None or len(found) < count:
        event = subscription.get(DEADLINE_S)
        assert event is not None
        if event is END:
            break
        if event is not LIVE:
            assert isinstance(event, Delivery), "something was missed"
            found.append(event)
    return found


def all_of_it(broker: Broker, **how: bool) -> list[Delivery]:
    subscription = broker.subscription(live=False, **how)
    found = delivered(subscription)
    subscription.close()
    return found


def checked(found: list[Delivery], sent: list[tuple[int, bytes]]) -> None:
    assert len(found) == len(sent)
    phases = [Phase.STORES, Phase.STATIC, Phase.TEMPORAL]
    assert found == sorted(found, key=lambda each: (phases.index(each.phase), each.at))
    found = sorted(found, key=lambda each: each.at)
    assert [each.at for each in found] == list(range(len(sent)))
    assert [(each.kind, bytes(each.payload())) for each in found] == sent


def test_all_that_came_is_delivered_from_disk_and_after_restarts(
    tmp_path: Path, brokers: list[Broker]
) -> None:
    broker = started(tmp_path, brokers, rotate=Rotate(size_bytes=10 << 20))
    sent: list[tuple[int, bytes]] = [(Kind.STORE_INFO, info())]
    sent += [(Kind.CHUNK, chunk(1, static=True, entity="/static"))]
    sent += [(Kind.CHUNK, chunk(2, store=LOOKS)), (Kind.ACTIVATION, activation(LOOKS))]
    sent += [(Kind.CHUNK, blob(SIZE)) for _ in range(MESSAGES)]
    sent += [(Kind.STORE_INFO, info(OTHER)), (Kind.CHUNK, chunk(3, store=OTHER))]
    early = broker.subscription(credit_bytes=1 << 20)
    submitted(broker, sent)
    status = broker.status()
    assert status["memory"]["used"] <= LIMIT
    assert status["evicted"]["messages"] == 0
    ever = sum(status[which][each]["messages"] for which in ("on_disk", "held") for each in status["held"])
    assert ever == len(sent)
    assert status["on_disk"]["temporal"]["messages"] > MESSAGES // 2
    checked(all_of_it(broker), sent)
    live = sorted(delivered(early, len(sent)), key=lambda each: each.at)  # it fell behind what memory holds
    assert [bytes(each.payload()) for each in live] == [payload for _, payload in sent]
    for number in range(2):
        broker.stop(DEADLINE_S)
        broker = started(tmp_path, brokers)
        assert broker.status()["on_disk"]["temporal"]["messages"] == MESSAGES + 1 + number
        assert broker.status()["held"]["temporal"]["messages"] == 0
        late = broker.subscription()
        checked(delivered(late, len(sent)), sent)
        more = (Kind.CHUNK, chunk(100 + number))
        submitted(broker, [more])
        sent.append(more)
        last = delivered(late, 1)[0]
        assert (last.at, last.phase, bytes(last.payload())) == (len(sent) - 1, Phase.LIVE, more[1])
        late.close()
    checked(all_of_it(broker), sent)
    newest = all_of_it(broker, newest_first=True)
    assert next(each.phase for each in newest if each.phase is not Phase.STORES) is Phase.TEMPORAL
    assert sorted(each.at for each in newest) == list(range(len(sent)))


def test_whoever_leaves_amid_it_costs_nobody_anything(tmp_path: Path, brokers: list[Broker]) -> None:
    broker = started(tmp_path, brokers)
    sent: list[tuple[int, bytes]] = [(Kind.STORE_INFO, info())]
    sent += [(Kind.CHUNK, blob(SIZE)) for _ in range(200)]
    submitted(broker, sent)
    for number in range(20):
        left = broker.subscription(live=False, credit_bytes=1 << 18)
        for _ in range(number):
            assert left.get(DEADLINE_S) is not None
        left.close()
    checked(all_of_it(broker), sent)
    deadline = time.monotonic() + DEADLINE_S
    while broker.status()["subscribers"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert broker.status()["memory"]["blocks"] == 0
