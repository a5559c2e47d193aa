"""What a tap outside the picture means.

A boundary is a function ``(position, weights, in_size) -> (index, weights, present)`` over arrays
whose last axis is the taps of one output pixel: ``position`` may lie anywhere, ``index`` is inside
``0 .. in_size - 1`` wherever ``present``, and a tap that is not present is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from jaxup._errors import message, unknown_name

BoundaryName = Literal["renormalize", "edge", "reflect", "mirror", "wrap", "constant"]
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


def constant(position, weights, in_size):
    """. . | a b c d | . .: taps outside count as 0, or as the value that the caller adds.

    ``y = A x + value (1 - A 1)``: what the missing weights would have brought.
    """
    inside = _inside(position, in_size)
    return position, weights * inside, inside


def reflect(position, weights, in_size):
    """c b a | a b c d | d c b: mirrored at the outer edges, period ``2 in``."""
    there = position % (2 * in_size)
    back = 2 * in_size - 1 - there
    return _where(there < in_size, there, back), weights, position == position


def mirror(position, weights, in_size):
    """d c b | a b c d | c b a: mirrored at the outermost centres, period ``2 in - 2``."""
    period = 2 * in_size - 2 + (in_size == 1)
    there = position % period
    return _where(there < in_size, there, period - there), weights, position == position


def wrap(position, weights, in_size):
    """b c d | a b c d | a b c: periodic."""
    return position % in_size, weights, position == position


def _where(condition, then, otherwise):
    return condition.__array_namespace__().where(condition, then, otherwise)


def divide_by_sum(weights):
    """Weights over their sum along the last axis; all zero where the sum is."""
    total = weights.sum(-1)[..., None]
    return weights / (total + (total == 0))


NAMES: dict[str, Boundary] = {
    function.__name__: function for function in (renormalize, edge, reflect, mirror, wrap, constant)
}


def named(function: str, boundary: str | Boundary, shape) -> Boundary:
    """The boundary of that name, or the boundary itself."""
    if isinstance(boundary, str):
        if boundary not in NAMES:
            raise ValueError(unknown_name(function, "boundary", boundary, NAMES, shape))
        return NAMES[boundary]
    if not callable(boundary):
        raise TypeError(
            message(
                function,
                "boundary to be a name or a function from jaxup.boundary",
                repr(boundary),
                shape,
                f"The names are {', '.join(map(repr, NAMES))}; for a number outside, use"
                " boundary='constant' with fill_value.",
            )
        )
    return boundary
