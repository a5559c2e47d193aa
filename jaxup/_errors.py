"""The one wording of jaxup's errors: what was expected, what came, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def message(function: str, rule: str, got: object, shape, advice: str) -> str:
    """``<function>: expected <rule>, got <got> for input shape <shape>. <advice>``"""
    return f"{function}: expected {rule}, got {got} for input shape {tuple(shape)}. {advice}"


def unknown_name(function: str, option: str, value, valid: Iterable[str], shape) -> str:
    """The message for a name that is not one of those valid, which it lists, nearest first."""
    names = sorted(
        valid,
        key=lambda name: -difflib.SequenceMatcher(None, str(value).lower(), name).ratio(),
    )
    listed = ", ".join(map(repr, names))
    return message(function, f"a known {option}", repr(value), shape, f"Use one of {listed}.")
