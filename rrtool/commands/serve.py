"""rrtool serve: a broker, which takes in what is logged and feeds whoever asks."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from rrsdk.broker.access import Certificate, GrpcAccess, networks
from rrsdk.broker.guard import BrokerKeys
from rrsdk.broker.intake import MOST_ENTITIES, MOST_RECORDINGS
from rrsdk.broker.memory import share_of_memory
from rrsdk.broker.service import Broker
from rrsdk.broker.session import PortTakenError, bracketed, is_loopback, listener, somebody_listens
from rrsdk.endpoint import DEFAULT_PORT
from rrsdk.errors import OutputError, UsageError
from rrsdk.keys import KeyFolder
from rrsdk.quantity import parse_size
from rrtool import last_words
from rrtool.reports.session import summary
from rrtool.reports.times import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.broker.grpc import GrpcAdapter
    from rrsdk.broker.keeper import SpoolOptions

_PORTS_TRIED = 100
_LOOK_S = 0.5
_STOP_S = 10.0
_STOP_WITH_SPOOL_S = 30.0
_CONNECTIONS = 65_536


@click.command("serve")
@click.option(
    "--port",
    default=str(DEFAULT_PORT),
    metavar="P|auto",
    show_default=True,
    help="The session's port. ZeroMQ is on P+10000, gRPC on P. auto: the first from 9876 on that is free.",
)
@click.option(
    "--bind",
    "address",
    default="127.0.0.1",
    metavar="ADDR",
    show_default=True,
    help="The address to listen on; any but this machine's own loopback wants --curve, or --insecure.",
)
@click.option(
    "--data-port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Where data come in, for a firewall's sake.  [default: any that is free]",
)
@click.option(
    "--memory-limit",
    default="75%",
    metavar="SIZE|PERCENT",
    show_default=True,
    help="When more is kept, the oldest temporal data go, then static data.",
)
@click.option(
    "--max-recordings",
    type=click.IntRange(1),
    default=MOST_RECORDINGS,
    metavar="N",
    show_default=True,
    help="Take in no more than so many; nobody gets more than half of what the others leave.",
)
@click.option(
    "--max-entities",
    type=click.IntRange(1),
    default=MOST_ENTITIES,
    metavar="N",
    show_default=True,
    help="The same of entities, counted in each recording.",
)
@click.option("--newest-first", is_flag=True, help="Late subscribers get temporal data before static data.")
@click.option("--curve", is_flag=True, help="Encrypt, and let in only whom `rrtool keys allow` named.")
@click.option("--keys", metavar="DIR", help="The same, with the keys in this folder.")
@click.option("--insecure", is_flag=True, help="Let whoever reaches the address read and write.")
@click.option(
    "--grpc/--no-grpc",
    "grpc",
    default=None,
    help="Listen for Rerun's own SDK and viewer, too.  [default: where grpcio is installed]",
)
@click.option("--spool", metavar="DIR", help="Keep what comes on disk, too: DIR/APPLICATION/RECORDING.rrd.")
@click.option(
    "--fsync",
    metavar="always|interval[:MS]|never",
    help="When spooled data are durable: after an fsync a group, one each MS (100), or once written."
    "  [default: interval]",
)
@click.option("--rotate", metavar="SIZE|TIME", help="Begin a new file after so much, like 1GiB or 1h.")
@click.option(
    "--keep-last",
    metavar="TIME|SIZE",
    help="Be a black box: keep the last 30s (64MiB) of temporal data, and write what is kept at the end.",
)
@click.option(
    "--keep-last-to",
    type=click.Path(readable=False, dir_okay=False),
    metavar="FILE",
    help="Write them to this file.  [default: last-<UTC time>.rrd]",
)
@click.option("--grpc-tls-cert", metavar="FILE", help="Encrypt gRPC, with this certificate (PEM).")
@click.option("--grpc-tls-key", metavar="FILE", help="The certificate's private key (PEM).")
@click.option(
    "--grpc-allow",
    multiple=True,
    metavar="CIDR",
    help="Talk gRPC with these addresses only, and with this machine. May be given several times.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the URL and errors.")
def command(
    port: str,
    address: str,
    data_port: int | None,
    memory_limit: str,
    max_recordings: int,
    max_entities: int,
    newest_first: bool,
    curve: bool,
    keys: str | None,
    insecure: bool,
    grpc: bool | None,
    spool: str | None,
    fsync: str | None,
    rotate: str | None,
    keep_last: str | None,
    keep_last_to: str | None,
    grpc_tls_cert: str | None,
    grpc_tls_key: str | None,
    grpc_allow: tuple[str, ...],
    quiet: bool,
) -> int:
    """Run a broker: take in what programs log, keep it in memory (and on disk), feed whoever subscribes.

    Writes its URL to standard output when it is ready, and ends on Ctrl-C or SIGTERM. Where one runs on
    the port already, its URL is written, and that is all.

    With --keep-last what is kept is written to a file at the end, and at SIGUSR1, while data go on coming
    in. From elsewhere, `rrtool merge URL -o FILE` does the same.

    \b
    Examples:
      rrtool serve
      rrtool serve --port auto --memory-limit 4GiB
      rrtool serve --spool recordings --rotate 1GiB
      rrtool serve --keep-last 30s --keep-last-to crash.rrd
      rrtool serve --bind 0.0.0.0 --insecure --data-port 29877
    """
    limit = _limit(memory_limit)
    with_grpc = _grpc_installed() if grpc is None else grpc
    access = _grpc_access(grpc_tls_cert, grpc_tls_key, grpc_allow)
    if grpc is None and with_grpc and not (is_loopback(address) or insecure or access.is_limited):
        with_grpc = False
        if curve or keys:
            _say("rrtool serve: gRPC stays off: --grpc-allow CIDR or --grpc-tls-cert say who may talk it")
    options: dict[str, Any] = {
        "bind": address,
        "data_port": data_port,
        "memory_limit": limit,
        "max_recordings": max_recordings,
        "max_entities": max_entities,
        "newest_first": newest_first,
        "insecure": insecure,
        "spool": _spool(spool, fsync, rotate),
        "keep_last": last_words.keep_last(keep_last, keep_last_to, spools=spool is not None),
        "report": lambda line: _say(f"rrtool serve: {line}"),
        "keys": BrokerKeys.of(KeyFolder(keys)) if curve or keys else None,
    }
    _many_connections()
    words = last_words.LastWords(keep_last_to, options["report"]) if keep_last is not None else None
    with _until_told() as told, words.listening() if words is not None else nullcontext():
        try:
            broker, adapter = _started(port, with_grpc=access if with_grpc else None, options=options)
        except PortTakenError as taken:
            if not taken.is_ours or spool is not None or words is not None:  # that one keeps other things
                raise
            _out(f"tcp://{bracketed(_reachable(address))}:{port}")
            if not quiet:
                _say(f"rrtool serve: {taken.what}")
            return 0
        try:
            _out(broker.url)
            if not quiet:
                also = f", {adapter.url} for Rerun's SDK and viewer" if adapter is not None else ""
                served = access if adapter is not None else None
                also += "; " + _open_to(address, has_keys=bool(curve or keys), access=served)
                _say(f"rrtool serve: {broker.url}{also}; keeps {format_bytes(limit)}; Ctrl-C ends it")
            while not told.wait(_LOOK_S) and broker.is_running:
                if words is not None:
                    words.write_if_asked(broker)
            gone = not broker.is_running
            last = summary(broker.status()) if broker.is_running else "the broker ended by itself"
        finally:
            if adapter is not None:
                adapter.stop(_STOP_S / 2)
            broker.stop(_STOP_S if spool is None else _STOP_WITH_SPOOL_S)
        if words is not None:
            words.write(broker)
    if gone:
        raise OutputError(last)
    if not quiet:
        _say(f"rrtool serve: {last}")
    return 0


def _started(
    port: str, *, with_grpc: GrpcAccess | None, options: dict[str, Any]
) -> tuple[Broker, GrpcAdapter | None]:
    """A broker that runs, on the port or on the first that is free."""
    if port != "auto":
        if not port.isdecimal():
            raise UsageError(f"--port {port}: a port is a number, or auto")
        return _start(int(port), with_grpc=with_grpc, options=options)
    for number in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        try:
            return _start(number, with_grpc=with_grpc, options=options)
        except PortTakenError as taken:
            if taken.port == options["data_port"]:
                raise
    raise OutputError(f"no free port from {DEFAULT_PORT} to {DEFAULT_PORT + _PORTS_TRIED - 1}")


def _start(
    port: int, *, with_grpc: GrpcAccess | None, options: dict[str, Any]
) -> tuple[Broker, GrpcAdapter | None]:
    broker = Broker(port=port, **options)
    broker.start()
    try:
        if somebody_listens(port, host=_reachable(options["bind"])):
            program = listener(port)
            raise PortTakenError(
                f"port {port} is taken by another program{f' ({program})' if program else ''}",
                port=port,
                hint="choose another --port",
            )
        if with_grpc is None:
            return broker, None
        from rrsdk.broker.grpc import GrpcAdapter

        adapter = GrpcAdapter(
            broker, port=port, bind=options["bind"], insecure=options["insecure"], access=with_grpc
        )
        adapter.start()
        return broker, adapter
    except BaseException:
        broker.stop(_STOP_S)
        raise


def _spool(folder: str | None, fsync: str | None, rotate: str | None) -> SpoolOptions | None:
    if folder is None:
        if fsync is not None or rotate is not None:
            raise UsageError("--fsync and --rotate are about --spool DIR")
        return None
    from rrsdk.broker.keeper import SpoolOptions
    from rrsdk.broker.spool.policy import Fsync
    from rrsdk.sinks.rotation import parse_rotate

    return SpoolOptions(folder, Fsync() if fsync is None else Fsync.parse(fsync), parse_rotate(rotate))


def _many_connections() -> None:
    """Each is a file to the system, of which a process often may have no more than 1024 unless it asks."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS if hard == resource.RLIM_INFINITY else min(_CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # then it is as many as there are
            pass


def _grpc_access(cert: str | None, key: str | None, allow: tuple[str, ...]) -> GrpcAccess:
    """Who may talk gRPC."""
    if (cert is None) != (key is None):
        raise UsageError("--grpc-tls-cert and --grpc-tls-key go together")
    certificate = Certificate.read(cert, key) if cert is not None and key is not None else None
    return GrpcAccess(networks(allow), certificate)


def _open_to(address: str, *, has_keys: bool, access: GrpcAccess | None) -> str:
    """Who gets in, for people."""
    if has_keys:
        whom = "whose key is allowed, encrypted"
    elif is_loopback(address):
        whom = "programs of this machine"
    else:
        whom = "ANYONE who reaches it, not encrypted"
    return f"open to: {whom}" + (f"; gRPC: {access.told(address)}" if access is not None else "")


def _limit(text: str) -> int:
    """Bytes, from a size or a share of the memory there is."""
    number = text.strip().removesuffix("%")
    if number != text.strip():
        try:
            percent = float(number)
        except ValueError:
            percent = -1.0
        if not 0 < percent <= 100:
            raise UsageError(f"--memory-limit {text}: write it like 75% or 4GiB")
        return share_of_memory(percent)
    try:
        return parse_size(text)
    except ValueError as error:
        raise UsageError(f"--memory-limit: {error}; or a share like 75%") from None


def _grpc_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("grpc") is not None


def _reachable(address: str) -> str:
    """Where this machine reaches what listens on an address."""
    return {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the second of them ends at once, as usual."""
    told = threading.Event()
    before: dict[int, Any] = {}

    def tell(number: int, _frame: object) -> None:
        told.set()
        signal.signal(number, before[number])

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = int(getattr(signal, name))
            before[number] = signal.getsignal(number)
            if before[number] is not signal.SIG_IGN:  # nohup's wish
                signal.signal(number, tell)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _out(line: str) -> None:
    """One line to standard output, now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _say(line: str) -> None:
    """One line to standard error; whoever started this may be gone, which is no reason to fail."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        pass
