"""Carries legs through a process of its own, for forked children: gRPC does not survive a fork.

A process that is forked from one that uses gRPC cannot use it: its threads are not there, and calls
hang. So a child starts a fresh Python (`python -m rrsdk.sinks.grpc.relay URL`), which does nothing
but what a DirectCarrier does, told by frames on its standard input: u8 what, u64 length, content.
It answers with lines on its standard output. When its input ends, so does it.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

from rrsdk.errors import RrError
from rrsdk.proxy import parse_proxy
from rrsdk.sinks.grpc.carrier import BrokenError, DirectCarrier

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.endpoint import Endpoint

_FRAME = struct.Struct("<BQ")
_CONNECT, _BEGIN, _MESSAGE, _FINISH = range(4)
_OK, _NEW = "ok", "new"
_LOOK_UP_S = 0.25
_START_S = 20.0
_LAST_LEG_S = 5.0


class RelayCarrier:
    """A Carrier whose legs another process walks."""

    def __init__(self, endpoint: Endpoint) -> None:
        paths = [os.path.abspath(path) for path in sys.path]
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own module, by our own interpreter
                [sys.executable, "-m", "rrsdk.sinks.grpc.relay", endpoint.url],
                bufsize=0,  # what is buffered when this process is forked would be written twice
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,  # Ctrl-C is for the program; this ends when its input does
            )
        except OSError as error:
            raise BrokenError(f"no relay process can be started: {error.strerror}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._answers = self._process.stdin, self._process.stdout
        self._output = self._answers.fileno()
        self._received = b""

    def connect(self, timeout_s: float) -> bool:
        """Have it connect."""
        self._frame(_CONNECT, struct.pack("<d", timeout_s))
        deadline = time.monotonic() + timeout_s + _START_S
        return self._expect(lambda: time.monotonic() < deadline) == _NEW

    def begin(self) -> None:
        """Have it begin a leg."""
        self._frame(_BEGIN)

    def send(self, message: bytes) -> None:
        """Pass one on; it may have said meanwhile that the leg is broken."""
        if self._received or select.select([self._output], [], [], 0)[0]:
            self._expect(lambda: True)
        self._frame(_MESSAGE, message)

    def finish(self, patience: Callable[[], bool]) -> None:
        """Have it end the leg, and wait for what it says."""
        self._frame(_FINISH)
        self._expect(patience)

    def unsent(self) -> int:
        """None that we know of: what lies in the pipe may have been read."""
        return 0

    def close(self) -> None:
        """Its input ends, and so it does."""
        try:
            self._input.close()
        except OSError:
            pass
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.give_up()
            self._process.wait()
        self._answers.close()

    def give_up(self) -> None:
        """End it: then reading from it and writing to it fail."""
        self._process.kill()

    def abandon(self) -> None:
        """The relay is to end with the parent, and not to wait for this process."""
        self._input.close()
        self._answers.close()

    def _frame(self, what: int, content: bytes = b"") -> None:
        frame = memoryview(_FRAME.pack(what, len(content)) + content)
        try:
            while frame:
                frame = frame[self._input.write(frame) :]
        except (OSError, ValueError):
            raise BrokenError("the relay process is gone") from None

    def _expect(self, patience: Callable[[], bool]) -> str:
        while b"\n" not in self._received:
            if not patience():
                raise BrokenError("no answer in time")
            if not select.select([self._output], [], [], _LOOK_UP_S)[0]:
                continue
            data = os.read(self._output, 64 * 1024)
            if not data:
                raise BrokenError("the relay process is gone")
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        text = line.decode("utf-8", "replace")
        if text not in (_OK, _NEW):
            raise BrokenError(text)
        return text


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve(carrier: DirectCarrier, stream: BinaryIO, answer: Callable[[str], None]) -> None:
    """Do as the frames say until they end."""
    is_broken = False

    def attempt(step: Callable[[], bool | None], *, is_answered: bool = False) -> None:
        nonlocal is_broken
        try:
            is_new = step()
        except BrokenError as broken:
            is_broken = True
            answer(" ".join(str(broken).split()))
        else:
            if is_answered:
                answer(_NEW if is_new else _OK)

    while True:
        what, size = _FRAME.unpack(_read(stream, _FRAME.size))
        content = _read(stream, size)
        if what == _CONNECT:
            is_broken = False
            timeout_s = struct.unpack("<d", content)[0]
            attempt(lambda: carrier.connect(timeout_s), is_answered=True)  # noqa: B023  # called at once
        elif is_broken:
            continue
        elif what == _BEGIN:
            attempt(carrier.begin)
        elif what == _MESSAGE:
            attempt(lambda: carrier.send(content))  # noqa: B023  # called at once
        elif what == _FINISH:
            attempt(lambda: carrier.finish(lambda: True), is_answered=True)


def main() -> None:
    """The relay process."""
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may talk there
    carrier = DirectCarrier(parse_proxy(sys.argv[1]))
    try:
        serve(carrier, sys.stdin.buffer, lambda line: void(os.write(answers, f"{line}\n".encode())))
    except EOFError:
        carrier.finish_open(_LAST_LEG_S)
    except (BrokenPipeError, KeyboardInterrupt, RrError):
        pass
    carrier.close()


def void(_value: object) -> None:
    """Forget a result."""


if __name__ == "__main__":
    main()
