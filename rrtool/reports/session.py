"""What a broker says of itself, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrtool.reports.times import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LONG_S = 3.0
_MOST = 40
"""Producers that have left are summed up beyond that."""


def session_text(status: Mapping[str, Any]) -> str:
    """All of it, readable."""
    return "\n".join(_lines(status)) + "\n"


def summary(status: Mapping[str, Any]) -> str:
    """What a session took in, on one line."""
    stored = status["stored"]
    parts = [
        f"{_counted(_producers_in_all(status), 'producer')}, {_counted(stored['messages'], 'message')} "
        f"({_counted(stored['rows'], 'row')}, {format_bytes(stored['bytes'])}) taken in"
    ]
    for what, number in (
        ("evicted", status["evicted"]["messages"]),
        ("dropped by producers", status["dropped"]["messages"]),
        ("refused", status["refused"]),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return "; ".join(parts)


def _producers_in_all(status: Mapping[str, Any]) -> int:
    return len(status["producers"]) + int(status.get("producers_left_out", 0))


def _lines(status: Mapping[str, Any]) -> Iterator[str]:
    memory, held = status["memory"], status["held"]
    yield f"session     {status['url']} (pid {status['pid']}, up {_span(status['up_s'])})"
    yield (
        f"memory      {format_bytes(memory['used'])} of {format_bytes(memory['limit'])}, "
        f"at most {format_bytes(memory['peak'])}"
        + (f"; the process has {format_bytes(memory['resident'])}" if memory.get("resident") else "")
    )
    for name, said in (("persistent", "for ever"), ("static", "static"), ("temporal", "temporal")):
        yield f"{'kept' if name == 'persistent' else '':<12}{said:<9} {_tally(held[name])}"
    on_disk = status.get("on_disk") or {}
    if any(on_disk[name]["messages"] for name in on_disk):
        told = {key: sum(on_disk[name][key] for name in on_disk) for key in ("messages", "rows", "bytes")}
        yield f"on disk     {_tally(told)}, and not in memory"
    yield f"evicted     {_tally(status['evicted'])}"
    yield f"taken in    {_tally(status['stored'])}"
    yield f"now         {status['rows_per_s']:,.0f} rows/s, {format_bytes(round(status['bytes_per_s']))}/s"
    yield f"dropped     {_tally(status['dropped'])}"
    yield (
        f"refused     {status['refused']:,}; repeats {status['repeats']:,}; "
        f"of strangers {status['strays']:,}; unreadable {status['garbage']:,}"
    )
    if "spool" in status:
        yield from _spool(status["spool"])
    if "grpc" in status:
        yield from _grpc(status["grpc"])
    if "keys" in status:
        yield from _keys(status["keys"])
    for mishap in status.get("mishaps", ()):
        yield f"mishap      {mishap}"
    yield ""
    yield from _producers(status["producers"], status.get("producers_left_out", 0))
    yield ""
    yield from _subscribers(status["subscribers"])


def _spool(spool: Mapping[str, Any]) -> Iterator[str]:
    state = f"BROKEN: {spool['error']}" if spool["error"] else spool["state"]
    yield (
        f"spool       {spool['folder']} ({spool['fsync']}): {state}; {_counted(spool['files'], 'file')}, "
        f"{format_bytes(spool['bytes'])}"
    )
    yield (
        f"            durable to message {spool['durable']:,}, written to {spool['written']:,}; waiting "
        f"{format_bytes(spool['waiting_bytes'])}"
    )
    yield (
        f"            {_counted(spool['syncs'], 'fsync')} of {spool['sync_ms']} ms, "
        f"at most {spool['slowest_sync_ms']} ms"
    )
    if spool["busy_s"] > _LONG_S:
        yield f"            the disk has not answered for {_span(spool['busy_s'])}"


def _keys(keys: Mapping[str, Any]) -> Iterator[str]:
    yield f"keys        this broker is {keys['key']}"
    yield (
        f"            {_counted(keys['allowed'], 'key')} allowed; refused: "
        f"{_counted(keys['refused_connections'], 'connection')}, {_counted(keys['refused_words'], 'message')}"
    )
    if keys["trouble"]:
        yield f"            the list of keys is as it was: {keys['trouble']}"


def _grpc(grpc: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"gRPC        {_counted(grpc['writers'], 'writer')}, {_counted(grpc['readers'], 'reader')}; "
        f"unreadable {grpc['unreadable']:,}; missed by readers {_tally(grpc['missed'])}"
    )


def _producers(producers: list[Mapping[str, Any]], left_out: int) -> Iterator[str]:
    ordered = sorted(producers, key=lambda each: (each["state"] != "here", each["name"], each["id"]))
    here = sum(each["state"] == "here" for each in producers)
    yield f"{_counted(here, 'producer')} here, {len(producers) - here + left_out:,} left"
    if not producers:
        return
    shown = ordered[: max(here, _MOST)]
    rows = [
        ("NAME", "PID", "HOST", "STATE", "MESSAGES", "ROWS", "BYTES", "ROWS/S", "REFUSED", "DROPPED", "SEEN")
    ]
    rows += [
        (
            each["name"] or each["id"][:12],
            str(each["pid"] or "-"),
            each["host"] or "-",
            each["state"],
            f"{each['stored']['messages']:,}",
            f"{each['stored']['rows']:,}",
            format_bytes(each["stored"]["bytes"]),
            f"{each['rows_per_s']:,.0f}",
            f"{each['refused']:,}",
            f"{each['dropped']['messages']:,}",
            f"{_span(each['seen_s_ago'])} ago",
        )
        for each in shown
    ]
    yield from _table(rows, left=4)
    more = len(ordered) - len(shown) + left_out
    if more:
        yield f"… and {more:,} more that left"
    for each in shown:
        for reason in each["reasons"]:
            yield f"{each['name'] or each['id'][:12]}: refused: {reason}"
        for note in each.get("notes", ()):
            yield f"{each['name'] or each['id'][:12]}: {note}"


def _subscribers(subscribers: list[Mapping[str, Any]]) -> Iterator[str]:
    yield _counted(len(subscribers), "subscriber")
    if not subscribers:
        return
    rows = [("ID", "PHASE", "SENT", "BYTES", "BACKLOG", "UNDER WAY", "MISSED")]
    rows += [
        (
            each["id"][:12],
            each["phase"],
            f"{each['sent']['messages']:,}",
            format_bytes(each["sent"]["bytes"]),
            f"{each['backlog']:,}",
            format_bytes(each["outstanding_bytes"]),
            f"{each['missed']['messages']:,}",
        )
        for each in subscribers
    ]
    yield from _table(rows, left=2)


def _table(rows: Sequence[tuple[str, ...]], *, left: int) -> Iterator[str]:
    """Columns side by side, the first `left` of them to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths))
        ]
        yield "  ".join(cells).rstrip()


def _tally(tally: Mapping[str, int]) -> str:
    return f"{tally['messages']:,} messages, {tally['rows']:,} rows, {format_bytes(tally['bytes'])}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
