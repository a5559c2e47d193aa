"""Interpolation at traced points: rows computed by the program, taps gathered, then summed.

The rows come from the same lines as those of known sizes (`jaxup._recipe.taps`, with jax.numpy in
NumPy's place), and their derivatives with respect to the coordinates from JAX. No weight matrix is
formed: along one axis the taps are a `band`, over several axes their products are summed one after
the other.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.experimental import jet
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from jaxup import kernels
from jaxup._contexts import is_as_lax
from jaxup._lowering.arrays import merge
from jaxup._numbers.dtypes import at_least_float32
from jaxup._primitive import resample
from jaxup._traced.band import band
from jaxup._traced.points import SamplePoints

MAX_WRITTEN_LINES = 2


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
        indices = [each.rows()[0][..., 0] for each in points]
        return _take(_flat(x, axis, points), axis, _flat_index(indices, points))
    dtype = x.dtype
    x = x.astype(at_least_float32(dtype))
    if len(points) == 1 and not (is_as_lax() and isinstance(points[0].taps, int)):
        return _along_one_axis(x, axis, points[0]).astype(dtype)
    return _tap_by_tap(x, axis, points).astype(dtype)


def _take(x: jax.Array, axis: int, indices: jax.Array) -> jax.Array:
    """Return the entries of ``x`` at these indices of an axis, 0 past the end."""
    count = x.shape[axis]
    there = indices < count
    inside = jnp.where(there, indices, 0)  # nothing for a check of indices to find
    taken = x.at[(slice(None),) * axis + (inside,)].get(mode="promise_in_bounds")
    there = there.reshape((1,) * axis + there.shape + (1,) * (x.ndim - axis - 1))
    return jnp.where(there, taken, 0)


def _beside(weights: jax.Array, x: jax.Array, axis: int) -> jax.Array:
    """Return one weight per point, shaped to multiply entries taken at ``axis`` of ``x``."""
    shape = (1,) * axis + weights.shape + (1,) * (x.ndim - axis - 1)
    return weights.reshape(shape).astype(x.dtype)


def _flat(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    """Return ``x`` with the sampled axes flattened into one."""
    if len(points) == 1:
        return x
    return merge(x, axis, len(points))


def _flat_index(indices: Sequence[Any], points: Sequence[SamplePoints]) -> Any:
    """Return the index in the flattened axes; that of an absent tap is past the end."""
    if len(points) == 1:
        return indices[0]
    flat: Any = 0
    absent: Any = False
    count: Any = 1
    for index, each in zip(indices, points, strict=True):
        flat, absent = flat * each.in_size + index, absent | (index >= each.in_size)
        count = count * each.in_size
    return jnp.where(absent, count, flat)


def _along_one_axis(x: jax.Array, axis: int, points: SamplePoints) -> jax.Array:
    shape = points.coordinate.shape
    y = band(x, *points.numbers(), axis=axis, taps=points.known())
    return y.reshape((*x.shape[:axis], *shape, *x.shape[axis + 1 :])) if len(shape) != 1 else y


def checkpointed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `jax.checkpoint` of a function, for which some transformations have no rule."""
    return function if is_as_lax() else jax.checkpoint(function)


def _jet_of_checkpoint(primals: Any, series: Any, *, jaxpr: Any, **_: Any) -> Any:
    """Follow a rule that JAX leaves out; integers are closed over, for jet cannot follow them."""
    moving = [n for n, each in enumerate(primals) if jnp.issubdtype(each.dtype, jnp.inexact)]

    def function(*moved: Any) -> Any:
        values = dict(enumerate(primals)) | dict(zip(moving, moved, strict=True))
        return jaxpr_as_fun(ClosedJaxpr(jaxpr, ()))(*values.values())

    return jet.jet(function, [primals[n] for n in moving], [series[n] for n in moving])


_checkpointed = jax.make_jaxpr(jax.checkpoint(lambda x: x))(jax.ShapeDtypeStruct((), "float32"))
jet.jet_rules.setdefault(_checkpointed.eqns[0].primitive, _jet_of_checkpoint)


def _tap_by_tap(x: jax.Array, axis: int, points: Sequence[SamplePoints]) -> jax.Array:
    """Gather and sum every product of taps, one from each axis, one after the other.

    The taps of the last axis are written out, those of the others are a loop if they are many: a
    program of a hundred gathers would take long to compile.
    """
    x = _flat(x, axis, points)
    indices, weights = zip(*(each.rows() for each in points), strict=True)

    @checkpointed  # the gradient gathers again, so that no gathered tap is kept for it
    def line(x: jax.Array, indices: Any, weights: Any, tap: Any) -> jax.Array:
        pick = functools.partial(lax.dynamic_index_in_dim, axis=-1, keepdims=False)
        index = [pick(a, n) for a, n in zip(indices[:-1], tap, strict=True)]
        weight = [pick(a, n) for a, n in zip(weights[:-1], tap, strict=True)]

        def term(n: int) -> jax.Array:
            flat = _flat_index([*index, indices[-1][..., n]], points)
            product = functools.reduce(jnp.multiply, [*weight, weights[-1][..., n]])
            return _take(x, axis, flat) * _beside(product, x, axis)

        return functools.reduce(jnp.add, map(term, range(points[-1].taps)))

    lines = list(itertools.product(*(range(each.taps) for each in points[:-1])))
    first = line(x, indices, weights, lines[0])
    if len(lines) <= MAX_WRITTEN_LINES or is_as_lax():
        return functools.reduce(
            jnp.add, [line(x, indices, weights, tap) for tap in lines[1:]], first
        )

    def add(total: Any, tap: Any) -> Any:
        return total + line(x, indices, weights, tap), None

    return lax.scan(add, first, jnp.asarray(lines[1:]))[0]
