"""A producer that may be killed.

    python -m tests.faults.spool_actor URL NUMBER COUNT PACE_S BUFFER SEED FILE

How many of its messages were called durable goes to FILE, a line each time that it looks, so that a test
knows what a killed one had been told.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path

from rrsdk.sinks.zmq.sink import ZmqSink
from tests.faults.spool_labels import announced, labelled

_LOOK_S = 0.01


def main() -> None:
    """Logs, waits for a line on standard input, logs once more, flushes, and says what became of all."""
    url, number, count, pace_s, buffer_bytes, seed, told = sys.argv[1:]
    chance = random.Random(seed)
    messages = [labelled("run", int(number), each) for each in range(int(count))]
    sink = ZmqSink(url, policy="block(60)", buffer_bytes=int(buffer_bytes), name=f"p{number}")
    sink.put(announced("run"))
    looked = 0.0
    with Path(told).open("a", buffering=1) as file:
        _say("up")
        for message in messages[:-1]:
            sink.put(message)
            time.sleep(chance.random() * 2 * float(pace_s))
            if time.monotonic() > looked + _LOOK_S:
                looked = time.monotonic()
                file.write(f"{sink.status().durable.messages}\n")
    sys.stdin.readline()
    sink.put(messages[-1])
    flushed = sink.flush(60)
    sink.close(5)
    _say(json.dumps({"done": flushed.done, "why": flushed.why, "status": asdict(sink.status())}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


main()
