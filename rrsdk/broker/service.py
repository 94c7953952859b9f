"""The broker itself: sockets, a clock and one thread around `intake`, `audience` and the store.

    broker = Broker(port=9876)
    broker.start()
    ...
    broker.stop()

One turn of the thread: take in what lies in the data socket, a bounded lot of it; read words and,
where there are any, what is left of the data, so that an answer speaks of all that came before the
question; answer; give every subscriber a little. A client that fails is counted, and no other
client notices. Long because all of it happens in that one turn, whose order matters.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

import zmq

from rrsdk.broker import forks
from rrsdk.broker.audience import Audience, told
from rrsdk.broker.guard import Guard
from rrsdk.broker.intake import MOST_ENTITIES, MOST_RECORDINGS, Intake, Limits
from rrsdk.broker.local import LocalProducer, LocalSubscription, Taken, event_of
from rrsdk.broker.memory import DEFAULT_PERCENT, share_of_memory
from rrsdk.broker.recent import Recent
from rrsdk.broker.replay import Send, Step
from rrsdk.broker.slack import Slack, resident_bytes
from rrsdk.broker.sockets import ControlSocket, DataSocket, Place, bind
from rrsdk.broker.status import Rates, status
from rrsdk.codec.envelope import Stamp, Word, unpack_word
from rrsdk.endpoint import control_port
from rrsdk.errors import FormatError, OutputError, UsageError
from rrsdk.store.message_log import MessageLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rrsdk.broker.guard import BrokerKeys
    from rrsdk.broker.intake import Reply
    from rrsdk.broker.keeper import Keeper, SpoolOptions
    from rrsdk.broker.recent import KeepLast
    from rrsdk.broker.spool.spooler import Progress
    from rrsdk.store.entry import Entry, Part
    from rrsdk.store.feed import LogObserver

T = TypeVar("T")

MAX_MESSAGE = 1024**3
_SMALLEST_LIMIT = 1024 * 1024
# Small messages take up to three times their size while they wait in ZeroMQ: a buffer of 8 KiB has another
# 10 KB for the frames that may be in it.
_UNDER_WAY_PART = 16
_LEAST_UNDER_WAY, _MOST_UNDER_WAY = 4 * 1024 * 1024, 256 * 1024 * 1024
_TURN_MESSAGES, _TURN_BYTES = 256, 32 * 1024 * 1024
_BEFORE_ANSWERS_MESSAGES, _BEFORE_ANSWERS_BYTES = 5000, 256 * 1024 * 1024
_WORDS_A_TURN = 256
_POSTS_A_TURN = 1024
_TICK_S = 1.0
_CALL_TIMEOUT_S = 10.0
_LOCAL_CREDIT_BYTES = 64 * 1024 * 1024


class Broker:
    """Takes in, keeps, feeds. Everything public may be called from any thread."""

    def __init__(
        self,
        *,
        port: int | None = None,
        bind: str = "127.0.0.1",
        data_port: int | None = None,
        memory_limit: int | None = None,
        newest_first: bool = False,
        insecure: bool = False,
        keys: BrokerKeys | None = None,
        endpoint_dir: str | None = None,
        max_message: int | None = None,
        spool: SpoolOptions | None = None,
        keep_last: KeepLast | None = None,
        max_recordings: int = MOST_RECORDINGS,
        max_entities: int = MOST_ENTITIES,
        observer: LogObserver | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        """`endpoint_dir` instead of `port`: a private broker, reached through ipc endpoints in that folder.

        `keys`: all that is said is encrypted, and only those are let in that are on the list. `insecure`
        allows a `bind` that other machines reach without: whoever reaches it may read and write.
        `spool`: where what comes is kept on disk, too. `keep_last`: temporal data that are older are let go
        of. `max_recordings`, `max_entities`: so many may be known at a time. `report` hears what whoever runs
        it should know.
        """
        if (port is None) == (endpoint_dir is None):
            raise UsageError("a broker has either a port or a folder for its endpoints")
        self._place = Place(port, bind, data_port, endpoint_dir)
        self._place.check(insecure=insecure, has_keys=keys is not None)
        self._keys = keys
        self._guard: Guard | None = None
        self._limit = share_of_memory(DEFAULT_PERCENT) if memory_limit is None else memory_limit
        if self._limit < _SMALLEST_LIMIT:
            raise UsageError(f"a memory limit of {self._limit} bytes is too small; 1 MiB is the least")
        largest = max(64 * 1024, min(MAX_MESSAGE, self._limit // 4))
        self.max_message = largest if max_message is None else min(max_message, largest)
        """The largest message that is kept, in bytes."""
        self.port = port
        """The session's; None for a private broker."""
        self.url = self._place.url
        """What to connect to."""
        self.ports: tuple[int, ...] = ()
        """The TCP ports that are listened on."""
        self._newest_first = newest_first
        if max_recordings < 1 or max_entities < 1:
            raise UsageError("a broker without room for a recording and an entity is of no use")
        self._most = max_recordings, max_entities
        if spool is not None and keep_last is not None:
            raise UsageError("a broker that spools keeps everything, and not the last alone")
        self._recent = None if keep_last is None else Recent(keep_last)
        self._spool = spool
        self._observer = observer
        self._report = report or (lambda _line: None)
        self._stop_s = _CALL_TIMEOUT_S
        self._posted: deque[Callable[[], None]] = deque()
        self._submitted: deque[Callable[[], None]] = deque()
        """Of producers in this process: taken in as data are."""
        self._woken = self._stopping = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._producers: dict[bytes, LocalProducer] = {}
        self._subscriptions: dict[bytes, LocalSubscription] = {}
        self._others: dict[str, Callable[[], dict[str, Any]]] = {}
        self.mishaps: deque[str] = deque(maxlen=16)
        """What went wrong here that should not have; each cost one message or word."""

    # ---- life ----

    def start(self) -> None:
        """Listen, and begin; OutputError (session.PortTakenError) where somebody else listens there."""
        if self._thread is not None:
            raise UsageError("a broker is started once")
        context: zmq.Context[Any] = zmq.Context()
        try:
            if self._keys is not None:
                self._guard = Guard(context, self._keys)
                self.also("keys", self._guard.status)
            control, data, told_data = bind(
                context, self._place, max_message=self.max_message, guard=self._guard
            )
            self._keeper = self._opened_spool()
        except BaseException:
            if self._guard is not None:
                self._guard.stop()
            context.destroy(linger=0)
            raise
        keeper = self._keeper
        self._context = context
        self._control, self._data = ControlSocket(control, self._guard), DataSocket(data, self._guard)
        self._begun = time.monotonic()
        self._is_full = False
        self._store = keeper.made_store(self._limit) if keeper else MessageLog(limit_bytes=self._limit)
        self._store.observer = self._observer
        epoch = secrets.randbits(63) + 1
        under_way = max(_LEAST_UNDER_WAY, min(_MOST_UNDER_WAY, self._limit // _UNDER_WAY_PART))
        most_recordings, most_entities = self._most
        limits = Limits(self.max_message, under_way, recordings=most_recordings, entities=most_entities)
        guard = self._guard
        owner_of = guard.owner if guard is not None else _nobodys
        self._intake = Intake(
            self._store,
            epoch=epoch,
            data=told_data,
            limits=limits,
            since_1970_s=time.time() - time.monotonic(),
            ledger=keeper.ledger if keeper else None,
            owner_of=owner_of,
        )
        self._audience = Audience(
            self._store,
            epoch=epoch,
            newest_first=self._newest_first,
            credit_limit=self._limit // 8,
            wake=self._wake,
            owner_of=owner_of,
        )
        self._rates, self._slack = Rates(), Slack()
        if self.port is not None:
            self.ports = control_port(self.port), int(told_data.rsplit(":", 1)[1])
            forks.watch(self)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        if keeper is not None:
            keeper.start(self._intake, post=self._post, progress=self._progress)
        self._thread = threading.Thread(target=self._run, name="rrkit-broker", daemon=True)
        self._thread.start()

    def _opened_spool(self) -> Keeper | None:
        if self._spool is None:
            return None
        from rrsdk.broker.keeper import Keeper

        return Keeper(self._spool, memory_limit=self._limit, report=self._report)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Take in what has arrived, say `gone`, give everything back. Stopping twice is allowed.

        A spool is written and completed before, in nine tenths of the time.
        """
        self._stop_s = 0.9 * timeout_s
        self._stopping = True
        thread = self._thread
        if thread is None or os.getpid() != self._pid:  # in a forked child all is the parent's
            return
        self._wake()
        if thread is not threading.current_thread():
            thread.join(timeout_s)

    @property
    def is_running(self) -> bool:
        """Whether it takes in."""
        if self._thread is None or self._stopping or os.getpid() != self._pid:
            return False
        return not self._over.is_set()

    def status(self) -> dict[str, Any]:
        """Producers, subscribers, memory, losses: what the word `status` answers."""
        return self._call(self._status)

    def remains(self) -> list[Entry]:
        """What it held when it ended, store infos first; UsageError while it runs."""
        if not self._over.is_set():
            raise UsageError(f"{self.url}: the broker runs, subscribe to it")
        return [entry for shelf in self._store.shelves for entry in shelf.entries()]

    def also(self, name: str, ask: Callable[[], dict[str, Any]]) -> None:
        """Show in `status`, under this name, what another transport says of itself; called by any thread."""
        self._others[name] = ask

    # ---- in this process ----

    def producer(self, *, name: str, host: str = "", policy: str = "block", start: str = "") -> LocalProducer:
        """One more producer, in this process; OutputError where there are too many."""
        key = secrets.token_bytes(16)
        producer = LocalProducer(
            self._submit, self._take, self._close_producer, key=key, name=name, host=host, policy=policy
        )

        def open_it() -> bool:
            now = time.monotonic()
            opened = self._intake.open_local(key, name=name, host=host, policy=policy, now=now)
            if opened is None:
                return False
            opened.start, opened.pid = start, os.getpid() if start else 0
            self._producers[key] = producer
            producer.grant(self._intake.credit_of(opened))
            producer.durable = 0 if self._keeper is not None else None
            return True

        if not self._call(open_it):
            raise OutputError(f"{self.url}: there are too many producers")
        return producer

    def subscription(
        self,
        *,
        newest_first: bool | None = None,
        live: bool = True,
        credit_bytes: int = _LOCAL_CREDIT_BYTES,
        wake: Callable[[], None] | None = None,
    ) -> LocalSubscription:
        """One more subscriber, in this process."""
        key = b"L" + secrets.token_bytes(16)
        subscription = LocalSubscription(
            self._post, self._close_subscription, self._consumed, key=key, wake=wake
        )

        def outlet(step: Step, _running: int) -> bool:
            subscription.put(event_of(step))
            return True

        def open_it() -> None:
            seat = self._audience.add(
                key,
                outlet,
                now=time.monotonic(),
                credit=credit_bytes,
                newest_first=newest_first,
                live=live,
            )
            subscription.report_bytes = max(1, seat.credit // 8)
            self._subscriptions[key] = subscription

        self._call(open_it)
        return subscription

    def _take(self, local: LocalProducer, kind: int, parts: tuple[Part, ...]) -> Taken:
        producer = self._intake.producers[local.key]
        taken = self._intake.local(producer, kind, parts, time.monotonic())
        credit = self._intake.credit_of(producer)
        if local.credit != credit:
            local.grant(credit)
        if isinstance(taken, str):
            return Taken(0, 0, taken)
        return Taken(taken.rows, taken.size, None, taken.at + 1)

    def _close_producer(self, local: LocalProducer) -> None:
        if self._producers.pop(local.key, None) is not None:
            self._intake.close_local(self._intake.producers[local.key])

    def _consumed(self, subscription: LocalSubscription, total_bytes: int) -> None:
        seat = self._audience.seats.get(subscription.key)
        if seat is not None:
            seat.replay.consumed(total_bytes)

    def _close_subscription(self, subscription: LocalSubscription) -> None:
        if self._subscriptions.pop(subscription.key, None) is not None:
            self._audience.dismiss(subscription.key)

    def _progress(self, news: Progress) -> None:
        """The spool is so far."""
        assert self._keeper is not None
        self._keeper.is_at(news)
        self._intake.is_durable(news.marks)
        for producer in self._producers.values():
            producer.is_durable(news.durable)

    def _post(self, what: Callable[[], None]) -> bool:
        """Have something done by the broker's thread; False where it does nothing any more."""
        return self._queued(self._posted, what)

    def _submit(self, what: Callable[[], None]) -> bool:
        """The same for what takes in data, which waits where data have to wait."""
        return self._queued(self._submitted, what)

    def _queued(self, queue: deque[Callable[[], None]], what: Callable[[], None]) -> bool:
        if self._over.is_set() or os.getpid() != self._pid:
            return False
        queue.append(what)
        self._wake()
        return True

    def _call(self, what: Callable[[], T]) -> T:
        """Have something done by the broker's thread, and wait for what it returns."""
        done = threading.Event()
        results: list[T] = []
        errors: list[Exception] = []

        def call() -> None:
            try:
                results.append(what())
            except Exception as error:  # noqa: BLE001  # it is the caller's
                errors.append(error)
            done.set()

        if self._thread is None or not self._post(call):
            raise OutputError(f"{self.url}: the broker does not run")
        deadline = time.monotonic() + _CALL_TIMEOUT_S
        while not done.wait(0.1):
            if self._over.is_set() and not done.wait(0.1):
                raise OutputError(f"{self.url}: the broker has stopped")
            if time.monotonic() > deadline:
                raise OutputError(f"{self.url}: the broker did not answer for {_CALL_TIMEOUT_S:.0f} s")
        if errors:
            raise errors[0]
        return results[0]

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            try:
                self._wake_in.send(b"\0")
            except OSError:  # full of what wakes it already, or closed
                pass

    # ---- the thread ----

    def _run(self) -> None:
        try:
            poller = zmq.Poller()
            poller.register(self._control.router, zmq.POLLIN)
            poller.register(self._data.pull, zmq.POLLIN)
            poller.register(self._wake_out, zmq.POLLIN)
            following = time.monotonic() + _TICK_S
            busy = False
            while not self._stopping:
                if self._is_full != (self._data.pull not in poller):
                    if self._is_full:
                        poller.unregister(self._data.pull)
                    else:
                        poller.register(self._data.pull, zmq.POLLIN)
                poller.poll(0 if busy else max(0, int((following - time.monotonic()) * 1000) + 1))
                try:
                    busy = self._turn()
                except Exception as error:  # noqa: BLE001  # a fault of ours: the others' data must not end with it
                    self._mishap(error)
                now = time.monotonic()
                if now >= following:
                    following = now + _TICK_S
                    self._tick(now)
            self._end()
        finally:
            self._over.set()
            for producer in list(self._producers.values()):
                producer.stop()
            for subscription in list(self._subscriptions.values()):
                subscription.end()
            forks.forget(self)
            self._data.pull.close(linger=0)
            self._control.close()
            if self._guard is not None:
                self._guard.stop()
            self._context.term()
            self._wake_in.close()
            self._wake_out.close()

    def _turn(self) -> bool:
        """One turn; whether there is more to do at once."""
        keeper = self._keeper
        more = self._drain(_TURN_MESSAGES, _TURN_BYTES)
        more = self._run_posted() or more
        words = self._words()
        if words:
            more = self._drain(_BEFORE_ANSWERS_MESSAGES, _BEFORE_ANSWERS_BYTES) or more
            self._say(self._intake.settle())
            for client, frames in words:
                try:
                    self._say(self._answer(client, frames))
                except FormatError as error:
                    self._intake.garbage += 1
                    self._control.say(client, {"t": "error", "reason": str(error), "fatal": False})
                except Exception as error:  # noqa: BLE001  # a fault of ours, and this client's loss only
                    self._mishap(error)
            more = more or len(words) == _WORDS_A_TURN
        self._say(self._intake.settle())
        if keeper is not None:
            keeper.hand_over()
            self._is_full = keeper.is_full
        return self._audience.serve() or more

    def _drain(self, most_messages: int, most_bytes: int) -> bool:
        """Take in what lies in the data socket; whether there may be more."""
        if self._is_full:
            return False
        if self._keeper is not None:
            most_bytes = min(most_bytes, self._keeper.room_bytes)
        receive, take, now = self._data.receive, self._intake.data, time.monotonic()
        for _ in range(most_messages):
            message = receive()
            if message is None:
                return False
            head, parts = message
            try:
                take(head, parts, now)
            except Exception as error:  # noqa: BLE001  # a fault of ours, and this message's loss only
                self._mishap(error)
            for part in parts:
                most_bytes -= len(part)
            if most_bytes <= 0:
                break
        return True

    def _words(self) -> list[tuple[bytes, list[bytes]]]:
        found: list[tuple[bytes, list[bytes]]] = []
        while len(found) < _WORDS_A_TURN:
            received = self._control.receive()
            if received is None:
                break
            found.append(received)
        return found

    def _answer(self, client: bytes, frames: list[bytes]) -> Iterable[Reply]:
        """What is to be said to one word."""
        if len(frames) != 1:
            raise FormatError(f"a word is one frame, these were {len(frames)}")
        word = unpack_word(frames[0])
        said, now = word["t"], time.monotonic()
        if said in ("hello", "ping", "bye", "subscribe", "consumed"):
            if client[:1] == b"S" and said != "hello":
                return self._audience.word(client, word, self._outlet(client), now)
            if client[:1] == b"P" and said not in ("subscribe", "consumed"):
                return self._intake.word(client, word, now)
            raise FormatError(f"{said}: the routing id says another role, or none")
        if said == "status":
            return [(client, {"t": "status", **self._status()})]
        if said == "who":
            about: Word = {"program": "rrkit", "v": 1, "port": self.port or 0, "pid": self._pid}
            return [(client, {"t": "who", **about})]
        raise FormatError(f"word {said[:40]!r} is not known")

    def _outlet(self, client: bytes) -> Callable[[Step, int], bool | None]:
        control, epoch = self._control, self._intake.epoch

        def outlet(step: Step, running: int) -> bool | None:
            try:
                if type(step) is not Send:
                    return control.deliver_word(client, told(step))
                entry = step.entry
                stamp = Stamp(entry.kind, running, entry.producer, epoch, entry.seq, entry.size, step.phase)
                return control.deliver(client, (stamp.pack(), step.place), entry.parts)
            except Exception as error:  # noqa: BLE001  # a fault of ours: better one subscriber less
                self._mishap(error)
                return None

        return outlet

    def _say(self, replies: Iterable[Reply]) -> None:
        for client, word in replies:
            self._control.say(client, word)

    def _run_posted(self) -> bool:
        if self._woken:
            try:
                while self._wake_out.recv(4096):
                    pass
            except BlockingIOError:
                pass
            self._woken = False  # whoever posts from here on wakes again
        for queue in (self._posted, self._submitted):
            if queue is self._submitted and self._is_full:
                continue
            for _ in range(min(len(queue), _POSTS_A_TURN)):
                try:
                    queue.popleft()()
                except Exception as error:  # noqa: BLE001  # a fault of ours
                    self._mishap(error)
        return bool(self._posted) or bool(self._submitted and not self._is_full)

    def _tick(self, now: float) -> None:
        self._intake.tick(now)
        self._audience.tick(now)
        if self._recent is not None:
            self._recent.tick(self._store, now)
        if self._observer is not None:
            self._observer.tick()
        self._rates.tick(self._intake.producers, now)
        if self._guard is not None:
            self._guard.forget_but({*self._intake.producers, *self._audience.seats})
        self._slack.tick(self._store.appended_bytes, now)

    def _end(self) -> None:
        """Orderly: what has arrived goes in and is acknowledged, then everybody is told."""
        self._is_full = False
        self._drain(_BEFORE_ANSWERS_MESSAGES, _BEFORE_ANSWERS_BYTES)
        while self._run_posted():
            pass
        if self._keeper is not None:
            self._say(self._intake.settle())
            self._keeper.hand_over()
            if not self._keeper.stop(self._stop_s):
                self._report(
                    "the spool was not completed in time: what is missing comes again from its producers"
                )
            while self._run_posted():
                pass
        self._say(self._intake.settle())
        self._audience.serve()
        self._say(self._intake.farewell())
        self._say(self._audience.farewell())

    def _mishap(self, error: Exception) -> None:
        self.mishaps.append(" ".join(f"{type(error).__name__}: {error}".split())[:500])

    def _status(self) -> dict[str, Any]:
        now = time.monotonic()
        return status(
            self._store,
            self._intake,
            self._audience,
            self._rates,
            now=now,
            url=self.url,
            port=self.port or 0,
            pid=self._pid,
            up_s=round(now - self._begun, 1),
            words_unsent=self._control.unsent,
            mishaps=list(self.mishaps),
            resident=resident_bytes(),
            **({"spool": self._keeper.status()} if self._keeper is not None else {}),
            **{name: ask() for name, ask in list(self._others.items())},
        )


def _nobodys(_name: bytes) -> str:
    """Without keys nobody knows whose an id is."""
    return ""
