"""What a tap outside the image means.

A boundary is a function ``(position, weights, in_size) -> (index, weights, present)`` over arrays
whose last axis is the taps of one output pixel: ``position`` may lie anywhere, ``index`` is inside
``0 .. in_size - 1`` wherever ``present``, and a tap that is not present is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from jaxup._weights.finite import where

__all__ = [
    "Boundary",
    "BoundaryName",
    "constant",
    "edge",
    "mirror",
    "reflect",
    "renormalize",
    "wrap",
]

BoundaryName = Literal["renormalize", "edge", "reflect", "mirror", "wrap", "constant"]
"""The boundaries that `jaxup.resize` knows by name."""

Boundary = Callable[[Any, Any, Any], tuple[Any, Any, Any]]
"""``(position, weights, in_size) -> (index, weights, present)``, as this module describes."""


def _inside(position: Any, in_size: Any) -> Any:
    return (position >= 0) & (position < in_size)


def edge(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """a a | a b c d | d d: the outermost pixel goes on."""
    last = in_size - 1
    inside = where(position < 0, 0, where(position > last, last, position))
    return inside, weights, position == position


def renormalize(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """Taps outside are dropped, and the weights of those inside are scaled to sum to 1."""
    inside = _inside(position, in_size)
    return position, divide_by_sum(where(inside, weights, 0)), inside


def constant(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """. . | a b c d | . .: taps outside count as 0, or as the value that the caller adds.

    ``y = A x + value (1 - A 1)``: what the missing weights would have brought.
    """
    inside = _inside(position, in_size)
    return position, where(inside, weights, 0), inside


def reflect(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """c b a | a b c d | d c b: mirrored at the outer edges, period ``2 in``."""
    there = position % (2 * in_size)
    back = 2 * in_size - 1 - there
    return where(there < in_size, there, back), weights, position == position


def mirror(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """d c b | a b c d | c b a: mirrored at the outermost centres, period ``2 in - 2``."""
    period = position.__array_namespace__().maximum(2 * in_size - 2, 1)
    there = position % period
    return where(there < in_size, there, period - there), weights, position == position


def wrap(position: Any, weights: Any, in_size: Any) -> tuple[Any, Any, Any]:
    """b c d | a b c d | a b c: periodic."""
    return position % in_size, weights, position == position


def divide_by_sum(weights: Any) -> Any:
    """Return the weights over their sum along the last axis; all 0 where the sum is 0."""
    total = weights.sum(-1)[..., None]
    return weights / where(total == 0, 1, total)
