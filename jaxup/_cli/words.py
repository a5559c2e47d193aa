"""Single words of the command line, read or refused with what they should have been."""

import difflib
import math
from argparse import ArgumentTypeError
from collections.abc import Iterable

from jaxup._cli.methods import METHODS


def read_name(word: str) -> str:
    """Returns the name of a file or folder."""
    if not word or "\0" in word:
        raise ArgumentTypeError(f"expected the name of a file, got {word!r}")
    return word


def read_scale(word: str) -> float:
    """Returns a finite factor above 0."""
    try:
        scale = float(word)
    except ValueError:
        scale = math.nan
    if not (scale > 0 and math.isfinite(scale)):
        raise ArgumentTypeError(f"expected a finite number above 0, got {word!r}")
    return scale


def read_pixels(word: str) -> int:
    """Returns a number of pixels above 0."""
    pixels = _whole(word)
    if pixels < 1:
        raise ArgumentTypeError(f"expected a whole number of pixels above 0, got {word!r}")
    return pixels


def read_size(word: str) -> tuple[int, int]:
    """Returns a width and a height."""
    width, _, height = word.lower().replace("×", "x").partition("x")
    size = _whole(width), _whole(height)
    if min(size) < 1:
        raise ArgumentTypeError(
            f"expected WIDTHxHEIGHT in whole pixels above 0, such as 640x480, got {word!r}"
        )
    return size


def read_quality(word: str) -> int:
    """Returns a quality from 1 to 100."""
    quality = _whole(word)
    if not 1 <= quality <= 100:
        raise ArgumentTypeError(f"expected a whole number from 1 to 100, got {word!r}")
    return quality


def read_method(word: str) -> str:
    """Returns the name of a method."""
    if word not in METHODS:
        advice = suggest(word, METHODS) or f"the methods are {', '.join(METHODS)}"
        raise ArgumentTypeError(f"unknown method {word!r}; {advice}")
    return word


def read_methods(word: str) -> tuple[str, ...]:
    """Returns the names of methods, separated by commas, each of them once."""
    return tuple(dict.fromkeys(read_method(name.strip()) for name in word.split(",")))


def suggest(word: str, names: Iterable[str]) -> str:
    """Returns a question about the names most like a word; it is empty if none is."""
    near = difflib.get_close_matches(word.lower(), dict.fromkeys(names), n=3)
    return f"did you mean {' or '.join(near)}?" if near else ""


def _whole(word: str) -> int:
    """Returns a whole number written in digits, or -1."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 20 else -1
