"""The processes of the pipe's fault tests: `python -m tests.faults.pipe_actor broker|producer …`."""

from __future__ import annotations

import json
import random
import sys
import threading
import time

from rrsdk.codec.envelope import Kind
from rrsdk.codec.receive import Receiver
from tests.sdk.raw_pipe import chunk, info


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def broker(port: str, data_port: str) -> None:
    """Serves until it is killed, or its standard input ends."""
    from rrsdk.broker.service import Broker

    served = Broker(port=int(port), data_port=int(data_port))
    served.start()
    say("up")
    sys.stdin.read()
    served.stop()


def producer(
    url: str, entity: str, count: str, pace_s: str, policy: str, buffer_bytes: str, seed: str
) -> None:
    """Puts numbered chunks, waits until they are acknowledged, says what became of them.

    The last one waits for a line on standard input: of what fails after it, nobody would hear.
    """
    from rrsdk.sinks.zmq.sink import ZmqSink

    random.seed(int(seed))
    reader = Receiver("test", warn=say)
    sink = ZmqSink(url, policy=policy, buffer_bytes=int(buffer_bytes), name=entity)
    sink.put(reader.read(Kind.STORE_INFO, info()))
    messages = [reader.read(Kind.CHUNK, chunk(number, entity=entity)) for number in range(int(count))]
    say("up")
    for message in messages[:-1]:
        sink.put(message)
        time.sleep(random.random() * 2 * float(pace_s))
    sys.stdin.readline()
    sink.put(messages[-1])
    ended = sink.flush(60)
    sink.close(2)
    status = sink.status()
    names = ("held", "lost", "dropped", "refused", "waiting")
    counts = {name: getattr(status, name).messages for name in names}
    say(json.dumps({**counts, "done": ended.done, "why": ended.why, "error": status.last_error}))
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert not [name for name in left if name.startswith("rrsdk")], left


if __name__ == "__main__":
    {"broker": broker, "producer": producer}[sys.argv[1]](*sys.argv[2:])
