"""Children log into their parent's recording: all rows, none twice, whatever started and ended them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import rrsdk as rr
from tests.sdk.forking_program import CHILDREN, ROWS

PROGRAM = Path(__file__).with_name("forking_program.py")
ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

WAYS = [
    ("raw", "-"),
    ("raw_return", "-"),
    ("nested", "-"),
    ("process", "fork"),
    ("process", "spawn"),
    ("process", "forkserver"),
    ("abrupt", "fork"),
    ("abrupt", "spawn"),
    ("pool", "fork"),
    ("pool", "spawn"),
    ("pool", "forkserver"),
    ("executor", "fork"),
    ("executor", "spawn"),
    ("executor", "forkserver"),
    ("threads", "fork"),
    ("threads", "spawn"),
    ("forking_threads", "fork"),
]


def run(code: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, *code],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env=environment,
        **options,
    )  # type: ignore[call-overload,no-any-return]


def scalars(path: Path) -> Counter[tuple[str, float]]:
    found: Counter[tuple[str, float]] = Counter()
    ids: list[bytes] = []
    for store, chunk in rr.read_chunks(str(path)):
        assert store.application_id
        ids += chunk.row_ids.to_pylist()
        if "Scalars:scalars" in chunk.components:
            values = chunk.component("Scalars:scalars").flatten().to_pylist()
            found.update((chunk.entity_path, value) for value in values)
    assert len(set(ids)) == len(ids), "a row id is there twice"
    return found


EXPECTED = Counter(
    {(f"/w/{child}", float(1000 * child + row)): 1 for child in range(CHILDREN) for row in range(ROWS)}
)


@pytest.mark.parametrize(("kind", "method"), WAYS)
def test_all_rows_once(kind: str, method: str, tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    done = run([str(PROGRAM), kind, method, str(path)])
    assert (done.returncode, done.stderr) == (0, "")
    found = scalars(path)
    assert Counter({key: n for key, n in found.items() if key[0].startswith("/w/")}) == EXPECTED
    assert found["/parent", 0.0] == found["/parent", 1.0] == 1
    assert set(found.values()) == {1}
    assert list(tmp_path.iterdir()) == [path], "nobody wrote a file of its own"
    assert len({store for store, _ in rr.read_chunks(str(path))}) == 1


def test_a_child_whose_parent_is_gone_writes_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    code = f"""
import os, signal, sys, time
import rrsdk as rr
rr.init("rrkit_orphan")
rr.save({str(path)!r})
rr.log("w", rr.Scalars(0.0))
if os.fork() == 0:
    rr.log("w", rr.Scalars(1.0))
    rr.flush()
    os.kill(os.getppid(), signal.SIGKILL)
    parent = os.getppid()
    while os.getppid() == parent and parent != 1:
        time.sleep(0.01)
    rr.log("w", rr.Scalars(2.0))
    rr.flush()
    os._exit(0)
time.sleep(60)
"""
    done = run(["-c", code])
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + DEADLINE_S
    while not (own := list(tmp_path.glob("run.*.rrd"))) or own[0].read_bytes()[-12:-4] != b"RRF2FOOT":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert scalars(own[0]) == Counter({("/w", 2.0): 1})
    assert ("/w", 1.0) in scalars(path)
    assert "goes on in" in done.stderr
    (here, _), (there, _) = (next(iter(rr.read_chunks(str(one)))) for one in (path, own[0]))
    assert here == there, "one recording in two files"


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_children_that_call_init_and_save_as_their_parent_does_join_it(method: str, tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing
import rrsdk as rr
rr.init("rrkit_main")
rr.save({str(path)!r})
def work(n):
    rr.log("w", rr.Scalars(float(n)))
if __name__ == "__main__":
    rr.log("w", rr.Scalars(-1.0))
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        pool.map(work, range(4), chunksize=1)
    rr.log("w", rr.Scalars(-2.0))
""")
    done = run([str(program)], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert scalars(path) == Counter({("/w", float(n)): 1 for n in range(-2, 4)})


def test_a_fork_server_that_imports_the_program_leaves_its_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    path.write_bytes(b"the parent's")
    code = f"""
import multiprocessing.process
multiprocessing.process.current_process()._inheriting = True  # as when it imports the main module
import rrsdk as rr
rr.init("rrkit_server")
rr.save({str(path)!r})
assert rr.get_global_data_recording() is None
"""
    done = run(["-c", code])
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes() == b"the parent's"


def test_a_child_that_never_logs_costs_nothing_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    code = f"""
import os, multiprocessing
import rrsdk as rr
rr.init("rrkit_quiet")
rr.save({str(path)!r})
rr.log("w", rr.Scalars(0.0))
if os.fork() == 0:
    raise SystemExit
os.wait()
child = multiprocessing.get_context("fork").Process(target=print)
child.start(); child.join()
"""
    done = run(["-c", code])
    assert (done.returncode, done.stderr) == (0, "")
    assert scalars(path) == Counter({("/w", 0.0): 1})


def test_without_a_sink_children_add_to_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    code = f"""
import os
import rrsdk as rr
rr.init("rrkit_late")
if os.fork() == 0:
    rr.log("w", rr.Scalars(1.0))
    os._exit(0)
os.wait()
rr.log("w", rr.Scalars(2.0))
rr.save({str(path)!r})
"""
    done = run(["-c", code])
    assert (done.returncode, done.stderr) == (0, "")
    assert scalars(path) == Counter({("/w", 1.0): 1, ("/w", 2.0): 1})


def test_times_set_before_the_fork_hold_in_the_child(tmp_path: Path) -> None:
    path = tmp_path / "run.rrd"
    code = f"""
import os
import rrsdk as rr
rr.init("rrkit_times")
rr.save({str(path)!r})
rr.set_time("frame", sequence=5)
if os.fork() == 0:
    rr.log("w", rr.Scalars(1.0))
    os._exit(0)
os.wait()
"""
    done = run(["-c", code])
    assert (done.returncode, done.stderr) == (0, "")
    (chunk,) = [chunk for _, chunk in rr.read_chunks(str(path)) if chunk.entity_path == "/w"]
    assert chunk.times("frame").to_pylist() == [5]


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_worker_that_waits_in_c_is_ended_by_sigterm(method: str, tmp_path: Path) -> None:
    """The signal is taken by another thread: as when the main one is just about to wait, but every time."""
    path = tmp_path / "run.rrd"
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing, signal, threading, time
import rrsdk as rr
def send():
    time.sleep(0.05)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
def work():
    rr.log("w", rr.Scalars(1.0))
    threading.Thread(target=send, daemon=True).start()
    multiprocessing.Semaphore(0).acquire()
if __name__ == "__main__":
    rr.init("rrkit_waiting")
    rr.save({str(path)!r})
    child = multiprocessing.get_context({method!r}).Process(target=work)
    child.start()
    child.join({DEADLINE_S / 4})
    print(child.exitcode)
    child.kill()
""")
    done = run([str(program)], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{-signal.SIGTERM}\n")
    assert scalars(path) == Counter({("/w", 1.0): 1})


def test_a_childs_signals_are_not_told_to_its_parent(tmp_path: Path) -> None:
    code = f"""
import multiprocessing, os, signal, time
import rrsdk as rr
def work():
    rr.log("w", rr.Scalars(1.0))
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(1)
    os.kill(pid, signal.SIGTERM)
    assert os.waitpid(pid, 0)[1] == signal.SIGTERM
    time.sleep(0.2)
    rr.log("w", rr.Scalars(2.0))
rr.init("rrkit_generations")
rr.save({str(tmp_path / "run.rrd")!r})
child = multiprocessing.get_context("fork").Process(target=work)
child.start()
child.join()
print(child.exitcode)
"""
    done = run(["-c", code])
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
    assert scalars(tmp_path / "run.rrd") == Counter({("/w", 1.0): 1, ("/w", 2.0): 1})


def test_what_killed_processes_leave_is_removed_when_it_is_old(tmp_path: Path) -> None:
    import json
    import socket

    from rrsdk.recording.litter import sweep

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(DEADLINE_S)
    for name, pid in (("rrsdk-dead", gone.pid), ("rrsdk-alive", os.getpid()), ("rrsdk-fresh", gone.pid)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recordings.json").write_text(json.dumps({"pid": pid, "recordings": []}))
    for name in ("rrsdk-deaf", "rrsdk-listening"):
        (tmp_path / name).mkdir()
    (tmp_path / "other").mkdir()
    with socket.socket(socket.AF_UNIX) as deaf, socket.socket(socket.AF_UNIX) as listening:
        deaf.bind(str(tmp_path / "rrsdk-deaf" / "s"))
        listening.bind(str(tmp_path / "rrsdk-listening" / "s"))
        listening.listen()
        for folder in tmp_path.iterdir():
            if folder.name != "rrsdk-fresh":
                os.utime(folder, (0, 0))
        sweep(str(tmp_path))
    left = sorted(folder.name for folder in tmp_path.iterdir())
    assert left == ["other", "rrsdk-alive", "rrsdk-fresh", "rrsdk-listening"]
