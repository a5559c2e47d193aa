"""Interpolation at traced points: rows computed by the program, taps gathered, then summed.

The rows come from the same lines as those of known sizes (`jaxup._recipe.taps`, with jax.numpy in
NumPy's place). No weight matrix is formed: along one axis the taps are a `band`, over several axes
their products are a `tap_sum`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup import kernels
from jaxup._contexts import lax_only
from jaxup._lowering.arrays import merge, split, uncut_ones
from jaxup._lowering.plan import elements, is_wide
from jaxup._numbers.dtypes import at_least_float32
from jaxup._numbers.step import is_symbolic
from jaxup._primitive import resample
from jaxup._traced.band import band
from jaxup._traced.checkpointed import checkpointed
from jaxup._traced.points import SamplePoints
from jaxup._traced.rows import tap_rows
from jaxup._traced.tap_sum import tap_sum


def split_splines(
    x: jax.Array, axis: int, points: Sequence[SamplePoints]
) -> tuple[jax.Array, int, Sequence[SamplePoints]]:
    """Apply the prefilters of B-splines.

    Returns:
      ``(x, axis, points)`` for `interpolate_at`: the coefficients, and the points that read them.
    """
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return x, axis, points
    dtype = at_least_float32(x.dtype)
    tolerance = 1e-16 if jnp.finfo(dtype).dtype == jnp.float64 else 1e-8
    parts = [each.split(tolerance) for each in points]
    filters = {axis + n: prefilter for n, (prefilter, _) in enumerate(parts) if prefilter}
    if filters:
        x = resample(x.astype(dtype), tuple(filters), tuple(filters.values()))
    return x, axis, [reading for _, reading in parts]


def interpolate_at(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    """Interpolate at points: ``y[p] = sum_k w_1[p, k_1] ... w_d[p, k_d] x[k_1, ..., k_d]``.

    Args:
      x: array whose axes ``axis .. axis + d - 1`` are sampled.
      points: one for each of those axes, with coordinates of one shape.

    Returns:
      Array of x's dtype, with the points' shape in the place of those axes. float16 and bfloat16
      accumulate in float32.
    """
    if all(isinstance(each.kernel, kernels.Nearest) for each in points):
        indices = [tap_rows(each)[0][0] for each in points]
        return _taken(_flat(x, axis, points), axis, _in_flat(indices, points))
    dtype = x.dtype
    x = x.astype(at_least_float32(dtype))
    if len(points) == 1 and not (lax_only.value and isinstance(points[0].taps, int)):
        return _along_one_axis(x, axis, points[0]).astype(dtype)
    over = _gathered if lax_only.value or not _pads(points) else _in_windows
    return over(x, axis, points).astype(dtype)


def _flat(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    """Return ``x`` with the sampled axes flattened into one."""
    if len(points) == 1:
        return x
    return merge(x, axis, len(points))


def _in_flat(indices: Sequence[jax.Array], points: Sequence[SamplePoints]) -> list[jax.Array]:
    """Return what each index adds to that in the flattened axes, negative for an absent tap."""
    stride: Any = 1
    added: list[jax.Array] = []
    for index, each in zip(reversed(indices), reversed(points), strict=True):
        added.insert(0, jnp.where(index < each.in_size, index * stride, -1))
        stride = stride * each.in_size
    return added


def _taken(x: jax.Array, axis: int, parts: Sequence[jax.Array]) -> jax.Array:
    """Return the entries of an axis at the sum of these indices, and 0 where one is absent."""
    there = functools.reduce(jnp.logical_and, [part >= 0 for part in parts])
    index = jnp.where(there, functools.reduce(jnp.add, parts), 0)
    place = x.at[(*(slice(None),) * axis, index)]
    taken = place.get(mode="promise_in_bounds", wrap_negative_indices=False)
    return jnp.where(_beside(there, axis, x.ndim), taken, 0)


def _beside(numbers: jax.Array, axis: int, ndim: int) -> jax.Array:
    """Return numbers that take the place of one axis of so many, for all the others alike."""
    return numbers.reshape((1,) * axis + numbers.shape + (1,) * (ndim - 1 - axis))


def _along_one_axis(x: jax.Array, axis: int, points: SamplePoints) -> jax.Array:
    """Interpolate by a `band`, which runs along few and long axes.

    A few channels are one axis with what lies before them. LLVM makes vectors of a long row, and a
    TPU pads a short one: lanczos3 x4 of 200 x 200 x 3 takes half as long on a CPU, linear x1.5 of
    256 x 256 x 3 moves half the bytes on a TPU. Other axes of length 1 are left out: XLA's CPU
    backend is slow at products that are summed and have one. The gradient of the coordinates of
    256 x 256 pixels, enlarged by 2.5, took 7.3 ms with a channel and 1.1 without.
    """
    shape = points.coordinate.shape
    if 0 in shape:
        return jnp.zeros((*x.shape[:axis], *shape, *x.shape[axis + 1 :]), x.dtype)
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    cut = any(jax.typeof(x).sharding.spec[axis + 1 :])
    merged = len(after) > 1 and not is_wide(elements(after[-1:])) and not cut
    if merged:
        x = merge(x, axis + 1, len(after))
    ones = [n for n in uncut_ones(x) if n != axis]
    within = axis - sum(n < axis for n in ones)
    taps = points.known(alone=x.ndim - len(ones) == 1)
    y = band(lax.squeeze(x, ones), *points.numbers(taps), axis=within, taps=taps)
    y = lax.expand_dims(y, ones)
    y = split(y, axis + 1, after) if merged else y
    return y.reshape(*before, *shape, *after) if len(shape) != 1 else y


def _gathered(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    """Gather the taps of the last axis at once, for those of the others one after another."""

    @checkpointed
    def sums(x: jax.Array, coordinates: Sequence[jax.Array]) -> jax.Array:
        rows = map(tap_rows, map(SamplePoints.at, points, coordinates))
        indices, weights = zip(*rows, strict=True)
        parts, total = _in_flat(indices, points), []
        for taps in itertools.product(*(range(len(part)) for part in parts[:-1])):
            index = [part[tap] for part, tap in zip(parts, taps, strict=False)]
            taken = _taken(x, axis, [part[None] for part in index] + [parts[-1]])
            factors = [weight[tap][None] for weight, tap in zip(weights, taps, strict=False)]
            weight = functools.reduce(jnp.multiply, factors, weights[-1]).astype(x.dtype)
            total.append((taken * _beside(weight, axis, x.ndim)).sum(axis))
        return functools.reduce(jnp.add, total)

    return sums(_flat(x, axis, points), [each.coordinate for each in points])


def _pads(points: Sequence[SamplePoints]) -> bool:
    """Return whether a padded copy of the image is no larger than what the points read."""
    sizes = [each.in_size for each in points]
    numbers = *sizes, *points[0].coordinate.shape
    reads = points[0].coordinate.size * math.prod(each.taps for each in points)
    return not is_symbolic(*numbers) and reads >= math.prod(sizes)


def _in_windows(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    # the gradient sums again: of the points, only coordinates are kept for it
    summed = checkpointed(functools.partial(tap_sum, axis=axis, points=points))
    return summed(x, *(each.coordinate for each in points))
