"""What scripts/demo logs: a pretended training run with forked workers, all into one recording.

    python scripts/trainer.py HOST:PORT [WORKERS] [STEPS]

Nothing in the workers mentions the connection: they were forked, and log on.
"""

from __future__ import annotations

import math
import multiprocessing
import sys

import numpy as np

import rrsdk as rr


def work(worker: int, steps: int) -> None:
    """One worker: its loss, what its camera sees now and then, a line at the end."""
    rng = np.random.default_rng(worker)
    for step in range(steps):
        rr.set_time("step", sequence=step)
        loss = math.exp(-step / 60) + 0.05 * rng.random()
        rr.log(f"worker/{worker}/loss", rr.Scalars(loss))
        if step % 50 == 0:
            points = rng.normal(scale=1 + loss, size=(500, 3))
            rr.log(f"worker/{worker}/points", rr.Points3D(points, colors=[40 * worker, 120, 220]))
    rr.log(f"worker/{worker}/log", rr.TextLog(f"worker {worker} is done after {steps} steps"))


def main() -> None:
    """Connect, fork, wait."""
    address = sys.argv[1]
    workers, steps = (int(text) for text in [*sys.argv[2:4], "4", "200"][:2])
    rr.init("rrkit_demo_training")
    rr.connect(address)
    rr.log("about", rr.TextDocument(f"{workers} workers, {steps} steps each"), static=True)
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=work, args=(worker, steps)) for worker in range(workers)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    rr.flush()
    print(f"all that {workers} workers logged is with the broker at {address}")


if __name__ == "__main__":
    main()
