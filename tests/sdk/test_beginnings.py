"""Who adds to a recording of another start is told so: once a start, through every link, and nobody else."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

import rrsdk as rr
from rrsdk import settings
from rrsdk.broker.beginnings import Beginnings
from rrsdk.broker.intake import Intake, Limits
from rrsdk.broker.producer import Producer
from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind, Stamp
from rrsdk.identity import StoreId, StoreKind
from rrsdk.sinks.zmq.link import Link, Open, Tell
from rrsdk.sinks.zmq.outbox import Outbox
from rrsdk.sinks.zmq.policy import Block
from rrsdk.sinks.zmq.start import this_start
from rrsdk.store.message_log import MessageLog
from tests.faults.pipe_world import free_session
from tests.sdk.raw_pipe import BLUEPRINT, RECORDING, info
from tests.sdk.test_recording_network import held

NOON = time.mktime((2025, 11, 24, 12, 0, 0, 0, 0, -1))
LIMITS = Limits(max_message=1 << 20, under_way_bytes=1 << 24)


def producer(start: str, **about: Any) -> Producer:
    known = {"name": "trainer.py", "pid": 12, "host": "box", "policy": "", "link": 1, "held": 0}
    seen = {"first_seen": 0.0, "last_seen": 0.0, "client": b"", "arrivals": None}
    return Producer(**{"key": b"", **known, **seen, "start": start, **about})


def beginnings() -> Beginnings:
    return Beginnings(MessageLog(limit_bytes=1 << 20), since_1970_s=NOON)


def test_the_first_of_each_other_start_is_told() -> None:
    known = beginnings()
    assert known.announced(RECORDING, producer("one"), 3 * 60.0) is None
    assert known.announced(RECORDING, producer("one", pid=13), 200.0) is None
    line = "recording run was begun by another start: trainer.py (pid 12) on box, 12:03; rows are added to it"
    assert known.announced(RECORDING, producer("two"), 300.0) == line
    assert known.announced(RECORDING, producer("two", pid=14), 300.0) is None
    assert known.announced(RECORDING, producer("one"), 300.0) is None
    tomorrow = known.announced(RECORDING, producer("three"), 86_400.0)
    assert tomorrow == line.replace("12:03", "2025-11-24 12:03")


def test_nobody_is_told_where_a_start_is_not_known_or_there_is_no_recording() -> None:
    known = beginnings()
    other = StoreId(StoreKind.RECORDING, "app", "other")
    for store, first, second in ((RECORDING, "", "two"), (other, "one", ""), (BLUEPRINT, "one", "two")):
        assert known.announced(store, producer(first), 0.0) is None
        assert known.announced(store, producer(second), 0.0) is None


def test_what_is_remembered_is_bounded() -> None:
    store = MessageLog(limit_bytes=5000)
    known = Beginnings(store, since_1970_s=0.0)
    for number in range(100):
        known.announced(StoreId(StoreKind.RECORDING, "app", str(number)), producer("one"), 0.0)
        known.announced(RECORDING, producer(str(number)), 0.0)
    assert store.used_bytes <= 5000


def hello(key: bytes, start: str | None, *, link: int = 1, following: int = 1) -> dict[str, Any]:
    word = {"t": "hello", "v": 1, "producer": key, "link": link, "next": following, "name": "p"}
    return word if start is None else {**word, "start": start}


def test_the_intake_says_it_with_every_link_as_words_may_be_lost() -> None:
    intake = Intake(MessageLog(limit_bytes=1 << 20), epoch=7, data="tcp://*:1", limits=LIMITS)
    told = []
    for number, start in enumerate(("one", "one", "two", "two", None)):
        key = bytes([number]) * 16
        intake.word(b"P" + key, hello(key, start), 0.0)
        intake.data(Stamp(Kind.STORE_INFO, 1, key, 7, 1, len(info())).pack(), [info()], 0.0)
        words = [word["t"] for client, word in intake.settle() if client == b"P" + key]
        again = intake.word(b"P" + key, hello(key, start, link=2, following=2), 1.0)
        told.append((words.count("note"), [word["t"] for _, word in again].count("note")))
    assert told == [(0, 0), (0, 0), (1, 1), (0, 0), (0, 0)]
    assert [len(each.notes) for each in intake.producers.values()] == [0, 0, 1, 0, 0]


def test_a_broker_that_starts_anew_learns_it_from_the_infos_of_a_hello() -> None:
    intake = Intake(MessageLog(limit_bytes=1 << 20), epoch=7, data="tcp://*:1", limits=LIMITS)
    said = []
    for number, start in enumerate(("one", "two")):
        key = bytes([number]) * 16
        word = {**hello(key, start, following=2), "infos": [info(at=number + 1)]}
        said += [reply["t"] for _, reply in intake.word(b"P" + key, word, 0.0) + intake.settle()]
    assert said == ["welcome", "welcome", "note"]


def test_a_link_tells_it_once_on_one_line() -> None:
    link = Link(Outbox(policy=Block(), budget_bytes=1000), bytes(16), about={"start": "one"})
    (opened, said) = link.tick(0.0)
    assert isinstance(opened, Open)
    assert said.word["start"] == "one"  # type: ignore[union-attr]
    note = {"t": "note", "text": "one\nline\x1b"}
    assert link.word(note, 0.0) == [Tell("one\ufffdline\ufffd")]
    assert link.word(note, 0.0) == []


def test_launchers_say_what_a_start_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith(("TORCHELASTIC", "SLURM", "RRSDK_START"))]:
        monkeypatch.delenv(name)
    assert settings.launch() is None

    def launched(**environment: str) -> str | None:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return settings.launch()

    torch = {"TORCHELASTIC_RUN_ID": "none", "MASTER_ADDR": "a", "MASTER_PORT": "1", "WORLD_SIZE": "4"}
    ranks = {launched(**torch, LOCAL_WORLD_SIZE="2", RANK=str(rank)) for rank in range(4)}
    assert len(ranks) == 1
    others = ({"MASTER_PORT": "2"}, {"TORCHELASTIC_RESTART_COUNT": "1"}, {"LOCAL_WORLD_SIZE": "4"})
    assert len({*ranks, *(launched(**{**torch, **other}) for other in others)}) == 4
    slurm = {"SLURM_JOB_ID": "5", "SLURM_STEP_ID": "0"}
    assert launched(**slurm) == launched(**slurm, SLURM_PROCID="3", SLURM_RESTART_COUNT="0")
    assert launched(**slurm) != launched(**slurm, SLURM_RESTART_COUNT="1")
    assert launched(RRSDK_START="mine", **slurm) == "mine"
    assert re.fullmatch("[0-9a-f]{32}", this_start())


PROGRAM = """
import multiprocessing, os, sys
import rrsdk as rr

def work(number, address):
    if address:  # a worker that does it all by itself
        rr.init("rrkit_starts")
        rr.connect(address)
    rr.log("w", rr.Scalars(float(number)))
    rr.flush()

if __name__ == "__main__":
    address, first, method = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    rr.init("rrkit_starts")
    rr.connect(address)
    rr.log("w", rr.Scalars(float(first)))
    if method != "none":
        context = multiprocessing.get_context(method)
        children = [context.Process(target=work, args=(first + n, address * (n % 2))) for n in (1, 2)]
        for child in children:
            child.start()
        for child in children:
            child.join()
    rr.flush()
"""


def test_two_starts_with_one_id(tmp_path: Path) -> None:
    port, _ = free_session()
    program = tmp_path / "trainer.py"
    program.write_text(textwrap.dedent(PROGRAM))
    with_id = {**os.environ, "RRSDK_RUN_ID": "shared", "PYTHONPATH": str(Path(rr.__file__).parents[1])}

    def run(first: int, method: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(program), broker.url, str(first), method]
        return subprocess.Popen(command, env={**with_id, **environment}, stderr=subprocess.PIPE, text=True)

    broker = Broker(port=port, memory_limit=64 << 20)
    broker.start()
    try:
        said = [run(100 * n, method).communicate(timeout=60)[1] for n, method in enumerate(("fork", "spawn"))]
        assert said[0] == ""
        assert re.fullmatch(
            r"recording shared was begun by another start: trainer\.py \(pid \d+\) on \S+, \d\d:\d\d; "
            r"rows are added to it\n",
            said[1],
        )
        ranks = [
            run(200 + rank, "none", SLURM_JOB_ID="1", SLURM_STEP_ID="2", SLURM_PROCID=str(rank))
            for rank in range(3)
        ]
        lines = "".join([rank.communicate(timeout=60)[1] for rank in ranks])
        assert lines.count("\n") == 1  # of them all, one is told
        assert {value for entity, value in held(broker) if entity == "/w"} == {
            0.0, 1.0, 2.0, 100.0, 101.0, 102.0, 200.0, 201.0, 202.0,
        }  # fmt: skip
    finally:
        broker.stop()


def test_it_is_a_warning_of_the_recording(caplog: pytest.LogCaptureFixture) -> None:
    port, _ = free_session()
    broker = Broker(port=port, memory_limit=64 << 20)
    broker.start()
    try:
        broker.producer(name="other.py", start="other").submit(1, info(), timeout_s=10.0)
        recording = rr.RecordingStream(RECORDING.application_id, recording_id=RECORDING.recording_id)
        with caplog.at_level(logging.WARNING, "rrsdk"):
            for _ in range(2):  # the second link is another producer of the same start
                recording.connect(broker.url)
                recording.log("a", rr.Scalars(1.0))
                assert recording.flush(timeout_sec=30.0)
            recording.close(10.0)
        assert [line.getMessage().split(",")[0] for line in caplog.records] == [
            f"recording {RECORDING.recording_id} was begun by another start: "
            f"other.py (pid {os.getpid()}) on this machine"
        ]
    finally:
        broker.stop()


def test_bare_forks_that_connect_by_themselves_are_one_start() -> None:
    port, _ = free_session()
    broker = Broker(port=port, memory_limit=64 << 20)
    broker.start()
    program = f"""
import os, sys
import rrsdk as rr
rr.init("rrkit_starts", recording_id="forks")
assert "multiprocessing" not in sys.modules
for number in range(2):
    if os.fork() == 0:
        rr.connect({broker.url!r})
        rr.log("w", rr.Scalars(float(number)))
        rr.flush()
        os._exit(0)
    os.wait()
"""
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert held(broker) == {("/w", 0.0): 1, ("/w", 1.0): 1}
    finally:
        broker.stop()
