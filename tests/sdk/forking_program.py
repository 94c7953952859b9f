"""A program whose children log: run by test_recording_fork, once for each way to have children.

    python forking_program.py KIND METHOD SAVE_OR_URL

Every child `k` logs ROWS rows to `/w/k`, and calls nothing of the SDK before.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

import rrsdk as rr

CHILDREN, ROWS = 4, 200


def work(child: int) -> int:
    """What a child does."""
    for row in range(ROWS):
        rr.set_time("row", sequence=row)
        rr.log(f"w/{child}", rr.Scalars(float(1000 * child + row)))
    return child


def raw() -> None:
    """Forked by hand, ended by os._exit."""
    children = []
    for child in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            work(child)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)


def raw_return() -> None:
    """Forked by hand, ended as programs end."""
    children = []
    for child in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            work(child)
            sys.exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)


def nested() -> None:
    """A child has a child."""
    pid = os.fork()
    if pid == 0:
        work(0)
        grandchild = os.fork()
        if grandchild == 0:
            work(1)
            os._exit(0)
        os.waitpid(grandchild, 0)
        work(2)
        os._exit(0)
    os.waitpid(pid, 0)
    work(3)


def process(method: str) -> None:
    """multiprocessing.Process."""
    context = multiprocessing.get_context(method)
    children = [context.Process(target=work, args=(child,)) for child in range(CHILDREN)]  # type: ignore[attr-defined]
    for child in children:
        child.start()
    for child in children:
        child.join()


def work_and_vanish(child: int) -> None:
    """What a child does that wants no finalizers."""
    work(child)
    os._exit(0)


def abrupt(method: str) -> None:
    """Children that end by os._exit."""
    context = multiprocessing.get_context(method)
    children = [context.Process(target=work_and_vanish, args=(child,)) for child in range(CHILDREN)]  # type: ignore[attr-defined]
    for child in children:
        child.start()
    for child in children:
        child.join()


def pool(method: str) -> None:
    """A pool whose workers are ended by SIGTERM."""
    with multiprocessing.get_context(method).Pool(2) as workers:
        workers.map(work, range(CHILDREN), chunksize=1)


def executor(method: str) -> None:
    """concurrent.futures."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as workers:
        assert list(workers.map(work, range(CHILDREN))) == list(range(CHILDREN))


def threads(method: str) -> None:
    """Children are started while eight threads log."""
    stop = threading.Event()

    def spin(number: int) -> None:
        for row in range(3000):
            if stop.is_set():
                break
            rr.log(f"t/{number}", rr.Scalars(float(row)))

    busy = [threading.Thread(target=spin, args=(number,)) for number in range(8)]
    for thread in busy:
        thread.start()
    process(method)
    stop.set()
    for thread in busy:
        thread.join()


def forking_threads(_method: str) -> None:
    """Eight threads log and fork, all at once."""

    def spin(number: int) -> None:
        rr.log(f"t/{number}", rr.Scalars(0.0))
        if number < CHILDREN:
            pid = os.fork()
            if pid == 0:
                work(number)
                os._exit(0)
            os.waitpid(pid, 0)
        rr.log(f"t/{number}", rr.Scalars(1.0))

    busy = [threading.Thread(target=spin, args=(number,)) for number in range(8)]
    for thread in busy:
        thread.start()
    for thread in busy:
        thread.join()


def main() -> None:
    """Log from children."""
    kind, method, where = sys.argv[1:]
    rr.init("rrkit_forking")
    if where.endswith(".rrd"):
        rr.save(where)
    else:
        rr.connect(where)
    rr.log("parent", rr.Scalars(0.0))
    run = globals()[kind]
    if kind in ("raw", "raw_return", "nested"):
        run()
    else:
        run(method)
    rr.log("parent", rr.Scalars(1.0))


if __name__ == "__main__":
    main()
