"""Text from recordings made safe to show: nothing in it moves a cursor or breaks a line."""

from __future__ import annotations

import json

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_CONTROL |= {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
_KEEP_LINES = {code: text for code, text in _CONTROL.items() if code != ord("\n")}


def one_line(text: str) -> str:
    """The text with control characters, line breaks among them, written as escapes."""
    return text if text.isprintable() else text.translate(_CONTROL)


def lines(text: str) -> str:
    """The text with control characters but line breaks written as escapes."""
    return text if text.isprintable() else text.translate(_KEEP_LINES)


def compact_json(value: object) -> str:
    """JSON on one line, without spaces that say nothing."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
