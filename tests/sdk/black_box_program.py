"""A program with a black box that ends in one of many ways: run by test_black_box.

python black_box_program.py WAY PATH
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time

import rrsdk as rr

ROWS = 100


def say(*what: object) -> None:
    """To standard output, now."""
    sys.stdout.write(" ".join(map(str, what)) + "\n")
    sys.stdout.flush()


def log(entity: str = "a") -> None:
    """What every program logs first."""
    rr.log("fixed", rr.TextDocument("notes"), static=True)
    for step in range(ROWS):
        rr.set_time("step", sequence=step)
        rr.log(entity, rr.Scalars(float(step)))


def wait_for_the_end() -> None:
    """SIGTERM comes while the program sleeps."""
    say("ready")
    time.sleep(60)


def fail() -> None:
    """An exception nobody catches."""
    raise ValueError("no way")


def fail_in_child() -> None:
    """A child that logs, then dies of an exception."""
    log("child")
    fail()


def main(way: str, path: str) -> None:
    """Log, and end that way."""
    rr.init("black_box")
    if way == "own_handler":

        def bye(_number: int, _frame: object) -> None:
            say("own handler")
            sys.exit(7)

        signal.signal(signal.SIGTERM, bye)
    if way == "own_hook":
        sys.excepthook = lambda kind, *_: say(f"own hook: {kind.__name__}")
    if way == "save_before":
        rr.save(f"{path}.save.rrd")
    box = rr.save_last(path, on_exit="asked" in way, on_exception=way != "raise_not")
    if way in ("save_after", "term_and_save"):
        rr.save(f"{path}.save.rrd")
    log()
    if way in ("raise", "raise_not", "own_hook"):
        fail()
    if way == "thread":
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        rr.log("later", rr.Scalars(1.0))
    if way == "rank":
        rr.flush()
    if way in ("term", "rank", "own_handler", "term_and_save"):
        wait_for_the_end()
    if way == "exit_1":
        sys.exit(1)
    if way == "twice":
        box.write()
        rr.log("later", rr.Scalars(1.0))
        say(box.write(f"{path}.second.rrd"))
    if way in ("save_before", "save_after"):
        box.write()
    if way == "closed":
        box.close()
        fail()
    if way.startswith("child_"):
        child = multiprocessing.get_context(way.removeprefix("child_")).Process(target=fail_in_child)  # type: ignore[attr-defined]
        child.start()
        child.join()
        say(os.path.exists(path))
        box.write()
    if way == "killed_child":
        pid = os.fork()
        if pid == 0:
            rr.log("child", rr.Scalars(1.0))
            rr.flush()
            wait_for_the_end()
        os.kill(pid, signal.SIGTERM)
        _, status = os.waitpid(pid, 0)
        say(os.WTERMSIG(status), os.path.exists(path))
    if way == "box_of_child":
        pid = os.fork()
        if pid == 0:
            say(rr.save_last(path).path.name)
            try:
                fail()
            except ValueError:
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
