"""Points of two axes as a product with a matrix, for an image that is small beside its points.

A wide kernel reads most of such an image. One product then takes the place of hundreds of gathers,
and its gradient is a product too, where that of a gather is a scatter.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxup._contexts import lax_only
from jaxup._lowering.arrays import merge, split
from jaxup._traced.checkpointed import checkpointed
from jaxup._traced.points import SamplePoints
from jaxup._traced.rows import tap_rows

MOST_WEIGHTS = 256  # per point; for more the image is read in blocks of rows


def dense(points: SamplePoints) -> jax.Array:
    """Return the weights of every pixel of an axis, shape (points, in_size)."""
    indices, weights = tap_rows(points)
    pixel = jnp.arange(points.in_size, dtype=indices.dtype)[None]

    def add(total: Any, tap: Any) -> Any:
        index, weight = tap
        return total + jnp.where(index[:, None] == pixel, weight[:, None], 0), None

    empty = jnp.zeros((indices.shape[1], points.in_size), weights.dtype)
    return lax.scan(add, empty, (indices, weights))[0]


def product(x: jax.Array, rows: jax.Array, columns: jax.Array) -> jax.Array:
    """Return ``y[n] = sum_r rows[n, r] sum_c columns[n, c] x[r, c]``.

    As many weights per point as it has channels are in memory at once, or `MOST_WEIGHTS`.

    Args:
      x: shape (..., height, width, channels), float32 or wider.
      rows, columns: shapes (..., points, height) and (..., points, width).

    Returns:
      Array of shape (..., points, channels). The axes before broadcast. A NaN or Inf makes NaN of
      the outputs with a weight on its pixel, and of no others, but within `jaxup.as_lax`.
    """
    height, width, channels = x.shape[-3:]
    block = min(max(max(channels, MOST_WEIGHTS) // width, 1), height)

    def read(x: jax.Array, rows: jax.Array) -> jax.Array:
        weights = merge(rows[..., :, None] * columns[..., None, :], rows.ndim - 1)
        return _finite_product(weights, merge(x, x.ndim - 3))

    count = -(-height // block)
    if count == 1:
        return read(x, rows)
    x, rows = (
        _blocks(a, axis, count, block) for a, axis in ((x, x.ndim - 3), (rows, rows.ndim - 1))
    )
    read = checkpointed(read)  # the gradient weighs again, so that no weights are kept for it

    def add(total: Any, part: Any) -> Any:
        return total + read(*part), None

    return lax.scan(add, read(x[0], rows[0]), (x[1:], rows[1:]))[0]


def _blocks(x: jax.Array, axis: int, count: int, block: int) -> jax.Array:
    """Return an axis in blocks, the first axis counting them; zeros fill the last one."""
    fill = [(0, 0)] * x.ndim
    fill[axis] = (0, count * block - x.shape[axis])
    return jnp.moveaxis(split(jnp.pad(x, fill), axis, (count, block)), axis, 0)


def _finite_product(weights: jax.Array, x: jax.Array) -> jax.Array:
    wide = weights.astype(x.dtype)
    if lax_only.value:  # linear operation by operation, for `jax.linear_transpose`
        return jnp.matmul(wide, x, precision=lax.Precision.HIGHEST)
    finite = jnp.isfinite(x)
    y = jnp.matmul(wide, jnp.where(finite, x, 0), precision=lax.Precision.HIGHEST)
    reads = jnp.matmul((weights != 0).astype("float32"), (~finite).astype("float32"))
    return jnp.where(reads > 0, jnp.nan, y)
