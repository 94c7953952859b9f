"""The live sink to a broker: `put` fills the outbox, a thread of its own empties it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from rrsdk.codec.envelope import PRODUCER_SIZE
from rrsdk.dialing import Dialing
from rrsdk.endpoint import Endpoint, Transport, parse_endpoint
from rrsdk.errors import UsageError
from rrsdk.message import Chunks
from rrsdk.sinks.live import Flushed, SinkStatus
from rrsdk.sinks.zmq.link import Instruction, Join, Link, Open, Parcel, Say, Shut, State, Tell
from rrsdk.sinks.zmq.outbox import Offer, Outbox
from rrsdk.sinks.zmq.policy import Block, Policy, parse_policy
from rrsdk.sinks.zmq.sockets import NOTHING, Ready, Sockets
from rrsdk.sinks.zmq.start import program_name, this_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message
    from rrsdk.sinks.zmq.entry import Single

BUFFER_BYTES = 256 * 1024 * 1024
BYE_S = 0.5
"""How long the broker's last word is waited for."""
JOIN_S = 2.0
_AT_ONCE = 64

_inherited: list[object] = []
"""What a forked child got from its parent and must neither use nor finalize."""


class ZmqSink:
    """Everything put arrives at the broker once and in order, or is counted among what did not."""

    def __init__(
        self,
        where: str | Endpoint,
        *,
        policy: Policy | str | None = None,
        buffer_bytes: int = BUFFER_BYTES,
        overflow_dir: str | os.PathLike[str] | None = None,
        name: str = "",
        start: str | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        """`name`: of this program, for the broker's status. `overflow_dir`: where `close` writes the rest,
        with what the broker holds and has not made durable, where it spools.

        `start`: what all processes of one start have in common; None: found out. `report` is told what the
        broker lets people know; None: a warning.
        """
        endpoint = parse_endpoint(where) if isinstance(where, str) else where
        if endpoint.transport is not Transport.ZMQ:
            raise UsageError("is a gRPC address", source=endpoint.url, hint="use connect_grpc")
        chosen = parse_policy(policy) if isinstance(policy, str) else policy or Block()
        self._dialing = Dialing(endpoint)
        self.name = endpoint.url
        self.compress = not endpoint.is_local
        self.producer = secrets.token_bytes(PRODUCER_SIZE)
        self._overflow_dir = os.fspath(overflow_dir) if overflow_dir is not None else None
        self._label = name or program_name()
        self._report = report or partial(logging.getLogger("rrsdk").warning, "%s")
        about = {
            "name": self._label,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "start": this_start() if start is None else start,
        }
        self._outbox = Outbox(policy=chosen, budget_bytes=buffer_bytes)
        self._link = Link(self._outbox, self.producer, about=about)
        self._changed = threading.Condition()
        self._is_asleep = self._is_exhausted = self._is_stopping = self._is_leaving = self._is_blocked = False
        self._is_closed = self._is_over = False
        self._closed_as: Flushed | None = None
        self._wake_up, self._woken = socket.socketpair()
        self._wake_up.setblocking(False)
        self._woken.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="rrsdk-link", daemon=True)
        self._thread.start()

    # --- the live sink --------------------------------------------------------------------------

    def put(self, message: Message) -> None:
        """Take one message; waits for room as long as the policy says."""
        if isinstance(message, Chunks):
            raise UsageError("a live sink takes single chunks, not ranges of a file")
        outbox = self._outbox
        with self._changed:
            if self._is_closed or self._is_over:
                outbox.give_up(message, "the connection is closed")
                return
            offer = outbox.offer(message, is_stuck=self._is_blocked or self._link.is_stuck())
            if offer is Offer.FULL:
                self._wait_for_room(message)
            wake, self._is_asleep = self._is_asleep, False
        if wake:
            self._wake()

    def _wait_for_room(self, message: Single) -> None:
        """Once time has run out, it is not waited for again until something has moved."""
        outbox = self._outbox
        patience = 0.0 if self._is_exhausted else outbox.policy.deadline_s
        deadline = monotonic() + patience
        while (left := deadline - monotonic()) > 0 and not self._is_over and not self._is_closed:
            self._changed.wait(left)
            if outbox.offer(message, is_stuck=self._link.is_stuck()) is not Offer.FULL:
                return
        self._is_exhausted = True
        outbox.give_up(message, f"no room in the buffer for {outbox.policy.deadline_s:g} s")

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until all is acknowledged: as durable where the broker spools, else as held."""
        deadline = monotonic() + timeout_s
        with self._changed:
            while not self._outbox.is_clear and not self._is_over:
                left = deadline - monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return self._flushed()

    def _flushed(self) -> Flushed:
        if self._outbox.is_clear:
            return Flushed(True)
        outbox, link = self._outbox, self._link
        left = outbox.waiting.amount() + outbox.kept.amount() + outbox.unprotected
        if outbox.waiting.messages:
            why = link.last_error or "the broker has not acknowledged it yet"
        else:
            why = "held by the broker, not yet on its disk"
            if link.state is not State.UP and link.last_error:
                why += f" ({link.last_error})"
        return Flushed(False, left.messages, left.rows, left.bytes, f"{self.name}: {why}")

    def close(self, timeout_s: float) -> Flushed:
        """Flush, take leave, end the thread; what is left goes to `overflow_dir`, where there is one."""
        if self._closed_as is not None:
            return self._closed_as
        deadline = monotonic() + timeout_s
        with self._changed:
            self._is_closed = True
        self.flush(timeout_s)
        with self._changed:
            self._is_leaving = True
            self._wake()
            until = max(min(deadline, monotonic() + BYE_S), monotonic() + 0.05)
            while self._is_leaving and not self._is_over and (left := until - monotonic()) > 0:
                self._changed.wait(left)
            self._is_stopping = True
        self._wake()
        self._thread.join(JOIN_S)
        self._wake_up.close()
        result = self._flushed()
        if not result and self._overflow_dir is not None:
            result = self._keep_rest(result, self._overflow_dir)
        self._closed_as = result
        return result

    def abandon(self) -> None:
        """In a forked child: what was inherited is the parent's."""
        _inherited.append((self._thread, self._wake_up, self._woken, self._outbox, self._link, self._changed))
        self._changed = threading.Condition()
        self._outbox = Outbox(policy=self._outbox.policy, budget_bytes=0)
        self._link = Link(self._outbox, bytes(PRODUCER_SIZE), about={})
        self._link.state = State.CLOSED
        self._is_closed = self._is_over = True
        self._closed_as = Flushed(True)

    def status(self) -> SinkStatus:
        """How it stands."""
        with self._changed:
            outbox, link = self._outbox, self._link
            sent = outbox.held.amount() + outbox.waiting.amount() + outbox.lost.amount()
            return SinkStatus(
                name=self.name,
                state=State.CLOSED.value if self._is_over else link.state.value,
                sent=sent + outbox.refused.amount(),
                held=outbox.held.amount(),
                durable=outbox.durable,
                unprotected=outbox.unprotected,
                waiting=outbox.waiting.amount(),
                lost=outbox.lost.amount(),
                dropped=outbox.dropped.amount(),
                refused=outbox.refused.amount(),
                last_error=link.last_error,
            )

    def _keep_rest(self, result: Flushed, folder: str) -> Flushed:
        """Write what is not where it belongs to a recording of its own."""
        from dataclasses import replace

        from rrsdk.sinks.zmq.rest import keep_rest

        label = "".join(c if c.isalnum() or c in "-_." else "_" for c in self._label)
        path = os.path.join(folder, f"{label[:60]}-{os.getpid()}-{self.producer[:4].hex()}.rrd")
        return replace(result, why=f"{result.why}; {keep_rest(self._outbox, path)}")

    # --- the thread -----------------------------------------------------------------------------

    def _wake(self) -> None:
        try:
            self._wake_up.send(b"\0")
        except OSError:  # full: it will wake; closed: nobody is there
            pass

    def _run(self) -> None:
        sockets = Sockets(self._dialing, b"P" + self.producer, self._woken)
        try:
            self._drive(sockets)
        finally:
            with self._changed:
                self._link.close()
                self._is_over = True
                self._is_leaving = False
                self._changed.notify_all()
            sockets.close()
            self._woken.close()

    def _drive(self, sockets: Sockets) -> None:
        desk: deque[Parcel] = deque()  # taken from the outbox, not yet taken by the socket
        ready = NOTHING
        while True:
            with self._changed:
                if self._is_stopping:
                    return
                now = monotonic()
                instructions = self._hear(ready, now)
                if any(isinstance(each, (Open, Shut)) for each in instructions):
                    desk.clear()
                if not desk:
                    desk.extend(self._link.take(now, _AT_ONCE))
                self._is_asleep = not desk
            for instruction in instructions:
                self._do(instruction, sockets)
            has_work = bool(desk)
            while desk and sockets.send(desk[0]):
                desk.popleft()
            self._is_blocked = bool(desk)
            timeout_s = 0.0
            if desk or not has_work:
                timeout_s = max(self._link.due(can_send=not desk) - monotonic(), 0.0)
            ready = sockets.poll(timeout_s, for_sending=bool(desk))

    def _hear(self, ready: Ready, now: float) -> list[Instruction]:
        """Tell the link what happened; words behind the end of a link are not for the next one."""
        link, outbox = self._link, self._outbox
        before = outbox.bytes, link.state, self._is_leaving
        instructions: list[Instruction] = []
        for word in ready.words:
            instructions += link.word(word, now)
            if self._is_leaving and link.said_bye:
                self._is_leaving = False
            if any(isinstance(each, Open) for each in instructions) or link.state is State.REST:
                break
        else:
            if ready.broken:
                instructions += link.broken(ready.broken, now)
        instructions += link.tick(now)
        if self._is_leaving and not link.said_bye:
            instructions += link.bye()
            self._is_leaving = link.said_bye
        if outbox.bytes < before[0]:
            self._is_exhausted = False
        if (outbox.bytes, link.state, self._is_leaving) != before or ready.words:
            self._changed.notify_all()
        return instructions

    def _do(self, instruction: Instruction, sockets: Sockets) -> None:
        why = ""
        if isinstance(instruction, Say):
            sockets.say(instruction.word)
        elif isinstance(instruction, Open):
            why = sockets.open()
        elif isinstance(instruction, Join):
            why = sockets.join(instruction.endpoint)
        elif isinstance(instruction, Tell):
            self._report(f"{self.name}: {instruction.line}" if instruction.is_ours else instruction.line)
        else:
            sockets.shut()
        if why:
            with self._changed:
                self._link.last_error = why
