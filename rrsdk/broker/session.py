"""Who is on a session's port already: nobody, a broker of ours, or a stranger."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rrsdk.codec.envelope import pack_word, unpack_word
from rrsdk.endpoint import Endpoint, Transport
from rrsdk.errors import FormatError, OutputError


class PortTakenError(OutputError):
    """Somebody else listens there."""

    def __init__(self, what: str, *, port: int, is_ours: bool = False, hint: str | None = None) -> None:
        """`is_ours`: it is a broker of ours, for the same session."""
        super().__init__(what, hint=hint)
        self.port, self.is_ours = port, is_ours


@dataclass(frozen=True, slots=True)
class Ours:
    """A broker answered."""

    port: int
    """Of its session; 0 where it has none."""
    pid: int


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address that is listened on."""
    return address == "localhost" or address == "::1" or address.startswith("127.")


def bracketed(address: str) -> str:
    """An address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def somebody_listens(port: int, *, host: str = "127.0.0.1", timeout_s: float = 1.0) -> bool:
    """Whether a TCP connection is accepted there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def ask(
    endpoint: str | Endpoint, word: dict[str, Any], *, timeout_s: float, failures: list[str] | None = None
) -> dict[str, Any] | None:
    """The answer to one word sent to a session's control socket; None where none comes in time.

    `endpoint`: a control socket without keys, or a session, perhaps with keys. `failures` gets why a
    handshake failed; then nothing is waited for.
    """
    import zmq

    from rrsdk.dialing import WATCHED, Dialing

    if isinstance(endpoint, str):
        endpoint = Endpoint(Transport.ZMQ, endpoint, endpoint, "", 0)
    dialing = Dialing(endpoint)
    deadline = time.monotonic() + timeout_s
    with (
        zmq.Context() as context,
        context.socket(zmq.DEALER) as dealer,
        context.socket(zmq.PAIR) as monitor,
    ):
        dealer.linger = monitor.linger = 0
        dealer.monitor("inproc://watch", WATCHED)
        monitor.connect("inproc://watch")
        try:
            dialing.connect(dealer, endpoint.control, {})
        except zmq.ZMQError:
            return None
        dealer.send(pack_word(word))
        poller = zmq.Poller()
        poller.register(dealer, zmq.POLLIN)
        poller.register(monitor, zmq.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            ready = dict(poller.poll(int(left * 1000) + 1))
            if monitor in ready:
                why = dialing.failed(monitor.recv_multipart())
                if why and failures is not None:
                    failures.append(why)
                    return None
            if dealer not in ready:
                continue
            frames = dealer.recv_multipart()
            try:
                answer = unpack_word(frames[-1])
            except FormatError:
                continue
            if answer["t"] in (word["t"], "error"):
                return answer
    return None


def who(endpoint: str | Endpoint, *, timeout_s: float = 1.0) -> Ours | None:
    """The broker of ours at a control endpoint; None where nobody or a stranger is."""
    answer = ask(endpoint, {"t": "who"}, timeout_s=timeout_s)
    if answer is None or answer["t"] != "who" or answer.get("program") != "rrkit":
        return None
    port, pid = answer.get("port"), answer.get("pid")
    return Ours(port if isinstance(port, int) else 0, pid if isinstance(pid, int) else 0)


def listener(port: int) -> str | None:
    """Who listens on a TCP port of this machine, as `name, pid N`; None where that is not to be had."""
    try:
        inodes = set(listening_inodes(port))
        if not inodes:
            return None
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and _has_one(process, inodes):
                name = (process / "comm").read_text(errors="replace").strip()
                return f"{name}, pid {process.name}"
    except OSError:  # no /proc, or none that we may read
        pass
    return None


def listening_inodes(port: int) -> list[str]:
    """The sockets that a TCP port of this machine is listened on by, as links in /proc name them."""
    found: list[str] = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.append(f"socket:[{fields[9]}]")
    return found


def _has_one(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(each.readlink()) in inodes for each in (process / "fd").iterdir())
    except OSError:  # another user's, or it has just ended
        return False
