"""The text of a program that XLA optimised: its computations, and the sizes of arrays."""

from __future__ import annotations

import math
import re

ENTRY = "ENTRY"
_HEAD = re.compile(r"^(ENTRY )?%?([\w.\-]+) \(.*\{$")
_ARRAY = re.compile(r"\b(pred|bf16|[suf]\d+\w*|c64|c128)\[([\d,]*)\]")
_ITEM_BITS = re.compile(r"\d+")


def computations(text: str) -> dict[str, list[str]]:
    """Return the lines of each computation; the entry's under the name `ENTRY`."""
    found: dict[str, list[str]] = {}
    body: list[str] = []
    for line in text.splitlines():
        if head := _HEAD.match(line):
            body = found[ENTRY if head[1] else head[2]] = []
        else:
            body.append(line)
    return found


def array_bytes(shape: str) -> int:
    """Return the bytes of the arrays in a shape, which may be a tuple."""
    total = 0
    for dtype, sizes in _ARRAY.findall(shape):
        bits = _ITEM_BITS.search(dtype)
        bits_of_item = max(8, int(bits[0])) if bits else 8  # pred has no number
        total += bits_of_item // 8 * math.prod(map(int, filter(None, sizes.split(","))))
    return total
