"""Application ids as the real program reads them since 0.36: only characters that a catalog takes.

Older SDKs wrote any text. The real program replaces such an id when it reads one, so a recording
made then and one made now with the same id still meet; to agree with it, so must we.
"""

from __future__ import annotations

import re

import xxhash

_MAX_LENGTH = 180
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_\- \[\]:]")


def current_application_id(written: str) -> str:
    """The id that the real program uses for an id found in a file; the same one where it is allowed.

    What is not allowed becomes `-`, one for each character, and four hex digits (the low 16 bits of
    the XXH64 of what was written) keep ids apart that would fall together. Long ones are cut.
    """
    replaced = _FORBIDDEN.sub("-", written)
    if replaced == written and len(written) <= _MAX_LENGTH:
        return written
    digits = f"{xxhash.xxh64_intdigest(written.encode('utf-8', 'surrogatepass')) & 0xFFFF:04x}"
    return replaced[: _MAX_LENGTH - len(digits)] + digits
