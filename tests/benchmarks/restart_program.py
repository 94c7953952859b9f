"""What scripts/bench restart fills a spool with.

python -m tests.benchmarks.restart_program URL BYTES COUNT
"""

from __future__ import annotations

import sys

from rrsdk.sinks.zmq.sink import ZmqSink
from tests.faults.spool_labels import STATIC_EVERY, announced, labelled

VARIETY = 20
FLOAT_BYTES = 8
FLUSH_S = 300.0


def main() -> None:
    """The same few messages over and over: what is measured does not look into them."""
    url, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    assert VARIETY < STATIC_EVERY
    messages = [labelled("run", 0, number, floats=size // FLOAT_BYTES) for number in range(VARIETY)]
    sink = ZmqSink(url, policy="block(300)")
    sink.put(announced("run"))
    for number in range(count):
        sink.put(messages[number % VARIETY])
    if not sink.flush(FLUSH_S):
        raise SystemExit(f"not all of it is durable: {sink.status()}")
    sink.close(5)


main()
