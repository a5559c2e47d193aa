"""The sums of a `tap_sum` as XLA operations: product after product of taps, gathered and added."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxup import boundary
from jaxup._traced.varying import zeros
from jaxup.boundary import Boundary

MAX_WRITTEN = 16  # products in a turn of the loop: those of 'cubic' along two axes


def _all(counts: Sequence[int]) -> list[tuple[int, ...]]:
    """Return all products of taps."""
    return list(itertools.product(*map(range, counts)))


def _loop(
    counts: Sequence[int], turn: Callable[[Any, Sequence[Any]], Any], first: Any, most: float
) -> Any:
    """Return ``turn(..., taps)`` of all products of taps, up to so many written out."""
    looped = 0
    while math.prod(counts[looped:]) > most:
        looped += 1
    inner = _all(counts[looped:])

    def turns(number: Any, carry: Any) -> Any:
        outer: list[Any] = []
        for count in reversed(counts[:looped]):
            outer.insert(0, number % count)
            number = number // count
        for taps in inner:
            carry = turn(carry, [*outer, *taps])
        return carry

    if not looped:
        return turns(0, first)
    return lax.fori_loop(0, math.prod(counts[:looped]), turns, first)


def _of(taps: Sequence[Any], starts: Sequence[Any], weights: Sequence[Any]) -> tuple[Any, Any]:
    """Return which pixel a product of taps reads, along every axis, and its weight."""
    pixel = tuple(start + tap for start, tap in zip(starts, taps, strict=True))
    factors = (weight[tap] for weight, tap in zip(weights, taps, strict=True))
    return pixel, functools.reduce(jnp.multiply, factors)


def _weighted(values: Any, weights: Any, axis: int, masked: bool) -> Any:
    """Return values times weights, of the points' shape from this axis on."""
    after = values.ndim - axis - weights.ndim
    weights = weights.reshape((1,) * axis + weights.shape + (1,) * after)
    return jnp.where(weights != 0, values, 0) * weights if masked else values * weights


def _outside(size: int, taps: int, beyond: Boundary) -> list[tuple[int, int]]:
    """Return where a padded axis repeats a pixel: (position outside, position inside)."""
    if beyond in (boundary.constant, boundary.renormalize):
        return []
    position = np.array([*range(-taps, 0), *range(size, size + taps)])
    pixel = beyond(position, position, size)[0]
    return list(zip((position + taps).tolist(), (pixel + taps).tolist(), strict=True))


def _padded(x: Any, axis: int, weights: Sequence[Any], beyond: Boundary) -> Any:
    """Return the pixels with as many on both sides of an axis as a window has."""
    widths = [(0, 0, 0)] * x.ndim
    for n, weight in enumerate(weights, axis):
        widths[n] = (weight.shape[0], weight.shape[0], 0)
    padded = lax.pad(x, np.zeros((), x.dtype), widths)
    for n, weight in enumerate(weights, axis):
        for there, here in _outside(x.shape[n], weight.shape[0], beyond):
            row = lax.slice_in_dim(padded, here, here + 1, axis=n)
            padded = lax.dynamic_update_slice_in_dim(padded, row, there, n)
    return padded


def folded(x: Any, axis: int, weights: Sequence[Any], beyond: Boundary) -> Any:
    """Return the transpose of `_padded`."""
    for n, weight in reversed(list(enumerate(weights, axis))):
        taps = weight.shape[0]
        size = x.shape[n] - 2 * taps
        outside = _outside(size, taps, beyond)
        for pixel in sorted({here for _, here in outside}):  # one addition to each, in place
            places = pixel, *(there for there, here in outside if here == pixel)
            rows = (lax.slice_in_dim(x, at, at + 1, axis=n) for at in places)
            x = lax.dynamic_update_slice_in_dim(x, functools.reduce(jnp.add, rows), pixel, n)
    for n, weight in enumerate(weights, axis):
        taps = weight.shape[0]
        x = lax.slice_in_dim(x, taps, x.shape[n] - taps, axis=n)
    return x


def _at_points(
    x: Any,
    starts: Sequence[Any],
    weights: Sequence[Any],
    axis: int,
    masked: bool,
    most: float,
    kept: bool,
) -> Any:
    def taken(pixel: Any) -> Any:
        place = x.at[(*(slice(None),) * axis, *pixel)]
        return place.get(mode="promise_in_bounds", wrap_negative_indices=False)

    def add(y: Any, taps: Sequence[Any]) -> Any:
        pixel, weight = _of(taps, starts, weights)
        return y + _weighted(taken(pixel), weight, axis, masked)

    counts = [weight.shape[0] for weight in weights]
    if kept:
        pixels, factors = zip(*(_of(taps, starts, weights) for taps in _all(counts)), strict=True)
        pixels = lax.optimization_barrier(jnp.stack([taken(pixel) for pixel in pixels]))
        terms = (_weighted(*term, axis, masked) for term in zip(pixels, factors, strict=True))
        return functools.reduce(jnp.add, terms)
    return _loop(counts, add, zeros(taken(starts), x), most)


def _at_pixels(
    y: Any,
    starts: Sequence[Any],
    weights: Sequence[Any],
    axis: int,
    masked: bool,
    sizes: Sequence[Any],
) -> Any:
    points = tuple(range(axis, axis + starts[0].ndim))
    rest = y.sum(points, keepdims=True).reshape(
        *y.shape[:axis], *(1,) * len(sizes), *y.shape[axis + len(points) :]
    )
    like = jnp.broadcast_to(rest, (*y.shape[:axis], *sizes, *y.shape[axis + len(points) :]))

    def add(x: Any, taps: Sequence[Any]) -> Any:
        pixel, weight = lax.optimization_barrier(_of(taps, starts, weights))
        place = x.at[(*(slice(None),) * axis, *pixel)]
        return place.add(_weighted(y, weight, axis, masked), mode="promise_in_bounds")

    return _loop([weight.shape[0] for weight in weights], add, zeros(like, y), 1)


def lower(
    x: Any,
    *operands: Any,
    axis: int,
    lead: int,
    sizes: Any,
    beyond: Boundary,
    masked: bool,
    most: float = MAX_WRITTEN,
    kept: bool = False,
    **unused: Any,
) -> Any:
    """Return the sums of a `tap_sum`, from where each point's window begins and what taps weigh.

    Args:
      most: products of taps in a turn of the loop over them.
      kept: whether all pixels that the points read are kept in memory at once.
    """
    d = len(operands) // 2

    def function(x: Any, *operands: Any) -> Any:
        starts, weights = operands[:d], operands[d:]
        if sizes is None:
            x = _padded(x, axis - lead, weights, beyond)
            return _at_points(x, starts, weights, axis - lead, masked, most, kept)
        around = [size + 2 * weight.shape[0] for size, weight in zip(sizes, weights, strict=True)]
        added = _at_pixels(x, starts, weights, axis - lead, masked, around)
        return folded(added, axis - lead, weights, beyond)

    for _ in range(lead):
        function = jax.vmap(function)
    return function(x, *operands)
