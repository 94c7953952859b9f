"""What fails between producers, broker and subscribers, and what must hold then.

Sent = received + reported lost or dropped; nothing twice; the order of each producer kept.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rrsdk.sources.chunks import read_chunks
from rrsdk.sources.damage import Damage
from tests.faults.pipe_world import ROOT, Listener, World, in_order_and_once, result
from tests.faults.proxy import Proxy, proxied

SEED = int(os.environ.get("RRKIT_SEED", "1"))
INFO = 1  # messages of a producer besides its chunks


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    try:
        yield made
    finally:
        made.close()


def test_broker_killed(world: World) -> None:
    """Without a spool what a killed broker held is lost, and counted exactly."""
    chance = random.Random(SEED)
    world.start_broker()
    listener = Listener(world.url)
    count = 600
    producers = [world.producer(f"/p{i}", count=count, pace_s=0.004, seed=i) for i in range(2)]
    for _ in range(2):
        time.sleep(0.3 + chance.random() * 0.5)
        world.kill_broker()
        time.sleep(chance.random() * 0.3)
        world.start_broker()
    said = [result(process) for process in producers]
    stored = world.stored()
    listener.wait_for(sum(map(len, stored.values())))
    received = listener.close()
    for i, counts in enumerate(said):
        numbers = stored[f"/p{i}"]
        assert counts["done"], counts
        assert counts["held"] + counts["lost"] == count + INFO, counts
        assert counts["dropped"] == counts["refused"] == counts["waiting"] == 0
        assert in_order_and_once(numbers)
        assert len(numbers) == counts["held"] - (counts["held"] > count)  # the info was in the first broker
        assert numbers == list(range(count - len(numbers), count))
        live = received[f"/p{i}"]
        assert in_order_and_once(live)
        assert set(numbers) <= set(live)
        assert count - len(live) <= counts["lost"]


FAULTS: dict[str, Callable[[Proxy], None]] = {
    "cut": Proxy.cut,
    "reset": Proxy.reset,
    "half-open": Proxy.swallow,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_network_breaks(world: World, fault: str) -> None:
    """Connections break, the broker lives: nothing is lost at all."""
    chance = random.Random(f"{SEED} {fault}")
    world.start_broker()
    count = 800
    with proxied(*world.ports) as proxy:
        listener = Listener(world.proxied_url)
        process = world.producer("/p", count=count, pace_s=0.001, url=world.proxied_url)
        for _ in range(2 if fault == "half-open" else 5):
            time.sleep(0.1 + chance.random() * 0.3)
            FAULTS[fault](proxy)
        counts = result(process)
        assert counts["held"] == count + INFO, counts
        assert counts["lost"] == counts["dropped"] == counts["refused"] == counts["waiting"] == 0
        assert world.stored()["/p"] == list(range(count))
        listener.wait_for(count)
        assert listener.close()["/p"] == list(range(count))


def test_network_stalls_and_is_slow(world: World) -> None:
    chance = random.Random(SEED)
    world.start_broker()
    count = 500
    with proxied(*world.ports) as proxy:
        listener = Listener(world.proxied_url)
        process = world.producer("/p", count=count, pace_s=0.001, url=world.proxied_url)
        time.sleep(0.2 + chance.random() * 0.2)
        proxy.is_stalled = True
        time.sleep(4.5)  # longer than silence is tolerated: new links are tried meanwhile
        proxy.is_stalled = False
        proxy.delay_s = 0.01
        counts = result(process)
        proxy.delay_s = 0.0
        assert counts["held"] == count + INFO, counts
        assert world.stored()["/p"] == list(range(count))
        listener.wait_for(count)
        assert listener.close()["/p"] == list(range(count))


def test_broker_stops_for_a_while(world: World) -> None:
    """A broker that hangs and comes back is the same broker."""
    world.start_broker()
    count = 500
    process = world.producer("/p", count=count, pace_s=0.001)
    time.sleep(0.2)
    world.signal_broker(signal.SIGSTOP)
    time.sleep(4.5)
    world.signal_broker(signal.SIGCONT)
    counts = result(process)
    assert counts["held"] == count + INFO, counts
    assert world.stored()["/p"] == list(range(count))


def test_producer_killed(world: World) -> None:
    """What it sent before is a prefix; the other one notices nothing."""
    chance = random.Random(SEED)
    world.start_broker()
    victim = world.producer("/victim", count=100_000 // 50, pace_s=0.001)
    other = world.producer("/other", count=500, pace_s=0.001)
    time.sleep(0.3 + chance.random() * 0.5)
    victim.kill()
    counts = result(other)
    stored = world.stored()
    assert counts["held"] == 500 + INFO
    assert stored["/other"] == list(range(500))
    assert stored["/victim"] == list(range(len(stored["/victim"])))
    assert stored["/victim"]


@pytest.mark.parametrize("policy", ["drop-oldest", "latest-only", "block(0.1)"])
def test_what_is_dropped_is_counted(world: World, policy: str) -> None:
    """Nobody reads for a while, and the buffer is small: sent = received + dropped, and the broker knows."""
    from rrsdk.broker.session import ask

    world.start_broker()
    count = 600
    with proxied(*world.ports) as proxy:
        process = world.producer(
            "/p", count=count, pace_s=0.001, url=world.proxied_url, policy=policy, buffer_bytes=60_000
        )
        time.sleep(0.15)
        proxy.is_stalled = True
        time.sleep(1.5)
        proxy.is_stalled = False
        counts = result(process)
        stored = world.stored()["/p"]
        status = ask(f"tcp://127.0.0.1:{world.ports[0]}", {"t": "status"}, timeout_s=10)
    assert counts["done"], counts
    assert counts["held"] + counts["dropped"] == count + INFO, counts
    assert counts["dropped"] > 0
    assert in_order_and_once(stored)
    assert len(stored) == counts["held"] - INFO
    assert policy == "block(0.1)" or stored[-1] == count - 1
    assert status is not None
    assert status["dropped"]["messages"] == counts["dropped"]


def test_subscriber_killed(world: World, tmp_path: Path) -> None:
    """Nobody else notices; what it had written can be read."""
    world.start_broker()
    count = 600
    path = tmp_path / "run.rrd"
    command = [sys.executable, "-m", "rrtool", "record", world.url, "-o", str(path)]
    recorder = subprocess.Popen(command, cwd=ROOT)
    try:
        process = world.producer("/p", count=count, pace_s=0.001)
        deadline = time.monotonic() + 30
        while not path.exists() or path.stat().st_size < 50_000:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        recorder.kill()
        recorder.wait()
    counts = result(process)
    assert counts["held"] == count + INFO, counts
    assert world.stored()["/p"] == list(range(count))
    recorded = [chunk for _, chunk in read_chunks(str(path), damage=Damage())]
    numbers = [chunk.times("frame")[0].as_py() for chunk in recorded]
    assert numbers == list(range(len(numbers)))
    assert numbers


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(int(os.environ.get("RRKIT_PIPE_SEEDS", "1"))))
def test_everything_at_once(world: World, seed: int) -> None:
    """Several producers through a bad network to a broker that is killed now and then."""
    chance = random.Random(f"{SEED} {seed}")
    world.start_broker()
    count = 1000
    with proxied(*world.ports) as proxy:
        listener = Listener(world.proxied_url)
        producers = [
            world.producer(f"/p{i}", count=count, pace_s=0.002, url=world.proxied_url, seed=i)
            for i in range(3)
        ]
        kills = 0
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            time.sleep(chance.random() * 0.4)
            fault = chance.choice(["cut", "reset", "half-open", "stall", "delay", "kill"])
            if fault in FAULTS:
                FAULTS[fault](proxy)
            elif fault == "stall":
                proxy.is_stalled = True
                time.sleep(chance.random())
                proxy.is_stalled = False
            elif fault == "delay":
                proxy.delay_s = chance.random() * 0.02
            else:
                kills += 1
                world.kill_broker()
                world.start_broker()
        proxy.delay_s = 0.0
        said = [result(process) for process in producers]
        stored = world.stored()
        listener.wait_for(sum(map(len, stored.values())))
        received = listener.close()
    for i, counts in enumerate(said):
        numbers = stored.get(f"/p{i}", [])
        assert counts["done"], counts
        assert counts["held"] + counts["lost"] == count + INFO, counts
        assert bool(counts["lost"]) <= bool(kills)
        assert len(numbers) in (counts["held"], counts["held"] - INFO)
        assert numbers == list(range(count - len(numbers), count))
        assert in_order_and_once(received[f"/p{i}"])
        assert set(numbers) <= set(received[f"/p{i}"])
