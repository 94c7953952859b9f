"""rrtool status: what a session's broker says of itself."""

from __future__ import annotations

import sys
import time

import click

from rrsdk.broker.session import ask, somebody_listens
from rrsdk.endpoint import DEFAULT_PORT, Endpoint, Transport, control_port, parse_endpoint
from rrsdk.errors import InputError, UsageError
from rrtool.reports.session import session_text
from rrtool.reports.text import compact_json

_ANSWER_S = 5.0
_EVERY_S = 1.0
_HOME = "\x1b[H\x1b[J"


@click.command("status")
@click.argument("url", default=f"localhost:{DEFAULT_PORT}", metavar="[URL]")
@click.option("--json", "as_json", is_flag=True, help="One object instead of text.")
@click.option("--watch", is_flag=True, help="Again every second, until Ctrl-C.")
def command(url: str, as_json: bool, watch: bool) -> None:
    """Show who logs into a session and who reads from it: rates, memory, losses.

    \b
    Examples:
      rrtool status
      rrtool status trainer:9876 --watch
      rrtool status --json | jq .producers
    """
    endpoint = parse_endpoint(url)
    if endpoint.transport is not Transport.ZMQ:
        raise UsageError(f"{url}: gRPC has no word for that", hint=f"name the session: {endpoint.control}")
    try:
        while True:
            answer = _asked(endpoint)
            text = compact_json(answer) + "\n" if as_json else _text(answer, endpoint)
            if watch and not as_json and sys.stdout.isatty():
                text = _HOME + text
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            sys.stdout.flush()
            if not watch:
                return
            time.sleep(_EVERY_S)
    except KeyboardInterrupt:
        if not watch:
            raise


def _asked(endpoint: Endpoint) -> dict[str, object]:
    if endpoint.port and not somebody_listens(control_port(endpoint.port), host=endpoint.host):
        raise InputError(
            "nobody listens there", source=endpoint.url, hint="start a session with rrtool serve"
        )
    failures: list[str] = []
    answer = ask(endpoint, {"t": "status"}, timeout_s=_ANSWER_S, failures=failures)
    if failures:
        raise InputError(failures[0], source=endpoint.url)
    if answer is None or answer["t"] != "status":
        raise InputError(f"does not answer as a session does, within {_ANSWER_S:g} s", source=endpoint.url)
    return {key: value for key, value in answer.items() if key != "t"}


def _text(answer: dict[str, object], endpoint: Endpoint) -> str:
    try:
        return session_text(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"its answer cannot be read ({type(error).__name__}: {error})",
            source=endpoint.url,
            hint="try --json",
        ) from None
