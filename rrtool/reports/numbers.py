"""Floating-point numbers as the real program writes them: the shortest digits that read back.

Python writes the same digits but begins to use exponents elsewhere, and writes them otherwise.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_F32 = struct.Struct("<f")
_SMALLEST_WHOLE = 2.0**-126
"""Below that a single has fewer than 24 bits, so few digits are enough; above, 6 never say too much."""


def float64(value: float) -> str:
    """One double."""
    text = repr(value)
    return text if "e" not in text and "n" not in text else _rewritten(text, 16, -5)


def float64s(values: Sequence[float]) -> list[str]:
    """Many doubles."""
    joined = repr(values)
    texts = joined[1:-1].split(", ") if values else []
    if "e" in joined or "n" in joined:
        return [text if "e" not in text and "n" not in text else _rewritten(text, 16, -5) for text in texts]
    return texts


def float32(value: float) -> str:
    """One single, given as a double."""
    for digits in range(1 if abs(value) < _SMALLEST_WHOLE else 6, 10):
        text = f"{value:.{digits}g}"
        try:
            if _F32.unpack(_F32.pack(float(text)))[0] == value:
                break
        except OverflowError:  # rounded up past the largest there is
            continue
    return _rewritten(repr(float(text)), 13, -6)


def _rewritten(text: str, most: int, least: int) -> str:
    """Decimal where the point is at most `most` digits in and more than `least`, else with an exponent."""
    if "n" in text:
        return {"nan": "NaN"}.get(text, text)
    sign = "-" if text[0] == "-" else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0.0"
    if 0 < point <= most:
        return f"{sign}{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
    if least < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1}"
