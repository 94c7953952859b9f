"""Keys: their text and files, and a broker that lets in nobody but those that it knows. Real sockets."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

import rrsdk as rr
from rrsdk.broker.guard import BrokerKeys
from rrsdk.broker.service import Broker
from rrsdk.broker.session import ask, who
from rrsdk.codec.envelope import Kind, Stamp, pack_word, unpack_word
from rrsdk.dialing import Dialing
from rrsdk.endpoint import looks_like_endpoint, parse_endpoint
from rrsdk.errors import InputError, OutputError, UsageError
from rrsdk.keys import KeyFolder, key_text, read_key
from rrsdk.sinks.zmq.sink import ZmqSink
from rrsdk.sources.zmq import ZmqSource
from tests.conftest import Result
from tests.sdk.raw_pipe import DEADLINE_S, chunk, free_port, info

Rrtool = Callable[..., Result]


def until(holds: Callable[[], Any], what: str) -> Any:
    deadline = monotonic() + DEADLINE_S
    while not (found := holds()):
        assert monotonic() < deadline, what
        sleep(0.02)
    return found


# ---- text ----


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_read_as_it_was_written(raw: bytes) -> None:
    text = key_text(raw)
    assert read_key(text) == read_key(f" {text.upper()}\n") == raw
    assert len(text) == 61
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.binary(min_size=32, max_size=32), st.integers(5, 60), st.sampled_from("abcdefghijklmnop234567"))
def test_a_typing_error_is_noticed(raw: bytes, place: int, other: str) -> None:
    text = key_text(raw)
    wrong = text[:place] + other + text[place + 1 :]
    if wrong == text:
        return
    with pytest.raises(UsageError, match="no public key"):
        read_key(wrong)


@given(st.text(max_size=80))
def test_nonsense_is_no_key(text: str) -> None:
    with pytest.raises(UsageError):
        read_key(text)


def test_keys_in_urls() -> None:
    key = secrets.token_bytes(32)
    url = f"tcp://robot:9000?key={key_text(key)}"
    endpoint = parse_endpoint(url)
    assert (endpoint.key, endpoint.url, endpoint.address) == (key, "tcp://robot:9000", url)
    assert parse_endpoint(endpoint.address) == endpoint
    assert parse_endpoint(f"robot:9000?key={key_text(key)}") == endpoint
    assert looks_like_endpoint(f"robot:9000?key={key_text(key)}")
    assert parse_endpoint(f"ipc:///run/x?key={key_text(key)}").control == "ipc:///run/x/control"
    for wrong in ("tcp://robot?key=", "tcp://robot?token=1", f"tcp://robot?key={key_text(key)[:-1]}"):
        with pytest.raises(UsageError):
            parse_endpoint(wrong)


# ---- files ----


def test_the_secret_is_nobody_elses(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "deep" / "keys")
    made = folder.make()
    path = folder.folder / "secret"
    assert folder.own() == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().split("-")[1].strip() not in repr(made) + str(made)
    assert made.secret.hex() not in repr(made)
    with pytest.raises(UsageError, match="already"):
        folder.make()
    assert folder.make(force=True) != made
    path.chmod(0o640)
    with pytest.raises(InputError, match="others can read"):
        folder.own()


def test_a_secret_that_is_broken_is_not_repeated(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.make()
    path = tmp_path / "secret"
    text = path.read_text()
    path.write_text(text[:-3])
    with pytest.raises(InputError) as caught:
        folder.own()
    assert text[5:30] not in str(caught.value)
    with pytest.raises(UsageError) as also:
        read_key(text)
    assert text[5:30] not in str(also.value)


def test_verbs(tmp_path: Path, rrtool: Rrtool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RRSDK_KEYS", str(tmp_path / "mine"))
    assert rrtool("keys", "show").rc == 1
    made = rrtool("keys", "new")
    assert made.rc == 0
    assert rrtool("keys", "show").stdout == made.stdout
    assert rrtool("keys", "new").rc == 2
    other = key_text(secrets.token_bytes(32))
    assert rrtool("keys", "allow", other, "--name", "laptop").rc == 0
    assert rrtool("keys", "list").stdout.decode() == f"{other} laptop\n"
    assert rrtool("keys", "allow", other[:-1]).rc == 2
    assert rrtool("keys", "trust", "robot:9876", other).rc == 0
    assert KeyFolder().trusted() == {"robot:9876": read_key(other)}
    assert rrtool("keys", "revoke", "laptop").rc == 0
    assert rrtool("keys", "list").stdout == b""
    assert rrtool("keys", "revoke", "laptop").rc == 2
    (tmp_path / "mine" / "allowed").write_text("rrk1-abc\n")
    os.chmod(tmp_path / "mine" / "allowed", 0o600)
    assert rrtool("keys", "list").rc == 1


# ---- the broker ----


class World:
    """A broker with keys, and folders of users."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._monkeypatch = folder, monkeypatch
        self.keys = KeyFolder(folder / "broker")
        self.keys.make()
        self.me = self.user("me")
        self.be(self.me)
        self.broker = Broker(port=free_port(), memory_limit=64 << 20, keys=BrokerKeys.of(self.keys))
        self.broker.start()
        self.url = f"{self.broker.url}?key={key_text(self.keys.own().public)}"
        self.context: zmq.Context[Any] = zmq.Context()
        self.made: list[zmq.Socket[bytes]] = []

    def user(self, name: str, *, allowed: bool = True) -> KeyFolder:
        folder = KeyFolder(self._folder / name)
        public = folder.make().public
        if allowed:
            self.keys.allow(key_text(public), name)
        return folder

    def be(self, user: KeyFolder) -> None:
        self._monkeypatch.setenv("RRSDK_KEYS", str(user.folder))

    def dealer(self, user: KeyFolder, routing_id: bytes) -> zmq.Socket[bytes]:
        self.be(user)
        endpoint = parse_endpoint(self.url)
        made: zmq.Socket[bytes] = self.context.socket(zmq.DEALER)
        self.made.append(made)
        Dialing(endpoint).connect(
            made, endpoint.control, {zmq.ROUTING_ID: routing_id, zmq.LINGER: 0, zmq.RCVTIMEO: 20_000}
        )
        return made

    def push(self, user: KeyFolder, said: str) -> zmq.Socket[bytes]:
        self.be(user)
        endpoint = parse_endpoint(self.url)
        made: zmq.Socket[bytes] = self.context.socket(zmq.PUSH)
        self.made.append(made)
        Dialing(endpoint).connect(made, endpoint.data(said), {zmq.LINGER: 1000})
        return made

    def said(self, what: str) -> int:
        return int(self.broker.status()["keys"][what])

    def close(self) -> None:
        self.broker.stop(DEADLINE_S)
        for made in self.made:
            made.close(0)
        self.context.term()
        assert not self.broker.is_running
        assert not self.broker.mishaps


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.close()


def hello(dealer: zmq.Socket[bytes], key: bytes, link: int = 1) -> dict[str, Any]:
    dealer.send(pack_word({"t": "hello", "v": 1, "producer": key, "link": link, "next": 1}))
    return unpack_word(dealer.recv())


def stamped(key: bytes, epoch: int, seq: int, payload: bytes, link: int = 1) -> list[bytes]:
    kind = Kind.STORE_INFO if seq == 1 else Kind.CHUNK
    return [Stamp(kind, link, key, epoch, seq, len(payload)).pack(), payload]


def test_who_is_known_writes_and_reads(world: World) -> None:
    reports: list[str] = []
    sink = ZmqSink(world.url, report=reports.append)
    until(lambda: sink.status().state == "connected", f"not connected: {reports}")
    sink.close(DEADLINE_S)
    source = ZmqSource(world.url, live=False, warn=reports.append)
    assert list(source.messages()) == []
    source.close()
    assert who(parse_endpoint(world.url)) is not None
    assert reports == []


def test_all_ids_of_one_key_have_one_share(world: World) -> None:
    other = world.user("other")
    until(lambda: world.said("allowed") == 2, "the list is not read again")
    mine = [world.dealer(world.me, b"P" + bytes([number]) * 16) for number in range(4)]
    words = [hello(dealer, bytes([number]) * 16) for number, dealer in enumerate(mine)]
    theirs = hello(world.dealer(other, b"P" + b"o" * 16), b"o" * 16)
    credit = world.broker._intake.limits.under_way_bytes
    assert [word["credit"] for word in words] == [credit // part for part in (1, 2, 3, 4)]
    assert theirs["credit"] == credit // 2
    mine[0].send(pack_word({"t": "ping", "link": 1}))
    assert unpack_word(mine[0].recv())["credit"] == credit // 2 // 4


def test_a_program_serves_with_keys(world: World, tmp_path: Path) -> None:
    world.be(world.keys)
    recording = rr.RecordingStream("app", recording_id="run")
    url = recording.serve(port=free_port(), keys=world.keys.folder)
    try:
        assert url.endswith(f"?key={key_text(world.keys.own().public)}")
        recording.log("/e", rr.Scalars(1.0))
        recording.flush()
        world.be(world.me)
        source = ZmqSource(url, live=False, warn=print)
        assert [type(each).__name__ for each in source.messages()][:2] == ["StoreInfo", "ChunkMsg"]
        source.close()
        stranger = world.user("stranger", allowed=False)
        world.be(stranger)
        failures: list[str] = []
        assert ask(parse_endpoint(url), {"t": "status"}, timeout_s=DEADLINE_S, failures=failures) is None
        assert failures
    finally:
        recording.disconnect()


def test_the_whole_way_by_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """serve, status, record, send, tail and the SDK, each a process of its own with a key of its own."""
    robot, laptop, other = (KeyFolder(tmp_path / name) for name in ("robot", "laptop", "other"))
    for folder in (robot, laptop, other):
        folder.make()
    robot.allow(key_text(laptop.own().public), "laptop")

    def run(who_runs: KeyFolder, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "RRSDK_KEYS": str(who_runs.folder)}
        done = subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stderr
        return done

    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "rrtool", "serve", "--port", str(port), "--curve", "--no-grpc"],
        env={**os.environ, "RRSDK_KEYS": str(robot.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("tcp://")
        url = f"127.0.0.1:{port}"
        key = key_text(robot.own().public)
        run(laptop, "-m", "rrtool", "keys", "trust", url, key)
        program = (
            "import rrsdk as rr; rr.init('app', recording_id='run'); "
            f"rr.connect('{url}'); rr.log('/e', rr.Scalars(1.0)); assert rr.flush()"
        )
        run(laptop, "-c", program)
        first, sent = str(tmp_path / "first.rrd"), str(tmp_path / "second.rrd")
        run(laptop, "-m", "rrtool", "record", url, "-o", first, "--duration", "0.5")
        run(laptop, "-m", "rrtool", "send", first, url)
        run(laptop, "-m", "rrtool", "merge", url, "-o", sent)
        assert "/e" in run(laptop, "-m", "rrtool", "tail", url, "--until-idle", "0.5").stdout
        said = run(laptop, "-m", "rrtool", "status", url).stdout
        assert f"keys        this broker is {key}" in said
        assert "1 key allowed" in said
        refused = run(other, "-m", "rrtool", "status", f"{url}?key={key}", code=1)
        assert "key" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        server.terminate()
        assert server.wait(30) == 0
        for pipe in (server.stdout, server.stderr):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize("how", ["remembered", "environment"])
def test_the_brokers_key_needs_not_be_in_the_url(
    world: World, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = world.keys.own().public
    if how == "remembered":
        world.me.trust(parse_endpoint(world.broker.url).place, key)
    else:
        monkeypatch.setenv("RRSDK_BROKER_KEY", key_text(key))
    assert ask(parse_endpoint(world.broker.url), {"t": "status"}, timeout_s=DEADLINE_S) is not None


def test_whose_fault_it_is_is_said(world: World) -> None:
    stranger = world.user("stranger", allowed=False)
    other = key_text(secrets.token_bytes(32))
    open_broker = Broker(port=free_port(), memory_limit=64 << 20)
    open_broker.start()
    unexpected = f"{open_broker.url}?key={other}"
    cases = [
        (world.me, world.broker.url, "wants keys"),
        (stranger, world.url, f"rrtool keys allow {key_text(stranger.own().public)}"),
        (world.me, f"{world.broker.url}?key={key_text(zmq_public())}", "does not have the key"),
        (world.me, unexpected, "no keys"),
    ]
    try:
        for user, url, reason in cases:
            world.be(user)
            failures: list[str] = []
            with ThreadPoolExecutor() as pool:  # who is refused waits for all of the time: both at once
                answer = pool.submit(ask, parse_endpoint(url), {"t": "who"}, timeout_s=2, failures=failures)
                with pytest.raises(InputError) as caught:
                    ZmqSource(url, warn=print, connect_timeout_s=2)
                assert answer.result() is None
            assert reason in str(caught.value)
            assert reason in failures[0]
            reports: list[str] = []
            sink = ZmqSink(url, report=reports.append)
            until(lambda to=sink, why=reason: why in to.status().last_error, f"not known: {reason}")
            if user is stranger:
                until(
                    lambda told=reports, why=reason: any(why in line for line in told), f"not said: {reason}"
                )
            sink.close(0)
    finally:
        open_broker.stop()
    assert world.said("refused_connections") > 0
    assert world.broker.status()["producers"] == []


def zmq_public() -> bytes:
    from zmq.utils import z85

    return bytes(z85.decode(zmq.curve_keypair()[0]))


def test_without_a_pair_of_ones_own_nothing_is_tried(world: World, tmp_path: Path) -> None:
    world.be(KeyFolder(tmp_path / "nobody"))
    with pytest.raises(InputError, match="rrtool keys new"):
        ZmqSink(world.url, report=print)


def test_whose_id_it_is_nobody_else_uses(world: World) -> None:
    mallory = world.user("mallory")
    key = secrets.token_bytes(16)
    until(lambda: world.said("allowed") == 2, "the list was not read again")
    mine = world.dealer(world.me, b"P" + key + b"tail")
    welcome = hello(mine, key)
    assert welcome["t"] == "welcome"
    theirs = world.dealer(mallory, b"P" + key + b"other")
    refused = hello(theirs, key, link=2)
    assert (refused["t"], refused["fatal"]) == ("error", True)
    before = world.said("refused_words")
    pushed = world.push(mallory, welcome["data"])
    pushed.send_multipart(stamped(key, welcome["epoch"], 1, info()))
    until(lambda: world.said("refused_words") > before, "their data was not noticed")
    honest = world.push(world.me, welcome["data"])
    for seq, payload in enumerate([info(), chunk(1), chunk(2)], 1):
        honest.send_multipart(stamped(key, welcome["epoch"], seq, payload))
    until(lambda: world.broker.status()["stored"]["messages"] == 3, "the honest producer was disturbed")
    (about,) = world.broker.status()["producers"]
    assert about["refused"] == 0


def test_nobody_takes_over_a_connection(world: World) -> None:
    """Who knows the producer's id still does not know the connection's, so answers go where they should."""
    mallory = world.user("mallory")
    until(lambda: world.said("allowed") == 2, "the list was not read again")
    key = secrets.token_bytes(16)
    mine = world.dealer(world.me, b"P" + key + secrets.token_bytes(16))
    hello(mine, key)
    theirs = world.dealer(mallory, b"P" + key)  # without a word
    theirs.send(pack_word({"t": "who"}))
    assert unpack_word(theirs.recv())["t"] == "error"
    mine.send(pack_word({"t": "ping", "link": 1}))
    assert unpack_word(mine.recv())["t"] == "ack"
    routing_ids = {Dialing(parse_endpoint(world.url)).routing_id(b"P" + key) for _ in range(10)}
    assert len(routing_ids) == 10
    assert all(len(each) > 17 and each.startswith(b"P" + key) for each in routing_ids)


def test_who_is_revoked_is_not_heard(world: World) -> None:
    key = secrets.token_bytes(16)
    mine = world.dealer(world.me, b"P" + key)
    welcome = hello(mine, key)
    pushed = world.push(world.me, welcome["data"])
    pushed.send_multipart(stamped(key, welcome["epoch"], 1, info()))
    assert unpack_word(mine.recv())["held"] == 1
    world.keys.revoke("me")
    until(lambda: world.said("allowed") == 0, "the list was not read again")
    pushed.send_multipart(stamped(key, welcome["epoch"], 2, chunk(1)))
    mine.send(pack_word({"t": "ping", "link": 1}))
    assert unpack_word(mine.recv())["t"] == "error"
    until(lambda: world.said("refused_words") == 2, "what came was taken in")
    assert world.broker.status()["stored"]["messages"] == 1
    failures: list[str] = []
    assert ask(parse_endpoint(world.url), {"t": "who"}, timeout_s=3, failures=failures) is None
    assert "keys allow" in failures[0]


def test_a_list_that_cannot_be_read_stays_as_it_was(world: World) -> None:
    path = world.keys.folder / "allowed"
    path.write_text("what is this\n")
    until(lambda: world.broker.status()["keys"]["trouble"], "not said")
    assert "line 1" in world.broker.status()["keys"]["trouble"]
    assert world.said("allowed") == 1


def test_a_public_address_wants_keys(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="anyone"):
        Broker(port=free_port(), bind="0.0.0.0")
    folder = KeyFolder(tmp_path)
    with pytest.raises(InputError, match="rrtool keys new"):
        BrokerKeys.of(folder)
    folder.make()
    broker = Broker(port=free_port(), bind="0.0.0.0", keys=BrokerKeys.of(folder), memory_limit=64 << 20)
    broker.start()
    broker.stop(DEADLINE_S)
    assert not broker.is_running


def test_brokers_with_keys_come_and_go(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.make()
    port = free_port()
    for _ in range(5):
        broker = Broker(port=port, keys=BrokerKeys.of(folder), memory_limit=64 << 20)
        broker.start()
        with pytest.raises(OutputError):
            Broker(port=port, keys=BrokerKeys.of(folder), memory_limit=64 << 20).start()
        broker.stop(DEADLINE_S)
        assert not broker.is_running


_FORKING = """
import os, sys, rrsdk as rr
rr.init("forked", recording_id="one")
rr.connect(sys.argv[1])
rr.log("parent", rr.Scalars([1.0]))
child = os.fork()
rr.log("child" if not child else "parent", rr.Scalars([2.0]))
rr.flush(timeout_sec=20) if hasattr(rr, "flush") else None
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forked_children_use_the_same_keys(world: World) -> None:
    world.be(world.me)
    command = [sys.executable, "-W", "ignore", "-c", _FORKING, world.url]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    secret = (world.me.folder / "secret").read_text().strip()
    assert secret.encode() not in done.stdout + done.stderr
    assert len({each["pid"] for each in world.broker.status()["producers"]}) == 2
    told = repr(world.broker.status())
    assert secret not in told
    assert world.me.own().secret.hex() not in told
