"""The verbs there are, by name: a table, so that asking for one imports no other."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """Where a verb lives in rrtool.commands, and its line in `rrtool --help`."""

    module: str
    summary: str


VERBS = {
    "merge": Verb("merge", "Join recordings into one stream, copying what they hold untouched."),
    "filter": Verb("filter", "Keep or drop entities, timelines, components and spans of time."),
    "compact": Verb("compact", "Turn many small chunks into few large ones."),
    "cat": Verb("cat", "Put recordings one behind the other, with one header and one footer."),
    "split": Verb("split", "Cut a recording into parts along a timeline, each of which stands on its own."),
    "route": Verb("route", "Give recordings another id, or another application, without decoding them."),
    "rename": Verb("rename", "Call entities and timelines something else."),
    "migrate": Verb(
        "migrate", "Bring recordings of older releases to the current format, keep what they were."
    ),
    "compare": Verb("compare", "Say whether two recordings say the same, and where they do not."),
    "info": Verb("info", "Show a recording on one screen."),
    "print": Verb("print_", "Show what a recording holds, one line a chunk."),
    "stats": Verb("stats", "Count chunks, rows and bytes, by entity and in all."),
    "verify": Verb("verify", "Decode every chunk and check the footer against it."),
    "diff-schema": Verb(
        "diff_schema", "Compare entities, components, timelines and types of two recordings."
    ),
    "recover": Verb("recover", "Keep all of a damaged recording that is sound; say what was lost."),
    "checksum": Verb("checksum", "Give every message a checksum, or check those that are there."),
    "convert": Verb(
        "convert", "Make a recording of images, models, sound, video, tables; or a table of one."
    ),
    "query": Verb("query", "Show a recording as a table: CSV, JSON, Parquet or Arrow."),
    "schema": Verb("schema", "Show which columns query has: timelines, entities and their components."),
    "get": Verb("get", "Show what an entity looked like at a time."),
    "record": Verb("record", "Write what a session holds and gets to a file, while it comes."),
    "tail": Verb("tail", "Show what comes into a session or a growing file, one line a chunk."),
    "send": Verb("send", "Send recordings to a session, at once or at their own pace."),
    "serve": Verb("serve", "Run a broker: take in what programs log, feed whoever asks."),
    "status": Verb("status", "Show who logs into a session and who reads from it."),
    "completion": Verb("completion", "Print what completes rrtool's command line in bash, zsh or fish."),
    "keys": Verb("keys", "Make and show keys; say which keys a broker lets in."),
}
ALIASES = {"optimize": "compact"}
