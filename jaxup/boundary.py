"""What a tap outside the picture means.

A boundary is a function ``(position, weights, in_size) -> (index, weights, present)`` over arrays
whose last axis is the taps of one output pixel: ``position`` may lie anywhere, ``index`` is inside
``0 .. in_size - 1`` wherever ``present``, and a tap that is not present is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Boundary = Callable[[Any, Any, Any], tuple[Any, Any, Any]]


def _inside(position, in_size):
    return (position >= 0) & (position < in_size)


def edge(position, weights, in_size):
    """a a | a b c d | d d: the outermost pixel goes on."""
    return position.clip(0, in_size - 1), weights, position == position


def renormalize(position, weights, in_size):
    """Taps outside are dropped, and the weights of those inside are scaled to sum to 1."""
    inside = _inside(position, in_size)
    return position, divide_by_sum(weights * inside), inside


def divide_by_sum(weights):
    """Weights over their sum along the last axis; all zero where the sum is."""
    total = weights.sum(-1)[..., None]
    return weights / (total + (total == 0))
