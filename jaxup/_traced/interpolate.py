"""Interpolation at traced points: rows computed by the program, taps gathered, then summed.

The rows come from the same lines as those of known sizes (`jaxup._recipe.taps`, with jax.numpy in
NumPy's place). No weight matrix is formed: along one axis the taps are a `band`, over several axes
their products are a `tap_sum`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jaxup import kernels
from jaxup._contexts import is_as_lax
from jaxup._lowering.arrays import merge
from jaxup._numbers.dtypes import at_least_float32
from jaxup._primitive import resample
from jaxup._traced.band import band
from jaxup._traced.checkpointed import checkpointed
from jaxup._traced.points import SamplePoints
from jaxup._traced.rows import tap_rows
from jaxup._traced.tap_products import taken, whole
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
        return taken(_flat(x, axis, points), axis, *whole(_in_flat(indices, points)))
    dtype = x.dtype
    x = x.astype(at_least_float32(dtype))
    if len(points) == 1 and not (is_as_lax() and isinstance(points[0].taps, int)):
        return _along_one_axis(x, axis, points[0]).astype(dtype)
    return _tap_by_tap(x, axis, points).astype(dtype)


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


def _along_one_axis(x: jax.Array, axis: int, points: SamplePoints) -> jax.Array:
    shape = points.coordinate.shape
    y = band(x, *points.numbers(), axis=axis, taps=points.known())
    return y.reshape((*x.shape[:axis], *shape, *x.shape[axis + 1 :])) if len(shape) != 1 else y


def _tap_by_tap(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    @checkpointed  # the gradient weighs again: of the points, only coordinates are kept for it
    def sums(x: jax.Array, coordinates: Sequence[jax.Array]) -> jax.Array:
        moved = [
            dataclasses.replace(each, coordinate=coordinate)
            for each, coordinate in zip(points, coordinates, strict=True)
        ]
        indices, weights = zip(*map(tap_rows, moved), strict=True)
        return tap_sum(
            x, [each.astype(x.dtype) for each in weights], _in_flat(indices, points), axis
        )

    return sums(_flat(x, axis, points), [each.coordinate for each in points])
